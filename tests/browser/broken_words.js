// Returns the words of the page that are broken over two lines, hyphenated ones aside.
() => {
  const broken = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (!holder.checkVisibility({ visibilityProperty: true }) || holder.closest(".visually-hidden, svg")) continue;
    for (const { 0: word, index } of text.data.matchAll(/[\p{L}’']{3,}/gu)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const tops = [...range.getClientRects()].filter((rect) => rect.height).map((rect) => Math.round(rect.top));
      if (new Set(tops).size > 1) broken.add(word);
    }
  }
  return [...broken];
}
