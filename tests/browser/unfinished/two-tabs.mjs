// One person, two tabs of one browser: each unlocks itself, sees the other's writing within a second, nothing is lost, and a
// frozen leader does not keep the other from sending.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const SEEN_MS_MAX = 1_000;
const ROUNDS = options.cases ?? 10;

/** A case of one person, open at the same form page in two tabs. */
async function twoTabs(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "tabs" });
  const first = tablet.page;
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(first, relay.account("mks1").enrol_code);
  const { code } = await flows.report(first);
  await flows.sendAll(first);
  await flows.openCase(first, code);
  await flows.takeOver(first);
  await flows.addPerson(first, "K1");
  await flows.sendAll(first);
  const second = await tablet.tab();
  await second.goto(relay.url, { waitUntil: "commit" });
  await flows.at(second, `tile-${person.nickname}`).waitFor();
  check(!(await flows.at(second, "top-lock").isVisible()), "the second tab is open without unlocking");
  await flows.unlock(second, person);
  for (const page of [first, second]) {
    await flows.openCase(page, code);
    await flows.openField(page, "f2-K1", "alamat_asal");
  }
  return { relay, tablet, first, second, person, code };
}

/** How long it takes until a tab shows what another wrote and was shown as saved. */
async function seenAfter(page, field, value) {
  const started = performance.now();
  await until(`the other tab shows ${value}`, async () => (await flows.at(page, `field-${field}-input`).inputValue()) === value, { every: 10 });
  return performance.now() - started;
}

async function seeEachOther(context) {
  const { tablet, relay, first, second, code } = await twoTabs(context);
  const values = [];
  let slowest = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [from, to, name] of [[first, second, "alamat_asal"], [second, first, "alamat_sekarang"]]) {
      const value = `${name} putaran ${round} selesai`;
      await flows.write(from, name, value);
      slowest = Math.max(slowest, await seenAfter(to, name, value));
      values.push(value);
    }
  }
  context.note("slowest_seen_ms", Math.round(slowest));
  check(slowest <= SEEN_MS_MAX, `the other tab showed a value only after ${Math.round(slowest)} ms`);
  // At the same moment, in both.
  await Promise.all([flows.write(first, "kontak_darurat", "serentak satu"), flows.write(second, "aman_dihubungi", "serentak dua")]);
  values.push("serentak satu", "serentak dua");
  await seenAfter(first, "aman_dihubungi", "serentak dua");
  await seenAfter(second, "kontak_darurat", "serentak satu");
  await flows.sendAll(first);
  await expectAtRegistrar(context, relay, code, values);
  tablet.expectQuiet();
}

/** Every value is in the history on another person's tablet. */
async function expectAtRegistrar(context, relay, code, values) {
  const registrar = await Tablet.start(context, { name: "registrar" });
  await registrar.goto(relay, "/enrol");
  await flows.enrol(registrar.page, relay.account("ser1").enrol_code);
  await until("every value arrives at the registrar", async () => {
    await flows.syncNow(registrar.page);
    const lines = (await flows.readHistory(registrar.page, code)).join("\n");
    const missing = values.filter((value) => !lines.includes(value));
    check(missing.length === 0, `missing at the registrar: ${missing}`);
    return true;
  }, { timeout: 60_000 });
}

/** Freezes a tab as a browser does that saves memory, or wakes it: its page and its workers stand still, their locks stay. */
async function freezeTab(tablet, page, state) {
  const session = await tablet.protocol(page);
  await session.send("Page.setWebLifecycleState", { state });
  await session.detach();
}

/** Counts in the engine's worker, to see whether it stands still. */
async function startCounting(page) {
  const worker = page.workers()[0];
  await worker.evaluate(() => {
    globalThis.counted = 0;
    setInterval(() => { globalThis.counted += 1; }, 20);
  });
  return () => worker.evaluate(() => globalThis.counted);
}

async function frozenLeader(context) {
  const { relay, tablet, first, second, code } = await twoTabs(context);
  const counted = await startCounting(first);
  await until("the leader's worker runs", async () => (await counted()) > 5);
  await freezeTab(tablet, first, "frozen");
  const before = await counted();
  const started = performance.now();
  await flows.write(second, "alamat_asal", "ditulis saat pemimpin beku");
  await until("the other tab sends", async () => (await flows.markOf(second, "alamat_asal")) === "received", { timeout: 20_000 });
  context.note("sent_after_ms", Math.round(performance.now() - started));
  check((await counted()) - before <= 2, "the leader was not frozen");
  await freezeTab(tablet, first, "active");
  await seenAfter(first, "alamat_asal", "ditulis saat pemimpin beku");
  await flows.write(first, "alamat_sekarang", "ditulis setelah bangun");
  await seenAfter(second, "alamat_sekarang", "ditulis setelah bangun");
  await until("the woken tab's writing is sent", async () => (await flows.markOf(first, "alamat_sekarang")) === "received", { timeout: 20_000 });
  await expectAtRegistrar(context, relay, code, ["ditulis saat pemimpin beku", "ditulis setelah bangun"]);
  tablet.expectQuiet();
}

await suite("two-tabs", [
  ["two tabs unlock apart, see each other within a second and lose nothing", seeEachOther],
  ["a frozen leader does not keep the other tab from sending", frozenLeader],
]);
