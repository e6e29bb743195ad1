// Answers from the keyboard, only while a group of answers holds the focus; no single key does anything elsewhere.
// In a grade group the digits are grades, in a group of words they count its words: 1 the first, 0 the tenth.
// An answer moves the focus on to the next open group, after the last one to Save and continue.
// −, + and L pressed right after a grade still belong to that grade.
(() => {
  "use strict";

  if (!window.footdropGroups) return; // a part of the page did not arrive

  const { chosen, isOpen, focusOn } = window.footdropGroups;
  const DIGIT = /^[0-9]$/;
  const TENTH = 9; // counted from 0: the word that the digit 0 chooses
  let justLeft = null; // the group whose grade moved the focus on, until anything but −, + or L follows

  const inputs = (group) => [...group.querySelectorAll(".pick input")];
  const withValue = (group, value) => inputs(group).find((input) => input.value === value);
  const legend = (group) => group.querySelector("legend .visually-hidden").textContent.trim();
  const words = (group) => inputs(group).filter((input) => input.value !== "not_tested");
  const goOnKey = () => document.getElementById("save-and-continue");

  // Rows with sides are asked down the LEFT column, then down the RIGHT one; the others where they stand.
  function order() {
    const sorted = [];
    let columns = [[], []];
    const endColumns = () => {
      sorted.push(...columns.flat());
      columns = [[], []];
    };
    document.querySelectorAll("#step-form .mus").forEach((row) => {
      const sides = [...row.querySelectorAll("fieldset.side")];
      if (sides.length === 2) sides.forEach((side, column) => columns[column].push(side));
      else {
        endColumns();
        sorted.push(...sides);
      }
    });
    endColumns();
    return sorted;
  }

  function move(group, step) {
    const all = order();
    const target = all[all.indexOf(group) + step];
    if (target) focusOn(target);
    else if (step > 0) goOnKey()?.focus();
  }

  // What is due before the focus may go on: consent to an intimate test; what limited a grade, and how to count it.
  function due(group) {
    const consent = group.querySelector("input[name$='.consent']");
    if (consent) return chosen(group).value !== "not_tested" && !consent.checked && consent;
    return group.querySelector(".mrc .lo input:checked") && group.querySelector(".more-about[open]") && chosen(group);
  }

  // The next group without an answer, from this one on and then from the top; after the last one, Save and continue.
  function nextOpen(group) {
    const all = order();
    const open = all.filter((one) => one !== group && isOpen(one));
    return open.find((one) => all.indexOf(one) > all.indexOf(group)) || open[0];
  }

  function goOn(group) {
    const target = nextOpen(group);
    if (target) focusOn(target);
    else goOnKey()?.focus();
  }

  // Enter after something typed or ticked: on to the next open group; where none is, it sends the step as in any form.
  function send(group) {
    const target = nextOpen(group);
    if (target) focusOn(target);
    else goOnKey()?.click();
  }

  // The group left behind goes on settling: a 4 may still become 4− or 4+ and is saved once.
  function moveOn(group) {
    const more = due(group);
    if (more) {
      more.focus();
      return;
    }
    group.dataset.settling = "";
    goOn(group);
    delete group.dataset.settling;
    justLeft = group;
  }

  // A click fires what a choice by hand fires, but the chosen key clicked again would clear it.
  const pick = (input) => { if (!input.checked) input.click(); };

  function choose(group, input) {
    if (!input) return;
    input.focus();
    pick(input);
    moveOn(group);
  }

  // 4 becomes 4− or 4+, and each of them the other: here, or in the group whose grade brought the focus here.
  function halve(group, sign) {
    const isFour = (one) => one && chosen(one)?.value.startsWith("4");
    const target = [group, justLeft].find(isFour);
    if (!target) return;
    const input = withValue(target, `4${sign}`);
    if (target === group) choose(group, input);
    else {
      pick(input);
      document.getElementById("announce").textContent = `${legend(target)}: ${input.getAttribute("aria-label")}`;
    }
  }

  function byDigit(group, digit) {
    if (group.querySelector(".mrc")) choose(group, withValue(group, digit));
    else choose(group, words(group)[digit === "0" ? TENTH : Number(digit) - 1]);
  }

  function notTested(group) {
    const input = withValue(group, "not_tested");
    input.focus();
    pick(input);
    group.querySelector(".why-not select").focus();
  }

  function limit(group) {
    const target = [group, justLeft].find((one) => one?.querySelector(".lo input:checked"));
    const asks = target?.querySelector(".limited select");
    if (!asks) return;
    asks.closest("details").open = true;
    asks.focus();
  }

  // A reason that is chosen is all that was due.
  function afterReason(event) {
    const select = event.target.closest?.(".why-not select");
    if (event.key !== "Enter" || !select?.value || (CSS.supports("selector(:open)") && select.matches(":open"))) return;
    event.preventDefault();
    moveOn(select.closest("fieldset"));
  }

  // A new step has the focus on its heading: Enter there begins with the first open row, or goes on where none is.
  function begin(event) {
    if (event.key !== "Enter" || !event.target.matches?.(".main h1")) return;
    const all = order();
    if (!all.length) return;
    event.preventDefault(); // or the row's form would be sent by the same key
    const first = all.find(isOpen);
    if (first) focusOn(first);
    else goOnKey()?.focus();
  }

  // What a single key does in a group of answers, or on Save and continue to the grade that brought the focus there.
  const afterGrade = { "-": (group) => halve(group, "-"), "+": (group) => halve(group, "+"), l: limit };
  const inGroup = { ...afterGrade, n: notTested, f: () => press("fill-ask"), m: () => press("rest-ask") };

  // A key held down answers one row, not the column: it repeats only to move or to take typing away.
  const isMoving = (key) => /^(Arrow|Tab|Backspace|Delete|Home|End)/.test(key);

  const press = (id) => document.getElementById(id)?.click();

  function answered(event, group) {
    const { key } = event;
    const isTyped = event.target.matches("input.num");
    const act = isTyped && afterGrade[key] ? null : inGroup[key];
    if (act) act(group);
    else if (DIGIT.test(key) && !isTyped) byDigit(group, key);
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      goOnKey()?.click();
      return;
    }
    begin(event);
    afterReason(event);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const group = target.closest?.("fieldset.side");
    if (event.repeat && (target === goOnKey() || (group && !isMoving(key)))) event.preventDefault();
    if (event.repeat) return;
    if (justLeft && target === goOnKey() && afterGrade[key]) {
      event.preventDefault();
      afterGrade[key](null);
    } else if (!group || !target.matches("input")) return;
    else if (key === "Enter") {
      event.preventDefault();
      if (event.shiftKey || target.type === "radio") move(group, event.shiftKey ? -1 : 1);
      else send(group);
    } else if (target.closest(".pick, .numbox")) answered(event, group);
  });

  // A person who goes anywhere by themselves has done with the grade before.
  document.addEventListener("focusin", () => { justLeft = null; });
  document.addEventListener("pointerdown", () => { justLeft = null; });

  // Many rows were answered at once, from this group: on to what is still open.
  document.addEventListener("footdrop:filled", (event) => goOn(event.detail.group));
})();
