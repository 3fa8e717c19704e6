// The browser loses its power at random moments while somebody writes. Everything the screen had shown as saved is there
// afterwards, and every transaction that saved it was strictly durable: a kill alone does not lose the page cache.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, randomness, same, say, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const KILLS = options.kills ?? 25;
const FIELDS = ["alamat_asal", "alamat_sekarang", "aman_dihubungi", "kontak_darurat"];
/** When the power goes: between the first keystroke and after a dozen writes. */
const KILL_AFTER_MS = { least: 50, most: 1_500 };

/** Holds nothing that was written: names of vaults, the pack, and a bare count for the door. */
const UNSEALED_FACTS = "simpul-tablet";

/** Begins to note the durability of every transaction of the engine's worker. */
async function watchDurability(page) {
  const worker = await until("the engine's worker", () => page.workers()[0]);
  await worker.evaluate(() => {
    const begin = IDBDatabase.prototype.transaction;
    globalThis.noted = [];
    IDBDatabase.prototype.transaction = function transaction(...words) {
      const begun = begin.apply(this, words);
      globalThis.noted.push({ database: this.name, mode: begun.mode, durability: begun.durability });
      return begun;
    };
  });
  return { noted: () => worker.evaluate(() => globalThis.noted.splice(0)) };
}

async function openAddress(page, code) {
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", FIELDS[0]);
}

/** Writes on and on until the power goes, and remembers what the screen showed as saved. */
async function writeUntilKilled(tablet, shown, random, number) {
  const killAfter = KILL_AFTER_MS.least + random.below(KILL_AFTER_MS.most - KILL_AFTER_MS.least);
  let dead = false;
  let attempted;
  const kill = new Promise((resume) => setTimeout(resume, killAfter)).then(async () => {
    dead = true;
    await tablet.kill();
  });
  for (let count = 0; !dead; count += 1) {
    const name = random.pick(FIELDS);
    attempted = { name, value: `putaran ${number} tulisan ${count}` };
    try {
      await flows.write(tablet.page, name, attempted.value);
      // Only what was shown before the power went counts.
      shown.set(name, attempted.value);
    } catch (error) {
      if (!dead) throw error;
    }
  }
  await kill;
  return attempted;
}

async function survives(context) {
  const random = randomness(options.seed);
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "killed", traced: false });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  const { code } = await flows.report(tablet.page);
  await flows.sendAll(tablet.page);
  await flows.openCase(tablet.page, code);
  await flows.takeOver(tablet.page);
  await flows.addPerson(tablet.page, "K1");
  await tablet.keptForOffline();
  await relay.kill();
  await openAddress(tablet.page, code);
  const shown = new Map();
  let checked = 0;
  const started = performance.now();
  for (let number = 1; number <= KILLS; number += 1) {
    const attempted = await writeUntilKilled(tablet, shown, random, number);
    await tablet.open();
    await tablet.goto(relay);
    await flows.unlock(tablet.page, person);
    // The tablet leads back to the page on which the power went.
    await flows.at(tablet.page, `field-${FIELDS[0]}-input`).waitFor();
    for (const [name, value] of shown) {
      const stands = await flows.at(tablet.page, `field-${name}-input`).inputValue();
      // What was on its way when the power went may have arrived, as a draft or whole; anything older may not stand there.
      const lawful = attempted.name === name ? [value, attempted.value] : [value];
      check(lawful.includes(stands), `kill ${number}: ${name} showed "${value}" as saved and holds "${stands}"`);
      shown.set(name, stands);
    }
    checked += shown.size;
    say(`kill ${number} of ${KILLS}: ${shown.size} fields stand, ${Math.round((performance.now() - started) / number)} ms a kill`);
  }
  context.note("kills", KILLS);
  context.note("fields_checked", checked);
  check(checked > KILLS, "the power always went before anything was shown as saved");
  await relay.up();
  await flows.sendAll(tablet.page);
}

async function isStrict(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "strict" });
  await tablet.goto(relay, "/enrol");
  await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  const { code } = await flows.report(tablet.page);
  await flows.sendAll(tablet.page);
  await flows.openCase(tablet.page, code);
  await flows.takeOver(tablet.page);
  await flows.addPerson(tablet.page, "K1");
  await flows.sendAll(tablet.page);
  await relay.kill();
  await openAddress(tablet.page, code);
  const watch = await watchDurability(tablet.page);
  for (const name of FIELDS) {
    await watch.noted();
    await flows.typeDraft(tablet.page, name, `draf ${name}`);
    await expectStrict(watch, `the draft of ${name}`);
    await flows.write(tablet.page, name, `isi ${name}`);
    await expectStrict(watch, `the change of ${name}`);
  }
  tablet.expectQuiet();
}

/** At least one write went into the vault since, and each was strict. */
async function expectStrict(watch, what) {
  const writing = (await watch.noted()).filter(({ database, mode }) => mode === "readwrite" && database !== UNSEALED_FACTS);
  check(writing.length > 0, `${what} wrote nothing`);
  same([...new Set(writing.map(({ durability }) => durability))], ["strict"], `durability of ${what}`);
}

await suite("kill-browser", [
  ["every write behind a mark is strictly durable", isStrict],
  ["what was shown as saved survives losing power", survives],
]);
