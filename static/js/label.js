// Says how saving stands, in the banner and to screen readers: never "Saved" while an answer is not.
(() => {
  "use strict";

  const SLOW = 500; // ms before "Saving…" is worth reading
  const QUIET = 10000; // ms between two spoken "Saved"
  let slowTimer = 0;
  let spokenSaved = 0;
  let alarmed = "";

  const answers = (count) => `${count} answer${count === 1 ? "" : "s"}`;
  const WORDS = {
    saving: () => "Saving…",
    retrying: () => "Not saved. Retrying…",
    failed: (count) => `Not saved: ${answers(count)} kept on this page`,
    "signed-out": (count) => `Sign in to go on. ${count === 1 ? "Your answer is" : "Your answers are"} kept`,
    "other-person": (count) => `Not sent: another person is signed in. ${answers(count)} kept on this page`,
    offline: (count) => `Offline. ${answers(count)} kept on this page`,
    conflict: () => "Not saved: choose which answer to keep",
    refused: () => "Not saved: see the answer marked below",
    rejected: () => "Not saved. Reload the page to see why",
  };
  const LOOKS = { saving: ["", "clock"], offline: ["off", "offline"] };

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
    const text = document.createElement("span");
    text.textContent = words;
    label.className = `save ${look}`.trim();
    label.replaceChildren(icon(sign), text);
    if (state === "signed-out") label.append(button("Sign in", "footdrop:sign-in"));
    if (["failed", "retrying", "other-person"].includes(state)) label.append(button("Try now", "footdrop:try-now"));
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

  function show(state, count, outcome) {
    clearTimeout(slowTimer);
    const blocked = state === "saved" && ["conflict", "refused", "rejected"].includes(outcome);
    const shown = blocked ? outcome : state;
    const label = document.getElementById("save-state");
    if (shown === "saving") {
      slowTimer = setTimeout(() => draw("saving", WORDS.saving()), SLOW);
    } else if (shown === "saved") {
      const time = label?.dataset.saved;
      if (time) draw("saved", `Saved ${time}`);
      if (outcome === "saved" && Date.now() - spokenSaved > QUIET) {
        spokenSaved = Date.now();
        say("announce", `Saved ${time || ""}`.trim());
      }
      alarmed = "";
    } else {
      draw(shown, WORDS[shown](count));
      if (alarmed !== shown) say("announce-now", WORDS[shown](count));
      alarmed = shown;
    }
    document.querySelector(".live")?.classList.toggle("updating", count > 0);
    offlineReason(state === "offline");
  }

  // Save and continue cannot work offline: it says so beside the button instead of failing.
  function offlineReason(offline) {
    const button = document.getElementById("save-and-continue");
    const reason = document.getElementById("offline-reason");
    if (!button || !reason) return;
    button.disabled = offline;
    reason.hidden = !offline;
  }

  document.addEventListener("footdrop:saving", (event) => {
    const { state, count, outcome } = event.detail;
    show(state, count, outcome);
  });
})();
