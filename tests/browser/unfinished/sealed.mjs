// What is typed in is nowhere to be read: not in the browser's profile, not in the relay's data, logs, addresses or titles.
// Markers of every kind are typed into fields of every kind, left and not left; the search must find an unsealed one.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, randomness, same, suite, until } from "../lib/run.mjs";
import { seekBelow, seekIn } from "../lib/seek.mjs";
import * as flows from "../lib/flows.mjs";

const MARKERS = options.cases ?? 200;
/** What every marker of a kind begins with; the search looks for these, so nothing short of a whole marker hides. */
const WORD = "zqxwvSegel";
const PHONE = "08773119";
const NIK = "5304997731";

/** Makes markers that nothing else contains, and remembers them. */
class Markers {
  constructor(seed) {
    this.random = randomness(seed);
    this.made = [];
  }

  digits(count) {
    return Array.from({ length: count }, () => this.random.below(10)).join("");
  }

  keep(marker) {
    this.made.push(marker);
    return marker;
  }

  word() {
    return this.keep(`${WORD}${this.random.below(2 ** 31).toString(36)}${this.made.length}`);
  }

  phone() {
    return this.keep(`${PHONE}${this.digits(5)}`);
  }

  nik() {
    return this.keep(`${NIK}${this.digits(6)}`);
  }

  words(count) {
    return Array.from({ length: count }, () => this.word()).join(" ");
  }
}

/** Collects every address a tablet asks for and every title it shows. */
function listen(tablet) {
  const heard = [];
  tablet.context.on("request", (request) => heard.push(request.url()));
  const titles = (page) => page.on("framenavigated", (frame) => {
    heard.push(frame.url());
    frame.title().then((title) => heard.push(title), () => undefined);
  });
  tablet.context.pages().forEach(titles);
  tablet.context.on("page", titles);
  return heard;
}

async function fillReporter(page, markers) {
  return flows.report(page, {
    answers: {
      uraian_singkat: markers.words(12),
      pelapor_nama: markers.word(),
      pelapor_telp: markers.phone(),
      pelapor_aman_hubungi: markers.words(2),
    },
  });
}

async function fillPerson(page, code, person, markers) {
  await flows.openCase(page, code);
  await flows.addPerson(page, person);
  await flows.openField(page, `f2-${person}`, "nama_lengkap");
  await flows.expectPrivateControls(page);
  await flows.write(page, "nama_lengkap", markers.word());
  await flows.showField(page, "nama_lain");
  await flows.expectPrivateControls(page);
  await flows.write(page, "nama_lain", markers.word());
  await flows.write(page, "nik", markers.nik());
  await flows.addRow(page, { jenis: "PASPOR", nomor: markers.word() });
  await flows.showField(page, "alamat_asal");
  await flows.expectPrivateControls(page);
  await flows.write(page, "alamat_asal", markers.words(2));
  await flows.write(page, "alamat_sekarang", markers.word());
  await flows.write(page, "telepon", markers.phone());
  await flows.write(page, "aman_dihubungi", markers.word());
  await flows.write(page, "kontak_darurat", markers.word());
  await flows.showField(page, "ortu_wali");
  await flows.write(page, "ortu_wali", markers.word());
}

/** Shows that the search finds what is not sealed: as kept by the browser for a page that seals nothing. */
async function leaveUnsealed(page, control) {
  await page.evaluate(async (text) => {
    localStorage.setItem("control", text);
    localStorage.setItem("control-wide", `Ω${text}`);
    localStorage.setItem("control-base64", btoa(`x${text}`));
    const database = await new Promise((resume, fail) => {
      const opening = indexedDB.open("control", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("rows");
      opening.onsuccess = () => resume(opening.result);
      opening.onerror = () => fail(opening.error);
    });
    await new Promise((resume, fail) => {
      const writing = database.transaction("rows", "readwrite", { durability: "strict" });
      writing.objectStore("rows").put(new TextEncoder().encode(text), 1);
      writing.oncomplete = resume;
      writing.onerror = () => fail(writing.error);
    });
    database.close();
  }, control);
}

async function nothingToRead(context) {
  const markers = new Markers(options.seed);
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "sealed" });
  const heard = listen(tablet);
  const { page } = tablet;
  await tablet.goto(relay, "/enrol");
  await flows.expectPrivateControls(page);
  const person = await flows.enrol(page, relay.account("mks1").enrol_code);
  await flows.lock(page);
  await flows.chooseTile(page, person.nickname);
  await flows.expectPrivateControls(page);
  await flows.typeWords(page, person.words);
  await flows.signedIn(page);
  const { code } = await fillReporter(page, markers);
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.takeOver(page);
  for (let number = 1; markers.made.length < MARKERS - 4; number += 1) await fillPerson(page, code, `K${number}`, markers);
  await flows.openCase(page, code);
  await flows.openField(page, "triase", "catatan_triase");
  await flows.write(page, "catatan_triase", markers.word());
  await flows.goTo(page, "/kasus");
  await flows.expectPrivateControls(page);
  await flows.at(page, "cases-search").fill(markers.word());
  await flows.sendAll(page);
  await relay.stop();
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "alamat_asal");
  await flows.typeDraft(page, "alamat_asal", markers.word());
  await flows.typeDraft(page, "kontak_darurat", markers.word());
  await flows.lock(page);
  const shown = Buffer.from(await page.content());
  same(seekIn(shown, markers.made), [], "on the screen after locking");
  // A second draft, and this time the power goes while it stands in the field.
  await flows.unlock(page, person);
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "alamat_asal");
  await flows.typeDraft(page, "alamat_sekarang", markers.word());
  await leaveUnsealed(page, `kontrol${WORD}terbuka`);
  await tablet.kill();
  context.note("markers", markers.made.length);
  check(markers.made.length >= MARKERS, `only ${markers.made.length} markers were typed`);

  const beginnings = [WORD, PHONE, NIK, person.words.join(" ")];
  const { found, files, read } = await seekBelow([tablet.profile, relay.data], beginnings);
  context.note("files", files);
  context.note("megabytes", Math.round(read / 1e6));
  await expectControl(tablet, found);
  same(await leaks(found, markers.made, tablet, relay), [], "unsealed");
  const said = Buffer.from([...heard, ...relay.log].join("\n"));
  same(seekIn(said, [WORD, PHONE, NIK, ...markers.made]), [], "in addresses, titles and logs");
  check(heard.some((address) => address.endsWith("/sync")), "no address was heard of");
}

/** The control must be found in each form in which it was left. */
async function expectControl(tablet, found) {
  const { found: controls } = await seekBelow([tablet.profile], [`kontrol${WORD}terbuka`]);
  const forms = new Set(controls.map(({ form }) => form));
  check(forms.has("utf-8"), "the search does not find an unsealed text");
  check(forms.has("utf-16le"), "the search does not find an unsealed wide text");
  check([...forms].some((form) => form.startsWith("base64")), "the search does not find an unsealed text in base64");
  check(controls.some(({ path }) => path.includes("IndexedDB")), "the search does not find an unsealed row");
  check(found.length >= controls.length, "the search for beginnings finds less than the search for the whole");
}

/** What was found and is not the control: files that hold a beginning are searched for every marker. */
async function leaks(found, made, tablet, relay) {
  const control = new Set();
  const { found: controls } = await seekBelow([tablet.profile], [`kontrol${WORD}terbuka`]);
  for (const { path } of controls) control.add(path);
  const outside = found.filter(({ path, text }) => text !== WORD || !control.has(path));
  const { found: whole } = await seekBelow([tablet.profile, relay.data], made);
  return [...outside, ...whole].map(({ text, form, path }) => `${text} as ${form} in ${path.replace(tablet.profile, "profile").replace(relay.data, "relay")}`);
}

await suite("sealed", [["nothing that was typed can be read anywhere", nothingToRead]]);
