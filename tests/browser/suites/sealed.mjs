// What is typed in is nowhere to be read: not in the browser's profile, not in the relay's data, logs, addresses or titles.
// Markers of every kind are typed into fields of every kind, left and not left; the search must find an unsealed one.
import { readFile, readdir } from "node:fs/promises";
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
/** What is left unsealed on purpose, to be found. */
const CONTROL = `kontrol${WORD}terbuka`;
/** Also as a search index would keep it. */
const BEGINNINGS = [WORD, WORD.toLowerCase(), PHONE, NIK];

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

/** A report's long text holds as much as a person types in a minute. */
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
  await flows.write(page, "nama_lengkap", markers.words(3));
  await flows.showField(page, "nama_lain");
  await flows.expectPrivateControls(page);
  await flows.write(page, "nama_lain", markers.words(4));
  await flows.write(page, "nik", markers.nik());
  for (const count of [1, 2]) await flows.addRow(page, { jenis: "PASPOR", nomor: markers.words(count) });
  await flows.showField(page, "alamat_asal");
  await flows.expectPrivateControls(page);
  for (const field of ["alamat_asal", "alamat_sekarang", "aman_dihubungi", "kontak_darurat"]) {
    await flows.write(page, field, markers.words(6));
  }
  await flows.write(page, "telepon", markers.phone());
  await flows.showField(page, "ortu_wali");
  await flows.write(page, "ortu_wali", markers.words(6));
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
  const tablet = await Tablet.start(context, { name: "sealed", traced: false });
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
  // Killed, not stopped: a relay that stops in order folds its write-ahead log away before it can be searched.
  await relay.kill();
  check((await readdir(relay.data)).some((name) => name.endsWith("-wal")), "the relay left no write-ahead log to search");
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
  await leaveUnsealed(page, CONTROL);
  // The browser writes some of its files seconds later; what it leaves lying must be on the disk before the power goes.
  await until("the browser has written what it keeps", async () =>
    (await controls(tablet)).some(({ path, form }) => form === "utf-16le" && path.includes("Local Storage")), { timeout: 60_000, every: 500 });
  await tablet.kill();
  context.note("markers", markers.made.length);
  check(markers.made.length >= MARKERS, `only ${markers.made.length} markers were typed`);

  const beginnings = [...BEGINNINGS, person.words.join(" ")];
  const { found, files, read } = await seekBelow([tablet.profile, relay.data], beginnings);
  context.note("files", files);
  context.note("megabytes", Math.round(read / 1e6));
  await expectControl(tablet, found);
  same(await leaks(found, markers.made, tablet, relay), [], "unsealed");
  const said = Buffer.from([...heard, ...relay.log].join("\n"));
  same(seekIn(said, [...BEGINNINGS, ...markers.made]), [], "in addresses, titles and logs");
  check(heard.some((address) => address.endsWith("/sync")), "no address was heard of");
}

/** Where the control stands in the profile. */
const controls = async (tablet) => (await seekBelow([tablet.profile], [CONTROL])).found;

/** The control must be found in each form in which it was left. */
async function expectControl(tablet, found) {
  const left = await controls(tablet);
  const forms = new Set(left.map(({ form }) => form));
  check(forms.has("utf-8"), "the search does not find an unsealed text");
  check(forms.has("utf-16le"), "the search does not find an unsealed wide text");
  check([...forms].some((form) => form.startsWith("base64")), "the search does not find an unsealed text in base64");
  check(left.some(({ path }) => path.includes("IndexedDB")), "the search does not find an unsealed row");
  check(found.length >= left.length, "the search for beginnings finds less than the search for the whole");
}

/**
 * What was found and is not the control. Every marker holds a beginning, in every encoding, so a file without one holds no
 * marker; only the few files that hold the control are searched for every marker in full.
 */
async function leaks(found, made, tablet, relay) {
  const control = new Set((await controls(tablet)).map(({ path }) => path));
  const outside = found.filter(({ path, text }) => text !== WORD || !control.has(path));
  const inside = [];
  for (const path of control) inside.push(...seekIn(await readFile(path), made).map((hit) => ({ ...hit, path })));
  return [...outside, ...inside].map(({ text, form, path }) => `${text} as ${form} in ${path.replace(tablet.profile, "profile").replace(relay.data, "relay")}`);
}

await suite("sealed", [["nothing that was typed can be read anywhere", nothingToRead]]);
