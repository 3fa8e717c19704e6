// Starts the interface. Everything else is Rust; this file exists because a strict content security policy
// allows no inline script, and because the Trusted Types policy must stand before the first element is made.
import init from "{{app}}";

const ELEMENTS = new Set(("a abbr address article aside b blockquote br button caption code col colgroup dd del details dialog "
  + "div dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label legend li main mark "
  + "menu meter nav ol optgroup option output p picture pre progress q s samp search section select small source span strong sub "
  + "summary sup table tbody td textarea tfoot th thead time tr u ul var wbr svg g path circle ellipse line polyline polygon rect "
  + "defs use symbol title desc clippath mask lineargradient stop text tspan").split(" "));
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][\w:.-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+))?)*)\s*\/?>|<!--[^<>]*-->|<!>/g;
const ATTRIBUTE = /\s([a-zA-Z][\w:.-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>=`]+))?/g;
const LINKS = new Set(["href", "src", "action", "formaction", "xlink:href", "srcset", "poster", "data"]);

// An attribute may neither run script nor leave the origin.
function harmlessAttribute(name, value) {
  if (name.startsWith("on") || name === "style" || name === "srcdoc") return false;
  const target = (value ?? "").replace(/^["']|["']$/g, "");
  return !LINKS.has(name) || target === "" || /^(\/(?!\/)|#|tel:)/.test(target);
}

// The interface only ever makes static templates; what is not on the list was not written by us.
function harmless(html) {
  const rest = html.replace(TAG, (whole, _closing, name, attributes) => {
    if (name === undefined) return "";
    const allowed = ELEMENTS.has(name.toLowerCase())
      && [...attributes.matchAll(ATTRIBUTE)].every(([, key, value]) => harmlessAttribute(key.toLowerCase(), value));
    return allowed ? "" : "<";
  });
  return !rest.includes("<");
}

// Named by its content and handed to the interface here, so that a tab never starts another build's worker.
const WORKER = "{{worker}}";
document.documentElement.dataset.worker = WORKER;
const SCRIPTS = new Set([WORKER, "/sw.js"].map((path) => new URL(path, location.origin).href));

globalThis.trustedTypes?.createPolicy("default", {
  createHTML: (html) => (harmless(html) ? html : null),
  createScriptURL: (url) => (SCRIPTS.has(new URL(url, location.origin).href) ? url : null),
  createScript: () => null,
});

// Held as long as this tab lives: the service worker keeps this build's files for it.
const build = `simpul-${document.documentElement.dataset.build}`;
navigator.locks?.request(build, { mode: "shared" }, () => new Promise(() => {})).catch(() => undefined);

try {
  // door.js has said already why this browser, or this address, will not do.
  if (document.documentElement.dataset.boot) throw new Error("refused");
  await init({ module_or_path: "{{app_bg.wasm}}" });
  document.documentElement.dataset.boot = "ready";
} catch {
  // Nothing of the failure is shown: its text may come from anywhere. The store is untouched.
  const { dataset } = document.documentElement;
  dataset.boot ??= "failed";
  document.getElementById(`boot-${dataset.boot}`).hidden = false;
}

// Also after a failed start, so that a repaired build can reach the tablet.
await navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => undefined);
navigator.serviceWorker?.ready.then(({ active }) => active.postMessage("tidy"));
