// One tablet, two people: each writes offline between the other's turns, nothing is lost, and neither can open the other's vault.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const EDITS_EACH = options.cases ?? 20;
const TURNS = 4;

/** Begins a report offline and stops at a page with a line to write into. */
async function writeTurn(page, { code, edits }) {
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", "alamat_asal");
  for (const [field, value] of edits) await flows.write(page, field, value);
}

/** The vault databases of this tablet, by name. */
const databases = (page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());

async function twoPeople(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "shared" });
  const { page } = tablet;
  const people = [];
  for (const account of ["mks1", "mks2"]) {
    await tablet.goto(relay, "/enrol");
    const before = await databases(page);
    const person = await flows.enrol(page, relay.account(account).enrol_code, { nickname: account, tabletName: "Tablet bersama" });
    const added = (await databases(page)).filter((name) => !before.includes(name));
    check(added.length >= 1, `${account} got no database of its own`);
    const code = (await flows.report(page)).code;
    await flows.sendAll(page);
    await flows.openCase(page, code);
    await flows.takeOver(page);
    await flows.addPerson(page, "K1");
    await flows.sendAll(page);
    people.push({ account, person, code, added, edits: [] });
    await flows.lock(page);
  }
  await tablet.keptForOffline();
  check(people[0].added.every((name) => !people[1].added.includes(name)), "the vaults share a database");

  await relay.kill();
  const fields = ["alamat_asal", "alamat_sekarang", "kontak_darurat"];
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const one of people) {
      await flows.unlock(page, one.person);
      const count = Math.floor(((turn + 1) * EDITS_EACH) / TURNS) - Math.floor((turn * EDITS_EACH) / TURNS);
      const edits = Array.from({ length: count }, (_, index) => {
        const number = one.edits.length + index + 1;
        return [fields[number % fields.length], `${one.account}-suntingan-${number}-selesai`];
      });
      await writeTurn(page, { code: one.code, edits });
      one.edits.push(...edits.map(([, value]) => value));
      await flows.lock(page);
      const shown = await page.content();
      for (const value of one.edits) check(!shown.includes(value), `${value} is on the screen after locking`);
    }
  }
  await refusesTheOther(page, people);
  await tablet.reload();
  // Nobody resets a tablet that holds work: the door and whoever is signed in see how much others have not sent.
  const [first, second] = people;
  for (const one of people) {
    const waiting = Number.parseInt(await flows.at(page, `tile-${one.person.nickname}`).locator(".tag").textContent(), 10);
    check(waiting >= EDITS_EACH, `the tile of ${one.account} counts ${waiting}`);
  }
  await flows.unlock(page, first.person);
  await flows.at(page, "status-pill").click();
  check((await flows.at(page, "sync-others").textContent()).includes(second.person.nickname), "what the other has not sent is counted");
  await flows.lock(page);

  await relay.up();
  for (const one of people) {
    await flows.unlock(page, one.person);
    await flows.sendAll(page);
    await flows.lock(page);
  }
  const registrar = await Tablet.start(context, { name: "registrar" });
  await registrar.goto(relay, "/enrol");
  await flows.enrol(registrar.page, relay.account("ser1").enrol_code);
  let found = 0;
  for (const one of people) {
    await until(`the case of ${one.account} arrives`, async () => {
      await flows.syncNow(registrar.page);
      await flows.openCase(registrar.page, one.code);
      return true;
    }, { timeout: 60_000 });
    const lines = (await flows.readHistory(registrar.page, one.code)).join("\n");
    const arrived = one.edits.filter((value) => lines.includes(value));
    found += arrived.length;
    check(arrived.length === one.edits.length, `missing of ${one.account}: ${one.edits.filter((value) => !arrived.includes(value))}`);
  }
  context.note("arrived", found);
  same(found, 2 * EDITS_EACH, "edits at the registrar");
  tablet.expectQuiet();
  registrar.expectQuiet();
}

/** The words of one person do not open the other's vault, and the screen says so. */
async function refusesTheOther(page, [first, second]) {
  for (const [mine, theirs] of [[first, second], [second, first]]) {
    await flows.chooseTile(page, mine.person.nickname);
    await flows.typeWords(page, theirs.person.words);
    await until("the wrong words are refused", async () => (await page.locator(".note").count()) > 0 && !(await flows.at(page, "working").isVisible()));
    check(!(await flows.at(page, "top-lock").isVisible()), `the words of ${theirs.account} open the vault of ${mine.account}`);
    await flows.at(page, "unlock-person").click();
    await flows.at(page, `tile-${mine.person.nickname}`).waitFor();
  }
}

await suite("shared-tablet", [["two people on one tablet, offline, lose nothing", twoPeople]]);
