// Makes a browser as slow as an old tablet: every process of it runs for a moment, then stands still for the rest of a short
// period. The browser's own throttling slows the page's thread only, and here the work is in workers. The clock goes on while
// the processes stand still, so what a page measures is what a person waits.
import { Worker, isMainThread, workerData } from "node:worker_threads";

/** One turn, in milliseconds: short beside everything that is measured. */
const PERIOD_MS = 12;

/** Loops that take about a tenth of a second on a machine of today. */
const LOOPS = 40_000_000;

/** How often the loop is timed; the middle one counts. */
const TIMES = 5;

if (!isMainThread) {
  const { groups, factor, shared } = workerData;
  const state = new Int32Array(shared);
  const send = (signal) => {
    for (const group of groups) {
      try {
        process.kill(-group, signal);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
  };
  const rest = (ms) => Atomics.wait(state, 1, 0, ms);
  while (Atomics.load(state, 0) === 0) {
    send("SIGSTOP");
    rest(PERIOD_MS * (1 - 1 / factor));
    send("SIGCONT");
    rest(PERIOD_MS / factor);
  }
}

/** A browser that runs `factor` times slower until it is told to stop. */
export class Slow {
  /** Slows the browser of a tablet. */
  static async start(tablet, factor) {
    const slow = new Slow();
    if (factor <= 1) return slow;
    const shared = new SharedArrayBuffer(8);
    slow.state = new Int32Array(shared);
    const groups = [...(await tablet.groups())];
    slow.thread = new Worker(new URL(import.meta.url), { workerData: { groups, factor, shared } });
    slow.ended = new Promise((resume, fail) => slow.thread.once("exit", resume).once("error", fail));
    return slow;
  }

  /** Lets the browser run again. */
  async stop() {
    if (!this.state) return;
    Atomics.store(this.state, 0, 1);
    await this.ended;
  }
}

/** Milliseconds that a fixed piece of arithmetic takes in a page or in a worker. */
export async function loopTime(realm) {
  const times = [];
  for (let time = 0; time < TIMES; time += 1) {
    times.push(await realm.evaluate((loops) => {
      const began = performance.now();
      let sum = 0;
      for (let count = 0; count < loops; count += 1) sum = (sum + Math.imul(count, 31)) | 0;
      // The sum is used, or the loop would be left out.
      return performance.now() - began + (sum === 1 ? 1e-9 : 0);
    }, LOOPS));
  }
  return times.sort((left, right) => left - right)[Math.floor(TIMES / 2)];
}
