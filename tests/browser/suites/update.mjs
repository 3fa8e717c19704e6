// A new version arrives: nobody is interrupted, nothing typed is lost, no page of one build meets files of another, and a bad
// build can be taken back.
import { Gate } from "../lib/gate.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const HALF_WRITTEN = "Cerita yang baru setengah dit";
const HOURS_LATER_MS = 2 * 3_600_000;

/** A tablet of one account whose build is kept, with a gate between it and the relay. */
async function begin(context) {
  const relay = await Relay.start(context, { size: 0 });
  const gate = await Gate.start(context, relay);
  const tablet = await Tablet.start(context);
  await tablet.goto(gate, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  await tablet.keptForOffline();
  await flows.sendAll(tablet.page);
  await markPage(tablet.page);
  return { relay, gate, tablet, person };
}

/** Marks the page that is open, so that a load nobody asked for is seen. */
const markPage = (page) => page.evaluate(() => { globalThis.sameLoad = true; });
const wasLoadedAnew = (page) => page.evaluate(() => globalThis.sameLoad !== true);

const buildOf = (page) => page.evaluate(() => document.documentElement.dataset.build);

/** Waits until a new page of that build has started in the tab. */
async function startsAs(page, build) {
  await until(`the page of build ${build} has started`, async () =>
    (await wasLoadedAnew(page)) && (await buildOf(page)) === build
      && (await page.evaluate(() => document.documentElement.dataset.boot)) === "ready", { timeout: 30_000 });
}

/** Everything the tab has loaded and started is of one build. */
async function expectOneBuild(page, strange) {
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname));
  const started = page.workers().map((worker) => new URL(worker.url()).pathname);
  const inside = await Promise.all(page.workers().map((worker) =>
    worker.evaluate(() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname))));
  check(started.length > 0, "no engine runs");
  const mixed = [...loaded, ...started, ...inside.flat()].filter((path) => strange.includes(path));
  same(mixed, [], "files of another build");
}

/** The browser looks for a new version, as it does by itself whenever a page is loaded. */
const lookForUpdate = (page) => page.evaluate(async () => { await (await navigator.serviceWorker.ready).update(); });

/** Opens the page of a draft report on which there is something long to write. */
async function draftReport(page) {
  const made = await flows.report(page, { handOver: false });
  await flows.goTo(page, `/kasus/${made.case}/lapor/0`);
  await until("a page with a text", async () => {
    if (await flows.at(page, "field-uraian_singkat-input").isVisible()) return true;
    const question = await flows.at(page, "report-question").textContent();
    await flows.at(page, "report-next").click({ timeout: 1_000 });
    await until("the next page", async () => (await flows.at(page, "report-question").textContent({ timeout: 1_000 })) !== question);
    return false;
  });
  return made.case;
}

const typedText = (page) => flows.at(page, "field-uraian_singkat-input").inputValue();

async function whileTyping(context) {
  const { gate, tablet, person } = await begin(context);
  const { page } = tablet;
  const report = await draftReport(page);
  const another = await gate.serveAnotherBuild("second");
  const input = flows.at(page, "field-uraian_singkat-input");
  await input.focus();
  await page.keyboard.type(HALF_WRITTEN);
  // The tab has been open for hours when its line comes back.
  await page.clock.setFixedTime(Date.now() + HOURS_LATER_MS);
  await tablet.offline(true);
  await tablet.offline(false);
  await flows.at(page, "update-notice").waitFor({ timeout: 30_000 });
  same(await buildOf(page), another.before, "the build of the open page");
  check(await input.evaluate((element) => element === document.activeElement), "the notice took the focus");
  await page.keyboard.type("ulis");
  same(await typedText(page), `${HALF_WRITTEN}ulis`, "what is being typed");
  check(!(await wasLoadedAnew(page)), "the page was loaded anew by itself");
  await flows.at(page, "update-later").click();
  await flows.at(page, "update-notice").waitFor({ state: "detached" });
  await flows.saved(page, "uraian_singkat");
  await input.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" dan belum selesai");
  await input.blur();
  await flows.saved(page, "uraian_singkat");
  // Another screen must not bring the notice back; handing over does.
  await flows.goTo(page, "/");
  await flows.at(page, "home-take-report").waitFor();
  check(!(await flows.at(page, "update-notice").isVisible()), "the notice came back before the report was finished");
  await flows.goTo(page, `/kasus/${report}/lapor/99`);
  await flows.at(page, "report-hand-over").click();
  await flows.at(page, "receipt-code").waitFor();
  await flows.at(page, "update-install").click();
  await startsAs(page, another.build);
  await expectOneBuild(page, another.oldPaths);
  await flows.unlock(page, person);
  check(!(await flows.at(page, "update-notice").isVisible()), "the notice stands although the build is in force");
  // Handed over, it is no new report any more.
  await flows.goTo(page, `/kasus/${report}/lapor/99`);
  await flows.at(page, "case-code").waitFor();
  await flows.goTo(page, `/kasus/${report}/isi/f1/0`);
  await until("the page with the text", async () => {
    if (await flows.at(page, "field-uraian_singkat-input").isVisible()) return true;
    await flows.at(page, "form-next").click({ timeout: 1_000 });
    return false;
  });
  await until("the text stands there", async () => (await typedText(page)) === `${HALF_WRITTEN}ulis dan belum selesai`);
  tablet.expectQuiet();
}

async function installHalfWritten(context) {
  const { gate, tablet, person } = await begin(context);
  const { page } = tablet;
  await draftReport(page);
  const another = await gate.serveAnotherBuild("second");
  await flows.typeDraft(page, "uraian_singkat", HALF_WRITTEN);
  await lookForUpdate(page);
  await flows.at(page, "update-install").click();
  await startsAs(page, another.build);
  await flows.at(page, "door-title").waitFor();
  await flows.unlock(page, person);
  // Unlocking leads back to the page, and to what was written there.
  await flows.at(page, "field-uraian_singkat-input").waitFor();
  same(await typedText(page), HALF_WRITTEN, "the half-written field after the update");
  await expectOneBuild(page, another.oldPaths);
  // The next start without a network is of the new build too.
  await gate.relay.stop();
  await tablet.close();
  await tablet.open();
  await tablet.goto(gate);
  same(await buildOf(tablet.page), another.build, "the build after a cold start");
  await flows.unlock(tablet.page, person);
  await flows.at(tablet.page, "field-uraian_singkat-input").waitFor();
  same(await typedText(tablet.page), HALF_WRITTEN, "the half-written field after a cold start");
  tablet.expectQuiet();
}

async function coldStart(context) {
  const { gate, tablet, person } = await begin(context);
  const another = await gate.serveAnotherBuild("second");
  await lookForUpdate(tablet.page);
  await flows.at(tablet.page, "update-later").click();
  await tablet.close();
  await tablet.open();
  await tablet.goto(gate);
  same(await buildOf(tablet.page), another.build, "the build after everything was closed");
  await expectOneBuild(tablet.page, another.oldPaths);
  await flows.unlock(tablet.page, person);
  tablet.expectQuiet();
}

async function twoTabs(context) {
  const { gate, tablet, person } = await begin(context);
  const first = tablet.page;
  await draftReport(first);
  await flows.typeDraft(first, "uraian_singkat", HALF_WRITTEN);
  const another = await gate.serveAnotherBuild("second");
  // Opening another tab has the browser look; both tabs are of the old build.
  const second = await tablet.tab();
  await second.goto(gate.url, { waitUntil: "commit" });
  await flows.at(second, "update-notice").waitFor({ timeout: 30_000 });
  await flows.at(first, "update-notice").waitFor();
  same(await buildOf(second), another.before, "the build of the second tab");
  await flows.unlock(second, person);
  await markPage(second);
  await flows.at(second, "update-install").click();
  await startsAs(second, another.build);
  await flows.at(first, "update-elsewhere").waitFor();
  check(!(await wasLoadedAnew(first)), "the first tab was loaded anew by itself");
  same([await buildOf(first), await typedText(first)], [another.before, HALF_WRITTEN], "the first tab");
  // The old tab goes on with its own files, also where it starts its worker anew to derive a key.
  await flows.write(first, "uraian_singkat", `${HALF_WRITTEN}ulis`);
  await flows.lock(first);
  await flows.unlock(first, person);
  await flows.at(first, "field-uraian_singkat-input").waitFor();
  same(await typedText(first), `${HALF_WRITTEN}ulis`, "the first tab after unlocking again");
  await flows.unlock(second, person);
  await expectOneBuild(first, another.newPaths);
  await expectOneBuild(second, another.oldPaths);
  await flows.typeDraft(first, "uraian_singkat", `${HALF_WRITTEN}ulis di dua tab`);
  await flows.at(first, "update-reload").click();
  await startsAs(first, another.build);
  await flows.unlock(first, person);
  await flows.at(first, "field-uraian_singkat-input").waitFor();
  same(await typedText(first), `${HALF_WRITTEN}ulis di dua tab`, "the first tab after its own reload");
  await expectOneBuild(first, another.oldPaths);
  await until("the old build is dropped", async () => {
    const names = await first.evaluate(() => caches.keys());
    return names.includes(`simpul-${another.build}`) && !names.includes(`simpul-${another.before}`);
  });
  tablet.expectQuiet();
}

async function rollBack(context) {
  const { gate, tablet, person } = await begin(context);
  const { page } = tablet;
  const own = await buildOf(page);
  await draftReport(page);
  await flows.typeDraft(page, "uraian_singkat", HALF_WRITTEN);
  const another = await gate.serveAnotherBuild("repaired");
  await gate.withdraw();
  await lookForUpdate(page);
  await flows.at(page, "update-elsewhere").waitFor();
  check(!(await wasLoadedAnew(page)), "the page was loaded anew by itself");
  same([await buildOf(page), await typedText(page)], [own, HALF_WRITTEN], "the open tab");
  // Locking and unlocking starts the old build's worker once more; the relay has its files no longer.
  await flows.write(page, "uraian_singkat", `${HALF_WRITTEN}ulis`);
  await flows.lock(page);
  await flows.unlock(page, person);
  await flows.at(page, "field-uraian_singkat-input").waitFor();
  await expectOneBuild(page, another.newPaths);
  await flows.at(page, "update-reload").click();
  await startsAs(page, another.build);
  await flows.unlock(page, person);
  await flows.at(page, "field-uraian_singkat-input").waitFor();
  same(await typedText(page), `${HALF_WRITTEN}ulis`, "what was written, in the repaired build");
  await expectOneBuild(page, another.oldPaths);
  tablet.expectQuiet();
}

await suite("update", [
  ["a new version while typing takes nothing and asks again when the report is handed over", whileTyping],
  ["installing in the middle of a sentence leads back to it", installHalfWritten],
  ["what was put off is in force after a cold start", coldStart],
  ["two tabs run two versions, each with its own files", twoTabs],
  ["a withdrawn build goes away and loses nothing", rollBack],
]);
