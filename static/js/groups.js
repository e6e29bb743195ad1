// What the scripts of a step ask of a group of answers: its chosen key, whether it is open, and where its focus goes.
(() => {
  "use strict";

  const chosen = (group) => group.querySelector(".pick input:checked");
  const isOpen = (group) => !chosen(group) && !group.querySelector("input.num")?.value;
  const focusOn = (group, how) => (chosen(group) || group.querySelector(".pick input, input.num")).focus(how);

  window.footdropGroups = { chosen, isOpen, focusOn };
})();
