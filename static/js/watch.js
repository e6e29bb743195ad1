// The stopwatch of a timed walk: it fills in the seconds when it is stopped, never while it runs.
(() => {
  "use strict";

  const TICK = 100; // ms between two readings on the face

  const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

  function fit(watch) {
    const button = watch.querySelector("button");
    const face = watch.querySelector(".time span");
    const word = button.querySelector("span");
    const about = button.getAttribute("aria-label").replace(/^Start /, "");
    const field = document.getElementById(watch.dataset.watch);
    let started = 0;
    let ticking = 0;

    function label(action) {
      word.textContent = action;
      button.setAttribute("aria-label", `${action} ${about}`);
    }

    function start() {
      started = performance.now();
      ticking = setInterval(() => { face.textContent = seconds(started); }, TICK);
      label("Stop");
    }

    function stop() {
      clearInterval(ticking);
      field.value = seconds(started);
      face.textContent = field.value;
      started = 0;
      label("Start");
      // As if it had been typed and left: the answer is saved like any other.
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    button.addEventListener("click", () => (started ? stop() : start()));
    field.addEventListener("input", () => { if (!started) face.textContent = field.value || "0.0"; });
    window.addEventListener("beforeunload", (event) => { if (started) event.preventDefault(); });
    if (field.value) face.textContent = field.value;
    watch.hidden = field.disabled || field.closest("fieldset").disabled;
  }

  document.querySelectorAll("[data-watch]").forEach(fit);
})();
