// Grades from the keyboard, only while a grade group holds the focus; no single key does anything elsewhere.
(() => {
  "use strict";

  const GRADES = "012345";

  const inputs = (group) => [...group.querySelectorAll(".pick input[type=radio]")];
  const withValue = (group, value) => inputs(group).find((input) => input.value === value);

  function choose(input) {
    if (!input) return;
    input.focus();
    if (!input.checked) input.click();
  }

  // 4 becomes 4− or 4+, and each of them the other.
  function halved(group, sign) {
    const now = inputs(group).find((input) => input.checked)?.value || "";
    return now.startsWith("4") ? withValue(group, `4${sign}`) : undefined;
  }

  function limit(group) {
    const details = group.querySelector(".more-about");
    const asks = group.querySelector(".lo input:checked") && group.querySelector(".limited select");
    if (!details || !asks) return;
    details.open = true;
    asks.focus();
  }

  // The same side of the next or the previous finding.
  function move(group, step) {
    const side = group.dataset.prefix.split(".")[1];
    const all = [...document.querySelectorAll("fieldset.side")];
    const same = all.filter((other) => other === group || !side || other.dataset.prefix.endsWith(`.${side}`));
    const target = same[same.indexOf(group) + step];
    if (!target) return;
    (target.querySelector(".pick input:checked") || target.querySelector(".pick input, input.num")).focus();
  }

  function graded(event, group) {
    const { key } = event;
    if (GRADES.includes(key)) choose(withValue(group, key));
    else if (key === "-" || key === "+") choose(halved(group, key));
    else if (key === "n") choose(withValue(group, "not_tested"));
    else if (key === "l") limit(group);
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      document.getElementById("save-and-continue")?.click();
      return;
    }
    const group = event.target.closest?.("fieldset.side");
    if (!group || event.target.type !== "radio" || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      move(group, event.shiftKey ? -1 : 1);
    } else if (event.key.length === 1 && event.target.closest(".mrc")) graded(event, group);
  });
})();
