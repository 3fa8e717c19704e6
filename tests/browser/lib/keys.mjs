// Somebody without a finger or a mouse: presses keys, and at every stop looks whether they could see where they are.
import { check, until } from "./run.mjs";
import { at } from "./flows.mjs";

/** More stops than any screen has. */
const STOPS_MAX = 90;

/** A ring thinner than this is not seen on a cheap screen. */
const RING_PX_MIN = 2;

/** What the browser says of the element that has the focus; `null` where nothing has it. */
const lookAtFocus = (page) => page.evaluate(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const over = document.elementFromPoint(x, y);
  return {
    name: element.dataset.testid ?? element.className ?? element.localName,
    tag: element.localName,
    isContent: element.closest("main") !== null && element.localName !== "main",
    ring: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
    isVisible: element.matches(":focus-visible"),
    isUncovered: over !== null && (element.contains(over) || over.contains(element)),
    left: box.left, right: box.right,
    top: box.top + scrollY, bottom: box.bottom + scrollY,
    label: (element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent ?? "").trim(),
  };
});

/** Why somebody would lose their way between two stops, or nothing. */
function faultAfter(before, stop) {
  const isInRow = before.top < stop.bottom && stop.top < before.bottom;
  if (isInRow) return stop.left >= before.left - 1 ? undefined : "goes back to the left";
  return stop.top >= before.top - 1 ? undefined : "goes back up";
}

export class Keys {
  constructor(tablet) {
    this.tablet = tablet;
    this.stops = 0;
  }

  get page() {
    return this.tablet.page;
  }

  /** Fails from now on when a pointer touches anything. */
  async withoutPointer() {
    await this.page.evaluate(() => {
      globalThis.pointers = 0;
      for (const kind of ["pointerdown", "mousedown", "touchstart"]) addEventListener(kind, () => { globalThis.pointers += 1; }, true);
    });
  }

  async expectNoPointer() {
    check((await this.page.evaluate(() => globalThis.pointers)) === 0, "a pointer was used");
  }

  /** One press of Tab; fails when the place reached cannot be seen. */
  async tab(key = "Tab") {
    await this.page.keyboard.press(key);
    const stop = await lookAtFocus(this.page);
    if (!stop) return undefined;
    this.stops += 1;
    check(stop.isVisible && stop.ring >= RING_PX_MIN, `${stop.name} has the focus and does not show it (${stop.ring} px)`);
    check(stop.isUncovered, `${stop.name} has the focus and lies under something`);
    check(stop.label !== "" || stop.tag === "textarea" || stop.tag === "input" || stop.tag === "select", `${stop.name} says nothing`);
    return stop;
  }

  /** Presses Tab until that element has the focus. Inside the content every stop lies below or right of the one before. */
  async reach(testId) {
    await at(this.page, testId).first().waitFor();
    const passed = [];
    let before;
    for (let count = 0; count < STOPS_MAX; count += 1) {
      const stop = await this.tab();
      if (stop) passed.push(stop.name);
      if (stop?.isContent && before?.isContent) {
        const fault = faultAfter(before, stop);
        check(!fault, `from ${before.name} to ${stop.name} the focus ${fault}`);
      }
      if (stop?.name === testId) return passed;
      before = stop;
    }
    throw new Error(`no way to ${testId}; passed ${passed.join(", ")}`);
  }

  /** Goes to that element and presses Enter. */
  async press(testId, key = "Enter") {
    const passed = await this.reach(testId);
    await this.page.keyboard.press(key);
    return passed;
  }

  /** Waits until the content that was asked for stands there and Tab begins at its top. */
  async arrive(testId) {
    await at(this.page, testId).first().waitFor();
    await until(`Tab begins at the content of ${testId}`, () => this.page.evaluate(() => document.activeElement?.matches("main, main h2")));
  }
}
