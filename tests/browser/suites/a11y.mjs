// Nobody is kept out: every screen of every desk, in every language, is looked at by axe by day and by night on a screen of 320
// pixels, and must not scroll sideways there, at twice the size of letters, or on the tablet itself.
import AxeBuilder from "@axe-core/playwright";
import { sendHostile } from "../lib/hostile.mjs";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { options, suite, until } from "../lib/run.mjs";
import { PEOPLE, walkOver } from "../lib/walk.mjs";

const TABLET = { width: 800, height: 1280 };
/** 320 pixels are the narrowest phone (high, so that no sticky bar lies over what axe looks at); zooming a tablet to 200 % leaves half its pixels. */
const SIZES = [["320 px", { width: 320, height: 2000 }], ["200 %", { width: 400, height: 640 }], ["tablet", TABLET]];
/** What the law of the web asks for, and what axe knows beyond it. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function widths(page) {
  const wide = [];
  for (const [name, size] of SIZES) {
    await page.setViewportSize(size);
    const found = await page.evaluate(() => {
      if (document.documentElement.scrollWidth <= innerWidth) return undefined;
      const widest = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
      return widest.slice(-3).map((element) => element.dataset.testid ?? element.getAttribute("class") ?? element.tagName);
    });
    if (found) wide.push(`scrolls sideways at ${name}: ${found.join(", ")}`);
  }
  return wide;
}

/** Waits until no colour is on its way from one to another: axe would measure one that nobody sees for longer than a blink. */
const settled = (page) => page.evaluate(() => Promise.allSettled(
  document.getAnimations().filter((animation) => animation instanceof CSSTransition).map((transition) => transition.finished),
).then(() => undefined));

/** Tallest window that a page is laid open in, pixels: a list that draws what is in sight must not draw all it has. */
const TALLEST = 6_000;

/** Makes the window as high as the page, so that the bar at its foot covers nothing that scrolling would show. */
async function layOpen(page, { width, height }) {
  await page.setViewportSize({ width, height });
  // A part that arrives meanwhile makes the page longer.
  await until("the page is laid open", async () => {
    const [needed, has] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
    if (needed <= has || has >= TALLEST) return true;
    await page.setViewportSize({ width, height: Math.min(needed, TALLEST) });
    return false;
  });
  // Where the page goes on below, the bar stands at its end.
  await page.evaluate(() => document.querySelector(".bottom-bar")?.style.setProperty("position", document.documentElement.scrollHeight > innerHeight ? "static" : ""));
}

/** What axe has against the page as it lies open: once more where a part came, and made it longer, while axe was looking. */
async function violationsOf(page) {
  const heights = () => page.evaluate(() => document.documentElement.scrollHeight);
  let found;
  await until("the page stays as long as it is", async () => {
    await layOpen(page, SIZES[0][1]);
    await settled(page);
    const before = await heights();
    found = (await new AxeBuilder({ page }).withTags(RULES).analyze()).violations;
    return (await heights()) === before;
  }, { timeout: 60_000 });
  return found;
}

async function complaints(page) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const violations = await violationsOf(page);
    for (const { id, help, nodes } of violations) {
      found.push(`${colorScheme}: ${id} (${help}): ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}

const look = (name, desk, language) => async (context) => {
  const relay = await Relay.start(context, { size: 66 });
  // Somebody's tablet sends damaged data: whoever decides has a card of it.
  await sendHostile(relay, "pkt1", new TextEncoder().encode("rusak"), "Tablet yang rusak dengan nama panjang");
  const tablet = await Tablet.start(context);
  const faults = [];
  let screens = 0;
  await walkOver({ tablet, relay, name, desk, language }, async (screen) => {
    screens += 1;
    const found = [...await complaints(tablet.page), ...await widths(tablet.page)];
    await tablet.page.setViewportSize(TABLET);
    const spoken = await tablet.page.evaluate(() => document.documentElement.lang);
    if (spoken !== language) found.push(`says it is written in "${spoken}"`);
    faults.push(...found.map((fault) => `${screen}: ${fault}`));
  });
  context.note("screens", screens);
  if (faults.length > 0) throw new Error(`${faults.length} faults on ${screens} screens:\n  ${faults.join("\n  ")}`);
  tablet.expectQuiet();
};

// Every desk in every language; with fewer cases than that, each desk in so many fewer languages, by the seed.
const LANGUAGES = ["id", "en", "tet"];
const languagesOfEach = Math.ceil((options.cases ?? LANGUAGES.length * PEOPLE.length) / PEOPLE.length);
const isAsked = (language, desk) => (language + desk + options.seed) % LANGUAGES.length < languagesOfEach;
const tests = LANGUAGES.flatMap((language, place) => PEOPLE.filter((_, desk) => isAsked(place, desk))
  .map(([name, desk]) => [`${desk}, ${language}`, look(name, desk, language)]));

await suite("a11y", tests);
