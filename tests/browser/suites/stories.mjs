// What people do with Simpul, from beginning to end: reports taken without signal and what becomes of them at the centre.
import { Hands } from "../lib/hands.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import { moveClock } from "../lib/clock.mjs";
import * as flows from "../lib/flows.mjs";

const TAPS_MAX = 25;
const TYPED_MAX = 60;
const UNCLE = "Om Bertu";
const DAY_MS = 86_400_000;

/** A tablet on which somebody enrolled and met the relay once. */
async function tabletOf(context, relay, account, { name = account, traced = true } = {}) {
  const tablet = await Tablet.start(context, { name, traced });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account(account).enrol_code, { nickname: account, tabletName: `Tablet ${account}` });
  await flows.sendAll(tablet.page);
  await flows.goTo(tablet.page, "/");
  return { tablet, person };
}

/** Waits until the report shows another question than `before`, and gives it back. */
const questionAfter = (page, before) => until(`the page after "${before}"`, async () => {
  if (await flows.at(page, "report-hand-over").isVisible()) return "hand over";
  const question = await flows.at(page, "report-question").textContent({ timeout: 1_000 });
  return question !== before && question;
});

/** The page of the report that shows. */
const questionOf = (page) => questionAfter(page, undefined);

/** Counts one girl, and waits until it shows. */
async function oneGirl(hands) {
  await hands.tap("field-jml_pa-more");
  await until("one girl is counted", async () => (await flows.at(hands.page, "field-jml_pa-value").textContent()).trim() === "1");
}

/** A girl of sixteen and her uncle, page by page: what is touched on each. */
const GIRL_AND_UNCLE = [
  (hands) => hands.answer("bahaya_segera", "TIDAK"),
  (hands) => hands.answer("cara_masuk", "DEPAN"),
  oneGirl,
  async (hands) => {
    await hands.answer("umur_anak", "16-17");
    await hands.answer("anak_bersama", "KELUARGA");
    await hands.answer("anak_wali_terlibat", "MUNGKIN");
  },
  (hands) => hands.answer("indikasi_cepat", "JANJI"),
  () => undefined,
  async (hands) => {
    const { page } = hands;
    await hands.answer("boleh_dicatat", "YA");
    await flows.at(page, "field-pemberi").waitFor();
    for (const guardian of ["ORANG_TUA", "WALI", "PENGAMPU"]) {
      same(await flows.at(page, `field-pemberi-${guardian}`).count(), 0, `consent of ${guardian}, who may be involved, is offered`);
    }
    check((await flows.at(page, "field-pemberi-PEKSOS").count()) === 1, "consent by the social worker is not offered");
  },
  () => undefined,
  async (hands) => {
    await hands.answer("ada", "ADA");
    await hands.tap("field-nama-input");
    await hands.type(UNCLE);
  },
  () => undefined,
];

/** Answers page after page and gives back the question that shows then; `between` is called with each once it was answered. */
async function answerPages(hands, answers, between = () => undefined) {
  let question = await questionOf(hands.page);
  for (const answer of answers) {
    await answer(hands);
    await between(question);
    await hands.tap("report-next");
    question = await questionAfter(hands.page, question);
  }
  return question;
}

/** "Terima laporan" until the page on which it is handed over. */
async function takeReport(hands, answers, between) {
  await hands.tap("home-take-report");
  same(await answerPages(hands, answers, between), "hand over", "the page after the last question");
}

/** Hands the report over and gives back its code. */
async function handOver(hands) {
  await hands.tap("report-hand-over");
  return (await flows.at(hands.page, "receipt-code").textContent()).trim();
}

/** The last page, with the summary's lines as they show. */
const summary = async (page) => (await flows.at(page, "report-summary").textContent()).trim();

/** Whoever has the case adds a member who must not know of it. */
async function exclude(page, code, name) {
  await flows.openCase(page, code);
  await flows.openField(page, "f1", "rows-kecualikan");
  await flows.at(page, "row-add").click();
  const card = flows.at(page, "row-new");
  await card.getByTestId("field-ada-ADA").click();
  await card.getByTestId("field-akun-input").selectOption({ label: name });
  await flows.at(page, "row-add-done").click();
  await card.waitFor({ state: "detached" });
}

/** Story 1. */
async function threeMinutes(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  const brother = await tabletOf(context, relay, "mks2");
  await field.tablet.keptForOffline();
  await flows.lock(field.tablet.page);
  await relay.kill();

  const hands = new Hands(field.tablet);
  const began = Date.now();
  await hands.unlock(field.person);
  await takeReport(hands, GIRL_AND_UNCLE);
  const { page } = field.tablet;
  check((await summary(page)).includes(UNCLE), "the summary does not name who must not know");
  const code = await handOver(hands);
  context.note("taps", hands.taps);
  context.note("typed", hands.typed);
  context.note("machine_ms", Date.now() - began);
  check(/^[A-Z]-[0-9A-Z]{3}-[0-9A-Z]{3}$/.test(code), `${code} is no code to write on a card`);
  check(hands.taps <= TAPS_MAX, `${hands.taps} taps`);
  check(hands.typed <= TYPED_MAX, `${hands.typed} characters`);

  await relay.up();
  await flows.sendAll(page);
  for (const { tablet } of [manager, brother]) await flows.sendAll(tablet.page);
  await flows.goTo(manager.tablet.page, "/tugas");
  const task = flows.at(manager.tablet.page, "task").filter({ hasText: code });
  await task.waitFor();
  check((await task.textContent()).includes("Anak: asesmen"), `the task reads "${await task.textContent()}"`);

  // The uncle's brother is on duty as well: until he is excluded he sees the report, and nothing of it afterwards.
  await flows.openCase(brother.tablet.page, code);
  await flows.openCase(manager.tablet.page, code);
  await flows.takeOver(manager.tablet.page);
  await exclude(manager.tablet.page, code, relay.account("mks2").name);
  await flows.sendAll(manager.tablet.page);
  // Only the registrar reads who must not know: what others add leaves their tablets with its receipt.
  const registrar = await tabletOf(context, relay, "ser1");
  await flows.openCase(registrar.tablet.page, code);
  await flows.openField(registrar.tablet.page, "f1", "rows-kecualikan");
  const rows = flows.at(registrar.tablet.page, "row");
  await until("both exclusions stand at the registrar", async () => (await rows.count()) === 2);
  await flows.rowWith(registrar.tablet.page, "nama", UNCLE);
  await flows.syncNow(brother.tablet.page);
  await until("nothing of the case is left at the brother", async () => {
    await flows.syncNow(brother.tablet.page);
    await flows.goTo(brother.tablet.page, "/kasus");
    await flows.at(brother.tablet.page, "cases-search").fill(code);
    return (await flows.at(brother.tablet.page, `case-card-${code}`).count()) === 0;
  }, { timeout: 30_000 });
  for (const { tablet } of [field, manager, brother, registrar]) tablet.expectQuiet();
}

/** Story 1, with the battery dying on every page. */
async function resumable(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet, person } = await tabletOf(context, relay, "pkt1", { traced: false });
  await tablet.keptForOffline();
  await relay.kill();
  const dies = async (question) => {
    const shown = await flows.readPage(tablet.page);
    const marks = () => tablet.page.locator("[data-mark]").evaluateAll((all) => all.map((mark) => mark.dataset.mark));
    await until("what was touched is kept", async () => !(await marks()).some((mark) => ["saving", "not-saved"].includes(mark)));
    await tablet.kill();
    await tablet.open();
    await tablet.goto(relay);
    await flows.unlock(tablet.page, person);
    same(await questionOf(tablet.page), question, "the page after the battery died");
    const kept = await flows.readPage(tablet.page);
    same(kept.fields.map(({ name, value, chosen }) => ({ name, value, chosen })), shown.fields.map(({ name, value, chosen }) => ({ name, value, chosen })), `what stands on "${question}"`);
  };
  await takeReport(new Hands(tablet), GIRL_AND_UNCLE, dies);
  check((await summary(tablet.page)).includes(UNCLE), "who must not know did not outlive the battery");
  await handOver(new Hands(tablet));
}

const [RAIHAT, TASIFETO_TIMUR] = ["53.04.03", "53.04.02"];
/** Numbers of the pack: whoever is on duty, and the police of two districts. */
const DUTY = "tel:081000000037";
const DUTY_WHATSAPP = "6281000000037";
const POLICE = { [RAIHAT]: "tel:081000000007", [TASIFETO_TIMUR]: "tel:081000000004" };

/** The numbers that show, as they are dialled. */
async function numbers(page) {
  await flows.at(page, "emergency-number").first().waitFor();
  return flows.at(page, "emergency-number").evaluateAll((all) => all.map((number) => number.getAttribute("href")));
}

/** Story 2, as far as one centre goes: nobody has to unlock, or hand over, for help to be on its way. */
async function danger(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  await field.tablet.keptForOffline();
  await flows.lock(field.tablet.page);
  await relay.kill();
  const { page } = field.tablet;
  const locked = new Hands(field.tablet);
  await locked.tap("door-emergency");
  same((await numbers(page))[0], DUTY, "the first number at the door");
  await locked.tap(`emergency-area-${RAIHAT}`);
  await until("the numbers of the district", async () => (await numbers(page))[1] === POLICE[RAIHAT]);
  same((await numbers(page))[0], DUTY, "the first number of a district");
  same(locked.taps, 2, "taps from the locked tablet to the numbers of the district");
  await flows.at(page, "door-back").click();

  const hands = new Hands(field.tablet);
  await hands.unlock(field.person);
  await hands.tap("home-take-report");
  await flows.at(page, "field-bahaya_segera-YA").waitFor();
  const before = hands.taps;
  await hands.answer("bahaya_segera", "YA");
  await hands.tap("report-next");
  same((await numbers(page)).slice(0, 2), [DUTY, POLICE[RAIHAT]], "the numbers of the district where the tablet is used");
  check(hands.taps - before <= 2, `${hands.taps - before} taps from "Ya" to the numbers`);
  const district = flows.at(page, "emergency-for");
  same(await district.textContent(), "Kec. Raihat", "for where the numbers are");
  same(await flows.at(page, `emergency-area-${RAIHAT}`).count(), 0, "districts to choose beside the question for the place");
  const message = async (test) => decodeURIComponent(await flows.at(page, test).getAttribute("href"));
  const code = /[A-Z]-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(await message("danger-sms"))?.[0];
  check(code, `"${await message("danger-sms")}" names no code`);
  same(await message("danger-sms"), `sms:${DUTY.slice(4)}?body=DARURAT Simpul ${code}. Hubungi petugas.`, "the message before the place is told");

  // Somebody is elsewhere than the tablet is used: numbers and message follow what is told, and origin and answers do not count.
  await hands.tap(`field-lokasi_sekarang-${TASIFETO_TIMUR}`);
  await until("the numbers of where the person is", async () => (await numbers(page))[1] === POLICE[TASIFETO_TIMUR]);
  same(await district.textContent(), "Kec. Tasifeto Timur", "for where the numbers are then");
  const text = `DARURAT Simpul ${code}, Kec. Tasifeto Timur. Hubungi petugas.`;
  await until("the place in the message", async () => (await message("danger-sms")) === `sms:${DUTY.slice(4)}?body=${text}`);
  same(await message("danger-whatsapp"), `https://wa.me/${DUTY_WHATSAPP}?text=${text}`, "the message by WhatsApp");
  await flows.at(page, "danger-later").click();

  await relay.up();
  await flows.sendAll(page);
  await flows.sendAll(manager.tablet.page);
  await flows.goTo(manager.tablet.page, "/tugas");
  const first = flows.at(manager.tablet.page, "task").first();
  await first.waitFor();
  const words = await first.textContent();
  check(words.includes(code) && words.includes("Darurat"), `the first task of the manager reads "${words}"`);
  for (const { tablet } of [field, manager]) tablet.expectQuiet();
}

/** A woman who does not want her name written down. */
const WOMAN_WHO_REFUSES = [
  (hands) => hands.answer("bahaya_segera", "TIDAK"),
  (hands) => hands.answer("cara_masuk", "DEPAN"),
  async (hands) => {
    await hands.tap("field-jml_pd-more");
    await until("one woman is counted", async () => (await flows.at(hands.page, "field-jml_pd-value").textContent()).trim() === "1");
  },
  (hands) => hands.answer("indikasi_cepat", "UPAH"),
  () => undefined,
  async (hands) => {
    await hands.answer("boleh_dicatat", "YA");
    await hands.answer("boleh_bernama", "TIDAK");
  },
  // Not how to reach her, which would name her a page later.
  async (hands) => same(await questionOf(hands.page), "Siapa yang TIDAK boleh tahu?", "the page after a refused name"),
  () => undefined,
];

/** Story 3: who refuses her name has no identity page anywhere, and is helped all the same. */
async function refusal(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  await takeReport(new Hands(field.tablet), WOMAN_WHO_REFUSES);
  const told = await summary(field.tablet.page);
  for (const words of ["Boleh dicatat tanpa nama? Ya", "Boleh dicatat dengan nama dan dihubungi lagi? Tidak"]) {
    check(told.includes(words), `"${words}" is missing in the summary: ${told}`);
  }
  const code = await handOver(new Hands(field.tablet));
  const card = flows.at(field.tablet.page, "service-card");
  check((await card.textContent()).includes(code), "the service card does not carry the code");
  same(await card.getByTestId("emergency-number").first().getAttribute("href"), DUTY, "the first number of the service card");
  await flows.sendAll(field.tablet.page);
  const { page } = manager.tablet;
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.takeOver(page);
  await flows.addPerson(page, "K1");
  await flows.at(page, "part-f3-K1").waitFor();
  for (const form of ["f2-K1", "step-identity"]) {
    same(await flows.at(page, form.startsWith("step") ? form : `part-${form}`).count(), 0, `${form}, for somebody who refused her name`);
  }
  // She changes her mind: it is written down as her consent, and only then is there a page for her name.
  await flows.openField(page, "f0-K1", "boleh_bernama");
  await flows.choose(page, "boleh_bernama", "YA");
  await flows.leaveForm(page);
  await flows.at(page, "part-f2-K1").waitFor();
  for (const { tablet } of [field, manager]) tablet.expectQuiet();
}

/** Whoever hands over sees what was asked, why it is empty, and that a name is there, but not the name. */
async function checkPage(context) {
  const NAME = "Yuliana Contoh";
  const relay = await Relay.start(context, { size: 0 });
  const { tablet } = await tabletOf(context, relay, "pkt1");
  const { page } = tablet;
  await flows.report(page, { answers: { cara_masuk: "WARGA", pelapor_nama: NAME, anonimkan_pelapor: "TIDAK" }, handOver: false });
  const told = await summary(page);
  for (const words of ["Samarkan pelapor? Tidak", "Nama pelapor: diisi"]) check(told.includes(words), `"${words}" is missing in the summary: ${told}`);
  check(!told.includes(NAME), "the summary names the reporter");
  tablet.expectQuiet();
}

/** A child whose guardian's part nobody knows, copied from paper: no guardian consents, the paper has a number and gets the code. */
async function fromPaper(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet } = await tabletOf(context, relay, "pkt1");
  const { page } = tablet;
  const hands = new Hands(tablet);
  const noGuardian = async () => {
    await flows.at(page, "field-pemberi-PEKSOS").waitFor();
    for (const guardian of ["ORANG_TUA", "WALI", "PENGAMPU"]) {
      same(await flows.at(page, `field-pemberi-${guardian}`).count(), 0, `consent of ${guardian}, of whom nobody knows`);
    }
  };
  await hands.tap("home-take-report");
  await answerPages(hands, [
    (hands) => hands.answer("bahaya_segera", "TIDAK"),
    async (hands) => {
      await hands.answer("cara_masuk", "DEPAN");
      await hands.tap("field-dari_kertas-input");
      await until("it is copied from paper", async () => (await flows.at(page, "field-dari_kertas-input").getAttribute("aria-checked")) === "true");
    },
  ]);
  // Without its number the paper is not found again.
  await flows.at(page, "field-no_formulir_kertas-input").waitFor();
  const question = await questionOf(page);
  await flows.write(page, "penerima_kertas", "Petugas desa");
  await hands.tap("report-next");
  await flows.at(page, "report-unknown").waitFor();
  same(await questionOf(page), question, "the page of a paper form without a number");
  await flows.write(page, "no_formulir_kertas", "12/2026");
  await hands.tap("report-next");
  await questionAfter(page, question);
  await answerPages(hands, [
    oneGirl,
    // Whether the guardian is involved is not asked.
    () => undefined,
    (hands) => hands.answer("indikasi_cepat", "JANJI"),
    () => undefined,
    async (hands) => {
      await hands.answer("boleh_dicatat", "YA");
      await noGuardian();
    },
    () => undefined,
    () => undefined,
    () => undefined,
  ]);
  await handOver(hands);
  const paper = await flows.at(page, "receipt-paper").textContent();
  check(paper.includes("di kertas"), `the receipt says "${paper}"`);
  tablet.expectQuiet();
}

/** Story 4: two people, one tablet, a dead battery and a clock that fell back to 2015. */
async function badDay(context) {
  const EDITS = 20;
  const STORY = "Dijemput malam hari, tidak tahu mau dibawa ke mana, menunggu di depan gereja";
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "shared", traced: false });
  const { page: first } = tablet;
  await tablet.goto(relay, "/enrol");
  const anna = await flows.enrol(first, relay.account("pkt1").enrol_code, { nickname: "pkt1", tabletName: "Tablet bersama" });
  await flows.sendAll(first);
  await flows.lock(first);
  await tablet.goto(relay, "/enrol");
  const berta = await flows.enrol(first, relay.account("mks1").enrol_code, { nickname: "mks1", tabletName: "Tablet bersama" });
  const mine = (await flows.report(first)).code;
  await flows.sendAll(first);
  await flows.openCase(first, mine);
  await flows.takeOver(first);
  await flows.addPerson(first, "K1");
  await flows.sendAll(first);
  await flows.lock(first);
  await tablet.keptForOffline();
  await relay.kill();

  await flows.unlock(first, anna);
  const hands = new Hands(tablet);
  await hands.tap("home-take-report");
  const question = await answerPages(hands, WOMAN_WHO_REFUSES.slice(0, 3));
  await flows.typeDraft(first, "uraian_singkat", STORY);
  await tablet.kill();

  await tablet.open();
  const { page } = tablet;
  await tablet.goto(relay);
  const to2015 = Date.UTC(2015, 0, 1) - Date.now();
  await moveClock(page, to2015);
  await flows.unlock(page, berta);
  check((await flows.at(page, "status-pill").textContent()).includes("Tanggal tablet salah"), "nobody is told that the tablet's date is wrong");
  await flows.openCase(page, mine);
  await flows.openField(page, "f2-K1", "alamat_asal");
  for (let edit = 1; edit <= EDITS; edit += 1) await flows.write(page, "alamat_asal", `isian-${edit}-selesai`);
  check(!(await page.content()).includes(STORY), "one sees what the other was writing");
  await flows.goTo(page, "/kasus");
  await flows.at(page, "cases-search").waitFor();
  same(await page.locator('[data-testid^="case-card-"]').count(), 1, "cases of the second person");
  await flows.lock(page);

  await flows.unlock(page, anna);
  same(await questionOf(page), question, "the page on which the battery died");
  same(await flows.at(page, "field-uraian_singkat-input").inputValue(), STORY, "what was being written");
  const again = new Hands(tablet);
  await answerPages(again, WOMAN_WHO_REFUSES.slice(3));
  const code = await handOver(again);

  // A report begun now has no day to be filled in, and says so.
  await flows.report(page, { handOver: false });
  await flows.at(page, "report-day-missing").waitFor();
  await flows.at(page, "report-day").click();
  await flows.at(page, "field-tgl_lapor").waitFor();
  const asked = (await flows.readPage(page)).fields.find(({ name }) => name === "field-tgl_lapor");
  check(!/[0-9]/.test(`${asked.value}${asked.text}`), `the day ${asked.value}${asked.text} was filled in`);

  await relay.up();
  await flows.sendAll(page);
  await flows.lock(page);
  await flows.unlock(page, berta);
  await flows.sendAll(page);
  const registrar = await tabletOf(context, relay, "ser1");
  await flows.openCase(registrar.tablet.page, code);
  await flows.openField(registrar.tablet.page, "f1", "uraian_singkat");
  same(await flows.at(registrar.tablet.page, "field-uraian_singkat-input").inputValue(), STORY, "the report at the registrar");
  const lines = (await flows.readHistory(registrar.tablet.page, mine)).join("\n");
  const missing = Array.from({ length: EDITS }, (_, index) => `isian-${index + 1}-selesai`).filter((value) => !lines.includes(value));
  same(missing, [], "what the second person wrote and the registrar has not");
  registrar.tablet.expectQuiet();
}

/** Story 4, its clock: what has to be done within a day is not put off for years by a tablet that believes it is 2015. */
async function fallenClock(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet, person } = await tabletOf(context, relay, "mks1");
  const { page } = tablet;
  const { code } = await flows.report(page, { answers: { cara_masuk: "TELEPON" } });
  await flows.sendAll(page);
  await tablet.keptForOffline();
  await relay.kill();
  await tablet.reload();
  await moveClock(page, Date.UTC(2015, 0, 1) - Date.now());
  await flows.unlock(page, person);
  await flows.goTo(page, "/tugas");
  const task = flows.at(page, "task").filter({ hasText: code });
  await task.waitFor();
  const words = await task.textContent();
  check(words.includes("Verifikasi") && /2[34] jam/.test(words), `the task reads "${words}"`);
}

/** Story 5: a draft is its author's, however often it was copied to the centre; handed over, only the receipt is left. */
async function draft(context) {
  const HALF = "Menunggu kabar dari adiknya";
  const ADDED = "Adiknya menelepon: sudah sampai di Kupang";
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  const { page } = field.tablet;
  const hands = new Hands(field.tablet);
  await hands.tap("home-take-report");
  const question = await answerPages(hands, WOMAN_WHO_REFUSES.slice(0, 3));
  await flows.write(page, "uraian_singkat", HALF);
  await flows.sendAll(page);
  await flows.lock(page);
  await flows.sendAll(manager.tablet.page);
  await flows.goTo(manager.tablet.page, "/kasus");
  await flows.at(manager.tablet.page, "cases-empty").waitFor();

  await field.tablet.reload();
  await moveClock(page, DAY_MS);
  await flows.unlock(page, field.person);
  await flows.goTo(page, "/");
  await flows.at(page, "home-drafts").getByRole("link").first().click();
  same(await questionOf(page), question, "where the draft goes on");
  await flows.write(page, "uraian_singkat", `${HALF} di Betun`);
  const again = new Hands(field.tablet);
  await answerPages(again, WOMAN_WHO_REFUSES.slice(3));
  const code = await handOver(again);
  await flows.sendAll(page);
  await flows.sendAll(manager.tablet.page);
  await flows.openCase(manager.tablet.page, code);
  await flows.takeOver(manager.tablet.page);
  await flows.sendAll(manager.tablet.page);
  await flows.sendAll(page);
  await until("only the receipt is left", async () => {
    await flows.syncNow(page);
    await flows.goTo(page, "/kasus");
    await flows.at(page, "cases-search").waitFor();
    return (await flows.at(page, `case-card-${code}`).count()) === 0;
  }, { timeout: 30_000 });

  await flows.goTo(page, "/");
  await flows.at(page, "home-handed-over").getByText(code).click();
  await flows.at(page, "receipt-supplement").click();
  await flows.at(page, "supplement-text").fill(ADDED);
  // The tablet is put down in the middle of the sentence.
  await flows.lock(page);
  await flows.unlock(page, field.person);
  await flows.goTo(page, "/");
  await flows.at(page, "home-handed-over").getByText(code).click();
  same(await flows.at(page, "supplement-text").inputValue(), ADDED, "what was being added");
  await flows.at(page, "supplement-add").click();
  await flows.at(page, "receipt-supplement").waitFor();
  await flows.sendAll(page);
  await flows.sendAll(manager.tablet.page);
  await flows.openCase(manager.tablet.page, code);
  const added = flows.at(manager.tablet.page, "supplement");
  check((await added.textContent()).includes(ADDED), "the addition does not stand in the case");
  await flows.openField(manager.tablet.page, "f1", "uraian_singkat");
  same(await flows.at(manager.tablet.page, "field-uraian_singkat-input").inputValue(), `${HALF} di Betun`, "the report after the addition");
  for (const { tablet } of [field, manager]) tablet.expectQuiet();
}

/** Story 3, "no to both": without signal nothing of the report has left, and nothing but a count is left of it. */
async function noRecord(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const { page } = field.tablet;
  const hands = new Hands(field.tablet);
  await field.tablet.offline(true);
  await hands.tap("home-take-report");
  await answerPages(hands, WOMAN_WHO_REFUSES.slice(0, 5));
  await hands.answer("boleh_dicatat", "TIDAK");
  await hands.answer("boleh_bernama", "TIDAK");
  await flows.at(page, "report-refusal").waitFor();
  same(await flows.at(page, "report-next").count(), 0, "ways on without a choice");
  // The first tap erases nothing, and can be taken back.
  await hands.tap("refusal-erase");
  await hands.tap("refusal-cancel");
  await hands.tap("refusal-erase");
  await hands.tap("refusal-confirm");
  await flows.at(page, "home-take-report").waitFor();
  same(await flows.at(page, "home-drafts").count(), 0, "drafts after the erasure");
  await field.tablet.offline(false);
  await flows.sendAll(page);
  await flows.goTo(page, "/kirim-terima");
  const counted = await flows.at(page, "sync-refusals").textContent();
  check(/: 1/.test(counted), `the count reads "${counted}"`);
  field.tablet.expectQuiet();
}

/** As [noRecord], but her life is at stake: there is one way on, the reason, and then only the least reaches who is on duty. */
async function dangerRefused(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  const { page } = field.tablet;
  const hands = new Hands(field.tablet);
  await field.tablet.offline(true);
  await hands.tap("home-take-report");
  await answerPages(hands, [
    (hands) => hands.answer("bahaya_segera", "YA"),
    (hands) => hands.tap(`field-lokasi_sekarang-${RAIHAT}`),
    ...WOMAN_WHO_REFUSES.slice(1, 5),
  ]);
  await hands.answer("boleh_dicatat", "TIDAK");
  await hands.answer("boleh_bernama", "TIDAK");
  await flows.at(page, "report-refusal").waitFor();
  for (const way of ["report-next", "refusal-erase", "refusal-found"]) {
    same(await flows.at(page, way).count(), 0, `${way}, in danger and without a reason`);
  }
  check(await flows.at(page, "refusal-vital").isDisabled(), "the basis opens without a reason");
  await flows.at(page, "refusal-reason-input").fill("Dikunci dan diancam");
  await hands.tap("refusal-vital");
  await hands.tap("refusal-cancel");
  await flows.at(page, "refusal-reason-input").fill("Dikunci dan diancam dengan parang");
  await hands.tap("refusal-vital");
  await hands.tap("refusal-confirm");
  const code = (await flows.at(page, "receipt-code").textContent()).trim();
  await flows.at(page, "service-card").waitFor();
  await field.tablet.offline(false);
  await flows.sendAll(page);
  await flows.sendAll(manager.tablet.page);
  await flows.openCase(manager.tablet.page, code);
  await flows.at(manager.tablet.page, "case-service-card").click();
  const card = await flows.at(manager.tablet.page, "service-card").textContent();
  check(card.includes(code), `the card reads "${card}"`);
  for (const { tablet } of [field, manager]) tablet.expectQuiet();
}

/** What on a page would call or write to somebody. */
const waysOut = (page) => page.locator('a[href^="tel:"], a[href^="sms:"], a[href^="http"]').count();

/** The first day: a report is tried out with danger, in two tabs and over a lock, and nobody hears of it; one in earnest rings. */
async function practice(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const manager = await tabletOf(context, relay, "mks1");
  const { page } = field.tablet;
  await flows.at(page, "home-first-day").waitFor();
  const asked = new Set();
  const marked = async (question) => {
    asked.add(question);
    await flows.at(page, "practice-line").waitFor();
    same(await waysOut(page), 0, `ways out of the tablet on "${question}"`);
    if (!(await flows.at(page, "danger").isVisible())) return;
    check((await flows.at(page, "emergency-number").count()) > 1, "the numbers cannot be read");
    const message = await flows.at(page, "practice-message").textContent();
    check(message.includes("Ini latihan") && message.includes("DARURAT Simpul L-000-000"), `the danger page says "${message}"`);
  };
  await flows.report(page, { answers: { bahaya_segera: "YA" }, begin: "practice-begin", between: marked, handOver: false });
  check(asked.size > 7, `a practice has ${asked.size} pages`);
  await flows.at(page, "practice-line").waitFor();
  const address = new URL(page.url()).pathname;

  // Locked and unlocked it goes on where it was, and is practice still; so it is in another tab.
  await flows.lock(page);
  await flows.unlock(page, field.person);
  await flows.at(page, "report-hand-over").waitFor();
  await flows.at(page, "practice-line").waitFor();
  const second = await field.tablet.tab();
  await second.goto(new URL("/", page.url()).href);
  await flows.unlock(second, field.person);
  await flows.goTo(second, address);
  await flows.at(second, "report-summary").waitFor();
  await flows.at(second, "practice-line").waitFor();
  await flows.goTo(second, address.replace(/lapor.*/, ""));
  await flows.at(second, "state-gone").waitFor();
  await flows.goTo(second, address);

  await flows.sendAll(page);
  await flows.goTo(page, address);
  await flows.at(page, "report-hand-over").click();
  await flows.at(page, "practice-over").waitFor();
  await flows.at(page, "practice-line").waitFor();
  await flows.at(second, "practice-over").waitFor();
  await second.close();
  await page.goBack();
  await flows.at(page, "practice-over").waitFor();
  await flows.at(page, "receipt-home").click();
  await flows.at(page, "home-first-day").waitFor();
  for (const gone of ["home-drafts", "home-handed-over", "practice-erase"]) same(await flows.at(page, gone).count(), 0, `${gone} after a practice`);

  // Left in the middle, it is erased with one tap.
  await flows.at(page, "practice-begin").click();
  await flows.at(page, "field-bahaya_segera-YA").click();
  await flows.at(page, "top-back").click();
  await flows.at(page, "practice-go-on").waitFor();
  await flows.at(page, "practice-erase").click();
  await flows.at(page, "practice-begin").waitFor();

  // The same in earnest, after it: the manager hears of this one, and of nothing else.
  const { code } = await flows.report(page, { answers: { bahaya_segera: "YA" } });
  await flows.sendAll(page);
  await flows.sendAll(manager.tablet.page);
  await flows.at(manager.tablet.page, `alarm-case-${code}`).waitFor();
  same(await manager.tablet.page.locator('[data-testid^="alarm-case-"]').count(), 1, "dangers that ring at the manager's");
  await flows.goTo(manager.tablet.page, "/kasus");
  await flows.at(manager.tablet.page, `case-card-${code}`).waitFor();
  same(await manager.tablet.page.locator('[data-testid^="case-card-"]').count(), 1, "cases of the manager");
  for (const { tablet } of [field, manager]) tablet.expectQuiet();
}

/** A list of deportees, as an office sends it: an age in words, a village nobody knows, and somebody twice. */
const DEPORTEES = [
  "DAFTAR DEPORTAN KM CONTOH",
  "No\tNama\tL/P\tUmur\tDesa\tNo Paspor",
  "1\tMaria Kdatangan\tP\t30 thn\tSilawan\tX100",
  "2\tAna Kdatangan\tPerempuan\tremaja\tNegeri Entah\tX200",
  "3\tYosef Kdatangan\tL\t41\tSadi\t",
  "4\tYosef Kdatangan\tL\t41\tSadi\t",
].join("\r\n");

/** The row of the list that says something. */
const arrival = (page, text) => flows.at(page, "arrival").filter({ hasText: text }).first();

/** Many people with one paper. */
async function arrivals(context) {
  const relay = await Relay.start(context, { size: 0 });
  const field = await tabletOf(context, relay, "pkt1");
  const registrar = await tabletOf(context, relay, "ser1");
  await field.tablet.keptForOffline();
  await relay.kill();
  const { page } = field.tablet;
  const hands = new Hands(field.tablet);
  await hands.tap("home-take-report");
  const list = await answerPages(hands, [
    (by) => by.answer("bahaya_segera", "TIDAK"),
    (by) => by.answer("cara_masuk", "DAFTAR"),
  ]);
  same(list, "Daftar kedatangan", "the page after page 2");
  await hands.answer("daftar_dari", "BP3MI");
  await flows.at(page, "arrivals-paste").fill(DEPORTEES);
  await hands.tap("arrivals-read");
  await until("title and four people are read", async () => (await flows.at(page, "arrival").count()) === 5);
  const counts = async () => (await flows.at(page, "arrivals-counts").textContent()).trim();
  same(await counts(), "P 2 · L 2 · anak 0 · belum jelas 1", "people of the list");
  const doubts = async (text) => (await arrival(page, text).getByTestId("arrival-doubts").textContent()).trim();
  for (const doubt of ["Umur bukan angka", "Desa tidak dikenal"]) check((await doubts("Ana")).includes(doubt), `nobody asks: ${doubt}`);
  same((await arrival(page, "Ana").getByTestId("arrival-facts").textContent()).trim(), "Perempuan · remaja · Negeri Entah", "what is not understood stands there as it was told");
  check((await doubts("Yosef")).includes("Tertulis dua kali"), "nobody says that one stands there twice");

  // Mended, and one left out; then the battery dies.
  await arrival(page, "Ana").getByTestId("arrival-mend").click();
  await arrival(page, "Ana").getByTestId("arrival-UMUR").fill("16");
  await until("the age is understood", async () => (await arrival(page, "Ana").getByTestId("arrival-facts").textContent()).includes("16 tahun"));
  await flows.at(page, "arrival").last().getByTestId("arrival-leave").click();
  const expected = "P 2 · L 1 · anak 1 · belum jelas 0";
  await until("what is mended is counted", async () => (await counts()) === expected);
  await flows.lock(page);
  await flows.unlock(page, field.person);
  await until("the list is there again", async () => (await flows.at(page, "arrivals-counts").isVisible()) && (await counts()) === expected);

  // It does not go with the report before it was kept.
  const answered = await answerPages(hands, [() => undefined, () => undefined, () => undefined]);
  same(answered, "hand over", "the page after the last question of a list");
  await hands.tap("report-hand-over");
  await flows.at(page, "report-list-waits").waitFor();
  await hands.tap("report-list");
  await flows.at(page, "arrivals-keep").click();
  await flows.at(page, "arrivals-kept").waitFor();
  same((await flows.at(page, "arrivals-kept").textContent()).trim(), "3 orang sudah tersimpan dalam laporan ini.", "what is kept");
  same(await flows.at(page, "arrivals-keep").count(), 0, "a second way to keep the list");
  while (!(await flows.at(page, "report-hand-over").isVisible())) await questionAfter(page, await pressNext(page));
  await flows.at(page, "report-list-kept").waitFor();
  const code = await handOver(hands);

  await relay.up();
  await flows.sendAll(page);
  await flows.sendAll(registrar.tablet.page);
  await flows.openCase(registrar.tablet.page, code);
  for (const person of ["K1", "K2", "K3"]) {
    await flows.at(registrar.tablet.page, `person-${person}`).waitFor();
    const notAsked = await flows.at(registrar.tablet.page, `consent-${person}-not-asked`).textContent();
    check(notAsked.includes("Boleh dicatat dengan nama"), `${person} was asked: ${notAsked}`);
  }
  same(await flows.at(registrar.tablet.page, "person-K4").count(), 0, "somebody who was left out");
  for (const { tablet } of [field, registrar]) tablet.expectQuiet();
}

/** Goes on from the page that shows, and gives back what it asked. */
async function pressNext(page) {
  const question = await flows.at(page, "report-question").textContent();
  await flows.at(page, "report-next").click();
  return question;
}

await suite("stories", [
  ["0: the first day, a practice report", practice],
  ["1: three minutes, a girl and her uncle", threeMinutes],
  ["1: the battery dies on every page", resumable],
  ["2: danger without signal", danger],
  ["3: a name refused", refusal],
  ["3: every record refused", noRecord],
  ["3: every record refused, in danger", dangerRefused],
  ["what is handed over is said before", checkPage],
  ["a child, from a paper form", fromPaper],
  ["4: a bad day for two on one tablet", badDay],
  ["4: a clock that fell back to 2015", fallenClock],
  ["5: a draft is not a hand-over", draft],
  ["many people with one list", arrivals],
]);
