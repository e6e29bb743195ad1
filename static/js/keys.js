// Grades from the keyboard, only while a grade group holds the focus; no single key does anything elsewhere.
// A grade moves the focus on to the next open row; −, + and L pressed right after it still belong to that grade.
(() => {
  "use strict";

  const GRADES = "012345";
  let justLeft = null; // the group whose grade moved the focus on, until anything but −, + or L follows

  const inputs = (group) => [...group.querySelectorAll(".pick input[type=radio]")];
  const withValue = (group, value) => inputs(group).find((input) => input.value === value);
  const chosen = (group) => group.querySelector(".pick input:checked");
  const legend = (group) => group.querySelector("legend .visually-hidden").textContent.trim();
  const isOpen = (group) => !chosen(group) && !group.querySelector("input.num")?.value;

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

  const focusOn = (group) => (chosen(group) || group.querySelector(".pick input, input.num")).focus();

  function move(group, step) {
    const all = order();
    const target = all[all.indexOf(group) + step];
    if (target) focusOn(target);
  }

  // Something more may be due where a grade was just given: what limited it, and how to count it.
  const asksMore = (group) => group.querySelector(".lo input:checked") && group.querySelector(".more-about[open]");

  // The group left behind goes on settling: a 4 may still become 4− or 4+ and is saved once.
  function moveOn(group) {
    const all = order();
    const target = all.slice(all.indexOf(group) + 1).find(isOpen) || all.find(isOpen);
    if (!target || asksMore(group)) return;
    group.dataset.settling = "";
    focusOn(target);
    delete group.dataset.settling;
    justLeft = group;
  }

  // A click fires what a choice by hand fires, but the chosen key clicked again would clear it.
  const pick = (input) => { if (!input.checked) input.click(); };

  function grade(group, value) {
    const input = withValue(group, value);
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
    if (target === group) grade(group, input.value);
    else {
      pick(input);
      document.getElementById("announce").textContent = `${legend(target)}: ${input.getAttribute("aria-label")}`;
    }
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

  // A new step has the focus on its heading: Enter there begins with the first open row.
  function begin(event) {
    if (event.key !== "Enter" || !event.target.matches?.(".main h1")) return;
    const first = order().find(isOpen);
    if (!first) return;
    event.preventDefault(); // or the row's form would be sent by the same key
    focusOn(first);
  }

  function graded(event, group) {
    const { key } = event;
    if (GRADES.includes(key)) grade(group, key);
    else if (key === "-" || key === "+") halve(group, key);
    else if (key === "n") notTested(group);
    else if (key === "l") limit(group);
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      document.getElementById("save-and-continue")?.click();
      return;
    }
    begin(event);
    afterReason(event);
    const group = event.target.closest?.("fieldset.side");
    if (!group || event.target.type !== "radio" || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      move(group, event.shiftKey ? -1 : 1);
    } else if (event.key.length === 1 && event.target.closest(".mrc")) graded(event, group);
  });

  // A person who goes anywhere by themselves has done with the grade before.
  document.addEventListener("focusin", () => { justLeft = null; });
  document.addEventListener("pointerdown", () => { justLeft = null; });
})();
