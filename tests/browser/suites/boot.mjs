// The page, the engine's worker and the service worker start under the strict policy, and start again without a network.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Relay } from "../lib/relay.mjs";
import { Tablet } from "../lib/tablet.mjs";
import { check, same, suite, until } from "../lib/run.mjs";

const POLICY_PARTS = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "base-uri 'none'",
  "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types default"];

/** Waits until the engine's worker runs, and fails when the page runs anything but this build's own. */
async function engineRuns(tablet) {
  await until("the engine's worker runs", () => tablet.page.workers().length > 0);
  const own = await tablet.page.evaluate(() => document.documentElement.dataset.worker);
  check(/^\/a\/worker-[0-9a-f]+\.js$/.test(own), `the page names no worker of its build: ${own}`);
  same(tablet.page.workers().map((worker) => new URL(worker.url()).pathname), [own], "workers");
  return own;
}

async function strictHeaders(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const page = await fetch(relay.url);
  const html = await page.text();
  const scripts = [...html.matchAll(/<script [^>]*src="([^"]+)"/g)].map(([, path]) => path);
  check(scripts.length > 0, "the page has no script");
  for (const path of ["/", "/enrol", "/sw.js", "/sw-withdrawn.js", ...scripts]) {
    const answer = await fetch(`${relay.url}${path}`);
    await answer.arrayBuffer();
    same(answer.status, 200, path);
    const policy = answer.headers.get("content-security-policy") ?? "";
    for (const part of POLICY_PARTS) check(policy.includes(part), `${path} lacks ${part}`);
    same(answer.headers.get("cross-origin-opener-policy"), "same-origin", path);
    same(answer.headers.get("cross-origin-embedder-policy"), "require-corp", path);
    same(answer.headers.get("x-content-type-options"), "nosniff", path);
    same(answer.headers.get("referrer-policy"), "no-referrer", path);
    same(answer.headers.get("cache-control"), path.startsWith("/a/") ? "public, max-age=31536000, immutable" : "no-cache", path);
  }
}

async function startsUnderThePolicy(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  await engineRuns(tablet);
  await tablet.keptForOffline();
  check(await tablet.page.evaluate(() => globalThis.crossOriginIsolated), "the page is not isolated from other origins");
  same(await tablet.page.title(), "Simpul", "title");
  tablet.expectQuiet();
}

async function blocksInjection(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  // Outside the evaluation itself, which the browser's protocol frees from the policy.
  const outcome = await tablet.page.evaluate(() => new Promise((resume) => setTimeout(() => {
    const tries = {
      script: () => { document.createElement("div").innerHTML = "<script>globalThis.hit = 1</script>"; },
      handler: () => { document.createElement("div").innerHTML = '<img src="/x" onerror="globalThis.hit = 1">'; },
      link: () => { document.createElement("div").innerHTML = '<a href="javascript:globalThis.hit = 1">x</a>'; },
      broken: () => { document.createElement("div").innerHTML = '<b title="<img src=x onerror=1"'; },
      worker: () => { new Worker("/a/other.js"); },
      evaluation: () => { globalThis.eval("globalThis.hit = 1"); },
    };
    const blocked = {};
    for (const [name, act] of Object.entries(tries)) {
      try {
        act();
        blocked[name] = false;
      } catch {
        blocked[name] = true;
      }
    }
    const harmless = document.createElement("div");
    harmless.innerHTML = '<p class="a">x <a href="/y">y</a><svg viewBox="0 0 1 1"><path d="M0 0"/></svg><!----></p>';
    resume({ blocked, harmless: harmless.querySelectorAll("a, path").length, hit: globalThis.hit });
  })));
  same(outcome, { blocked: { script: true, handler: true, link: true, broken: true, worker: true, evaluation: true }, harmless: 2 }, "injection");
  // The tries are complained about; that is what they are for.
  tablet.complaints.length = 0;
}

async function workerStartsItselfOnly(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  const own = await engineRuns(tablet);
  const started = await tablet.page.workers()[0].evaluate((itself) => new Promise((resume) => setTimeout(() => {
    const starts = (path) => {
      try {
        new Worker(path, { type: "module" }).terminate();
        return true;
      } catch {
        return false;
      }
    };
    resume([starts(itself), starts("/sw.js"), starts("https://example.org/worker.js")]);
  })), own);
  same(started, [true, false, false], "workers the engine could start");
  tablet.complaints.length = 0;
}

async function startsWithoutNetwork(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  await tablet.keptForOffline();
  await relay.stop();
  const started = performance.now();
  await tablet.reload();
  context.note("offline_start_ms", Math.round(performance.now() - started));
  await engineRuns(tablet);
  await tablet.goto(relay, "/kasus/0000000000000000");
  await engineRuns(tablet);
  await tablet.close();
  await tablet.open();
  await tablet.goto(relay);
  await engineRuns(tablet);
  tablet.expectQuiet();
}

async function survivesPowerLoss(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  await tablet.keptForOffline();
  await relay.kill();
  await tablet.kill();
  await tablet.open();
  await tablet.goto(relay);
  await engineRuns(tablet);
  tablet.expectQuiet();
}

/** What the page says where it cannot start, and whether anything of the program runs. */
async function refusal(tablet, url) {
  await tablet.page.goto(url, { waitUntil: "commit" });
  const said = tablet.page.locator("section[role=alert]:visible");
  await said.waitFor();
  same(await said.locator("p").count(), 3, "languages");
  check(await tablet.page.locator(".skeleton").isHidden(), "the page still looks as if something came");
  same(tablet.page.workers().length, 0, "workers");
  return said.innerText();
}

async function refusesAnAddressWithoutKeys(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const { port } = new URL(relay.url);
  const tablet = await Tablet.start(context, { flags: ["--host-resolver-rules=MAP simpul.test 127.0.0.1"] });
  const text = await refusal(tablet, `http://simpul.test:${port}/`);
  check(text.includes("S-1519"), text);
  await tablet.page.screenshot({ path: join(context.folder, "insecure.png") });
  // The browser itself complains about the address.
  tablet.complaints = tablet.complaints.filter((complaint) => !complaint.includes("origin was untrustworthy"));
  tablet.expectQuiet();
}

async function refusesAnOldBrowser(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const without = await Tablet.start(context);
  await without.context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
  check((await refusal(without, relay.url)).includes("S-1520"), "no locks");
  // What a browser does with grammar it does not know.
  const grammar = await Tablet.start(context);
  await grammar.context.route(/\/a\/boot-/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: `${await answer.text()}\nlet = unknown grammar` });
  });
  check((await refusal(grammar, relay.url)).includes("S-1520"), "grammar");
  grammar.complaints.length = 0;
}

async function keepsTheServiceWorkerOutOfTheWay(context) {
  const relay = await Relay.start(context, { mode: "serve" });
  const tablet = await Tablet.start(context);
  await tablet.goto(relay);
  await tablet.keptForOffline();
  const kept = await tablet.page.evaluate(async () => {
    await fetch("/health/ready");
    await fetch("/sync", { method: "POST", body: new Uint8Array([0]) });
    const names = [];
    for (const cache of await caches.keys()) {
      for (const request of await (await caches.open(cache)).keys()) names.push(new URL(request.url).pathname);
    }
    return names;
  });
  for (const path of ["/index.html", await engineRuns(tablet)]) check(kept.includes(path), `${path} is not kept`);
  for (const path of kept) check(!/^\/(sync|enrol|live|health|metrics|sw\.js)/.test(path), `${path} is kept`);
  await writeFile(join(context.folder, "kept.json"), JSON.stringify(kept, null, 1));
}

await suite("boot", [
  ["documents and scripts carry the strict headers", strictHeaders],
  ["page, engine worker and service worker start under the strict policy", startsUnderThePolicy],
  ["script from data is blocked", blocksInjection],
  ["the engine may start its own file and no other", workerStartsItselfOnly],
  ["starts again without a network", startsWithoutNetwork],
  ["starts again after losing power", survivesPowerLoss],
  ["an address without keys says so", refusesAnAddressWithoutKeys],
  ["a browser that is too old says so", refusesAnOldBrowser],
  ["the service worker keeps the build and nothing else", keepsTheServiceWorkerOutOfTheWay],
]);
