// Spaces the text as a reader may (WCAG 1.4.12) and returns what is lost by it: text cut off, text outside its
// control, text over text.
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
  const problems = new Set();
  const UNSEEN = ".visually-hidden, .skip, .enter-key, svg";
  const isUnseen = (node) => {
    for (let at = node; at; at = at.parentElement) if (getComputedStyle(at).clipPath === "inset(50%)") return true;
    return node.closest(UNSEEN) !== null;
  };
  const CONTROLS = "button, .btn, .pick, .seg label, .radio-card, .tagx, .flag-key, summary, th, td";
  const clips = (node) => ["overflowX", "overflowY"].some((one) => /hidden|clip/.test(getComputedStyle(node)[one]));
  const outside = (rect, box) => rect.left < box.left - 1.5 || rect.right > box.right + 1.5
    || rect.top < box.top - 1.5 || rect.bottom > box.bottom + 1.5;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (!text.data.trim() || isUnseen(holder) || !holder.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
    const words = text.data.trim().slice(0, 40);
    rects.forEach((rect) => texts.push({ rect, holder, words }));
    for (let at = holder; at && at !== document.body; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if (clips(at) && rects.some((rect) => outside(rect, box))) problems.add(`cut off: ${words}`);
    }
    const control = holder.closest(CONTROLS);
    if (control && rects.some((rect) => outside(rect, control.getBoundingClientRect()))) {
      problems.add(`outside its control: ${words}`);
    }
  }
  const shared = (one, other, from, to) => Math.min(one[to], other[to]) - Math.max(one[from], other[from]);
  texts.sort((one, other) => one.rect.top - other.rect.top);
  texts.forEach((one, at) => {
    for (const other of texts.slice(at + 1)) {
      if (other.rect.top > one.rect.bottom) break;
      if (shared(one.rect, other.rect, "left", "right") > 3 && shared(one.rect, other.rect, "top", "bottom") > 5) {
        problems.add(`over one another: ${one.words} and ${other.words}`);
      }
    }
  });
  return [...problems];
}
