// Somebody touches whatever is there, in no order: whatever screen comes of it has to be whole. What a walk in the order of a
// working day never does, such as going from one case straight to another, shows here.
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, options, randomness, say, suite, until } from "../lib/run.mjs";
import { PEOPLE } from "../lib/walk.mjs";
import * as flows from "../lib/flows.mjs";

const STEPS = options.cases ?? 60;
/** What would leave the vault or the browser; and what waits for a person outside of it (a printer, a file). */
const LEFT_ALONE = ["top-exit", "top-lock", "sync-give-up", "update-now"];

/** What can be touched now: what a finger could reach on this screen, by its test name or its words. */
const reachable = (page) => page.evaluate((leftAlone) => {
  const all = [...document.querySelectorAll("a[href], button, [role=switch], [role=radio], summary")];
  return all.flatMap((element, index) => {
    const box = element.getBoundingClientRect();
    const name = element.dataset.testid ?? element.textContent.trim().slice(0, 40);
    const outside = element.tagName === "A" && !element.getAttribute("href").startsWith("/");
    const shown = box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
    if (!shown || element.disabled || element.getAttribute("aria-disabled") === "true" || outside || leftAlone.includes(name)) return [];
    return [{ index, name }];
  });
}, LEFT_ALONE);

const touch = (page, index) => page.locator("a[href], button, [role=switch], [role=radio], summary").nth(index);

/** What leads from where one works straight to something else. */
const SHORTCUT = /^(queue-|alarm-|home-next|register-similar)/;

/** What is wrong with the screen that shows, if anything. */
const faults = (page) => page.evaluate(() => {
  const found = [];
  const words = document.body.innerText;
  const strange = words.match(/undefined|NaN|\[object |\{[a-z_]+\}|Option\(|Some\(|\bnull\b|\b[0-9a-f]{32}\b/);
  if (strange) found.push(`words no person says: ${strange[0]}`);
  if (document.documentElement.scrollWidth > innerWidth) found.push(`wider than the screen by ${document.documentElement.scrollWidth - innerWidth}`);
  const exit = document.querySelector('[data-testid="top-exit"]')?.getBoundingClientRect();
  if (!exit || exit.top < 0 || exit.bottom > innerHeight) found.push("no way to leave quickly");
  const bar = document.querySelector(".top-bar")?.getBoundingClientRect();
  const over = (x) => document.elementFromPoint(x, bar.top + bar.height / 2);
  if (bar && [bar.left + 24, bar.right - 24].some((x) => !over(x)?.closest(".top-bar, .toasts, dialog"))) found.push("the bar at the top is covered");
  if (!document.querySelector("main h1, main h2, h1")?.textContent.trim()) found.push("no title");
  return found;
});

/** The registrar sits at a desk, the others hold a tablet. */
const VIEWPORT = { registry: { width: 1280, height: 800 } };

const wanders = (name, desk) => async (context) => {
  const relay = await Relay.start(context, { size: 66 });
  const tablet = await Tablet.start(context, { traced: options.only !== undefined, ...(VIEWPORT[desk] && { viewport: VIEWPORT[desk] }) });
  const { page } = tablet;
  page.on("dialog", (dialog) => dialog.dismiss().catch(() => undefined));
  await page.addInitScript(() => { window.print = () => undefined; });
  await tablet.goto(relay, "/enrol");
  await flows.enrol(page, relay.account(name).enrol_code);
  await flows.sendAll(page);
  await flows.goTo(page, "/");
  const random = randomness(options.seed);
  /** Which code each case has told of itself. */
  const codes = new Map();
  const trail = [];
  for (let step = 0; step < STEPS; step += 1) {
    if (random.below(12) === 0) await flows.goTo(page, random.pick(["/", "/kasus"]));
    const there = await reachable(page);
    check(there.length > 0, `nothing to touch after ${trail.slice(-5).join(" → ")}`);
    const shortcuts = there.filter(({ name }) => SHORTCUT.test(name));
    const next = random.pick(shortcuts.length > 0 && random.below(3) === 0 ? shortcuts : there);
    trail.push(next.name);
    // What moved away or was drawn anew meanwhile is no fault: somebody touches something else then.
    await touch(page, next.index).click({ timeout: 2_000 }).catch(() => undefined);
    await until(`the screen after ${trail.slice(-5).join(" → ")}`, async () => (await page.locator(".skeleton").count()) === 0);
    let wrong = await faults(page);
    // A screen may be half drawn for a moment, not for long.
    if (wrong.length > 0) await until("a whole screen", async () => (wrong = await faults(page)).length === 0, { timeout: 3_000 }).catch(() => undefined);
    check(wrong.length === 0, `${wrong} at ${new URL(page.url()).pathname} after ${trail.slice(-8).join(" → ")}`);
    const at = /^\/kasus\/([0-9a-f]{32})$/.exec(new URL(page.url()).pathname)?.[1];
    if (at && (await flows.at(page, "case-code").isVisible())) {
      const code = (await flows.at(page, "case-code").textContent()).trim();
      for (const [id, other] of codes) check(id === at || other !== code, `${code} shows at the address of another case after ${trail.slice(-5).join(" → ")}`);
      codes.set(at, code);
    }
    tablet.expectQuiet();
  }
  say(`${desk}: ${trail.length} steps, ${codes.size} cases, last ${trail.slice(-3).join(" → ")}`);
};

await suite("wander", PEOPLE.map(([name, desk]) => [`${desk} touches whatever is there`, wanders(name, desk)]));
