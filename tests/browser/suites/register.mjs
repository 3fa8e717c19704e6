// "Register kasus" on a desk: every case in one list that scrolls as if all rows were there, saved views, many cases put into
// one hand, and a report that gets its number.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import * as flows from "../lib/flows.mjs";

const DESK = { width: 1280, height: 800 };
const NO_NUMBER = 1;
const NO_MANAGER = 3;

const rowsOf = (page) => page.locator('[data-testid^="register-row-"]');
const countOf = async (page, tab) => Number(await flows.at(page, `register-tab-${tab}`).locator(".register__count").textContent());

async function openRegister(page) {
  await flows.goTo(page, "/");
  await flows.at(page, "home-register").click();
  await flows.at(page, "register-rows").waitFor();
  await until("everything is read", async () => (await flows.at(page, "still-reading").count()) === 0, { timeout: 60_000 });
}

async function desk(context, size) {
  const relay = await Relay.start(context, { size });
  const tablet = await Tablet.start(context, { viewport: DESK });
  await tablet.goto(relay, "/enrol");
  await flows.enrol(tablet.page, relay.account("ser1").enrol_code);
  await flows.sendAll(tablet.page);
  await openRegister(tablet.page);
  return { relay, tablet, page: tablet.page };
}

const scrolls = async (context) => {
  const { tablet, page } = await desk(context, 300);
  const all = await countOf(page, 0);
  check(all > 250, `the register holds ${all} cases`);
  check((await rowsOf(page).count()) < 100, "only a piece of it is drawn");
  const last = async () => Number(await rowsOf(page).last().getAttribute("aria-rowindex"));
  await page.locator(".register__region").evaluate((region) => region.scrollTo(0, region.scrollHeight));
  await until("the last row is there", async () => (await last()) === all + 1);
  check(await rowsOf(page).last().isVisible(), "and seen");
  await page.locator(".register__region").evaluate((region) => region.scrollTo(0, 0));
  await until("the first row is there", async () => (await rowsOf(page).first().getAttribute("aria-rowindex")) === "2");

  const on = () => page.evaluate(() => document.activeElement.closest("tr")?.getAttribute("aria-rowindex"));
  await rowsOf(page).first().locator("a").focus();
  // Far enough that other pieces have to come: the keyboard stays on its row.
  for (let row = 3; row < 60; row += 1) {
    await page.keyboard.press("ArrowDown");
    await until(`the keyboard is on row ${row}`, async () => (await on()) === String(row));
  }
  await page.keyboard.press(" ");
  check(await flows.at(page, "register-assign").isVisible(), "space chooses the row");
  await page.keyboard.press("/");
  const code = await rowsOf(page).nth(3).getAttribute("data-testid");
  await page.keyboard.type(code.replace("register-row-", ""));
  await until("one row is found", async () => (await rowsOf(page).count()) === 1 && (await rowsOf(page).first().getAttribute("data-testid")) === code);
  await page.keyboard.type(" zzz");
  await flows.at(page, "register-widen").click();
  await until("all rows are back", async () => (await rowsOf(page).count()) > 20);
  tablet.expectQuiet();
};

const assigns = async (context) => {
  const { relay, tablet, page } = await desk(context, 66);
  await flows.at(page, `register-tab-${NO_MANAGER}`).click();
  const before = await countOf(page, NO_MANAGER);
  check(before > 2, `${before} cases are without a manager`);
  await until("only these are shown", async () => (await rowsOf(page).count()) === before);
  for (const row of [0, 1]) await rowsOf(page).nth(row).locator("input").check();
  await flows.at(page, "register-assign").click();
  await flows.at(page, "assign-member-input").selectOption({ label: relay.account("mks2").name });
  check((await flows.at(page, "assign-done").textContent()).includes("2"), "it says how many before it does it");
  await flows.at(page, "assign-done").click();
  await until("they have a manager", async () => (await countOf(page, NO_MANAGER)) === before - 2);
  check(!(await flows.at(page, "register-assign").isVisible()), "nothing stays chosen");

  await flows.at(page, `register-tab-${NO_NUMBER}`).click();
  await until("those without a number", async () => (await rowsOf(page).count()) === (await countOf(page, NO_NUMBER)));
  const without = await countOf(page, NO_NUMBER);
  await rowsOf(page).first().locator("a").click();
  const number = await flows.at(page, "register-number").inputValue();
  check(/^BLU-\d{4}-\d{4}$/.test(number), `the next number stands there: ${number}`);
  await flows.at(page, "register-done").click();
  await until("the case bears it", async () => (await flows.at(page, "case-code").textContent()) === number);
  same(await flows.at(page, "case-register").count(), 0, "once");
  await openRegister(page);
  same(await countOf(page, NO_NUMBER), without - 1, "one report less waits for a number");
  await flows.at(page, "register-search").fill(number);
  await until("it is found by its number", async () => (await rowsOf(page).count()) === 1);
  await flows.sendAll(page);
  tablet.expectQuiet();
};

await suite("register", [
  ["a piece of many rows scrolls, is walked by keys and searched", scrolls],
  ["cases get a manager and a number", assigns],
]);
