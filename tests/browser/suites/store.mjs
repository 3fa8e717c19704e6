// The tablet's store keeps its promises on a real IndexedDB: the same list of checks that runs on memory natively, inside a
// dedicated worker. Needs no relay; the page is served from here.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { Tablet } from "../lib/tablet.mjs";
import { check, suite } from "../lib/run.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
const PAGE = "<!doctype html><title>Simpul</title>";
// As strict as the relay's: the key worker, which the worker starts by itself, must pass it too.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; "
  + "require-trusted-types-for 'script'; trusted-types default";
const WORKER = `import init from "/store_conformance.js";
const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);
await init({ module_or_path: "/store_conformance.wasm" });
self.removeEventListener("message", keep);
for (const { data } of early) self.dispatchEvent(new MessageEvent("message", { data }));`;

/** Serves the page, the worker and the module on a free port. */
async function serve(context) {
  const folder = process.env.SIMPUL_TEST_MODULES;
  if (!folder) throw new Error("SIMPUL_TEST_MODULES must name the built test modules; `cargo xtask test` sets it");
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const made = { "/": ["text/html", PAGE], "/worker.js": ["text/javascript", WORKER] }[pathname];
    const body = made?.[1] ?? (await readFile(join(folder, pathname)).catch(() => undefined));
    const type = made?.[0] ?? TYPES[extname(pathname)] ?? "application/octet-stream";
    const headers = { "content-type": type, "content-security-policy": POLICY };
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise((resume) => server.listen(0, "127.0.0.1", resume));
  context.cleanup(() => server.close());
  return `http://localhost:${server.address().port}/`;
}

/** Lets a fresh worker run the asked checks; gives back its verdicts. */
function ask(tablet, what) {
  return tablet.page.evaluate((what) => new Promise((resume, fail) => {
    if (globalThis.trustedTypes && !globalThis.trustedTypes.defaultPolicy) {
      globalThis.trustedTypes.createPolicy("default", { createScriptURL: (url) => (url === "/worker.js" ? url : undefined) });
    }
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = (event) => resume(event.data);
    worker.onerror = (event) => fail(new Error(event.message));
    setTimeout(() => fail(new Error("the worker did not answer")), 120_000);
    worker.postMessage(new Uint8Array([what]));
  }), what);
}

function judge(verdicts) {
  check(verdicts.length > 0, "no check ran");
  const failed = verdicts.filter(([, sentence]) => sentence !== null && sentence !== undefined);
  check(failed.length === 0, failed.map(([name, sentence]) => `${name}: ${sentence}`).join("\n"));
}

async function keepsItsPromises(context) {
  const tablet = await Tablet.start(context);
  await tablet.page.goto(await serve(context));
  const verdicts = await ask(tablet, 0);
  const figures = verdicts.map(([name]) => name).filter((name) => name.startsWith("figure: "));
  context.note("figures", figures.map((name) => name.slice("figure: ".length)));
  context.note("checks", verdicts.length - figures.length);
  judge(verdicts);
}

async function saysWhenItIsFull(context) {
  const url = await serve(context);
  const tablet = await Tablet.start(context);
  await tablet.page.goto(url);
  const session = await tablet.page.context().newCDPSession(tablet.page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(url).origin, quotaSize: 8 * 1024 * 1024 });
  judge(await ask(tablet, 1));
}

await suite("store", [
  ["IndexedDB keeps every promise of the store", keepsItsPromises],
  ["a full tablet says so and keeps what it has", saysWhenItIsFull],
]);
