// Says why nothing starts where nothing can. Plain old script on purpose: it runs in browsers in which boot.js does not even
// parse, and before it.
(function () {
  var root = document.documentElement;
  function refuse(why) {
    if (root.dataset.boot) return;
    root.dataset.boot = why;
    document.getElementById("boot-" + why).hidden = false;
  }
  var has = window.WebAssembly && window.indexedDB && window.Worker && navigator.locks && window.BroadcastChannel;
  if (!window.isSecureContext) refuse("insecure");
  else if (!has || !navigator.serviceWorker || !("noModule" in HTMLScriptElement.prototype)) refuse("old");
  // A module that does not parse is reported here and nowhere else.
  else window.addEventListener("error", function (event) { if (event.error instanceof SyntaxError) refuse("old"); });
})();
