// The tablet's clock: what an empty battery, a month in a drawer or a border tower does to it.
import { until } from "./run.mjs";

/** Moves the clock of the page and its engine, from now until the page is loaded again, by so many milliseconds. */
export async function moveClock(page, ms) {
  const worker = await until("the engine's worker", () => page.workers()[0]);
  const move = (passed) => {
    const clock = Date.now;
    Date.now = () => clock() + passed;
  };
  await worker.evaluate(move, ms);
  await page.evaluate(move, ms);
}
