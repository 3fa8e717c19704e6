// Without any pointer: somebody unlocks, takes a report, leaves it as a draft and hands it over, and decides about a field that
// two people wrote differently. At every stop the focus is seen, and it goes through the content from top to bottom.
import { Keys } from "../lib/keys.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

/** What the pages of a report are answered with, by field. */
const ANSWERS = { bahaya_segera: "TIDAK", cara_masuk: "TELEPON", indikasi_cepat: "UPAH" };

/** An enrolled account whose tablet is locked. */
async function begin(context, relay, account, name = account) {
  const tablet = await Tablet.start(context, { name });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account(account).enrol_code, { tabletName: `Tablet ${name}` });
  await flows.syncNow(tablet.page);
  return { tablet, person, page: tablet.page, name: relay.account(account).name };
}

/** From the tiles to the home screen. */
async function unlock(keys, person) {
  await keys.arrive("door-title");
  await keys.press(`tile-${person.nickname}`);
  await keys.arrive("word-input-text");
  await keys.reach("word-input-text");
  await keys.page.keyboard.type(`${person.words.join(" ")} `);
  await flows.signedIn(keys.page);
}

/** Answers what is asked on the page that shows, then goes on. */
async function answerPage(keys) {
  const { page } = keys;
  const question = await flows.at(page, "report-question").textContent();
  for (const [field, answer] of Object.entries(ANSWERS)) {
    const choice = flows.at(page, `field-${field}-${answer}`);
    if (!(await choice.isVisible()) || (await choice.getAttribute("aria-checked")) === "true") continue;
    await keys.press(`field-${field}-${answer}`, "Space");
    await flows.saved(page, field);
  }
  const counter = flows.at(page, "field-jml_pd-value");
  if (await counter.isVisible() && (await counter.textContent()).trim() !== "1") {
    await keys.press("field-jml_pd-more");
    await until("the number is 1", async () => (await counter.textContent()).trim() === "1");
  }
  await keys.press("report-next");
  await until(`the page after "${question}"`, async () =>
    (await flows.at(page, "report-hand-over").isVisible()) || (await flows.at(page, "report-question").textContent()) !== question);
}

async function takeReport(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet, person, page } = await begin(context, relay, "pkt1");
  const keys = new Keys(tablet);
  await keys.withoutPointer();
  await keys.press("top-lock");
  await unlock(keys, person);
  await keys.arrive("home-take-report");
  same((await keys.press("home-take-report")), ["home-take-report"], "stops before the thing to do");
  let pages = 0;
  for (; !(await flows.at(page, "report-hand-over").isVisible()); pages += 1) {
    await keys.arrive("report-question");
    await answerPage(keys);
  }
  await keys.arrive("report-summary");
  await keys.press("report-keep-draft");
  await keys.arrive("home-drafts");
  await keys.press(await page.locator('[data-testid^="draft-"]').first().getAttribute("data-testid"));
  // A draft opens at the page where it was left.
  for (;;) {
    await until("the draft is open", async () =>
      (await flows.at(page, "report-hand-over").isVisible()) || (await flows.at(page, "report-next").isVisible()));
    if (await flows.at(page, "report-hand-over").isVisible()) break;
    await answerPage(keys);
  }
  await keys.arrive("report-hand-over");
  await keys.press("report-hand-over");
  await keys.arrive("receipt-code");
  await keys.press("receipt-home");
  await keys.arrive("home-handed-over");
  await keys.expectNoPointer();
  context.note("pages", pages);
  context.note("stops", keys.stops);
  tablet.expectQuiet();
}

async function arrowsBetweenAnswers(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet, page } = await begin(context, relay, "pkt1");
  const keys = new Keys(tablet);
  await flows.goTo(page, "/");
  await keys.press("home-take-report");
  await keys.arrive("report-question");
  await keys.reach("field-bahaya_segera-YA");
  const now = () => page.evaluate(() => [document.activeElement.dataset.testid, document.activeElement.getAttribute("aria-checked")]);
  const radios = page.locator('[data-testid^="field-bahaya_segera-"][role="radio"]');
  const answers = await radios.evaluateAll((all) => all.map((one) => one.dataset.testid));
  await page.keyboard.press("ArrowDown");
  same(await now(), [answers[1], "false"], "one answer further, nothing chosen");
  await page.keyboard.press("ArrowUp");
  same(await now(), [answers[0], "false"], "back again");
  await page.keyboard.press("Space");
  await until("the answer is chosen", async () => (await now())[1] === "true");
  tablet.expectQuiet();
}

/** Right after locking, the engine says how much is unsent: that changes what a tile says and takes the focus from nobody. */
async function newsTakesNoFocus(context) {
  const relay = await Relay.start(context, { size: 0 });
  const { tablet, person, page } = await begin(context, relay, "pkt1");
  // The door has seen the tile once, with nothing to send.
  await flows.lock(page);
  await flows.unlock(page, person);
  await tablet.offline(true);
  await flows.report(page);
  await page.evaluate(() => {
    globalThis.beginnings = 0;
    const focus = HTMLElement.prototype.focus;
    HTMLElement.prototype.focus = function counted(...how) {
      if (this.localName === "main") globalThis.beginnings += 1;
      return focus.apply(this, how);
    };
  });
  await flows.lock(page);
  await flows.at(page, `tile-${person.nickname}`).locator(".tag").waitFor();
  const frames = (n) => new Promise((done) => { const next = (left) => (left ? requestAnimationFrame(() => next(left - 1)) : done()); next(n); });
  await page.evaluate(frames, 3);
  same(await page.evaluate(() => globalThis.beginnings), 1, "times the focus went to the top of the door");
  await tablet.offline(false);
  tablet.expectQuiet();
}

/** Two people write two fields of one case differently while apart. */
async function disagree(a, b) {
  const code = await flows.sharedCase(a.page, b.name);
  await flows.syncNow(b.page);
  for (const [{ tablet, page }, mark] of [[a, "A"], [b, "B"]]) {
    await tablet.offline(true);
    await flows.openCase(page, code);
    await flows.openField(page, "f2-K1", "nama_lengkap");
    await flows.write(page, "nama_lengkap", `Contoh Nilai ${mark}`);
    await flows.showField(page, "aman_dihubungi");
    await flows.write(page, "aman_dihubungi", `Waktu ${mark}`);
  }
  for (const { tablet, page } of [b, a]) {
    await tablet.offline(false);
    await flows.sendAll(page);
  }
  await until("both disagreements arrive", async () => {
    await flows.syncNow(a.page);
    return (await flows.readConflicts(a.page)).length === 2;
  }, { timeout: 60_000 });
}

/** Opens the values that stand side by side: one key opens all. */
async function openCover(keys) {
  await keys.arrive("conflict");
  await keys.press("conflict-cover");
  await until("all values show", async () => (await keys.page.locator(".cover[aria-label]").count()) === 0);
}

/** Opens the disagreement about which somebody wrote these words. */
async function openConflict(keys, words) {
  const { page } = keys;
  await keys.press("conflict-item");
  await openCover(keys);
  if (await page.getByText(words, { exact: true }).isVisible()) return;
  await keys.press("conflict-back");
  await keys.arrive("conflicts-list");
  await keys.reach("conflict-item");
  await keys.press("conflict-item");
  await openCover(keys);
}

async function choose(context) {
  const relay = await Relay.start(context, { size: 0 });
  const [a, b] = [await begin(context, relay, "mks1", "A"), await begin(context, relay, "mks2", "B")];
  await flows.lock(a.page);
  await flows.unlock(a.page, a.person);
  await disagree(a, b);
  const { tablet, page, person } = a;
  await flows.lock(page);
  const keys = new Keys(tablet);
  await keys.withoutPointer();
  await unlock(keys, person);
  await keys.press("home-conflicts");
  await keys.arrive("conflicts-list");
  await openConflict(keys, "Contoh Nilai B");
  // The values stand side by side, none preselected; the first stop is the first value's button.
  same(await keys.reach("conflict-take"), ["conflict-take"], "the first stop");
  const isWanted = () => page.evaluate(() =>
    document.activeElement.closest('[data-testid="conflict-value"]').textContent.includes("Contoh Nilai B"));
  if (!(await isWanted())) await keys.tab();
  check(await isWanted(), "the second stop is not the other value's button");
  await page.keyboard.press("Enter");
  // The next one opens by itself.
  await until("the next disagreement", async () =>
    !(await flows.at(page, "conflict-words").allTextContents()).some((words) => words.includes("Contoh Nilai B")));
  await keys.arrive("conflict");
  await flows.at(page, "toast-undo").waitFor();
  await openCover(keys);
  await keys.press("conflict-other-open");
  await keys.reach("conflict-other-input");
  await page.keyboard.type("Kedua waktu boleh");
  await keys.press("conflict-other-use");
  await flows.at(page, "conflicts-empty").waitFor();
  await keys.expectNoPointer();
  context.note("stops", keys.stops);
  tablet.expectQuiet();
}

await suite("keyboard", [
  ["unlocking, taking a report, leaving it as a draft and handing it over", takeReport],
  ["news of the tablet takes the focus from nobody at the door", newsTakesNoFocus],
  ["arrows go from answer to answer and choose nothing", arrowsBetweenAnswers],
  ["deciding about what two people wrote differently", choose],
]);
