// Tablets that are online together: what one writes is on the other at once, and a danger rings until somebody takes it.
import { Gate } from "../lib/gate.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

/** Within so long an edit of one tablet shows on the other, milliseconds; timed rounds are minutes apart. */
const AT_ONCE_MS = 2_000;

/** Counts the sounds that began to be heard and the bells that go on ringing, without touching what the page does. */
function countTones() {
  globalThis.tones = 0;
  globalThis.bells = new Set();
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function counted() {
    this.addEventListener("playing", () => { globalThis.tones += 1; }, { once: true });
    return play.call(this);
  };
  const { setInterval: begin, clearInterval: end } = globalThis;
  globalThis.setInterval = (act, every, ...words) => {
    const bell = begin(act, every, ...words);
    if (every === 5_000) globalThis.bells.add(bell);
    return bell;
  };
  globalThis.clearInterval = (bell) => {
    globalThis.bells.delete(bell);
    end(bell);
  };
}

const tonesOf = (page) => page.evaluate(() => globalThis.tones);
const isRinging = (page) => page.evaluate(() => globalThis.bells.size > 0);

/** A tablet of one account behind a gate of its own, signed in and listening. */
async function arrive(context, relay, account) {
  const gate = await Gate.start(context, relay);
  const tablet = await Tablet.start(context, { name: account });
  await tablet.context.addInitScript(countTones);
  await tablet.goto(gate, "/enrol");
  await flows.enrol(tablet.page, relay.account(account).enrol_code, { tabletName: `Tablet ${account}` });
  await flows.syncNow(tablet.page);
  await until(`${account} listens`, () => gate.sockets.size === 1);
  return { tablet, gate, page: tablet.page, name: relay.account(account).name };
}

/** Begins a report of a danger and leaves it as a draft. */
async function reportDanger({ page }) {
  await flows.goTo(page, "/");
  await flows.at(page, "home-take-report").click();
  await flows.choose(page, "bahaya_segera", "YA");
}

async function editsShowAtOnce(context) {
  const relay = await Relay.start(context, { size: 0 });
  const a = await arrive(context, relay, "mks1");
  const b = await arrive(context, relay, "mks2");
  const code = await flows.sharedCase(a.page, b.name);
  await until("B has the case", async () => {
    await flows.openCase(b.page, code);
    return true;
  });
  for (const one of [a, b]) {
    await flows.openCase(one.page, code);
    await flows.openField(one.page, "f2-K1", "nama_lengkap");
  }
  const rounds = b.gate.rounds;
  for (const name of ["Contoh Satu", "Contoh Dua", "Contoh Tiga"]) {
    const seen = flows.momentOf(b.page, "nama_lengkap", name);
    await flows.write(a.page, "nama_lengkap", name);
    const written = Date.now();
    const took = (await seen) - written;
    context.note(`ms until ${name} showed`, took);
    check(took < AT_ONCE_MS, `${name} took ${took} ms`);
  }
  check(b.gate.rounds - rounds <= 6, `B asked ${b.gate.rounds - rounds} times for three edits`);
  for (const { tablet } of [a, b]) tablet.expectQuiet();
}

async function dangerRings(context) {
  const relay = await Relay.start(context, { size: 0 });
  const author = await arrive(context, relay, "pkt1");
  const b = await arrive(context, relay, "mks1");
  const c = await arrive(context, relay, "mks2");
  const registrar = await arrive(context, relay, "ser1");
  const titles = await Promise.all([b, c].map(({ page }) => page.title()));
  await flows.goTo(c.page, "/pengaturan");
  await reportDanger(author);
  const rings = async ({ page, name }) => {
    await flows.at(page, "alarm").waitFor();
    await until(`the bell of ${name} rings`, async () => (await tonesOf(page)) > 0 && (await isRinging(page)));
  };
  for (const one of [b, c, registrar]) await rings(one);
  check(!(await flows.at(author.page, "alarm").isVisible()), "the author's own report rings");
  same(await Promise.all([b, c].map(({ page }) => page.title())), titles, "titles");

  // Silence is for a few minutes, is seen, and ends at a tap.
  await flows.at(c.page, "alarm-silence").click();
  await flows.at(c.page, "alarm-silenced").waitFor();
  check(!(await isRinging(c.page)), "a bell that was silenced rings");
  check(await flows.at(c.page, "alarm-take").isVisible(), "the silenced bar has gone");
  await flows.at(c.page, "alarm-sound").click();
  await until("it sounds again", () => isRinging(c.page));

  await flows.at(b.page, "alarm-take").click();
  // It leaves the bar, and whoever took it is led to it.
  await flows.at(b.page, "toast-open-case").click();
  await flows.at(b.page, "case-code").waitFor();
  for (const one of [b, c, registrar]) {
    await flows.at(one.page, "alarm").waitFor({ state: "detached" });
    check(!(await isRinging(one.page)), `the bell of ${one.name} still rings`);
  }
  for (const one of [c, registrar]) {
    const words = await flows.at(one.page, "alarm-taken").textContent();
    check(words.includes(b.name), `${one.name} is told "${words}"`);
  }
  check(!(await flows.at(b.page, "alarm-taken").isVisible()), "whoever took it is told so");
  await flows.at(c.page, "alarm-close").click();
  await flows.at(c.page, "alarm-taken").waitFor({ state: "detached" });
  for (const { tablet } of [author, b, c, registrar]) tablet.expectQuiet();
}

async function comesBack(context) {
  const relay = await Relay.start(context, { size: 0 });
  const author = await arrive(context, relay, "pkt1");
  const b = await arrive(context, relay, "mks1");
  const before = b.gate.socketsEver;
  await relay.kill();
  await until("the sockets are gone", () => author.gate.sockets.size + b.gate.sockets.size === 0);
  await relay.up();
  await until("both listen again", () => author.gate.sockets.size === 1 && b.gate.sockets.size === 1, { timeout: 60_000 });
  check(b.gate.socketsEver > before, "the socket never broke");
  await reportDanger(author);
  await flows.at(b.page, "alarm").waitFor({ timeout: 10_000 });
  // A relay that is asked to stop does so with sockets open; `stop` fails where it had to be killed.
  await relay.stop();
  for (const { tablet } of [author, b]) tablet.expectQuiet();
}

await suite("live", [
  ["an edit shows on the other tablet at once", editsShowAtOnce],
  ["a danger rings until somebody takes it", dangerRings],
  ["the relay comes back and is listened to again", comesBack],
]);
