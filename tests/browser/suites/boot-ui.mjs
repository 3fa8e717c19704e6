// The interface before anybody is signed in: what it draws, that it is readable, and that nothing typed is kept by the browser.
import AxeBuilder from "@axe-core/playwright";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite } from "../lib/run.mjs";

/** Text colours and the surfaces they are named for; field screens need 7:1 in the sun. */
const PAIRS = [["ink", "paper"], ["ink", "surface"], ["ink", "surface-sunken"], ["ink-soft", "paper"], ["ink-soft", "surface"],
  ["ink-soft", "surface-sunken"], ["brand", "surface"], ["brand", "brand-soft"], ["on-brand", "brand"], ["on-bar", "bar"],
  ["danger", "surface"], ["danger", "danger-soft"], ["on-danger", "danger-fill"], ["warn", "warn-soft"], ["good", "surface"],
  ["good", "good-soft"], ["ink", "brand-soft"], ["paper", "ink"]];
const CONTRAST_MIN = 7;

async function start(context, settings = {}) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context, settings);
  await tablet.goto(relay);
  await tablet.get("door-title").waitFor();
  return { relay, tablet };
}

/** Measures every pair as the browser resolves it. */
async function contrasts(page) {
  return page.evaluate((pairs) => {
    const probe = document.body.appendChild(document.createElement("i"));
    const channels = (token) => {
      probe.style.setProperty("color", `var(--${token})`);
      return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
    };
    const luminance = (token) => {
      const [red, green, blue] = channels(token).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const measured = pairs.map(([text, ground]) => {
      const [light, dark] = [luminance(text), luminance(ground)].sort((left, right) => right - left);
      return { pair: `${text} on ${ground}`, ratio: (light + 0.05) / (dark + 0.05) };
    });
    probe.remove();
    return measured;
  }, PAIRS);
}

const readable = (colorScheme) => async (context) => {
  const { tablet } = await start(context, { colorScheme });
  const faint = (await contrasts(tablet.page)).filter(({ ratio }) => ratio < CONTRAST_MIN);
  same(faint, [], `pairs under ${CONTRAST_MIN}:1 in ${colorScheme}`);
  tablet.expectQuiet();
};

async function keepsNothing(context) {
  const { tablet } = await start(context);
  const careless = await tablet.page.evaluate(() => [...document.querySelectorAll("input, textarea, select")]
    .filter((field) => field.getAttribute("autocomplete") !== "off" || field.hasAttribute("name")
      || (field.localName !== "select" && field.getAttribute("spellcheck") !== "false"))
    .map((field) => field.outerHTML));
  same(careless, [], "fields the browser would remember");
  same(await tablet.page.evaluate(() => document.querySelectorAll("[style], [onclick]").length), 0, "inline styles and handlers");
  same(await tablet.page.title(), "Simpul", "title");
  tablet.expectQuiet();
}

async function dropsTheCode(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay, "/enrol#ABCD-EFGH-JKLM-NPQR");
  await tablet.get("door-title").waitFor();
  same(new URL(tablet.page.url()).hash, "", "the code stands in the address");
}

async function speaks(context) {
  const { tablet } = await start(context);
  const before = await tablet.get("door-title").textContent();
  await tablet.get("language-en").click();
  await tablet.get("language-id").waitFor();
  check((await tablet.get("door-title").textContent()) !== before, "the words did not change");
  same(await tablet.page.evaluate(() => document.documentElement.lang), "en", "lang");
}

async function accessible(context) {
  const { tablet } = await start(context);
  for (const path of ["door-title", "emergency-list"]) {
    if (path === "emergency-list") await tablet.get("door-emergency").click();
    await tablet.get(path).waitFor();
    const { violations } = await new AxeBuilder({ page: tablet.page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
    same(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`), [], `axe at ${path}`);
  }
}

async function targetsAreLarge(context) {
  const { tablet } = await start(context);
  const small = await tablet.page.evaluate(() => [...document.querySelectorAll("button, a[href], input, select, textarea")]
    .map((element) => ({ test: element.dataset.testid, height: element.getBoundingClientRect().height }))
    .filter(({ height }) => height > 0 && height < 48));
  same(small, [], "targets under 48 px");
}

await suite("boot-ui", [
  ["text is readable in the sun, by day", readable("light")],
  ["text is readable at night", readable("dark")],
  ["the browser keeps nothing that is typed", keepsNothing],
  ["an enrolment code leaves the address at once", dropsTheCode],
  ["the language changes without a reload", speaks],
  ["the door has no accessibility faults", accessible],
  ["everything to touch is at least 48 px high", targetsAreLarge],
]);
