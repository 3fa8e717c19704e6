// What a person does on a tablet, as functions: enrol, unlock, report, open a case, fill a field, choose, send. Every function
// takes a page, so that a second tab is as good as the first, and waits for what the screen shows, never for a time.
import { check, until } from "./run.mjs";

/** The element with that `data-testid`. */
export const at = (page, id) => page.getByTestId(id);

const click = (page, id) => at(page, id).first().click();
const visible = (page, id) => at(page, id).first().isVisible();

/** Moves inside the interface without loading the page, as a link would. */
export async function goTo(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate", { state: null }));
  }, path);
}

/** Enrols an account on a tablet that shows the door, and gives back who can unlock it again. */
export async function enrol(page, code, { nickname, tabletName = "Tablet uji" } = {}) {
  if (await visible(page, "tile-add")) await click(page, "tile-add");
  await at(page, "enrol-code").fill(code);
  await click(page, "enrol-look");
  await click(page, "enrol-is-me");
  if (nickname) await at(page, "enrol-nickname").fill(nickname);
  const chosen = await at(page, "enrol-nickname").inputValue();
  await at(page, "enrol-tablet").fill(tabletName);
  await click(page, "enrol-names-next");
  const words = await until("five words are offered", async () => {
    const offered = await at(page, "enrol-word").allTextContents();
    return offered.length === 5 && offered;
  });
  await click(page, "enrol-words-copied");
  for (const test of ["confirm-first", "confirm-second"]) {
    await at(page, test).fill(words[Number(await at(page, test).getAttribute("data-place"))]);
  }
  await click(page, "enrol-join");
  await signedIn(page);
  return { nickname: chosen, words };
}

/** Waits until somebody is signed in. */
export const signedIn = (page) => at(page, "top-lock").waitFor({ timeout: 90_000 });

/** Chooses the tile of a person. */
export async function chooseTile(page, nickname) {
  await click(page, `tile-${nickname}`);
  await at(page, "word-input-text").waitFor();
}

/** Types five words with blanks between them, as somebody with a keyboard would. */
export async function typeWords(page, words) {
  await at(page, "word-input-text").fill(`${words.join(" ")} `);
}

/** Unlocks with the five words of `person`. */
export async function unlock(page, person) {
  await chooseTile(page, person.nickname);
  await typeWords(page, person.words);
  await signedIn(page);
}

/** "Kunci". */
export async function lock(page) {
  await click(page, "top-lock");
  await at(page, "door-title").waitFor();
}

/** "Kirim & terima sekarang": waits for one whole round that was answered. */
export async function syncNow(page, { timeout = 30_000 } = {}) {
  await click(page, "status-pill");
  await at(page, "sync-now").waitFor();
  await until("the relay answers a round", async () => {
    if (!(await at(page, "sync-now").isEnabled())) return false;
    const answered = page.waitForResponse((response) => response.url().endsWith("/sync"), { timeout: 5_000 });
    answered.catch(() => undefined);
    await at(page, "sync-now").click({ timeout: 2_000 });
    return (await answered).ok();
  }, { timeout });
  await until("the round is over", async () => !(await at(page, "status-pill").getAttribute("class")).includes("busy"), { timeout });
}

/** Sends until nothing waits any more. */
export async function sendAll(page, { timeout = 60_000 } = {}) {
  await until("everything is sent", async () => {
    await syncNow(page, { timeout });
    return (await at(page, "sync-waiting").count()) === 0 && !(await at(page, "sync-calm").getAttribute("class")).includes("warn");
  }, { timeout });
}

/** Makes a report on the straight path and hands it over; gives back its field code. `begin` is what is touched at home, `between`
 * is called on each page before it is left. */
export async function report(page, { answers = {}, handOver = true, begin = "home-take-report", between = () => undefined } = {}) {
  await goTo(page, "/");
  await click(page, begin);
  const asked = { bahaya_segera: "TIDAK", cara_masuk: "WARGA", indikasi_cepat: "UPAH", ...answers };
  for (;;) {
    await until("a page of the report", async () => (await visible(page, "report-next")) || (await visible(page, "report-hand-over")));
    if (await visible(page, "report-hand-over")) break;
    const question = await at(page, "report-question").textContent();
    for (const [field, answer] of Object.entries(asked)) {
      if (!(await visible(page, `field-${field}`))) continue;
      const choice = at(page, `field-${field}-${answer}`);
      if ((await choice.count()) > 0) await choose(page, field, answer);
      else await write(page, field, answer);
    }
    if (await visible(page, "field-jml_pd-more")) await click(page, "field-jml_pd-more");
    await between(question);
    await until(`the page after "${question}"`, async () => {
      if (await visible(page, "report-next")) await at(page, "report-next").click({ timeout: 1_000 });
      return (await visible(page, "report-hand-over")) || (await at(page, "report-question").textContent({ timeout: 1_000 })) !== question;
    });
  }
  const path = new URL(page.url()).pathname.split("/")[2];
  if (!handOver) return { case: path };
  await click(page, "report-hand-over");
  const code = (await at(page, "receipt-code").textContent()).trim();
  return { case: path, code };
}

/** Opens a case from the list by its code. */
export async function openCase(page, code) {
  await goTo(page, "/kasus");
  await at(page, "cases-search").fill(code);
  await click(page, `case-card-${code}`);
  await at(page, "case").waitFor();
}

/** "Saya tangani". */
export async function takeOver(page) {
  await click(page, "step-take-over");
  await at(page, "step-take-over").waitFor({ state: "detached" });
}

/** Puts a member, by name, into the team of the case that is open. */
export async function assign(page, name) {
  await click(page, "case-assign");
  await at(page, "assign-member-input").selectOption({ label: name });
  await click(page, "assign-done");
  const members = page.getByTestId("team-member").filter({ hasText: name });
  await until(`${name} is in the team`, async () => (await members.count()) > 0);
}

/** Adds a person to the case that is open. */
export async function addPerson(page, code) {
  await click(page, "case-add-person");
  await at(page, `person-${code}`).waitFor();
}

/** Opens a form of the case that is open, `f1` or `f2-K1`, at a page that shows the field. */
export async function openField(page, part, field) {
  await click(page, `part-${part}`);
  await showField(page, field);
}

/** Turns the pages of the open form until the field shows. */
export async function showField(page, field) {
  await until(`a page with ${field}`, async () => {
    // Waits until the page is drawn; before that the field would seem to be on another one.
    const count = await at(page, "form-count").textContent();
    if (await visible(page, `field-${field}`) || await visible(page, field)) return true;
    await at(page, "form-next").click({ timeout: 1_000 });
    await until("the next page", async () => (await at(page, "form-count").textContent()) !== count, { timeout: 2_000 });
    return false;
  });
}

/** Leaves the form for its case. */
export async function leaveForm(page) {
  await click(page, "top-back");
  await at(page, "case").waitFor();
}

/** What a field says about itself: `saved`, `received`, `different`, `draft` … */
export const markOf = (page, field) => at(page, `field-${field}-mark`).first().getAttribute("data-mark");

/** Marks of a field whose value is on stable storage. */
const KEPT = ["saved", "received"];

const isKept = (mark) => KEPT.includes(mark);

/**
 * When a page first shows a value in a field: `left` waits until the field was left, and until the page says that it is on
 * stable storage. The page looks by itself, so that a slow test does not count.
 */
export const momentOf = (page, field, value, { left = false, timeout = 15_000 } = {}) =>
  page.evaluate(([name, wanted, marks, end]) => new Promise((resolve, reject) => {
    const input = () => document.querySelector(`[data-testid="field-${name}-input"]`);
    const mark = () => document.querySelector(`[data-testid="field-${name}-mark"]`)?.dataset.mark;
    let waits = marks !== null;
    input().addEventListener("blur", () => { waits = false; });
    const look = setInterval(() => {
      const isShown = !waits && input()?.value === wanted && (marks === null || marks.includes(mark()));
      if (!isShown && Date.now() < end) return;
      clearInterval(look);
      if (isShown) resolve(Date.now());
      else reject(new Error(`${name} never showed ${wanted}`));
    }, 5);
  }), [field, value, left ? KEPT : null, Date.now() + timeout]);

/** Waits until the field shows that it is on stable storage, or further. */
export async function saved(page, field, { timeout } = {}) {
  await until(`${field} is saved`, async () => isKept(await markOf(page, field)), { timeout, every: 10 });
}

/** Types into a line or a long text and leaves it; an empty value clears it. Waits until the screen shows it as saved. */
export async function write(page, field, value, { within = page } = {}) {
  const input = within.getByTestId(`field-${field}-input`).first();
  await input.fill(value);
  await input.blur();
  const mark = within.getByTestId(`field-${field}-mark`).first();
  await until(`${field} holds what was typed`, async () =>
    (await input.inputValue()) === value && isKept(await mark.getAttribute("data-mark")), { every: 10 });
}

/** Types without leaving, and waits until the draft is kept. */
export async function typeDraft(page, field, value) {
  await at(page, `field-${field}-input`).first().fill(value);
  await until(`${field} is kept as a draft`, async () => (await markOf(page, field)) === "draft");
}

/** Touches an answer, so that it is chosen. */
export async function choose(page, field, answer) {
  const choice = at(page, `field-${field}-${answer}`).first();
  if ((await choice.getAttribute("aria-checked")) === "true") return;
  await choice.click();
  await until(`${field} is ${answer}`, async () => (await choice.getAttribute("aria-checked")) === "true");
  await saved(page, field);
}

/** Adds a row to the table that shows: `fields` by key, codes for lists. */
export async function addRow(page, fields) {
  const rows = await at(page, "row").count();
  await click(page, "row-add");
  const card = at(page, "row-new");
  for (const [field, value] of Object.entries(fields)) {
    const choice = card.getByTestId(`field-${field}-${value}`);
    const input = card.getByTestId(`field-${field}-input`);
    if ((await choice.count()) > 0) await choice.click();
    else if ((await input.evaluate((element) => element.tagName)) === "SELECT") await input.selectOption(value);
    else await input.fill(value);
  }
  await click(page, "row-add-done");
  await until("the row is added", async () => (await at(page, "row").count()) === rows + 1);
}

/** The card of the row in which a field holds a value. */
export async function rowWith(page, field, value) {
  for (const row of await at(page, "row").all()) {
    if ((await row.getByTestId(`field-${field}-input`).inputValue()) === value) return row;
  }
  throw new Error(`no row has ${field} = ${value}`);
}

/** Everything the open form page shows: values, chosen answers, marks, rows, struck-out rows. */
export async function readPage(page) {
  return page.evaluate(() => {
    const valueOf = (field) => ({
      name: field.dataset.testid,
      value: [...field.querySelectorAll("input, select, textarea")].map((input) => input.value).join("|"),
      chosen: [...field.querySelectorAll('[aria-checked="true"]')].map((choice) => choice.dataset.testid),
      text: [...field.querySelectorAll("output, .lead, .area-crumbs .tag")].map((shown) => shown.textContent.trim()).join("|"),
      mark: field.querySelector("[data-mark]")?.dataset.mark,
    });
    const inRow = (field) => field.closest('[data-testid="row"]');
    const fields = [...document.querySelectorAll('.field[data-testid^="field-"]')];
    return {
      fields: fields.filter((field) => !inRow(field)).map(valueOf),
      rows: [...document.querySelectorAll('[data-testid="row"]')].map((row) => fields.filter((field) => inRow(field) === row).map(valueOf)),
      removed: [...document.querySelectorAll('[data-testid="row-removed"] .change__old')].map((row) => row.textContent.trim()),
    };
  });
}

/** Everything the forms of a case show, by form and page. */
export async function readCase(page, code, parts) {
  const state = {};
  for (const part of parts) {
    await openCase(page, code);
    await click(page, `part-${part}`);
    for (;;) {
      const count = await at(page, "form-count").textContent();
      state[`${part} ${count}`] = await readPage(page);
      if (await visible(page, "form-finish")) break;
      await click(page, "form-next");
      await until("the next page", async () => (await at(page, "form-count").textContent()) !== count);
    }
  }
  return state;
}

/** The text of an element once nothing in it is covered any more; opens what is, as somebody with a keyboard would. */
export async function uncovered(element) {
  const covers = element.locator(".cover[aria-label]");
  const { text } = await until("what is covered opens", async () => {
    if ((await covers.count()) > 0) {
      // Pressed once more it would close again.
      await covers.first().press("Enter", { timeout: 1_000 });
      await covers.first().waitFor({ state: "detached", timeout: 2_000 });
      return false;
    }
    const read = await element.textContent();
    return !read.includes("••••") && { text: read };
  });
  return text;
}

/** Opens "Isian berbeda" and gives back the titles of what differs. */
async function openConflicts(page) {
  await goTo(page, "/");
  await goTo(page, "/isian-berbeda");
  await until("the list of what differs", async () => (await visible(page, "conflicts-list")) || (await visible(page, "conflicts-empty")));
  return at(page, "conflict-item").locator(".rows__title").allTextContents();
}

/** Every disagreement with its values, names and times, sorted by what it is about. */
export async function readConflicts(page) {
  const titles = await openConflicts(page);
  const conflicts = [];
  for (let index = 0; index < titles.length; index += 1) {
    await at(page, "conflict-item").nth(index).click();
    await uncovered(at(page, "conflict"));
    const values = [];
    for (const card of await at(page, "conflict-value").all()) {
      values.push({
        words: (await card.getByTestId("conflict-words").textContent()).trim(),
        author: (await card.getByTestId("conflict-author").textContent()).trim(),
        by: await card.locator(".versus__by > span").allTextContents(),
      });
    }
    values.sort((left, right) => (left.words + left.author < right.words + right.author ? -1 : 1));
    conflicts.push({ title: titles[index], values });
    await click(page, "conflict-back");
    await at(page, "conflicts-list").waitFor();
  }
  return conflicts.sort((left, right) => (left.title < right.title ? -1 : 1));
}

/** Chooses the card with these words in the disagreement with that title. */
export async function chooseValue(page, title, words) {
  const titles = await openConflicts(page);
  const index = titles.indexOf(title);
  check(index >= 0, `${title} is not among ${titles.join(", ")}`);
  await at(page, "conflict-item").nth(index).click();
  await uncovered(at(page, "conflict"));
  const card = at(page, "conflict-value").filter({ has: page.getByText(words, { exact: true }) });
  await card.getByTestId("conflict-take").click();
  await until(`${title} is settled`, async () => !(await openConflicts(page)).includes(title));
}

/** Every line of a case's history as text, newest first, with what is covered. */
export async function readHistory(page, code) {
  await openCase(page, code);
  await click(page, "case-history");
  await until("the history", async () => (await visible(page, "history-list")) || (await visible(page, "history-empty")));
  while (await visible(page, "history-more")) await click(page, "history-more");
  const lines = [];
  for (const line of await at(page, "history-line").all()) lines.push(await uncovered(line));
  return lines;
}

/** Fails when a control could leave what is typed in the browser's own files: names, autofill, spell checking. */
export async function expectPrivateControls(page) {
  const leaky = await page.evaluate(() => [...document.querySelectorAll("input, textarea, select")]
    .filter((control) => control.getAttribute("autocomplete") !== "off" || control.hasAttribute("name")
      || (control.tagName !== "SELECT" && control.getAttribute("spellcheck") !== "false"))
    .map((control) => control.dataset.testid ?? control.outerHTML));
  check(leaky.length === 0, `controls that the browser may remember: ${leaky.join(", ")}`);
}

/** Two practitioners in the team of one case with one person: A reports, hands over, takes over, puts B into the team. */
export async function sharedCase(pageA, nameOfB) {
  const made = await report(pageA);
  await sendAll(pageA);
  await openCase(pageA, made.code);
  await takeOver(pageA);
  await addPerson(pageA, "K1");
  await assign(pageA, nameOfB);
  await sendAll(pageA);
  return made.code;
}
