// Keeps the body map in step with the rows, and leads from an area of it to the area's row.
// Without this file the areas are links to their rows, drawn as the record stands.
(() => {
  "use strict";

  if (!window.footdropGroups) return; // a part of the page did not arrive

  const { chosen, focusOn } = window.footdropGroups;
  const areas = [...document.querySelectorAll(".bodymap .area")];

  // The row's group of keys; an area that another step asks has none on this page.
  function groupOf(area) {
    const place = area.getAttribute("href");
    return place.startsWith("#") ? document.getElementById(place.slice(1)).closest("fieldset") : null;
  }

  // What the row says now, saved or still on its way: the banner tells which.
  function draw(area) {
    const group = groupOf(area);
    if (!group) return;
    const key = chosen(group);
    const state = key ? ` is-${key.value.replace("_", "-")}` : "";
    const said = key ? key.closest(".pick").querySelector("span").textContent.replace("…", "") : "Not recorded";
    area.setAttribute("class", `area${state}${area.matches(".sel") ? " sel" : ""}`);
    area.setAttribute("aria-label", `${area.dataset.about}: ${said}`);
  }

  // What the areas of each root say, in the words and the order of the page as it was sent.
  const TOLD = { "is-absent": "absent", "is-reduced": "reduced", "is-normal": "normal", "is-not-tested": "not tested", "": "not recorded" };

  function sumUp(line) {
    const leg = line.closest(".leg");
    const states = [...leg.querySelectorAll(`.area[data-roots="${line.dataset.roots}"]`)].map(stateOf);
    const told = Object.keys(TOLD).filter((state) => states.includes(state)).map((state, index) => {
      const count = `${TOLD[state]} at ${states.filter((one) => one === state).length}`;
      if (states.length === 1) return TOLD[state];
      return index ? count : `${count} of ${states.length} areas`;
    });
    line.querySelector("span").textContent = told.join("; ");
  }

  const stateOf = (area) => [...area.classList].find((name) => name.startsWith("is-")) || "";

  function redraw() {
    areas.forEach(draw);
    document.querySelectorAll(".bodymap li[data-roots]").forEach(sumUp);
  }

  function select(group) {
    document.querySelectorAll(".mus.sel, .side.sel").forEach((part) => part.classList.remove("sel"));
    group?.closest(".mus").classList.add("sel");
    group?.classList.add("sel");
    areas.forEach((area) => area.classList.toggle("sel", group !== null && groupOf(area) === group));
  }

  if (!areas.length) return;

  document.addEventListener("click", (event) => {
    const area = event.target.closest(".bodymap .area");
    const group = area && groupOf(area);
    if (!group || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(group);
    focusOn(group, { preventScroll: true });
    group.closest(".mus").scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("focusin", (event) => select(event.target.closest("fieldset.side")));
  // Every change of an answer, also one that a key or a button takes away, is told by the saving.
  document.addEventListener("footdrop:saving", redraw);
  redraw();
})();
