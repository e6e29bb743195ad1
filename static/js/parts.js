// Notes whether every script of a step arrived; save.js comes last and asks. Without one of them the step is a plain
// form: answers that were sent one by one with nothing to tell of them, or to wait for them, could be lost.
(() => {
  "use strict";

  const parts = { arrived: true };

  // A deferred script that could not be loaded tells so in its turn, before the later ones run.
  window.addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement) parts.arrived = false;
  }, true);
  window.footdropParts = parts;
})();
