// Measures of the page as it stands: controls below 44 px, keys closer than 8 px, sideways scroll.
() => {
  const LEAST = 43.5; // 44 px less rounding
  const APART = 7.5; // 8 px less rounding
  const CONTROLS = "a, button, summary, select, textarea, input:not([type=hidden])";
  // Links that stand one under another in a list are one list; the halves of a segmented control touch on purpose.
  const LISTED = ".rail, .steps, .all-steps, .list, .open-list, .errsum, .tbl, .foot";
  // Bars that lie over what scrolls beneath them.
  const STICKY = ".banner, .topbar, .actions, .sign-acts, .nextbox";
  const problems = [];

  const named = (node) => node.id || node.className || node.textContent.trim().slice(0, 30) || node.tagName;
  const visible = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  };
  const wordsAround = (link) => {
    let block = link.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const rest = block.cloneNode(true);
    rest.querySelectorAll("a, button, svg, .visually-hidden").forEach((part) => part.remove());
    return (rest.textContent.match(/[\p{L}\d]{2,}/gu) || []).length;
  };
  const target = (node) => (["radio", "checkbox"].includes(node.type) && node.closest("label")) || node;

  const found = new Set();
  for (const node of document.querySelectorAll(CONTROLS)) {
    // A link inside running text, or the number of a source beside it, is as tall as its line (WCAG 2.5.8, inline):
    // its own block says more words than those of its links.
    const inSentence = node.tagName === "A" && getComputedStyle(node).display === "inline"
      && (node.closest("sup") || wordsAround(node) > 1);
    // Areas of the body map border on each other like the skin they draw: each has its row's keys as its equal,
    // and test_body_map.py measures how much of each a finger can hit.
    if (!visible(target(node)) || node.matches(".skip, .enter-key, .bodymap .area") || inSentence) continue;
    found.add(target(node));
  }
  for (const node of found) {
    const box = node.getBoundingClientRect();
    if (box.width < LEAST || box.height < LEAST) {
      problems.push(`small: ${named(node)} ${Math.round(box.width)} x ${Math.round(box.height)}`);
    }
  }
  const scroller = (node) => node.closest(STICKY) || node.closest(".flags, .strip, .main .in, .live, main, footer");
  const gap = (from, to, start, end) => Math.max(0, Math.max(from[start], to[start]) - Math.min(from[end], to[end]));
  const apart = [...found].filter((node) => !node.closest(LISTED));
  apart.forEach((one, index) => {
    for (const other of apart.slice(index + 1)) {
      const segment = one.closest(".seg");
      if (scroller(one) !== scroller(other) || one.contains(other) || other.contains(one)) continue;
      if (segment && segment === other.closest(".seg")) continue;
      const [from, to] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      if (gap(from, to, "left", "right") < APART && gap(from, to, "top", "bottom") < APART) {
        problems.push(`close: ${named(one)} and ${named(other)}`);
      }
    }
  });
  const page = document.scrollingElement;
  if (page.scrollWidth > window.innerWidth) problems.push(`sideways: the page, ${page.scrollWidth} px`);
  for (const part of document.querySelectorAll(".banner, .flags, .strip, .rail, .main, .actions, .live .body")) {
    if (visible(part) && part.scrollWidth > part.clientWidth + 1) problems.push(`sideways: ${part.className}`);
  }
  return problems;
}
