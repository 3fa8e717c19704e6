// A tiny test runner: named tests one after another, conditions instead of sleeps, a seed that is always printed, and one
// JSON line at the end for `cargo xtask test`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    json: { type: "boolean", default: false },
    cases: { type: "string" },
    kills: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    out: { type: "string" },
    lang: { type: "string" },
  },
});

const number = (text, otherwise) => (text === undefined ? otherwise : Number.parseInt(text, 10));

/** What the command line asked for. */
export const options = {
  json: values.json,
  cases: number(values.cases, undefined),
  kills: number(values.kills, undefined),
  seed: number(values.seed, Math.floor(Math.random() * 2 ** 31)),
  /** Runs only tests whose name contains this. */
  only: values.only,
  /** Where pictures go, and in which languages they are taken. */
  out: values.out ?? "target/shots",
  languages: (values.lang ?? "id").split(","),
};

/** Where traces, pictures and profiles of failed tests stay. */
export const outFolder = process.env.SIMPUL_TEST_OUT ?? "target/browser-tests";

/** Progress, for people. */
export const say = (text) => process.stderr.write(`${text}\n`);

/** A random source that gives the same numbers for the same seed (mulberry32). */
export function randomness(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

/** Waits until `condition` gives something true and gives that back; fails with `what` when it never does. */
export async function until(what, condition, { timeout = 15_000, every = 50 } = {}) {
  const end = performance.now() + timeout;
  let last;
  for (;;) {
    try {
      const result = await condition();
      if (result) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain: ${what}`, { cause: last });
    await new Promise((resume) => setTimeout(resume, every));
  }
}

/** Fails the test unless the condition holds. */
export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Fails the test unless both are equal as JSON. */
export function same(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`);
}

/**
 * Runs the tests of one suite and ends the process.
 *
 * `tests` is a list of `[name, async (context) => …]`. The context has `options`, `cleanup(fn)` (called in reverse order after
 * the test, also when it failed, with whether it failed), `note(key, value)` (goes into the report) and `folder`.
 */
export async function suite(name, tests) {
  say(`suite ${name}, seed ${options.seed}`);
  const results = [];
  for (const [title, body] of tests) {
    if (options.only && !title.includes(options.only)) continue;
    results.push(await runOne(name, title, body));
  }
  const passed = results.filter((result) => result.ok).length;
  const failed = results.length - passed;
  if (options.json) console.log(JSON.stringify({ suite: name, seed: options.seed, passed, failed, tests: results }));
  else console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

async function runOne(suiteName, title, body) {
  const folder = join(outFolder, suiteName, title.replaceAll(/[^a-z0-9]+/gi, "-"));
  mkdirSync(folder, { recursive: true });
  const cleanups = [];
  const notes = {};
  const context = {
    options,
    folder,
    name: `${suiteName}: ${title}`,
    cleanup: (act) => cleanups.push(act),
    note: (key, value) => { notes[key] = value; },
  };
  const started = performance.now();
  let failure;
  try {
    await body(context);
  } catch (error) {
    failure = error;
  }
  for (const act of cleanups.reverse()) {
    try {
      await act(failure !== undefined);
    } catch (error) {
      failure ??= error;
    }
  }
  const ms = Math.round(performance.now() - started);
  say(`${failure ? "FAIL" : "ok  "} ${context.name} (${ms} ms)`);
  if (failure) say(describe(failure));
  return { name: title, ok: failure === undefined, ms, ...notes, ...(failure && { failure: String(failure.message ?? failure) }) };
}

function describe(error) {
  const cause = error.cause ? `\n  because: ${describe(error.cause)}` : "";
  return `${error.stack ?? error}${cause}`;
}
