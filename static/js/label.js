// Says how saving stands, in the banner and to screen readers: never "Saved" while an answer is not.
(() => {
  "use strict";

  const SLOW = 500; // ms from sending to when "Saving…" is worth reading; until then the label only stops saying "Saved"
  const QUIET = 10000; // ms between two spoken "Saved"
  let slowTimer = 0;
  let isSlow = false; // "Saving…" is said
  let spokenSaved = 0;
  let alarmed = "";
  let isGoing = false; // something waits for the last answer, to go on then

  const answers = (count) => `${count} answer${count === 1 ? "" : "s"}`;
  const WORDS = {
    pending: () => (lastSaved() ? `Last saved ${lastSaved()}` : "Not saved yet"),
    saving: () => "Saving…",
    typing: () => "Saves when you leave the field",
    going: (count) => `Saving ${answers(count)}, then going on…`,
    retrying: () => "Not saved. Retrying…",
    failed: (count) => `Not saved: ${answers(count)} kept on this page`,
    "signed-out": (count) => `Sign in to go on. ${count === 1 ? "Your answer is" : "Your answers are"} kept`,
    "other-person": (count) => `Not sent: another person is signed in. ${answers(count)} kept on this page`,
    offline: (count) => (count ? `Offline. ${answers(count)} kept on this page` : "Offline. Every answer so far is saved"),
    conflict: () => "Not saved: choose which answer to keep",
    refused: () => "Not saved: see the answer marked below",
    rejected: () => "Not saved. Reload the page to see why",
  };
  const LOOKS = {
    pending: ["", "clock"], saving: ["", "clock"], typing: ["", "clock"], going: ["", "clock"], offline: ["off", "offline"],
  };

  // Why Save and continue does nothing now; it works again by itself.
  const REASONS = {
    offline: "Offline: saving waits until the connection is back.",
    failed: "The server cannot be reached: your answers wait on this page. Press Try now above.",
    "other-person": "Another person is signed in: nothing of this page is sent.",
  };

  const PLAIN = "A part of this page did not arrive: what you answer is saved by Save and continue.";

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
  }

  function draw(state, words) {
    const label = document.getElementById("save-state");
    if (!label) return;
    const [look, sign] = state === "saved" ? ["ok", "check"] : LOOKS[state] || ["bad", "warn"];
    const shown = document.createElement("span");
    const text = document.createElement("span");
    text.textContent = words;
    shown.className = `save ${look}`.trim();
    shown.append(icon(sign), text);
    if (state === "signed-out") shown.append(button("Sign in", "footdrop:sign-in"));
    if (["failed", "retrying", "other-person"].includes(state)) shown.append(button("Try now", "footdrop:try-now"));
    const isHeld = label.contains(document.activeElement);
    label.replaceChildren(shown);
    if (isHeld) handOver(shown);
  }

  // A button that goes away while it holds the focus hands it to the one in its place, or back to the person's answer.
  function handOver(shown) {
    const next = shown?.querySelector("button");
    if (next) next.focus();
    else window.footdropFocus?.back();
  }

  function button(words, asks) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-quiet";
    made.textContent = words;
    made.addEventListener("click", () => document.dispatchEvent(new CustomEvent(asks)));
    return made;
  }

  function say(id, words) {
    document.getElementById(id).textContent = words;
  }

  // The time of the last save, as the server wrote it into the label; kept while the label says something else.
  let savedAt = "";
  function lastSaved() {
    const written = document.querySelector("#save-state [data-saved]");
    if (written) savedAt = written.dataset.saved;
    return savedAt;
  }

  // A value that settles, or is saved in a moment, needs no words: they would only flicker.
  function showSaving(given) {
    if (!given) restart();
    else if (!slowTimer) slowTimer = setTimeout(slow, SLOW);
    const words = isSlow ? "saving" : "pending";
    draw(words, WORDS[words]());
  }

  function slow() {
    isSlow = true;
    draw("saving", WORDS.saving());
  }

  function restart() {
    clearTimeout(slowTimer);
    slowTimer = 0;
    isSlow = false;
  }

  function showSaved(outcome) {
    const time = lastSaved();
    draw("saved", time ? `Saved ${time}` : "Nothing to save yet");
    if (outcome === "saved" && Date.now() - spokenSaved > QUIET) {
      spokenSaved = Date.now();
      say("announce", `Saved ${time}`.trim());
    }
    alarmed = "";
  }

  function alarm(state, count) {
    draw(state, WORDS[state](count));
    if (alarmed !== state) say("announce-now", WORDS[state](count));
    alarmed = state;
  }

  function show({ state, count, outcome, given }) {
    lastSaved();
    const isBlocked = state === "saved" && ["conflict", "refused", "rejected"].includes(outcome);
    const shown = isBlocked ? outcome : state;
    if (shown !== "saving" || isGoing) restart();
    if (shown === "saving" && isGoing) draw("going", WORDS.going(count));
    else if (shown === "saving") showSaving(given);
    else if (shown === "saved") showSaved(outcome);
    else if (shown === "typing") draw("typing", WORDS.typing());
    else alarm(shown, count);
    besideButton(state, count);
  }

  // Save and continue says beside it what it waits for, or why it does nothing now. It stays in the tab order.
  function besideButton(state, count) {
    const button = document.getElementById("save-and-continue");
    const reason = document.getElementById("offline-reason");
    if (!button || !reason) return;
    const isOff = state in REASONS;
    const words = REASONS[state] || (isGoing && count ? WORDS.going(count) : state === "plain" ? PLAIN : "");
    if (reason.textContent !== words) reason.textContent = words;
    reason.hidden = !words;
    if (isOff) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  document.addEventListener("htmx:oobBeforeSwap", ({ target }) => {
    if (target.id === "save-state" && target.contains(document.activeElement)) handOver();
  });
  document.addEventListener("footdrop:going", (event) => { isGoing = event.detail.going; });
  document.addEventListener("footdrop:saving", (event) => show(event.detail));
  document.addEventListener("DOMContentLoaded", () => { if (!window.footdropSaving) besideButton("plain", 0); });
})();
