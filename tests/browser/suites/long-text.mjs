// A long text belongs to whoever types it: typed again before its first words are on stable storage, it stays in their order.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const FIELD = "uraian_singkat";
const SENTENCES = ["Tiba di terminal.", " Bersama seorang anak.", " Tidak membawa tas.", " Menunggu sejak pagi."];

async function begin(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay, "/enrol");
  await flows.enrol(tablet.page, relay.account("mks1").enrol_code);
  const { code } = await flows.report(tablet.page);
  await flows.openCase(tablet.page, code);
  await flows.takeOver(tablet.page);
  await flows.openField(tablet.page, "f1", FIELD);
  return { tablet, page: tablet.page, code };
}

/** Types every sentence and leaves the field after each, faster than anything is written; gives back what the field showed after each. */
const typeFast = (page, sentences, pause) => page.evaluate(async ([field, parts, turns]) => {
  const input = document.querySelector(`[data-testid="field-${field}-input"]`);
  const shown = [];
  for (const part of parts) {
    input.focus();
    input.setRangeText(part, input.value.length, input.value.length, "end");
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    input.blur();
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    shown.push(input.value);
  }
  return shown;
}, [FIELD, sentences, pause]);

const typesAgain = (pause) => async (context) => {
  const { tablet, page, code } = await begin(context);
  const shown = await typeFast(page, SENTENCES, pause);
  const steps = SENTENCES.map((_, at) => SENTENCES.slice(0, at + 1).join(""));
  same(shown, steps, "what the field showed");
  await until("all of it is saved", async () => ["saved", "received"].includes(await flows.markOf(page, FIELD)));
  await flows.leaveForm(page);
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.openField(page, "f1", FIELD);
  same(await flows.at(page, `field-${FIELD}-input`).inputValue(), SENTENCES.join(""), "what stands there");
  tablet.expectQuiet();
};

/** The page goes while the text is on its way: what comes back finds nobody, and must not stumble over that. */
const leavesAtOnce = async (context) => {
  const { tablet, page, code } = await begin(context);
  await page.evaluate(([field, text]) => {
    const input = document.querySelector(`[data-testid="field-${field}-input"]`);
    input.focus();
    input.setRangeText(text, input.value.length, input.value.length, "end");
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    input.blur();
    document.querySelector('[data-testid="tab-home"], [data-testid="top-back"]').click();
  }, [FIELD, SENTENCES[0]]);
  await flows.at(page, `field-${FIELD}-input`).waitFor({ state: "detached" });
  await flows.sendAll(page);
  await flows.openCase(page, code);
  await flows.openField(page, "f1", FIELD);
  same(await flows.at(page, `field-${FIELD}-input`).inputValue(), SENTENCES[0], "what stands there");
  tablet.expectQuiet();
};

const marksWhatIsNew = async (context) => {
  const relay = await Relay.start(context, { size: 0 });
  const [first, second] = [await Tablet.start(context, { name: "first" }), await Tablet.start(context, { name: "second" })];
  const [one, other] = [first.page, second.page];
  const people = [relay.account("mks1"), relay.account("mks2")];
  for (const [at, tablet] of [first, second].entries()) {
    await tablet.goto(relay, "/enrol");
    await flows.enrol(tablet.page, people[at].enrol_code);
  }
  const code = await flows.sharedCase(one, people[1].name);
  await flows.openCase(one, code);
  await flows.openField(one, "f1", FIELD);
  await flows.write(one, FIELD, SENTENCES[0]);
  await flows.leaveForm(one);
  await flows.sendAll(one);
  await flows.sendAll(other);
  await flows.openCase(other, code);
  await flows.openField(other, "f1", FIELD);
  same(await flows.at(other, `field-${FIELD}-fresh`).count(), 0, "marks for a first reader");
  await flows.write(other, FIELD, SENTENCES[0] + SENTENCES[1]);
  await flows.leaveForm(other);
  await flows.sendAll(other);
  await flows.sendAll(one);
  // Read by a press, and not by opening another form.
  await flows.openCase(one, code);
  await flows.openField(one, "f1", FIELD);
  await flows.at(one, `field-${FIELD}-fresh`).waitFor();
  const passage = await flows.at(one, "fresh-passage").textContent();
  check(passage.includes(SENTENCES[1].trim()) && passage.includes(people[1].name), `what is new: ${passage}`);
  check(!passage.includes(SENTENCES[0]), `own words are marked: ${passage}`);
  await flows.at(one, `field-${FIELD}-fresh-read`).click();
  await flows.at(one, `field-${FIELD}-fresh`).waitFor({ state: "detached" });
  await flows.leaveForm(one);
  // Read by leaving the page.
  await flows.openCase(other, code);
  await flows.openField(other, "f1", FIELD);
  await flows.write(other, FIELD, SENTENCES[0] + SENTENCES[1] + SENTENCES[2]);
  await flows.leaveForm(other);
  await flows.sendAll(other);
  await flows.sendAll(one);
  await flows.openCase(one, code);
  await flows.openField(one, "f1", FIELD);
  await flows.at(one, `field-${FIELD}-fresh`).waitFor();
  await flows.leaveForm(one);
  await flows.openField(one, "f1", FIELD);
  same(await flows.at(one, `field-${FIELD}-fresh`).count(), 0, "what was left is read");
  first.expectQuiet();
  second.expectQuiet();
};

await suite("long-text", [
  ["what another wrote is marked until it was read", marksWhatIsNew],
  ["left together with its page", leavesAtOnce],
  ["typed again at once", typesAgain(0)],
  ["typed again a moment later", typesAgain(1)],
  ["typed again while the page catches up", typesAgain(3)],
]);
