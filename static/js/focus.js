// Puts the focus where a new page needs it: on what is wrong with a form that was sent, or else on the page's heading.
// A person who was quicker than this file keeps the focus. Later it gives the focus back that would be lost with what
// held it.
(() => {
  "use strict";

  let last = null; // what a person had the focus on in the page's own part
  const heading = () => document.querySelector("h1[tabindex]");
  const back = () => (last?.isConnected ? last : heading())?.focus();
  document.addEventListener("focusin", ({ target }) => { if (target.closest("main")) last = target; });
  window.footdropFocus = { back };

  document.addEventListener("DOMContentLoaded", () => {
    if (document.activeElement !== document.body) return;
    const problem = document.querySelector(".errsum");
    if (problem) problem.focus();
    else if (!window.location.hash) heading()?.focus({ preventScroll: true });
  });
})();
