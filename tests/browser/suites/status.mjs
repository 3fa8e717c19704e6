// The status pill says what is going on now, whatever screen was opened in the middle of a round.
import { Gate } from "../lib/gate.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, randomness, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const TABS = ["tab-home", "tab-cases", "tab-tasks", "tab-sync"];
const ROUNDS = options.cases ?? 12;

async function begin(context) {
  const relay = await Relay.start(context, { size: 0 });
  const gate = await Gate.start(context, relay);
  const tablet = await Tablet.start(context);
  await tablet.goto(gate, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  await flows.syncNow(tablet.page);
  return { gate, tablet, person, page: tablet.page };
}

/** The pill's class and words; both follow the status or neither. */
const pill = (page) => page.evaluate(() => {
  const shown = document.querySelector('[data-testid="status-pill"]');
  return { isBusy: shown.classList.contains("pill--busy"), words: shown.textContent.trim() };
});

async function becomesQuiet(page, busyWords) {
  await until("the pill is quiet", async () => {
    const { isBusy, words } = await pill(page);
    return !isBusy && words !== busyWords;
  });
}

/** Begins a round whose answer stays at the gate, and gives back what the pill says meanwhile. */
async function beginRound({ gate, page }) {
  await flows.at(page, "tab-sync").click();
  await until("a round may be asked for", () => flows.at(page, "sync-now").isEnabled());
  gate.hold();
  // One that began by itself a moment ago is as good; then there is nothing to press.
  await until("the round waits at the gate", async () => {
    if (gate.waiting === 0) await flows.at(page, "sync-now").click({ timeout: 1_000 }).catch(() => undefined);
    return gate.waiting > 0;
  });
  const { isBusy, words } = await pill(page);
  check(isBusy, `the pill says "${words}" in the middle of a round`);
  return words;
}

async function opensScreens(context) {
  const world = await begin(context);
  const random = randomness(options.seed);
  for (let round = 0; round < ROUNDS; round += 1) {
    const words = await beginRound(world);
    for (let screens = random.below(3); screens > 0; screens -= 1) await flows.at(world.page, random.pick(TABS)).click();
    // The screen changes while the round ends, or after.
    const change = flows.at(world.page, random.pick(TABS)).click();
    if (random.below(2)) await change;
    world.gate.letGo();
    await change;
    await becomesQuiet(world.page, words);
  }
  world.tablet.expectQuiet();
}

async function unlocks(context) {
  const world = await begin(context);
  for (const endsBefore of [true, false, true]) {
    const words = await beginRound(world);
    await flows.lock(world.page);
    await flows.chooseTile(world.page, world.person.nickname);
    await flows.typeWords(world.page, world.person.words);
    if (endsBefore) world.gate.letGo();
    await flows.signedIn(world.page);
    world.gate.letGo();
    await becomesQuiet(world.page, words);
    await flows.syncNow(world.page);
  }
  world.tablet.expectQuiet();
}

/** Sends or keeps back as chosen on the page, and gives the page's own word for it. */
async function choose(page, when) {
  await flows.at(page, "tab-sync").click();
  await flows.at(page, `sync-when-${when}`).click();
  await until(`${when} is chosen`, async () => (await flows.at(page, `sync-when-${when}`).getAttribute("aria-pressed")) === "true");
}

const pillWords = async (page) => (await flows.at(page, "status-pill-text").textContent()).trim();

async function keepsBack(context) {
  const { gate, tablet, person, page } = await begin(context);
  for (const [when, word] of [["press", "Hanya saat ditekan"], ["wifi", "Menunggu Wi-Fi"]]) {
    await choose(page, when);
    await until("the pill says why nothing goes", async () => (await pillWords(page)) === word);
    gate.hold();
    await flows.report(page, { answers: { bahaya_segera: "TIDAK" } });
    await until("what waits is counted", async () => new RegExp(`^${word} · \\d+ belum terkirim$`).test(await pillWords(page)));
    // A line that comes back, and a vault that is opened, would each begin a round at once.
    await tablet.offline(true);
    await until("the line is gone", async () => (await pillWords(page)).startsWith("Tanpa sinyal"));
    await tablet.offline(false);
    await until("it waits again", async () => (await pillWords(page)).startsWith(word));
    await flows.lock(page);
    await flows.unlock(page, person);
    await until("the choice stands", async () => (await pillWords(page)).startsWith(word));
    check(gate.waiting === 0, `a round began with "${when}"`);
    await flows.at(page, "status-pill").click();
    await flows.at(page, "sync-now").click();
    await until("a press begins one", () => gate.waiting > 0);
    gate.letGo();
    await until("everything is sent", async () => (await pillWords(page)) === word);
  }
  gate.hold();
  await flows.goTo(page, "/");
  await flows.at(page, "home-take-report").click();
  await flows.choose(page, "bahaya_segera", "YA");
  await until("danger goes all the same", () => gate.waiting > 0);
  gate.letGo();
  await flows.goTo(page, "/");
  await choose(page, "auto");
  await until("everything is sent by itself", async () => (await pillWords(page)) === "Semua terkirim");
  tablet.expectQuiet();
}

await suite("status", [
  ["who chose so sends nothing unasked but danger", keepsBack],
  ["a screen opened in the middle of a round shows its end", opensScreens],
  ["unlocking while a round of before ends shows its end", unlocks],
]);
