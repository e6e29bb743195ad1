// Focuses each control in turn and returns those of which another part of the page hides the middle.
() => {
  const CONTROLS = "a[href], button, summary, select, textarea, input:not([type=hidden])";
  const problems = [];
  const seen = (node) => (["radio", "checkbox"].includes(node.type) && node.closest("label")) || node;
  for (const node of document.querySelectorAll(CONTROLS)) {
    if (node.disabled || node.tabIndex < 0 || !node.checkVisibility({ visibilityProperty: true })) continue;
    node.focus();
    if (document.activeElement !== node) continue;
    const shown = seen(node);
    const box = shown.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    const hit = right > left && bottom > top && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const free = hit && (shown.contains(hit) || hit.contains(shown) || hit.closest("label, a, button, summary") === shown);
    if (!free) {
      const over = hit ? hit.closest("[class]")?.getAttribute("class") : "outside the window";
      const name = node.id || node.name || node.textContent.trim().slice(0, 40);
      problems.push(`${name} ${[box.top, box.bottom].map(Math.round).join("-")}: ${over}`);
    }
  }
  return problems;
}
