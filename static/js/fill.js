// Fills the rows that are still empty on the sound side with 5: asked first, undone for ten seconds.
(() => {
  "use strict";

  const UNDO = 10000; // ms during which the filling can be taken back at once
  const FULL = "5";
  const box = document.getElementById("fill-down");
  if (!box) return;

  const part = (name) => document.getElementById(`fill-${name}`);
  const ask = document.getElementById("fill-ask");
  let filled = [];
  let timer = 0;

  const graded = () => [...document.querySelectorAll(`fieldset.side[data-prefix$=".${box.dataset.side}"]`)]
    .filter((side) => side.querySelector(".mrc") && !side.disabled);
  const empty = (side) => !side.querySelector(".pick input:checked");

  function question(open) {
    part("question").hidden = !open;
    ask.setAttribute("aria-expanded", String(open));
  }

  function finish() {
    clearTimeout(timer);
    const focused = part("done").contains(document.activeElement);
    part("done").hidden = true;
    if (focused) ask.focus();
  }

  function fill() {
    question(false);
    filled = graded().filter(empty);
    filled.forEach((side) => {
      const key = side.querySelector(`.pick input[value="${FULL}"]`);
      key.checked = true;
      key.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const rows = filled.length === 1 ? "1 row" : `${filled.length} rows`;
    part("done").hidden = false;
    part("undo").hidden = !filled.length;
    part("said").textContent = filled.length
      ? `5 filled in for ${rows} on the patient’s ${box.dataset.side.toUpperCase()}.`
      : "No row was empty: nothing was changed.";
    (filled.length ? part("undo") : ask).focus();
    timer = setTimeout(finish, UNDO);
  }

  // Taking it back clears each row as its Clear does, so that the record says what happened.
  function undo() {
    filled.forEach((side) => {
      if (side.querySelector(".pick input:checked")?.value === FULL) side.querySelector("button.clear").click();
    });
    finish();
    ask.focus();
  }

  ask.addEventListener("click", () => {
    question(part("question").hidden);
    if (!part("question").hidden) part("yes").focus();
  });
  part("no").addEventListener("click", () => { question(false); ask.focus(); });
  part("yes").addEventListener("click", fill);
  part("undo").addEventListener("click", undo);
  box.hidden = false;
  ask.hidden = false;
})();
