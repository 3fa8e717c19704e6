// Times what a person waits for, by the page's own clock: from the event that began it to the frame in which the screen shows
// its end. Nothing of it is part of the product; it is put into the page from outside.

/** Longest wait for anything that is timed. */
const PATIENCE_MS = 60_000;

/** Runs in the page, before its own scripts. */
function install() {
  const tasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) tasks.push({ at: task.startTime, ms: task.duration });
  }).observe({ type: "longtask", buffered: true });
  const frame = () => new Promise((resume) => { requestAnimationFrame(() => resume(performance.now())); });

  const shows = (wanted) => {
    const [selector, text] = wanted;
    const found = document.querySelector(selector);
    return found !== null && (text === null || found.textContent.includes(text));
  };

  // An interval would be put off while the page is busy, and hide just that; an observer hears every change.
  const whenShown = (wanted) => new Promise((resume) => {
    const look = () => {
      if (!wanted.every(shows)) return;
      observer.disconnect();
      frame().then(resume);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });

  globalThis.stopwatch = {
    tasks,
    /** Promises of moments, by name, in milliseconds since the page was asked for. */
    moments: {},
    /** Notes when something first shows. */
    note(name, wanted) {
      this.moments[name] = whenShown(wanted);
    },
    /** Waits for an event, then for what shall show after it. */
    arm(event, wanted) {
      this.armed = new Promise((resume) => {
        addEventListener(event, () => {
          const began = performance.now();
          whenShown(wanted).then((ended) => resume(ended - began));
        }, { capture: true, once: true });
      });
    },
  };
}

/** Puts the stopwatch into every page of a tablet. `first` is noted from the page's start on: `{name: wanted}`. */
export async function equip(tablet, first) {
  await tablet.context.addInitScript(install);
  await tablet.context.addInitScript((names) => {
    for (const [name, wanted] of Object.entries(names)) globalThis.stopwatch.note(name, wanted);
  }, first);
}

/** What shall show: a selector, and words in the first element it finds. */
export const shown = (selector, text = null) => [selector, text];

/** The element of a `data-testid`. */
export const named = (id) => `[data-testid="${id}"]`;

/** Milliseconds from the page's start until what was noted under a name; waits for it. */
export const moment = (page, name) => page.evaluate((wanted) => globalThis.stopwatch.moments[wanted], name);

/** Milliseconds from an event that `act` causes until all that is wanted shows; fails when it never does. */
export async function time(page, event, wanted, act) {
  await page.evaluate(([name, list]) => { globalThis.stopwatch.arm(name, list); }, [event, wanted]);
  await act();
  return page.evaluate(([name, list, limit]) => Promise.race([
    globalThis.stopwatch.armed,
    new Promise((_, fail) => { setTimeout(() => fail(new Error(`after ${name} there never was ${JSON.stringify(list)}`)), limit); }),
  ]), [event, wanted, PATIENCE_MS]);
}

/** Takes the long tasks there were since the last time. */
export const longTasks = (page) => page.evaluate(() => globalThis.stopwatch.tasks.splice(0));
