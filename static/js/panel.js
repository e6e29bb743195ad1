// Keeps what follows from the answers in step with them: red flags, progress and the live panel. They are asked for after
// each save, apart from it; what is older than the last save is never shown as current.
(() => {
  "use strict";

  const QUIET = 10000; // ms between two spoken levels
  const GATHER = 400; // ms in which further answers join one question to the server
  const PATIENCE = 10000; // ms after which an answer that does not come counts as failed
  const RETRIES = [2000, 8000, 30000]; // ms before the server is asked again; after that the next save asks
  const CHANGED = new Set(["saved", "conflict"]); // what became of an answer when the record may say something new
  // Sent by the page, not by a person: it keeps no session alive, and a session that is over answers 401.
  const HEADERS = { "HX-Request": "true", "Footdrop-Background": "1" };

  const live = document.querySelector(".live[data-url]");
  let known = Number(document.getElementById("live")?.dataset.revision || 0); // newest revision this page has saved
  let changes = 0; // counts what became of answers, so that a change during a request is seen
  let waiting = 0; // answers that are not saved yet
  let isBehind = false; // what is shown is older than the record
  let isHeld = false; // a part holds the focus and waits until it is left
  let isAsking = false;
  let failures = 0;
  let timer = 0;

  // ------------------------------------------------------------ when to ask

  function mark() {
    live.classList.toggle("updating", waiting > 0 || isBehind);
  }

  function plan() {
    if (waiting === 0) ask();
    else if (!timer) timer = setTimeout(ask, GATHER);
  }

  async function ask() {
    clearTimeout(timer);
    timer = 0;
    if (isAsking || !isBehind || !navigator.onLine) return;
    isAsking = true;
    const before = changes;
    const parts = await answerOf(live.dataset.url);
    isAsking = false;
    if (!parts) failed();
    else if (revisionOf(parts) < known) plan(); // it was read before the last save
    else {
      failures = 0;
      told("");
      isHeld = !take(parts);
      isBehind = isHeld || changes !== before;
      if (changes !== before) plan();
    }
    mark();
  }

  // Returns the parts of the page that the server sent, or null when it sent none: then nothing is swapped.
  async function answerOf(address) {
    const limit = new AbortController();
    const clock = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const answer = await fetch(address, {
        headers: HEADERS, cache: "no-store", redirect: "manual", signal: limit.signal,
      });
      if (answer.status !== 200) return null;
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
      return parts.getElementById("live") ? parts : null;
    } catch (error) {
      if (!(error instanceof TypeError) && error.name !== "AbortError") throw error;
      return null;
    } finally {
      clearTimeout(clock);
    }
  }

  const revisionOf = (parts) => Number(parts.getElementById("live").dataset.revision);

  function failed() {
    const wait = RETRIES[failures];
    failures += 1;
    if (wait) timer = setTimeout(ask, wait);
    told(live.dataset.behind);
  }

  function told(words) {
    const note = document.getElementById("live-behind");
    if (note.hidden && words) document.getElementById("announce").textContent = words;
    note.hidden = !words;
    note.querySelector("span").textContent = words;
  }

  function askAgain() {
    failures = 0;
    if (isBehind) ask();
  }

  // ------------------------------------------------------------ swapping

  // Puts each part in its place. Returns whether all are: what holds the focus waits until it is left.
  function take(parts) {
    let isWhole = true;
    for (const part of [...parts.body.children]) {
      const shown = document.getElementById(part.id);
      if (!shown) continue;
      // Red flags never wait: the focus in them is put back where it was.
      if (shown.contains(document.activeElement) && part.id !== "red-flags") isWhole = false;
      else swap(shown, document.adoptNode(part));
    }
    return isWhole;
  }

  function swap(shown, part) {
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = shown.scrollTop;
    carryOver(shown, part);
    shown.replaceWith(part);
    part.scrollTop = scrolled;
    window.htmx.process(part);
    if (focused?.id) refocus(focused);
    if (part.id === "live") shownAnew(part);
  }

  // What the person opened or began to type goes on in the new part.
  function carryOver(shown, part) {
    shown.querySelectorAll("summary[id]").forEach((summary) => {
      const same = part.querySelector(`#${CSS.escape(summary.id)}`);
      if (same) same.parentElement.open = summary.parentElement.open;
    });
    shown.querySelectorAll("input[id], textarea[id], select[id]").forEach((field) => {
      const same = part.querySelector(`#${CSS.escape(field.id)}`);
      if (same && ["radio", "checkbox"].includes(field.type)) same.checked = field.checked;
      else if (same) same.value = field.value;
    });
  }

  function refocus(focused) {
    const same = document.getElementById(focused.id);
    same?.focus({ preventScroll: true });
    if (same && focused.type === "text") same.setSelectionRange(focused.selectionStart, focused.selectionEnd);
  }

  // ------------------------------------------------------------ the panel

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

  function shownAnew(panel) {
    markNext(panel);
    showLeading(panel);
    speak(panel);
  }

  // ------------------------------------------------------------ a conflict

  // Two values to choose from come into view; the focus goes there only from the answer itself.
  function showConflict(status) {
    const conflict = status?.querySelector(".conflict");
    if (!conflict) return;
    if (conflict.closest("fieldset").contains(document.activeElement)) conflict.focus({ preventScroll: true });
    conflict.scrollIntoView({ block: "nearest" });
  }

  // ------------------------------------------------------------ what happens on the page

  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const { id } = event.detail.target || {};
    const now = id && document.getElementById(id);
    const saved = id === "save-state" && now?.querySelector("[data-revision]");
    if (saved) known = Math.max(known, Number(saved.dataset.revision));
    else if (now?.classList.contains("side-status")) showConflict(now);
  });

  if (live) {
    document.addEventListener("footdrop:saving", ({ detail }) => {
      waiting = detail.count;
      if (CHANGED.has(detail.outcome)) {
        changes += 1;
        failures = 0;
        isBehind = true;
      }
      if (isBehind && !failures) plan();
      mark();
    });
    document.addEventListener("focusout", () => { if (isHeld) setTimeout(ask); });
    document.addEventListener("footdrop:signed-in", askAgain);
    document.addEventListener("footdrop:try-now", askAgain);
    window.addEventListener("online", askAgain);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const panel = document.getElementById("live");
    if (!panel) return;
    spoken = panel.dataset.says?.trim() || "";
    showLeading(panel);
  });
})();
