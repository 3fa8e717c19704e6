// One tablet: a Chromium with a profile of its own that outlives the browser, at the size of a cheap tablet. Everything the
// page's console, the content security policy or Trusted Types complain about is kept, and a test fails on it.
import { copyFile, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { until } from "./run.mjs";

/** The flags: nothing in the background, and no sandbox only because tests may run as root in a container. */
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-breakpad", "--disable-dev-shm-usage"];

export class Tablet {
  /**
   * Makes a tablet with an empty profile, starts its browser, and has both removed when the test ends. `traced` is off where a
   * trace would be lost anyway (the browser is killed) or where it makes thousands of steps slow.
   */
  static async start(context, {
    name = "tablet", colorScheme = "light", viewport = { width: 800, height: 1280 }, locale = "id-ID", traced = true, flags = [],
  } = {}) {
    const tablet = new Tablet();
    Object.assign(tablet, { name, traced, flags, settings: { colorScheme, viewport, locale }, complaints: [], context: undefined, folder: context.folder });
    tablet.profile = await mkdtemp(join(tmpdir(), "simpul-tablet-"));
    context.cleanup(async (failed) => {
      await tablet.close(failed);
      await rm(tablet.profile, { recursive: true, force: true, maxRetries: 5 });
    });
    await tablet.open();
    return tablet;
  }

  /** Starts the browser on the tablet's profile. */
  async open() {
    if (this.context) throw new Error(`${this.name} is already open`);
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      // A killed browser leaves no trace; what it says of its stores at the next start is all there is.
      args: [...FLAGS, ...this.flags, ...(this.traced ? [] : ["--enable-logging", `--log-file=${this.log}`])],
      hasTouch: true,
      serviceWorkers: "allow",
      timezoneId: "Asia/Makassar",
      ...this.settings,
    });
    if (this.traced) await this.context.tracing.start({ screenshots: true, snapshots: true });
    for (const page of this.context.pages()) this.listen(page);
    this.context.on("page", (page) => this.listen(page));
    this.context.on("serviceworker", (worker) => this.listenWorker(worker));
    await this.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy violation: ${event.effectiveDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
      });
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    return this;
  }

  listen(page) {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complain(message.text(), message.location().url);
    });
    page.on("pageerror", (error) => this.complain(error.message, "page"));
    page.on("crash", () => this.complain("the page crashed", "page"));
  }

  listenWorker(worker) {
    worker.on?.("console", (message) => {
      if (message.type() === "error") this.complain(message.text(), "service worker");
    });
  }

  complain(text, where) {
    // A relay that is switched off is a part of many tests; the browser reports each failed request by itself.
    if (/net::ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|CONNECTION_RESET|EMPTY_RESPONSE|FAILED)/.test(text)) return;
    this.complaints.push(`${where}: ${text}`);
  }

  /** Fails when anything was complained about, and forgets it. */
  expectQuiet() {
    const complaints = this.complaints.splice(0);
    if (complaints.length > 0) throw new Error(`${this.name} complained:\n  ${complaints.join("\n  ")}`);
  }

  /** Opens a path of the relay and waits until the interface has started. */
  async goto(relay, path = "/") {
    await this.page.goto(new URL(path, relay.url).href, { waitUntil: "commit" });
    await this.booted();
  }

  /** Loads the page again and waits until the interface has started. */
  async reload() {
    await this.page.reload({ waitUntil: "commit" });
    await this.booted();
  }

  async booted() {
    const boot = () => this.page.evaluate(() => document.documentElement.dataset.boot);
    const how = await until(`${this.name} has started the interface`, boot, { timeout: 30_000 });
    if (how !== "ready") throw new Error(`${this.name} could not start the interface`);
  }

  /** The element with that `data-testid`. */
  get(testId) {
    return this.page.getByTestId(testId);
  }

  /** Waits until the service worker has kept the whole build and answers for this page. */
  async keptForOffline() {
    const answers = () => this.page.evaluate(() => navigator.serviceWorker.controller?.state === "activated");
    await until("the service worker answers for the page", answers, { timeout: 30_000 });
  }

  /** Switches the tablet's network off or on; a relay that is stopped is the harder test. */
  async offline(isOffline) {
    await this.context.setOffline(isOffline);
  }

  /** Another tab of the same browser. */
  async tab() {
    return this.context.newPage();
  }

  /** Takes a picture of the screen. */
  async picture(path) {
    await this.page.screenshot({ path, animations: "disabled" });
  }

  /** A session of the browser's own protocol. */
  async protocol(page = this.page) {
    return this.context.newCDPSession(page);
  }

  /** What the browser itself has to say, where there is no trace. */
  get log() {
    return join(this.profile, "browser.log");
  }

  /** Closes the browser as a person would; the profile stays. */
  async close(keepTrace = false) {
    if (!this.context) return;
    const { context } = this;
    this.context = undefined;
    if (this.traced) {
      const trace = keepTrace ? { path: join(this.folder, `${this.name}-trace.zip`) } : {};
      await context.tracing.stop(trace).catch(() => undefined);
    } else if (keepTrace) {
      const path = join(this.folder, `${this.name}.png`);
      await context.pages()[0]?.screenshot({ path, timeout: 5_000 }).catch(() => undefined);
      await copyFile(this.log, join(this.folder, `${this.name}.log`)).catch(() => undefined);
    }
    await context.close().catch(() => undefined);
  }

  /** The process groups that have this tablet's profile open: the browser and everything it started. */
  async groups() {
    const groups = new Set();
    for (const pid of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (!command.includes(this.profile)) continue;
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
      if (group > 1) groups.add(group);
    }
    return groups;
  }

  /** Takes the browser's power away, all its processes at once; the profile stays as it was on disk. */
  async kill() {
    const { context } = this;
    this.context = undefined;
    for (const group of await this.groups()) {
      try {
        process.kill(-group, "SIGKILL");
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
    await until(`${this.name} is dead`, async () => (await this.groups()).size === 0);
    await context?.close().catch(() => undefined);
    // The dead browser's lock would keep the next one from opening the profile.
    for (const lock of ["SingletonLock", "SingletonCookie", "SingletonSocket"]) await rm(join(this.profile, lock), { force: true });
  }
}
