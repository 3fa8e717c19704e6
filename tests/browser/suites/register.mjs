// "Register kasus" on a desk: every case in one list that scrolls as if all rows were there, saved views, many cases put into
// one hand, a report that gets its number, tables, and files for a reason.
import { readFile } from "node:fs/promises";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";
import { Keys } from "../lib/keys.mjs";
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

async function desk(context, size, look = {}) {
  const relay = await Relay.start(context, { size });
  const tablet = await Tablet.start(context, { viewport: DESK, ...look });
  await tablet.goto(relay, "/enrol");
  await flows.enrol(tablet.page, relay.account("ser1").enrol_code);
  await flows.sendAll(tablet.page);
  await openRegister(tablet.page);
  return { relay, tablet, page: tablet.page };
}

const scrolls = async (context) => {
  const { tablet, page } = await desk(context, 300);
  await page.keyboard.press("/");
  await page.keyboard.type("x");
  same(await flows.at(page, "register-search").inputValue(), "x", "what is typed right after the page opened");
  await page.keyboard.press("Backspace");
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
  const choosesTwo = async () => {
    for (const row of [0, 1]) await rowsOf(page).nth(row).locator("input").check();
  };
  await choosesTwo();
  await flows.at(page, "register-tab-0").click();
  await flows.at(page, "register-assign").waitFor({ state: "detached" });
  await flows.at(page, `register-tab-${NO_MANAGER}`).click();
  await until("only these are shown again", async () => (await rowsOf(page).count()) === before);
  check(!(await flows.at(page, "register-assign").isVisible()), "what another tab showed stays chosen");
  await choosesTwo();
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
  // The report stands beside its short sheet: nobody has to open a form to know what they register.
  const reading = await flows.at(page, "reading").boundingBox();
  const short = await flows.at(page, "case-register").boundingBox();
  check(reading.x + reading.width <= short.x && Math.abs(reading.y - short.y) < 2, "report and sheet stand side by side");
  check((await flows.at(page, "reading").textContent()).includes("F-1 Laporan awal"), "it is the report");
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

/** Saves a list to a file for a reason; gives back the file's name and its lines. */
async function save(page, list, reason) {
  await flows.at(page, `export-${list}`).click();
  const done = flows.at(page, `export-${list}-do`);
  await flows.at(page, `export-${list}-reason`).fill("abcd");
  check(await done.isDisabled(), "four letters are no reason");
  await flows.at(page, `export-${list}-reason`).fill(reason);
  const [file] = await Promise.all([page.waitForEvent("download"), done.click()]);
  await until("the keyboard is back where it was", () => page.evaluate((list) => document.activeElement.dataset.testid === `export-${list}`, list));
  const text = await readFile(await file.path(), "utf8");
  check(text.startsWith("\ufeff\"") && text.endsWith("\"\r\n"), "the file is quoted UTF-8");
  return { name: file.suggestedFilename(), lines: text.slice(1).split("\r\n").slice(0, -1) };
}

const exports = async (context) => {
  const { relay, tablet, page } = await desk(context, 66);
  const all = await countOf(page, 0);
  const register = await save(page, "register", "Rapat bulanan");
  check(/^simpul-register-\d{4}-\d\d-\d\d\.csv$/.test(register.name), register.name);
  same(register.lines.length, all + 1, "a head and every row of the register");
  for (const line of register.lines) check(line.endsWith('"DATA CONTOH"'), "every line says that it is invented");
  const text = register.lines.join("\n");
  for (const name of ["ser1", "mks1", "mks2"]) check(!text.includes(relay.account(name).name), `no name of ${name}`);

  await flows.goTo(page, "/");
  await flows.at(page, "home-tables").click();
  for (const table of ["t01", "t02", "t03"]) await flows.at(page, `table-${table}`).waitFor();
  const sums = async (table) => {
    const cells = await flows.at(page, `table-${table}`).locator("tfoot td").allTextContents();
    return cells.map((cell) => Number(cell.replaceAll(".", "")));
  };
  const reports = (await sums("t01")).at(-1);
  const [cases, victims] = await sums("t02");
  check(cases > 0 && cases <= all, `${cases} of ${all} cases are of this year`);
  same(reports, cases, "every report stands in both tables");
  same((await sums("t03"))[0], victims, "every victim too");
  const groups = await save(page, "t03", "Laporan tahunan");
  check(/^simpul-t03-\d{4}-\d{4}-\d\d-\d\d\.csv$/.test(groups.name), groups.name);
  same(groups.lines.length, 6, "a head, four groups, and unknown");
  await until("both are kept", async () => (await flows.at(page, "export-line").count()) === 2);
  check((await flows.at(page, "export-line").first().textContent()).includes("Laporan tahunan"), "the last comes first");
  tablet.expectQuiet();
};

/** Presses "Cetak" and gives back what the printer would get: the text, and the pages. */
async function printed(page, times) {
  await flows.at(page, "print-do").click();
  await until(`the browser is asked to print, ${times}`, () => page.evaluate((times) => globalThis.prints === times, times));
  await page.emulateMedia({ media: "print" });
  const text = await page.locator("body").innerText();
  const seen = await page.locator("a, button, input, nav").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.outerHTML));
  same(seen.join("\n"), "", "nothing on paper needs a finger");
  const ink = await flows.at(page, "sheet").evaluate((sheet) => [getComputedStyle(sheet).color, getComputedStyle(document.body).backgroundColor]);
  same(ink.join(" on "), "rgb(0, 0, 0) on rgba(0, 0, 0, 0)", "ink on paper, by night too");
  const pdf = await page.pdf({ preferCSSPageSize: true });
  await page.emulateMedia({ media: null });
  const sizes = pdf.toString("latin1").match(/\/MediaBox \[[^\]]*\]/g);
  check(sizes.length > 1 && sizes.every((size) => /\[0 0 59[45][.\d]* 84[12]/.test(size)), `sheets of A4: ${sizes}`);
  return { text, pdf };
}

const prints = async (context) => {
  const { tablet, page } = await desk(context, 66, { colorScheme: "dark" });
  await flows.at(page, "register-tab-5").click();
  await until("children's cases", async () => (await rowsOf(page).count()) === (await countOf(page, 5)));
  await tablet.offline(true);
  await rowsOf(page).first().locator("a").click();
  const code = await flows.at(page, "case-code").textContent();
  await flows.at(page, "case-print").click();
  // A browser without a screen has no printer; that it is asked is what counts.
  await page.evaluate(() => {
    globalThis.prints = 0;
    globalThis.print = () => { globalThis.prints += 1; };
  });
  const { text } = await printed(page, 1);
  check(!(await flows.at(page, "sheet").isVisible()), "the screen does not show what is for paper");
  for (const said of [code, "DATA CONTOH", "Rahasia", "WITA", "Sekretariat – registrar", "F-1 Laporan awal", "K1"]) check(text.includes(said), `${said} stands on it`);
  check(text.includes("•••• (tidak dicetak)"), "names are said to be there, and are not");

  await flows.at(page, "print-names-input").click();
  check(await flows.at(page, "print-do").isDisabled(), "names are asked why");
  await flows.at(page, "print-reason").fill("Sidang besok");
  const named = await printed(page, 2);
  check(!named.text.includes("•••• (tidak dicetak)"), "names are on it");

  await flows.goTo(page, "/");
  await flows.at(page, "home-tables").click();
  await until("both are kept", async () => (await flows.at(page, "export-line").count()) === 2);
  const lines = await flows.at(page, "export-line").allTextContents();
  check(lines[0].includes(`${code} · dengan nama`) && lines[0].includes("Sidang besok"), `the last comes first: ${lines}`);
  check(lines[1].includes(code) && !lines[1].includes("nama"), `and the one before: ${lines}`);
  tablet.expectQuiet();
};

/** What the bar says of the step that is being worked on; nothing at the end of the line. */
async function nextStep(page, before) {
  return until("the next step", async () => {
    if (await flows.at(page, "home-line-end").isVisible()) return "end";
    const step = (await flows.at(page, "queue-bar").isVisible()) && (await flows.at(page, "queue-at").textContent());
    return step && step !== before && step;
  });
}

const worksInOrder = async (context) => {
  const { relay, tablet, page } = await desk(context, 66);
  const keys = new Keys(tablet);
  await keys.withoutPointer();
  await flows.goTo(page, "/");
  await flows.at(page, "queues").waitFor();
  for (const queue of ["queue-danger", "queue-reports", "queue-unnumbered"]) {
    check(/tertua/.test(await flows.at(page, queue).textContent()), `${queue} says how old its oldest is`);
  }
  await keys.press("home-next");
  const danger = await nextStep(page);
  check(danger.startsWith("Darurat belum diterima · "), `danger comes first: ${danger}`);
  await keys.press("queue-later");
  let step = await nextStep(page, danger);
  while (!step.startsWith("Laporan baru")) {
    await keys.press("queue-done");
    step = await nextStep(page, step);
  }
  // The page is the step's own, also where the step before was another case.
  const shown = async () => step.includes((await flows.at(page, "case-code").textContent()).trim());
  await until("the report of the step shows", shown);
  await keys.press("queue-forward");
  await flows.at(page, "queue-bar").getByTestId("assign-member-input").selectOption({ label: relay.account("mks2").name });
  await flows.at(page, "queue-bar").getByTestId("assign-done").press("Enter");
  const passedOn = step;
  step = await nextStep(page, passedOn);
  let last = step;
  for (; step !== "end"; step = await nextStep(page, step)) {
    check(step.split(" (")[0] !== passedOn.split(" (")[0], "what was passed on does not come again");
    last = step;
    await flows.at(page, "queue-done").press("Enter");
  }
  same(last.split(" (")[0], danger.split(" (")[0], "what was put off comes at the end");
  check(/masih terbuka/.test(await flows.at(page, "home-line-end").textContent()), "the end says what is still open");
  await keys.expectNoPointer();
  // What came in is told by code until it was looked through.
  const came = await flows.at(page, "came-in").count();
  check(came > 0, "reports came in");
  await flows.at(page, "came-in-seen").click();
  await until("it was looked through", async () => (await flows.at(page, "home-came-in").count()) === 0);
  tablet.expectQuiet();
};

const takesInTheRow = async (context) => {
  const relay = await Relay.start(context, { size: 66 });
  const tablet = await Tablet.start(context);
  const { page } = tablet;
  await tablet.goto(relay, "/enrol");
  await flows.enrol(page, relay.account("mks1").enrol_code);
  await flows.sendAll(page);
  await flows.goTo(page, "/");
  const take = page.locator('[data-testid^="take-over-"]');
  await until("a danger waits", async () => (await take.count()) === 1);
  const code = (await take.getAttribute("data-testid")).replace("take-over-", "");
  await take.click();
  await until("it waits no longer", async () => (await take.count()) === 0);
  await flows.openCase(page, code);
  check((await flows.at(page, "case-team").textContent()).includes(relay.account("mks1").name), "whoever took it is in the team");
  // Who has a case that was handed over may ask whoever took the report for more.
  await flows.goTo(page, "/");
  const cards = page.locator('[data-testid^="case-card-"]');
  await cards.last().waitFor();
  await cards.last().click();
  await flows.at(page, "ask-more").click();
  await flows.at(page, "ask-TEMPAT").click();
  await until("it is asked", async () => (await flows.at(page, "case-asked").textContent()).includes("Di mana orangnya sekarang"));
  tablet.expectQuiet();
};

await suite("register", [
  ["the registrar works in order by keyboard, to the end of the line", worksInOrder],
  ["danger is taken in its row", takesInTheRow],
  ["a piece of many rows scrolls, is walked by keys and searched", scrolls],
  ["cases get a manager and a number", assigns],
  ["tables are drawn, lists are saved to files for a reason", exports],
  ["a case is printed offline, with names for a reason", prints],
]);
