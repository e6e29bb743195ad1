// Puts the focus where a new page needs it: on what is wrong with a form that was sent, or else on the page's heading.
// A person who was quicker than this file keeps the focus.
(() => {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    if (document.activeElement !== document.body) return;
    const problem = document.querySelector(".errsum");
    if (problem) problem.focus();
    else if (!window.location.hash) document.querySelector("h1[tabindex]")?.focus({ preventScroll: true });
  });
})();
