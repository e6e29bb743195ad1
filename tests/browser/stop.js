// Where the Tab key has led: which control it is, and what is wrong with it there. Null outside the page.
() => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const stops = (window.stops ??= new Map());
  const isNew = !stops.has(node);
  if (isNew) stops.set(node, stops.size);
  const ticks = ["radio", "checkbox"].includes(node.type);
  const shown = (ticks && node.closest("label")) || node;
  const name = node.id || node.name || node.textContent.trim().slice(0, 40);
  const problems = [];

  // 2.4.11: something of it must be seen; asked here is its middle, as far as it is in the window.
  const box = shown.getBoundingClientRect();
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const hit = right > left && bottom > top && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const free = hit && (shown.contains(hit) || hit.contains(shown) || hit.closest("label, a, button, summary") === shown);
  if (!free) {
    problems.push(`${name} is under ${hit ? hit.closest("[class]")?.getAttribute("class") : "the edge of the window"}`);
  }

  // 2.4.7 and 1.4.11: a ring of 2 px at least, in a colour that stands out from what is behind it.
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = (colour) => {
    const [red, green, blue] = rgb(colour).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [less, more] = [light(one), light(other)].sort((first, second) => first - second);
    return (more + 0.05) / (less + 0.05);
  };
  const behind = (part) => {
    for (let at = part; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour.startsWith("rgb(")) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const rings = [shown, node].map((part) => [part, getComputedStyle(part)])
    .filter(([, style]) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const isClear = ([part, style]) => {
    const within = parseFloat(style.outlineOffset) < 0 ? part : part.parentElement;
    return contrast(style.outlineColor, behind(within)) >= 3;
  };
  if (!node.matches("h1, main") && !rings.some(isClear)) problems.push(`${name} does not show that it has the focus`);
  return { isNew, problems };
}
