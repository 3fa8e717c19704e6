// A tablet is revoked while its person is typing: what was typed reaches the people who decide, and only then is it wiped. Or it is
// revoked by whoever decides, because of what it sends.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Gate } from "../lib/gate.mjs";
import { alterNext, noteDraws } from "../lib/hostile.mjs";
import { Relay, simpul } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const FIELD = "uraian_singkat";
const WORDS = "Baru diketik ketika tablet ini dicabut.";
const TABLET = "Tablet yang dicabut";
/** No change: the first four bytes of one are others. */
const HOSTILE = new TextEncoder().encode("<script>jahat()</script>");

/** A tablet with a case taken over, its form open, and a relay that is away. */
async function begin(context) {
  const relay = await Relay.start(context, { size: 0 });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay, "/enrol");
  await flows.enrol(tablet.page, relay.account("mks1").enrol_code, { tabletName: TABLET });
  const { code } = await flows.report(tablet.page);
  await flows.openCase(tablet.page, code);
  await flows.takeOver(tablet.page);
  await flows.sendAll(tablet.page);
  await flows.openCase(tablet.page, code);
  await flows.openField(tablet.page, "f1", FIELD);
  await relay.stop();
  return { relay, tablet, page: tablet.page };
}

async function revoke(relay) {
  const devices = (await simpul("--data", relay.data, "device", "list")).split("\n");
  const [number] = devices.find((line) => line.includes(TABLET)).split("\t");
  await simpul("--data", relay.data, "device", "revoke", number);
  await relay.up();
}

/** Makes the tablet try again now, as a person who looks at "Kirim & terima" would. */
const tryAgain = async (page) => {
  const button = flows.at(page, "sync-now");
  if (await button.isEnabled({ timeout: 1_000 }).catch(() => false)) await button.click({ timeout: 1_000 }).catch(() => undefined);
};

const wiped = async (page) => {
  await until("the tablet is back at its door", async () => {
    await tryAgain(page);
    return flows.at(page, "tile-add").or(flows.at(page, "enrol-code")).first().isVisible();
  }, { timeout: 60_000 });
  await until("the vault is wiped", async () => {
    const names = await page.evaluate(async () => (await indexedDB.databases()).map((one) => one.name));
    return names.every((name) => name === "simpul-tablet");
  });
};

const typing = async (context) => {
  const { relay, tablet, page } = await begin(context);
  await flows.typeDraft(page, FIELD, WORDS);
  await revoke(relay);
  await flows.goTo(page, "/kirim-terima");
  await wiped(page);
  tablet.expectQuiet();
  const desk = await Tablet.start(context);
  await desk.goto(relay, "/enrol");
  await flows.enrol(desk.page, relay.account("ser1").enrol_code);
  await flows.sendAll(desk.page);
  await flows.goTo(desk.page, "/ditahan");
  await flows.at(desk.page, "held-bundle").first().click();
  const written = await until("what was typed waits for the registrar", async () => {
    const texts = await flows.at(desk.page, "held-written").allTextContents();
    return texts.length > 0 && texts;
  });
  check(written.some((text) => text.includes(WORDS)), `held: ${written}`);
  await flows.at(desk.page, "held-accept").first().click();
  await flows.at(desk.page, "held-queued").first().waitFor();
  desk.expectQuiet();
};

const halfTyped = async (context) => {
  const { relay, tablet, page } = await begin(context);
  // A text that is too long is no value: it cannot be handed in, so it keeps the vault until its person has saved it.
  await flows.typeDraft(page, FIELD, "panjang ".repeat(3_000));
  await revoke(relay);
  await flows.goTo(page, "/kirim-terima");
  await until("the tablet says what is only here", async () => {
    await tryAgain(page);
    return flows.at(page, "sync-only-here").isVisible();
  }, { timeout: 60_000 });
  check((await flows.at(page, "sync-fault").textContent()).includes("S-1102"), "the code of what happened shows");
  same(await flows.at(page, "sync-give-up").count(), 0, "nothing is wiped before it is saved");
  const [file] = await Promise.all([page.waitForEvent("download"), flows.at(page, "sync-export").click()]);
  check(/^simpul-[0-9-]+\.age$/.test(file.suggestedFilename()), "a neutral name");
  await flows.at(page, "sync-give-up").click();
  await wiped(page);
  tablet.expectQuiet();
};

const hostile = async (context) => {
  const relay = await Relay.start(context, { size: 0 });
  const gate = await Gate.start(context, relay);
  const tablet = await Tablet.start(context, { name: "altered" });
  const { page } = tablet;
  await tablet.goto(gate, "/enrol");
  await flows.at(page, "enrol-code").waitFor();
  await noteDraws(page);
  await flows.enrol(page, relay.account("mks1").enrol_code, { tabletName: TABLET });
  const { code } = await flows.report(page);
  await flows.sendAll(page);
  const isAltered = await alterNext(gate, page, relay.account("ser1").enrol_code, HOSTILE);
  await flows.openCase(page, code);
  await flows.takeOver(page);
  await flows.goTo(page, "/kirim-terima");
  await until("the altered program has sent", async () => {
    await tryAgain(page);
    return isAltered();
  });

  const desk = await Tablet.start(context, { name: "desk" });
  await desk.goto(relay, "/enrol");
  await flows.enrol(desk.page, relay.account("ser1").enrol_code);
  await flows.sendAll(desk.page);
  await flows.goTo(desk.page, "/ditahan");
  const card = flows.at(desk.page, "evidence-card");
  const says = await card.textContent();
  check(says.includes(TABLET) && says.includes("S-1304") && says.includes("1 kali"), `the card says: ${says}`);
  check(says.includes("Data rusak dari tablet") && !/card--danger/.test(await card.getAttribute("class")), "it is only damaged");
  check(!(await desk.page.content()).includes("jahat"), "what it is shows nowhere");
  await flows.at(desk.page, "evidence-take").click();
  await until("the evidence has come", async () => {
    const button = flows.at(desk.page, "evidence-take");
    return (await button.isEnabled()) && (await flows.at(desk.page, "evidence-state").count()) === 1;
  }, { timeout: 30_000 });
  const [file] = await Promise.all([desk.page.waitForEvent("download"), flows.at(desk.page, "evidence-take").click()]);
  check(/^bukti-[0-9a-f]{12}\.txt$/.test(file.suggestedFilename()), `a neutral name: ${file.suggestedFilename()}`);
  const [facts, hexadecimal] = (await readFile(await file.path(), "utf8")).split("\n\n");
  const letter = Buffer.from(hexadecimal.replaceAll("\n", ""), "hex");
  check(letter.toString("latin1").startsWith("age-encryption.org/v1\n"), "a letter to the office");
  check(!letter.includes(Buffer.from(HOSTILE)), "which nobody opens here");
  check(facts.includes(`sha256 ${createHash("sha256").update(HOSTILE).digest("hex")}`), `its check sum: ${facts}`);

  // By keyboard: the button that is pressed goes, and the focus stays with what it was for.
  const focused = (name) => until(`the focus is on ${name}`, () =>
    desk.page.evaluate((test) => document.activeElement?.dataset.testid === test, name));
  const decided = flows.at(desk.page, "evidence-decided");
  await flows.at(desk.page, "evidence-block").press("Enter");
  await focused("evidence-reason");
  await flows.at(desk.page, "evidence-block-no").press("Enter");
  await focused("evidence-block");
  await desk.page.keyboard.press("Enter");
  await focused("evidence-reason");
  check(!(await flows.at(desk.page, "evidence-block-ask").isEnabled()), "nobody is blocked without a reason");
  await flows.at(desk.page, "evidence-reason").fill("Tablet hilang di terminal.");
  await flows.at(desk.page, "evidence-block-ask").press("Enter");
  await focused("evidence-block-yes");
  await desk.page.keyboard.press("Enter");
  await flows.sendAll(desk.page);
  await flows.goTo(desk.page, "/ditahan");
  const blocked = await decided.textContent();
  check(blocked.includes("Tablet hilang di terminal."), `the list says: ${blocked}`);
  same(await flows.at(desk.page, "evidence-block").count(), 0, "once is enough");
  desk.expectQuiet();

  await until("the blocked tablet says so", async () => {
    await tryAgain(page);
    return flows.at(page, "sync-only-here").isVisible();
  }, { timeout: 60_000 });
  check((await flows.at(page, "sync-fault").textContent()).includes("S-1102"), "the code of what happened shows");
  tablet.expectQuiet();
};

await suite("revoked", [
  ["what was being typed reaches the registrar before the vault is wiped", typing],
  ["what is no value keeps the vault until it is saved to a file", halfTyped],
  ["damaged data is saved unseen and its tablet blocked, which then says so", hostile],
]);
