// Starts the engine. Messages that arrive while the module is still being made are kept and given to it afterwards;
// the first message tells it what to be (engine or key derivation), in Rust.
import init from "{{engine}}";

// The engine may start this very file again, to derive a key in a worker that is thrown away; nothing else.
const here = self.location.href;
self.trustedTypes?.createPolicy("default", {
  createScriptURL: (url) => (new URL(url, self.location.origin).href === here ? url : null),
});

const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);
await init({ module_or_path: "{{engine_bg.wasm}}" });
self.removeEventListener("message", keep);
for (const { data, ports } of early) self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
