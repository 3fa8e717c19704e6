// Somebody at a tablet whose every tap and every typed character is counted.
import { until } from "./run.mjs";
import { at } from "./flows.mjs";

export class Hands {
  constructor(tablet) {
    Object.assign(this, { tablet, taps: 0, typed: 0 });
  }

  /** The page that shows: after a battery died it is another one. */
  get page() {
    return this.tablet.page;
  }

  async tap(id) {
    await at(this.page, id).first().click();
    this.taps += 1;
  }

  /** Touches an answer, and waits until it shows as chosen. */
  async answer(field, code) {
    await this.tap(`field-${field}-${code}`);
    const choice = at(this.page, `field-${field}-${code}`).first();
    await until(`${field} is ${code}`, async () => (await choice.getAttribute("aria-checked")) === "true");
  }

  /** Types on the keyboard of the screen, into whatever has the focus. */
  async type(text) {
    await this.page.keyboard.type(text);
    this.typed += text.length;
  }

  /** Unlocks by the tile and the five words. */
  async unlock(person) {
    await this.tap(`tile-${person.nickname}`);
    await at(this.page, "word-input-text").waitFor();
    if (!(await at(this.page, "word-input-text").evaluate((input) => input === document.activeElement))) await this.tap("word-input-text");
    await this.type(`${person.words.join(" ")} `);
  }
}
