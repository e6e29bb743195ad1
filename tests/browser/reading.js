// What a reader's own tools need of the page as it stands: its language, its title, one heading, one quiet voice.
() => {
  const problems = [];
  const expected = (truth, problem) => truth || problems.push(problem);
  expected(document.documentElement.lang === "en", "the page does not say its language");
  expected(document.title.trim().length > 3, "the page has no title");
  const headings = [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility());
  expected(headings.length === 1, `${headings.length} headings of the first level`);
  const polite = [...document.querySelectorAll("#announce[aria-live=polite]")];
  expected(polite.length === 1, "no polite live region");
  expected(!polite.some((one) => one.closest("main, [hx-swap], [hx-swap-oob]")), "the live region is swapped away");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  expected(twice.length === 0, `the same id twice: ${[...new Set(twice)].join(", ")}`);

  // Nothing moves for those who asked for it.
  for (const node of document.querySelectorAll("body *")) {
    const style = getComputedStyle(node);
    const moves = [style.transitionDuration, style.animationDuration].some((time) => parseFloat(time) > 0.01);
    if (moves && matchMedia("(prefers-reduced-motion: reduce)").matches) problems.push(`moves: ${node.className}`);
  }
  return problems;
}
