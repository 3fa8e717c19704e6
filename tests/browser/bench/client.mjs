// What a person waits for on a slow tablet with a full register: from the page's start to the list, through a case, a field, a
// search, and back to the door. Prints its measurements as one JSON line; the limits are those of `bench-client`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { databaseMib, tabMib, wasmMib } from "../lib/memory.mjs";
import { Relay } from "../lib/relay.mjs";
import { outFolder, randomness, say, until } from "../lib/run.mjs";
import { Slow, loopTime } from "../lib/slow.mjs";
import { equip, longTasks, moment, named, shown, time } from "../lib/stopwatch.mjs";
import { Tablet } from "../lib/tablet.mjs";
import * as flows from "../lib/flows.mjs";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "3000" },
    slow: { type: "string", default: "4" },
    runs: { type: "string", default: "10" },
    seed: { type: "string", default: "42" },
  },
});
const [cases, factor, runs, seed] = ["cases", "slow", "runs", "seed"].map((name) => Number(values[name]));

/** A field of the identity, on a page of its form that both practitioner and registrar may write. */
const FORM = "f2-K1";
const FIELD = "alamat_asal";

/** Longest that a slow tablet may take to receive everything before the bench gives up. */
const INGEST_MS_MAX = 600_000;

const cleanups = [];
const folder = join(outFolder, "bench-client");
mkdirSync(folder, { recursive: true });
const context = { folder, name: "bench client", cleanup: (act) => cleanups.push(act) };

/** Samples by metric. */
const samples = new Map();
const longest = [];

function keep(metric, ms) {
  samples.set(metric, [...(samples.get(metric) ?? []), ms]);
}

async function keepTasks(page, during) {
  for (const { ms } of await longTasks(page)) longest.push({ during, ms });
}

/** Begins to note, in the engine's worker, how long key workers live and how durable its transactions are. */
async function watchEngine(page) {
  const engine = await until("the engine's worker", () => page.workers()[0]);
  await engine.evaluate(() => {
    const noted = { keys: [], durabilities: [] };
    globalThis.noted = noted;
    const KeyWorker = globalThis.Worker;
    globalThis.Worker = class extends KeyWorker {
      #began = performance.now();

      terminate() {
        noted.keys.push(performance.now() - this.#began);
        super.terminate();
      }
    };
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function transaction(...words) {
      const begun = begin.apply(this, words);
      if (begun.mode === "readwrite") noted.durabilities.push(begun.durability);
      return begun;
    };
  });
  const take = (name) => engine.evaluate((list) => globalThis.noted[list].splice(0), name);
  return { engine, keys: () => take("keys"), durabilities: () => take("durabilities") };
}

/** What a tablet fetches before it shows anything: the modules are held back until it has. */
async function firstAssets(relay) {
  const tablet = await Tablet.start(context, { name: "first", traced: false });
  const fetched = [];
  let release;
  const shownFirst = new Promise((resume) => { release = resume; });
  await tablet.context.route("**/*.wasm", async (route) => {
    await shownFirst;
    await route.abort();
  });
  tablet.page.on("response", (response) => fetched.push(new URL(response.url()).pathname));
  await tablet.page.goto(relay.url, { waitUntil: "commit" });
  await until("the first picture", () => tablet.page.evaluate(() => performance.getEntriesByName("first-contentful-paint").length > 0));
  const before = fetched.map((path) => (path === "/" ? "/index.html" : path));
  release();
  await tablet.close();
  return before;
}

/** Enrols on a slow tablet and waits until everything is there; the list is used meanwhile. */
async function ingest(tablet, relay, account) {
  await tablet.goto(relay);
  const person = await flows.enrol(tablet.page, account.enrol_code);
  const began = performance.now();
  await flows.goTo(tablet.page, "/kasus");
  const isThere = async () => {
    const count = flows.at(tablet.page, "cases-count");
    const said = (await count.count()) > 0 ? await count.textContent({ timeout: 5_000 }) : "";
    if (Number(said.replaceAll(/\D/g, "")) < account.cases) return false;
    if ((await flows.at(tablet.page, "still-reading").count()) > 0) return false;
    return !(await flows.at(tablet.page, "status-pill").getAttribute("class")).includes("busy");
  };
  let ended;
  const end = until("everything is received", isThere, { timeout: INGEST_MS_MAX, every: 250 }).then(() => { ended = performance.now(); });
  for (let turn = 0; ended === undefined; turn += 1) {
    const wanted = turn % 2 === 0 ? [shown(named("cases-empty"))] : [shown("[data-testid^=case-card-]")];
    if ((await flows.at(tablet.page, "cases-list").count()) > 0 || turn % 2 === 1) {
      const search = () => flows.at(tablet.page, "cases-search").fill(turn % 2 === 0 ? "tidak ada yang begini" : "");
      keep("list_while_ingesting", await time(tablet.page, "input", wanted, search));
    } else {
      turn -= 1;
    }
    await Promise.race([end, new Promise((resume) => setTimeout(resume, 1_000))]);
  }
  await end;
  keep("ingest_3000", ended - began);
  await keepTasks(tablet.page, "ingest");
  return person;
}

/** Once through the working day. */
async function run(tablet, relay, person, random) {
  const { page } = tablet;
  await page.goto(new URL("/kasus", relay.url).href, { waitUntil: "commit" });
  keep("start_to_unlock", await moment(page, "unlock"));
  const watched = await watchEngine(page);
  await keepTasks(page, "start");

  await flows.chooseTile(page, person.nickname);
  const unlocked = await time(page, "input", [shown("[data-testid=cases-list] [data-testid^=case-card-]")], () => flows.typeWords(page, person.words));
  const kdf = (await watched.keys()).reduce((sum, ms) => sum + ms, 0);
  keep("kdf", kdf);
  keep("unlock_to_list", unlocked - kdf);
  await keepTasks(page, "unlock");

  const codes = await page.locator("[data-testid^=case-card-]").evaluateAll((cards) => cards.map((card) => card.dataset.testid.slice("case-card-".length)));
  const code = random.pick(codes);
  keep("search", await time(page, "input", [shown(`${named(`case-card-${code}`)}:only-child`)], () => flows.at(page, "cases-search").fill(code)));
  await keepTasks(page, "search");

  const card = flows.at(page, `case-card-${code}`);
  keep("open_case", await time(page, "click", [shown(named("case-code")), shown(named("case-parts")), shown(named("case-people"))], () => card.click()));
  await keepTasks(page, "open case");

  const input = flows.at(page, `field-${FIELD}-input`).first();
  const takesAnswer = async () => {
    if ((await flows.at(page, `part-${FORM}`).count()) === 0) return false;
    await flows.openField(page, FORM, FIELD);
    return input.isEnabled();
  };
  // A report about nobody in particular has no identity to fill in, and a draft in danger is its author's; the next case has.
  for (const next of codes) {
    if (await takesAnswer()) break;
    await flows.openCase(page, next);
    await flows.at(page, "case-people").waitFor();
  }
  await input.fill(`Alamat ${random.below(1e6)}`);
  await watched.durabilities();
  keep("field_saved", await time(page, "focusout", [shown(`[data-testid=field-${FIELD}-mark]:is([data-mark=saved], [data-mark=received])`)], () => input.blur()));
  const durabilities = await watched.durabilities();
  await keepTasks(page, "field");

  // Locked inside a form, the next unlock would lead back into it.
  await flows.goTo(page, "/");
  await flows.at(page, "home-settings").waitFor();
  await keepTasks(page, "home");
  keep("lock", await time(page, "click", [shown(named("door-title"))], () => flows.at(page, "top-lock").click()));
  await keepTasks(page, "lock");
  return { durabilities, watched };
}

/** How many times slower page and worker have become. */
async function slowDown(tablet, whole) {
  const engine = tablet.page.workers()[0];
  const before = [await loopTime(tablet.page), await loopTime(engine)];
  const slow = await Slow.start(tablet, factor);
  const after = [await loopTime(tablet.page), await loopTime(engine)];
  Object.assign(whole, { method: "sigstop", asked: factor, page: after[0] / before[0], worker: after[1] / before[1] });
  return slow;
}

async function measure() {
  const relay = await Relay.start(context, { size: cases, seed });
  const account = relay.ready.accounts.reduce((most, next) => (next.cases > most.cases ? next : most));
  say(`bench client: ${account.account} reads ${account.cases} of ${cases} cases`);
  const first = await firstAssets(relay);
  const tablet = await Tablet.start(context, { name: "measured", traced: false });
  await equip(tablet, { unlock: [shown("[data-testid^=tile-]:not([data-testid=tile-add])")] });
  await tablet.goto(relay);
  await tablet.keptForOffline();
  const slowed = {};
  const slow = await slowDown(tablet, slowed);
  context.cleanup(() => slow.stop());
  say(`bench client: ${slowed.page.toFixed(2)} times slower in the page, ${slowed.worker.toFixed(2)} in a worker`);
  const person = await ingest(tablet, relay, account);
  const random = randomness(seed);
  const durabilities = new Set();
  for (let count = 0; count < runs; count += 1) {
    const ended = await run(tablet, relay, person, random);
    // A round of sync may write beside it, and what only the relay told need not wait for the disk.
    durabilities.add(ended.durabilities.includes("strict") ? "strict" : ended.durabilities[0] ?? "none");
    say(`bench client: run ${count + 1} of ${runs}`);
  }
  await flows.unlock(tablet.page, person);
  await flows.goTo(tablet.page, "/kasus");
  await flows.at(tablet.page, "cases-list").waitFor();
  await slow.stop();
  // Asking for the modules has the browser collect what nobody holds any more: before that the pages of all runs count as well.
  const uncollected = await tabMib(tablet);
  const wasm = await wasmMib(tablet);
  const memory = { tab_mib: await tabMib(tablet), tab_uncollected_mib: uncollected, idb_mib: await databaseMib(tablet.page), wasm };
  return { n: account.cases, account: account.account, slow: slowed, first, samples: Object.fromEntries(samples), longtasks: longest,
    ...memory, durability: [...durabilities] };
}

let failure;
try {
  console.log(JSON.stringify(await measure()));
} catch (error) {
  failure = error;
}
for (const act of cleanups.reverse()) await act(failure !== undefined);
if (failure) say(`${failure.stack ?? failure}`);
process.exit(failure ? 1 : 0);
