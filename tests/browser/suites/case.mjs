// The page of a case: a stage is left through its gates, a case is closed by two people and opened again, and consent shows what
// is in force.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const { at } = flows;

/** A tablet of one account that has received what there is. */
async function arrive(context, relay, account, name) {
  const tablet = await Tablet.start(context, { name });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account(account).enrol_code, { tabletName: `Tablet ${name}` });
  await flows.syncNow(tablet.page);
  // The directory came with the first round; signing in again shows it.
  await flows.lock(tablet.page);
  await flows.unlock(tablet.page, person);
  return { tablet, name: relay.account(account).name, get page() { return tablet.page; } };
}

async function picture(tablet, name) {
  const folder = join(options.out, "case");
  await mkdir(folder, { recursive: true });
  await tablet.picture(join(folder, `${name}.png`));
}

const stageOf = (page) => at(page, "stage-line").innerText();
const says = (page, words) => until(`the stage is ${words}`, async () => (await stageOf(page)).includes(words));

async function chooseStage(page, stage) {
  await at(page, "stage-go").click();
  await until("the keyboard is at the stage", () => at(page, "stage-change").evaluate((button) => button === document.activeElement));
  await at(page, "stage-change").click();
  await at(page, `stage-to-${stage}`).click();
}

async function stages(context) {
  const relay = await Relay.start(context, { size: 0 });
  const a = await arrive(context, relay, "mks1", "A");
  const b = await arrive(context, relay, "mks2", "B");
  const code = await flows.sharedCase(a.page, b.name);
  await flows.openCase(a.page, code);

  // A hard gate: no reason is asked, nothing can be pressed, and the missing thing is one tap away.
  await chooseStage(a.page, "PEMULANGAN");
  await at(a.page, "gate-risiko_pulang").waitFor();
  check(!(await at(a.page, "stage-move").isEnabled()), "a return without an assessment can be pressed");
  same(await at(a.page, "stage-reason").count(), 0, "a reason is asked where none helps");
  await picture(a.tablet, "gates");
  await at(a.page, "gate-risiko_pulang-fill").click();
  await flows.choose(a.page, "tingkat_risiko", "SEDANG");
  await at(a.page, "field-tgl_penilaian-today").click();
  await flows.saved(a.page, "tgl_penilaian");
  await flows.openCase(a.page, code);

  // Soft gates open with a reason, which must not name anybody; ten seconds to take the move back.
  await chooseStage(a.page, "PEMULANGAN");
  check(!(await at(a.page, "stage-move").isEnabled()), "something is missing, and no reason was written");
  await at(a.page, "stage-reason").fill("Ibu Maria menunggu");
  await at(a.page, "name-hint").waitFor();
  await at(a.page, "stage-reason").fill("Keluarga menunggu");
  await picture(a.tablet, "reason");
  await at(a.page, "stage-move").click();
  await says(a.page, "Pemulangan");
  await at(a.page, "toast-undo").click();
  await says(a.page, "Laporan");

  // Whoever proposes waits; another one approves.
  await chooseStage(a.page, "TUTUP");
  await at(a.page, "closing-done-RENCANA").click();
  check(!(await at(a.page, "closing-propose").isEnabled()), "a closing without a reason can be proposed");
  await at(a.page, "closing-reason-SELESAI").click();
  await picture(a.tablet, "proposing");
  await at(a.page, "closing-propose").click();
  await at(a.page, "closing-proposal").waitFor();
  same(await at(a.page, "closing-approve").count(), 0, "who proposed may approve");
  await picture(a.tablet, "proposed");
  await flows.sendAll(a.page);
  await flows.syncNow(b.page);
  await flows.openCase(b.page, code);
  check((await at(b.page, "closing-missing").innerText()).includes("Restitusi"), "what is not done is not told");
  await at(b.page, "closing-approve").click();
  await at(b.page, "case-closed").waitFor();
  await picture(b.tablet, "closed");
  await flows.sendAll(b.page);
  await flows.syncNow(a.page);
  await flows.openCase(a.page, code);
  const banner = await at(a.page, "case-closed").innerText();
  check(banner.includes(a.name) && banner.includes(b.name), `the banner names nobody: ${banner}`);
  same(await at(a.page, "stage-change").count(), 0, "a closed case offers to move");
  await at(a.page, "case-reopen").click();
  await at(a.page, "reopen-reason").fill("Korban menelepon lagi");
  await at(a.page, "reopen-do").click();
  await at(a.page, "case-closed").waitFor({ state: "detached" });
  await says(a.page, "Laporan");
  a.tablet.expectQuiet();
  b.tablet.expectQuiet();
}

async function consent(context) {
  const relay = await Relay.start(context, { size: 0 });
  const a = await arrive(context, relay, "mks1", "A");
  const b = await arrive(context, relay, "mks2", "B");
  const code = await flows.sharedCase(a.page, b.name);
  await flows.openCase(a.page, code);
  const notAsked = await at(a.page, "consent-K1-not-asked").innerText();
  check(notAsked.startsWith("Belum ditanya: ") && notAsked.includes("Bantuan dan penegakan hukum"), `nobody was asked yet: ${notAsked}`);
  await flows.openField(a.page, "f0-K1", "boleh_dicatat");
  await flows.choose(a.page, "boleh_dicatat", "YA");
  await flows.choose(a.page, "setuju", "HUKUM");
  await flows.sendAll(a.page);
  await flows.syncNow(b.page);

  // Two answers apart: the narrower holds, at the field and on the page of the case.
  await relay.kill();
  for (const [one, answer] of [[a, "YA"], [b, "TIDAK"]]) {
    await flows.openCase(one.page, code);
    await flows.openField(one.page, "f0-K1", "boleh_bernama");
    await flows.choose(one.page, "boleh_bernama", answer);
  }
  await relay.up();
  await flows.sendAll(b.page);
  await flows.sendAll(a.page);
  await flows.openCase(a.page, code);
  const named = () => at(a.page, "consent-K1-boleh_bernama").innerText();
  await until("the narrower is in force", async () => (await named()).includes("tidak"));
  await flows.openField(a.page, "f0-K1", "boleh_bernama");
  await at(a.page, "field-in-force").waitFor();
  same(await at(a.page, "field-boleh_bernama-TIDAK").getAttribute("aria-checked"), "true", "no is in force");
  same(await at(a.page, "field-boleh_bernama-YA").getAttribute("aria-checked"), "false", "yes is in force");
  await picture(a.tablet, "in-force");

  // Withdrawn: red, on top.
  await flows.showField(a.page, "ditarik_tanggal");
  await at(a.page, "field-ditarik_tanggal-today").click();
  await flows.saved(a.page, "ditarik_tanggal");
  await flows.choose(a.page, "ditarik_cakupan", "HUKUM");
  await flows.openCase(a.page, code);
  const strip = await at(a.page, "consent-withdrawn").innerText();
  check(strip.includes("K1") && strip.includes(a.name), `the strip does not say who: ${strip}`);
  await picture(a.tablet, "consent");
  a.tablet.expectQuiet();
}

const NAME = "Contoh Satu";

/** Nothing covered stands anywhere in the page, not even where nobody sees it. */
async function nameless(page) {
  check(!(await page.content()).includes(NAME), "a name that is covered stands in the page");
}

/** The numbers of the clock's timers are larger than a browser's, and than the program keeps them: it could end none. */
function smallTimers() {
  const { setTimeout: set, clearTimeout: clear } = window;
  const real = [];
  window.setTimeout = (...timer) => real.push(set(...timer));
  window.clearTimeout = (number) => clear(real[number - 1] ?? number);
}

async function covers(context) {
  const relay = await Relay.start(context, { size: 0 });
  const a = await arrive(context, relay, "mks1", "A");
  const { page, tablet } = a;
  await page.clock.install();
  await page.addInitScript(smallTimers);
  await page.evaluate(smallTimers);
  const code = await flows.sharedCase(page, relay.account("mks2").name);
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "nama_lengkap");
  await flows.write(page, "nama_lengkap", NAME);
  await flows.choose(page, "jenis_kelamin", "L");

  // A number that says another sex than the form; a name where none belongs, and the name of the case without its capital.
  await flows.showField(page, "nik");
  await flows.write(page, "nik", "5304995205900001");
  await at(page, "field-nik").locator(".note--warn").waitFor();
  await picture(tablet, "nik");
  await flows.openCase(page, code);
  await flows.openField(page, "f0-K1", "penerjemah");
  await flows.write(page, "penerjemah", "satu, contoh");
  await picture(tablet, "line-hint");
  await at(page, "name-hint-replace").click();
  await until("the code stands there", async () => (await at(page, "field-penerjemah-input").inputValue()) === "K1");
  await at(page, "name-hint").waitFor({ state: "detached" });

  // A tap opens nothing, a long press opens for fifteen seconds. All is sent first: what arrives draws the page anew, and then
  // everything is covered again.
  await flows.sendAll(page);
  await flows.openCase(page, code);
  const name = at(page, "person-K1-name");
  const cover = at(page, "person-cover");
  const shows = () => until("the name shows", async () => (await name.innerText()) === NAME);
  const hidden = () => until("the name is covered", async () => (await name.innerText()).includes("••••"));
  await hidden();
  await nameless(page);
  await picture(tablet, "covered");
  // In the middle of the screen, where no bar is over it, and with the clock standing still, or a tap on a busy machine lasts as long as a press.
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000);
  await cover.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await cover.click();
  await page.clock.fastForward(1_000);
  await hidden();
  await page.clock.resume();
  // What arrives during a press draws the page anew under the finger: then it is pressed again.
  await until("a long press opens", async () => {
    await cover.hover();
    await page.mouse.down();
    await page.clock.fastForward(500);
    const opens = await until("the name shows", async () => (await name.innerText()) === NAME, { timeout: 2_000 }).catch(() => false);
    await page.mouse.up();
    return opens;
  });
  await picture(tablet, "open");
  // The clock runs on meanwhile, so there is room before the fifteen seconds.
  await page.clock.fastForward(8_000);
  await shows();
  await page.clock.fastForward(7_000);
  await hidden();
  await nameless(page);

  // Keys open and close; who comes back, to the page or through the door, finds it closed.
  await cover.press("Enter");
  await shows();
  await cover.press("Space");
  await hidden();
  await at(page, "case-history").click();
  await at(page, "history-cover").first().waitFor();
  await nameless(page);
  await picture(tablet, "history");
  const line = at(page, "history-line").filter({ hasText: "Nama lengkap" });
  check((await flows.uncovered(line)).includes(NAME), "the history keeps a name back");
  await at(page, "top-back").click();
  await hidden();

  // What is shared is a code and a date.
  await at(page, "share-open").click();
  const shared = await at(page, "share-text").innerText();
  const rest = shared.replace(code, "").replace(/\d{1,2} [A-Z][a-z]{2} \d{4}/, "");
  check(/^Ada (kabar|tugas) untuk Anda di Simpul: .*\.$/.test(shared) && !/\d|Contoh/.test(rest), `more than a code and a date: ${shared}`);
  const sms = decodeURIComponent(await at(page, "share-sms").getAttribute("href"));
  same(sms, `sms:?body=${shared}`, "the message by SMS");
  check((await at(page, "share-whatsapp").getAttribute("href")).startsWith("https://wa.me/?text="), "WhatsApp does not open with the message");
  await picture(tablet, "share");
  tablet.expectQuiet();
}

/** Whoever goes back and forth between two cases sees, and writes into, the one of the address. */
async function addresses(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { page, tablet } = await arrive(context, relay, "mks1", "A");
  const told = ["Upah ditahan tiga bulan", "Paspor diambil"];
  const drafts = [];
  for (const text of told) drafts.push((await flows.report(page, { answers: { uraian_singkat: text }, handOver: false })).case);
  const shows = (field, text) => until(`"${text}" shows`, async () => (await at(page, `field-${field}-input`).first().inputValue()) === text);
  // Of a report and of a form, the page that asks for the story.
  await flows.goTo(page, `/kasus/${drafts[1]}/lapor/0`);
  for (const way of ["lapor", "isi/f1"]) {
    if (way !== "lapor") await flows.goTo(page, `/kasus/${drafts[1]}/${way}/0`);
    await until("the story's page", async () => {
      if (await at(page, "field-uraian_singkat").isVisible()) return true;
      await at(page, way === "lapor" ? "report-next" : "form-next").click({ timeout: 1_000 });
      return false;
    });
    const path = new URL(page.url()).pathname;
    await shows("uraian_singkat", told[1]);
    for (const turn of [0, 1, 0]) {
      await flows.goTo(page, path.replace(drafts[1], drafts[turn]));
      await shows("uraian_singkat", told[turn]);
    }
    told[0] = `${told[0]} lagi`;
    await flows.write(page, "uraian_singkat", told[0]);
    await page.goBack();
    await shows("uraian_singkat", told[1]);
  }
  tablet.expectQuiet();
}

await suite("case", [["a page is of the case in its address", addresses], ["a stage is left through its gates, and a case is closed by two", stages], ["consent shows what is in force", consent],
  ["what names somebody is covered, opens for a moment, and is not written where it does not belong", covers],
]);
