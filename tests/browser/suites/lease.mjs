// A tablet that has not met the relay for a month stays locked until it does: what is on it stands, nobody reads it meanwhile.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite } from "../lib/run.mjs";
import { moveClock } from "../lib/clock.mjs";
import * as flows from "../lib/flows.mjs";

const DAY_MS = 86_400_000;
const FIELD = "alamat_asal";
const WORDS = "ditulis sebelum sebulan tanpa sinyal";
/** `LeaseOver`, as the door prints it. */
const CODE = "S-1510";

/** Types the words; the door opens or says why it does not. */
async function tryUnlock(page, person) {
  await flows.chooseTile(page, person.nickname);
  await flows.typeWords(page, person.words);
  const opened = flows.at(page, "top-lock");
  const refused = page.getByText(CODE);
  await opened.or(refused).first().waitFor({ timeout: 90_000 });
  return opened.isVisible();
}

/** Back to the tiles, the page and its engine begun anew at today's date. */
async function later(tablet, days) {
  await tablet.reload();
  await moveClock(tablet.page, days * DAY_MS);
}

async function monthAway(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context, { name: "away" });
  const { page } = tablet;
  await tablet.goto(relay, "/enrol");
  const person = await flows.enrol(page, relay.account("mks1").enrol_code);
  const { code } = await flows.report(page);
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.takeOver(page);
  await flows.addPerson(page, "K1");
  await flows.sendAll(page);
  await tablet.keptForOffline();
  await relay.kill();
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", FIELD);
  await flows.write(page, FIELD, WORDS);
  await flows.lock(page);

  await later(tablet, 29);
  check(await tryUnlock(page, person), "a tablet 29 days away does not open");
  await flows.lock(page);

  await later(tablet, 31);
  check(!(await tryUnlock(page, person)), "a tablet 31 days away opens");
  check(!(await page.content()).includes(WORDS), "what was written is on the screen");
  const lease = await page.getByText("Isian Anda aman").isVisible();
  check(lease, "the door does not say that what was written is safe");

  // An open vault locks when the lease ends meanwhile.
  await later(tablet, 29);
  check(await tryUnlock(page, person), "a tablet 29 days away does not open a second time");
  await moveClock(page, 2 * DAY_MS);
  await page.getByText(CODE).waitFor();

  await relay.up();
  await later(tablet, 31);
  check(await tryUnlock(page, person), "a tablet that met the relay does not open");
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.openField(page, "f2-K1", FIELD);
  same(await flows.at(page, `field-${FIELD}-input`).inputValue(), WORDS, "what was written a month ago");
}

await suite("lease", [["a month without contact locks and loses nothing", monthAway]]);
