// A walk over every screen an account can reach, in the order of a working day. Each screen is waited for by an element of its
// own; then the visitor is called: to take its picture, or to look for what keeps somebody from using it.

import { goTo, sendAll } from "./flows.mjs";

/** Which account shows which home. */
export const PEOPLE = [["pkt1", "field"], ["mks1", "practice"], ["ser1", "registry"]];

class Walk {
  constructor(tablet, visit) {
    Object.assign(this, { tablet, visit });
  }

  /** Waits for the screen's own element, then shows it to the visitor. */
  async stop(name, testId) {
    await this.tablet.get(testId).first().waitFor();
    await this.tablet.page.evaluate(() => document.fonts.ready);
    await this.visit(name);
  }

  /** Touches something, if it is there. */
  async touch(testId) {
    const element = this.tablet.get(testId).first();
    if (!(await element.isVisible())) return false;
    await element.click();
    return true;
  }

  /** Touches something, which has to be there, and stops at what follows. */
  async follow(testId, name, next) {
    await this.tablet.get(testId).first().click();
    await this.stop(name, next);
  }
}

async function enrol(walk, relay, account) {
  const { tablet } = walk;
  await tablet.goto(relay, `/enrol#${account.enrol_code}`);
  await walk.stop("enrol-welcome", "enrol-is-me");
  await walk.touch("enrol-is-me");
  await tablet.get("enrol-tablet").fill("Tablet contoh");
  await walk.stop("enrol-names", "enrol-nickname");
  await walk.touch("enrol-names-next");
  await walk.stop("enrol-words", "enrol-word");
  const words = await tablet.get("enrol-word").allTextContents();
  await walk.touch("enrol-words-copied");
  for (const field of ["confirm-first", "confirm-second"]) {
    const place = Number(await tablet.get(field).getAttribute("data-place"));
    await tablet.get(field).fill(words[place]);
  }
  await walk.stop("enrol-confirm", "enrol-join");
  await walk.touch("enrol-join");
  await tablet.get("top-lock").waitFor({ timeout: 90_000 });
}

/** Waits until all the relay has for this account stands in the lists, and is home again. */
async function firstSync(walk) {
  await sendAll(walk.tablet.page, { timeout: 90_000 });
  await walk.touch("tab-home");
  await walk.tablet.get("still-reading").waitFor({ state: "detached", timeout: 90_000 });
}

async function report(walk) {
  const { tablet } = walk;
  await walk.follow("home-take-report", "report-danger-question", "report-question");
  await walk.touch("field-bahaya_segera-YA");
  await tablet.page.locator('[data-testid="field-bahaya_segera-mark"][data-mark="saved"]').waitFor();
  await walk.follow("report-next", "report-danger", "danger");
  for (let page = 3; page < 16 && !(await tablet.get("report-hand-over").isVisible()); page += 1) {
    await walk.stop(`report-page-${page}`, "report-question");
    const question = await tablet.get("report-question").textContent();
    const left = (orSays) => tablet.page.waitForFunction(([before, says]) => {
      const now = document.querySelector('[data-testid="report-question"]')?.textContent;
      return now !== before || (says && document.querySelector('[data-testid="report-unknown"]'));
    }, [question, orSays]);
    await walk.touch("report-next");
    // A page that must be answered says so and offers "Tidak tahu".
    await left(true);
    if (await walk.touch("report-unknown")) {
      // Going on before the answer is kept would ask for it once more.
      await tablet.get("report-unknown").waitFor({ state: "detached" });
      await walk.touch("report-next");
    }
    await left(false);
  }
  await walk.stop("report-check", "report-hand-over");
  await walk.follow("report-hand-over", "receipt", "receipt-code");
}

/** An arrival list: its page before and after a table was read, the last page that says that it waits, and what is kept. */
async function arrivals(walk) {
  const { page } = walk.tablet;
  await walk.tablet.get("receipt-home").click();
  await walk.tablet.get("home-take-report").click();
  for (const [field, code] of [["bahaya_segera", "TIDAK"], ["cara_masuk", "DAFTAR"]]) {
    await walk.tablet.get(`field-${field}-${code}`).click();
    await page.locator(`[data-testid="field-${field}-mark"][data-mark="saved"]`).waitFor();
    await walk.tablet.get("report-next").click();
  }
  await walk.stop("arrivals", "arrivals-paste");
  await walk.tablet.get("arrivals-paste").fill("Nama\tJK\tUmur\tDesa\tNIK\tKapal\nMaria Contoh Yang Bernama Panjang\tP\tdewasa\tEntah\t5304\tKM Contoh\nYosef Contoh\tL\t15\tSilawan\t\t");
  await walk.follow("arrivals-read", "arrivals-rows", "arrival-facts");
  await walk.follow("arrival-mend", "arrivals-editor", "arrival-editor");
  while (!(await walk.tablet.get("report-hand-over").isVisible())) {
    const question = await walk.tablet.get("report-question").textContent();
    await walk.tablet.get("report-next").click();
    await page.waitForFunction((before) => document.querySelector('[data-testid="report-question"]')?.textContent !== before, question);
  }
  await walk.stop("arrivals-waits", "report-list-waits");
  await walk.tablet.get("report-list").click();
  await walk.follow("arrivals-keep", "arrivals-kept", "arrivals-kept");
}

/** A report that is only tried out, from settings as far as home. */
async function practice(walk) {
  const { tablet } = walk;
  await tablet.get("field-bahaya_segera-YA").click();
  await tablet.page.locator('[data-testid="field-bahaya_segera-mark"][data-mark="saved"]').waitFor();
  await walk.stop("practice-question", "practice-line");
  await walk.follow("report-next", "practice-danger", "practice-message");
  await walk.follow("danger-later", "practice-home", "practice-go-on");
  await walk.touch("practice-erase");
  await tablet.get("practice-erase").waitFor({ state: "detached" });
}

async function office(walk) {
  const { page } = walk.tablet;
  await walk.follow("tab-cases", "cases", "cases-search");
  await page.locator('[data-testid^="case-card-"]').first().click();
  await walk.stop("case", "case-code");
  if (await walk.touch("case-hand-on")) {
    await walk.stop("hand-on", "hand-on");
    await walk.touch("hand-on-cancel");
    const member = page.locator('button[data-testid="team-member"]');
    if (await member.count() > 0) {
      await member.first().click();
      await walk.follow("membership-end", "membership", "membership-end-yes");
      await walk.touch("membership-cancel");
    }
  }
  for (const part of ["f1", "f2-K1", "f3-K1", "f4-K1"]) {
    if (await walk.touch(`part-${part}`)) {
      await walk.stop(`form-${part}`, "form-count");
      await walk.touch("top-back");
      await walk.tablet.get("case").waitFor();
    }
  }
  await walk.follow("case-print", "print", "print-do");
  await walk.follow("print-names-input", "print-names", "print-reason");
  await walk.touch("top-back");
  await walk.tablet.get("case").waitFor();
  await walk.follow("case-history", "history", "history-list");
  await walk.touch("tab-home");
  await walk.follow("home-members", "members", "members-list");
  await walk.touch("tab-home");
  await walk.follow("home-conflicts", "conflicts", "conflicts-list");
  await walk.follow("conflict-item", "conflict", "conflict");
}

async function register(walk) {
  const { page } = walk.tablet;
  await walk.touch("tab-home");
  // The bar stands before the case below it is drawn.
  await walk.follow("home-next", "work-line", "case-history");
  await walk.follow("queue-forward", "work-line-forward", "assign");
  await walk.follow("queue-stop", "desk", "queues");
  await walk.follow("home-register", "register", "register-rows");
  await page.locator('[data-testid^="register-choose-"]').first().check();
  await walk.follow("register-assign", "register-assign", "assign");
  await walk.touch("register-tab-1");
  await page.locator('[data-testid^="register-open-"]').first().click();
  await walk.stop("case-register", "case-register");
  await walk.touch("tab-home");
  await walk.follow("home-tables", "tables", "table-t03");
  await walk.follow("export-t03", "tables-export", "export-t03-reason");
}

/** What waits for a decision; of damaged data also the sheet that blocks its tablet. */
async function held(walk) {
  const { page } = walk.tablet;
  await goTo(page, "/ditahan");
  await page.locator('[data-testid="held-empty"], [data-testid="held-list"], [data-testid="evidence-card"]').first().waitFor();
  await walk.visit("held");
  if (await walk.touch("evidence-block")) {
    await walk.tablet.get("evidence-reason").fill("Tablet hilang di terminal.");
    await walk.follow("evidence-block-ask", "held-block", "evidence-block-yes");
  }
}

async function common(walk) {
  await walk.follow("tab-sync", "sync", "sync-facts");
  await walk.follow("tab-tasks", "tasks", "top-title");
  await walk.touch("tab-home");
  await walk.follow("home-emergency", "emergency", "emergency-list");
  await walk.touch("tab-home");
  await walk.follow("home-settings", "settings", "settings-about");
  if (await walk.touch("practice-begin")) await practice(walk);
  await walk.touch("top-lock");
  await walk.stop("door", "door-title");
}

/** Enrols the account on a fresh tablet and walks over all its screens, in the given language. */
export async function walkOver({ tablet, relay, name, desk, language }, visit) {
  const walk = new Walk(tablet, visit);
  if (language !== "id") {
    await tablet.goto(relay);
    await tablet.get(`language-${language}`).first().click();
    await tablet.page.waitForFunction((spoken) => document.documentElement.lang === spoken, language);
  }
  await enrol(walk, relay, relay.account(name));
  await firstSync(walk);
  await walk.stop("home", "home-emergency");
  if (desk === "field") {
    await report(walk);
    await arrivals(walk);
  } else {
    await office(walk);
  }
  if (desk === "registry") {
    await register(walk);
    await held(walk);
  }
  await walk.touch("tab-home");
  await walk.touch("top-back");
  await common(walk);
}
