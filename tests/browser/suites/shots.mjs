// Pictures of every screen at the size of a cheap tablet, by day and by night, to be looked at. They fail only when a screen
// cannot be reached or complains.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { options, suite } from "../lib/run.mjs";

/** Which account shows which home. */
const PEOPLE = [["pkt1", "field"], ["mks1", "practice"], ["ser1", "registry"]];

class Album {
  constructor(tablet, folder) {
    Object.assign(this, { tablet, folder });
  }

  /** Waits for the screen's own element, then takes its picture. */
  async picture(name, testId) {
    await this.tablet.get(testId).first().waitFor();
    await this.tablet.page.evaluate(() => document.fonts.ready);
    await this.tablet.picture(join(this.folder, `${name}.png`));
  }

  /** Touches something, if it is there. */
  async touch(testId) {
    const element = this.tablet.get(testId).first();
    if (!(await element.isVisible())) return false;
    await element.click();
    return true;
  }

  /** Touches something and takes the picture of what follows. */
  async follow(testId, name, next) {
    if (await this.touch(testId)) await this.picture(name, next);
  }
}

async function enrol(album, relay, account) {
  const { tablet } = album;
  await tablet.goto(relay, `/enrol#${account.enrol_code}`);
  await album.picture("enrol-welcome", "enrol-is-me");
  await album.touch("enrol-is-me");
  await tablet.get("enrol-tablet").fill("Tablet contoh");
  await album.picture("enrol-names", "enrol-nickname");
  await album.touch("enrol-names-next");
  await album.picture("enrol-words", "enrol-word");
  const words = await tablet.get("enrol-word").allTextContents();
  await album.touch("enrol-words-copied");
  for (const field of ["confirm-first", "confirm-second"]) {
    const place = Number(await tablet.get(field).getAttribute("data-place"));
    await tablet.get(field).fill(words[place]);
  }
  await album.picture("enrol-confirm", "enrol-join");
  await album.touch("enrol-join");
  await tablet.get("top-lock").waitFor({ timeout: 90_000 });
}

async function report(album) {
  const { tablet } = album;
  await album.follow("home-take-report", "report-danger-question", "report-question");
  await album.touch("field-bahaya_segera-YA");
  await tablet.page.locator('[data-testid="field-bahaya_segera-mark"][data-mark="saved"]').waitFor();
  await album.follow("report-next", "report-danger", "danger");
  for (let page = 3; page < 16 && !(await tablet.get("report-hand-over").isVisible()); page += 1) {
    const question = await tablet.get("report-question").textContent();
    await album.touch("report-next");
    // A page that must be answered says so and offers "Tidak tahu".
    const moved = tablet.page.waitForFunction((before) => {
      const now = document.querySelector('[data-testid="report-question"]')?.textContent;
      return now !== before || document.querySelector('[data-testid="report-unknown"]');
    }, question);
    await moved;
    if (await album.touch("report-unknown")) await album.touch("report-next");
    else await album.picture(`report-page-${page}`, "top-title");
  }
  await album.picture("report-check", "report-hand-over");
  await album.follow("report-hand-over", "receipt", "receipt-code");
}

async function office(album) {
  await album.follow("tab-cases", "cases", "cases-search");
  const card = album.tablet.page.locator('[data-testid^="case-card-"]').first();
  if (await card.isVisible()) {
    await card.click();
    await album.picture("case", "case-code");
    await album.follow("case-history", "history", "top-title");
  }
  await album.touch("tab-home");
  await album.follow("home-conflicts", "conflicts", "conflicts-list");
  await album.follow("conflict-item", "conflict", "conflict");
}

async function common(album) {
  await album.follow("tab-sync", "sync", "sync-facts");
  await album.follow("tab-tasks", "tasks", "top-title");
  await album.touch("tab-home");
  await album.follow("home-emergency", "emergency", "emergency-list");
  await album.touch("tab-home");
  await album.follow("home-settings", "settings", "settings-about");
  await album.touch("top-lock");
  await album.picture("door", "door-title");
}

const shots = (name, desk, colorScheme, language) => async (context) => {
  const relay = await Relay.start(context, { size: 66 });
  const tablet = await Tablet.start(context, { colorScheme });
  const folder = join(options.out, language, colorScheme, desk);
  await mkdir(folder, { recursive: true });
  const album = new Album(tablet, folder);
  if (language !== "id") {
    await tablet.goto(relay);
    await album.touch(`language-${language}`);
  }
  await enrol(album, relay, relay.account(name));
  await album.picture("home", "home-emergency");
  if (desk === "field") await report(album);
  else await office(album);
  await album.touch("tab-home");
  await album.touch("top-back");
  await common(album);
  tablet.expectQuiet();
};

const tests = options.languages.flatMap((language) => ["light", "dark"].flatMap((scheme) => PEOPLE.map(([name, desk]) => [
  `${desk}, ${scheme}, ${language}`, shots(name, desk, scheme, language)])));

await suite("shots", tests);
