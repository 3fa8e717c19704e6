// The browser died in the middle of a write, and left half a record at the end of the log under IndexedDB. Chromium writes on
// behind it and deletes everything at the start after the next; a tablet must have left that log by then. And where the
// browser has lost the vaults all the same, the door says so.
import { appendFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, say, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

/** LevelDB writes its log in blocks; a record begins with seven bytes: checksum, length, type. */
const BLOCK_BYTES = 32_768;
const HEAD_BYTES = 7;
const WHOLE_RECORD = 1;

async function begin(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "torn", traced: false });
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  const { code } = await flows.report(tablet.page);
  await tablet.keptForOffline();
  return { relay, tablet, person, code };
}

const folderOf = (tablet) => join(tablet.profile, "Default", "IndexedDB");

/** The log that is being written. */
async function logOf(tablet) {
  const folder = folderOf(tablet);
  const store = join(folder, (await readdir(folder)).find((name) => name.endsWith(".leveldb")));
  const logs = (await readdir(store)).filter((name) => /^[0-9]+\.log$/.test(name)).sort();
  return join(store, logs.at(-1));
}

/** Leaves half a record at the end of a log, as a write cut off half-way does. */
async function tear(log) {
  const room = BLOCK_BYTES - ((await stat(log)).size % BLOCK_BYTES);
  check(room > 4 * HEAD_BYTES, "a record fits the block");
  const length = Math.min(room - HEAD_BYTES, 6_000);
  const half = Buffer.alloc(HEAD_BYTES + Math.floor(length / 2), 0xab);
  half.writeUInt16LE(length, 4);
  half[6] = WHOLE_RECORD;
  await appendFile(log, half);
}

const stillThere = async ({ relay, tablet, person, code }) => {
  await tablet.open();
  await tablet.goto(relay);
  await flows.unlock(tablet.page, person);
  await flows.openCase(tablet.page, code);
};

const outlivesTornLogs = async (context) => {
  const all = await begin(context);
  const { tablet } = all;
  for (const round of [1, 2]) {
    await tablet.kill();
    const torn = await logOf(tablet);
    await tear(torn);
    await stillThere(all);
    await until("the torn log is left behind", async () => (await logOf(tablet)) !== torn, { timeout: 30_000 });
    say(`log ${round} was torn and left`);
    await tablet.kill();
    await stillThere(all);
  }
};

const saysThatAllIsLost = async (context) => {
  const { relay, tablet } = await begin(context);
  await tablet.close();
  await rm(folderOf(tablet), { recursive: true });
  await tablet.open();
  await tablet.goto(relay);
  await flows.at(tablet.page, "door-lost").waitFor();
  check((await flows.at(tablet.page, "door-lost").textContent()).includes("S-1522"), "with its code");
  await flows.at(tablet.page, "enrol-code").waitFor();
  await flows.enrol(tablet.page, relay.account("mks2").enrol_code);
  await flows.lock(tablet.page);
  await flows.at(tablet.page, "tile-add").waitFor();
  same(await flows.at(tablet.page, "door-lost").count(), 0, "whoever enrolled again knows it");
};

await suite("torn-log", [
  ["a log torn by a crash costs nothing", outlivesTornLogs],
  ["a tablet whose browser lost its vaults says so", saysThatAllIsLost],
]);
