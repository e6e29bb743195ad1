// Keeps the page in step with the panel: marks the next best test's row, shows the leading level, tells the level to screen readers,
// and puts the focus where a new page or a problem needs it.
(() => {
  "use strict";

  const QUIET = 10000; // ms between two spoken levels
  let spoken = "";
  let spokenAt = 0;
  let speakTimer = 0;

  function markNext(panel) {
    document.querySelectorAll(".mus.next").forEach((row) => row.classList.remove("next"));
    if (panel.dataset.next) document.getElementById(`row-${panel.dataset.next}`)?.classList.add("next");
  }

  function speak(panel) {
    const words = panel.dataset.says.trim();
    clearTimeout(speakTimer);
    if (!words || words === spoken) return;
    const wait = Math.max(0, spokenAt + QUIET - Date.now());
    speakTimer = setTimeout(() => {
      spoken = words;
      spokenAt = Date.now();
      document.getElementById("announce").textContent = words;
    }, wait);
  }

  // A drawing that scrolls starts where its leading level is in view.
  function showLeading(panel) {
    const figs = panel.querySelector(".figs");
    const level = figs?.querySelector(".pathway .rank-1");
    if (!level || figs.scrollHeight <= figs.clientHeight) return;
    const from = level.getBoundingClientRect().top - figs.getBoundingClientRect().top + figs.scrollTop;
    figs.scrollTop = from - figs.clientHeight / 2;
  }

  // Two values to choose from come into view; the focus goes there only from the answer itself.
  function showConflict(status) {
    const conflict = status?.querySelector(".conflict");
    if (!conflict) return;
    if (conflict.closest("fieldset").contains(document.activeElement)) conflict.focus({ preventScroll: true });
    conflict.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target?.classList.contains("side-status")) {
      showConflict(document.getElementById(event.detail.target.id));
    }
    const panel = document.getElementById("live");
    if (event.detail.target?.id !== "live" || !panel) return;
    markNext(panel);
    showLeading(panel);
    speak(panel);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const problem = document.querySelector(".errsum");
    const panel = document.getElementById("live");
    if (panel) {
      spoken = panel.dataset.says?.trim() || "";
      showLeading(panel);
    }
    if (problem) problem.focus();
    else if (!window.location.hash) document.querySelector("h1[tabindex]")?.focus({ preventScroll: true });
  });
})();
