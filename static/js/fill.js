// Answers several rows at once: what is normal on the sound side, or one reason for what was not tested here.
// Asked first, only for rows that are still empty, each saved by itself, taken back at once until the next answer.
(() => {
  "use strict";

  if (!window.footdropGroups) return; // a part of the page did not arrive

  const { chosen, isOpen, focusOn } = window.footdropGroups;
  const NOT_TESTED = "not_tested";

  const byId = (id) => document.getElementById(id);
  const groupAt = (prefix) => document.querySelector(`fieldset.side[data-prefix="${prefix}"]:enabled`);
  const openOf = (prefixes) => prefixes.map(groupAt).filter((group) => group && isOpen(group));
  const rows = (count) => (count === 1 ? "1 row" : `${count} rows`);

  let isFilling = false; // the answers that are given now are not the person's next one

  function give(group, value) {
    const key = group.querySelector(`.pick input[value="${value}"]`);
    key.checked = true;
    isFilling = true;
    key.dispatchEvent(new Event("change", { bubbles: true }));
    isFilling = false;
  }

  // The group of rows that a key was pressed in, so that the focus goes back there; none when the act was tapped.
  function origin() {
    let group = null;
    document.addEventListener("keydown", (event) => {
      if (!event.target.closest("#fill-down, #rest .sub")) group = event.target.closest("fieldset.side");
    }, true);
    document.addEventListener("pointerdown", () => { group = null; });
    return { group: () => group };
  }

  // What both acts share: saying what was done, and taking it back.
  function done(name, { home, isStill }) {
    const box = byId(`${name}-done`);
    const undo = byId(`${name}-undo`);
    let filled = [];

    function finish() {
      const hadFocus = box.contains(document.activeElement);
      box.hidden = true;
      if (hadFocus) home.focus();
    }

    // Nobody is hurried: it can be taken back until another row is answered.
    document.addEventListener("footdrop:answer", ({ detail: { given, id } }) => {
      if (!given && !isFilling && !filled.some((group) => group.id === id)) finish();
    });

    // Taking it back clears each row as its Clear does, so that the record says what happened.
    undo.addEventListener("click", () => {
      filled.filter(isStill).forEach((group) => group.querySelector("button.clear").click());
      finish();
      home.focus();
    });

    return (groups, words, from) => {
      filled = groups;
      box.hidden = false;
      undo.hidden = !filled.length;
      byId(`${name}-said`).textContent = filled.length ? words : "No row was empty: nothing was changed.";
      if (from) document.dispatchEvent(new CustomEvent("footdrop:filled", { detail: { group: from } }));
      else (filled.length ? undo : home).focus();
    };
  }

  function fillDown(from) {
    const box = byId("fill-down");
    if (!box) return;
    const ask = byId("fill-ask");
    const question = byId("fill-question");
    const answers = new Map(box.dataset.answers.split(" ").map((one) => one.split("=")));
    const normal = (group) => answers.get(group.dataset.prefix);
    const tell = done("fill", { home: ask, isStill: (group) => chosen(group)?.value === normal(group) });

    function open(isAsked) {
      question.hidden = !isAsked;
      ask.setAttribute("aria-expanded", String(isAsked));
    }

    ask.addEventListener("click", () => {
      open(question.hidden);
      if (!question.hidden) byId("fill-yes").focus();
    });
    byId("fill-no").addEventListener("click", () => {
      open(false);
      if (from.group()) focusOn(from.group());
      else ask.focus();
    });
    byId("fill-yes").addEventListener("click", () => {
      open(false);
      const groups = openOf([...answers.keys()]);
      groups.forEach((group) => give(group, normal(group)));
      const words = `${box.dataset.words} filled in for ${rows(groups.length)} on the patient’s ${box.dataset.side}.`;
      tell(groups, words, from.group());
    });
    box.hidden = false;
    ask.hidden = false;
  }

  function markRest(from) {
    const box = byId("rest");
    if (!box) return;
    const reason = byId("rest-reason");
    const why = (group) => group.querySelector(".why-not select");
    let marked = "";
    const isStill = (group) => chosen(group)?.value === NOT_TESTED && why(group).value === marked;
    const tell = done("rest", { home: byId("rest-ask"), isStill });

    function mark() {
      byId("rest-missing").hidden = Boolean(reason.value);
      if (!reason.value) {
        reason.focus();
        return;
      }
      marked = reason.value;
      const groups = openOf(box.dataset.places.split(" "));
      groups.forEach((group) => {
        why(group).value = marked;
        give(group, NOT_TESTED);
      });
      const said = reason.selectedOptions[0].textContent;
      reason.value = "";
      box.open = false;
      tell(groups, `${rows(groups.length)} marked as not tested: ${said}.`, from.group());
    }

    // Opened here, not by the browser a moment later: the next key already belongs to the list.
    byId("rest-ask").addEventListener("click", (event) => {
      event.preventDefault();
      box.open = !box.open;
      if (box.open) reason.focus();
    });
    byId("rest-yes").addEventListener("click", (event) => {
      event.preventDefault();
      mark();
    });
    reason.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || (CSS.supports("selector(:open)") && reason.matches(":open"))) return;
      event.preventDefault();
      mark();
    });
  }

  const from = origin();
  fillDown(from);
  markRest(from);
})();
