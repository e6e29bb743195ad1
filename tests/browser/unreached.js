// The controls that the Tab key should have led to and did not; of radio buttons with one name, one is enough.
() => {
  const CONTROLS = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
  const reached = [...(window.stops || new Map()).keys()];
  const names = new Set(reached.filter((node) => node.type === "radio").map((node) => node.name));
  return [...document.querySelectorAll(CONTROLS)]
    .filter((node) => !node.disabled && node.tabIndex >= 0 && node.checkVisibility({ visibilityProperty: true }))
    .filter((node) => !reached.includes(node) && !(node.type === "radio" && names.has(node.name)))
    .map((node) => node.id || node.name || node.textContent.trim().slice(0, 40));
}
