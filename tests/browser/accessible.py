"""What a page must be to be accessible, checked in the page as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.screens import MEASURES, SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = (Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """rules => axe.run(document, {runOnly: rules}).then(found => found.violations.map(
  broken => `${broken.id}: ${broken.nodes.map(node => node.target.join(' ')).join(', ')}`))"""
# In forced colours Chromium forces `color`, but tells of a text's fill as the author of the page wrote it:
# nobody sees that, but the contrast rule prefers it. Without it the rule judges the colours that are shown.
AS_FORCED = """() => {
  const told = CSSStyleDeclaration.prototype.getPropertyValue;
  const fill = "-webkit-text-fill-color";
  CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
    return name === fill && matchMedia("(forced-colors: active)").matches ? "" : told.call(this, name);
  };
}"""
READING = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
COVERED = (Path(__file__).parent / "covered.js").read_text(encoding="utf-8")
TALL = 16000  # px, taller than any page, so that no sticky bar lies over a control while it is measured
ZOOMED = (320, 200)  # CSS px of 1280 x 800 at 400 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody has set up the screen."""

    size: str = "laptop"
    theme: Any = "light"
    forced: Any = "none"

    def put_on(self, page: Page, *, tall: bool) -> None:
        """Make the page look so, without loading it again."""
        width, height = SIZES[self.size]
        page.set_viewport_size({"width": width, "height": TALL if tall else height})
        page.emulate_media(color_scheme=self.theme, forced_colors=self.forced, reduced_motion="reduce")


LOOKS: Mapping[str, Look] = {
    "laptop": Look(),
    "phone, dark": Look(size="phone", theme="dark"),
    "tablet, forced colours": Look(size="tablet-portrait", forced="active"),
}


def axe(page: Page) -> list[str]:
    """Return the accessibility rules that the page breaks as it is shown now, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
        page.evaluate(AS_FORCED)
    return list(page.evaluate(RUN_AXE, RULES))


def broken_rules(page: Page, look: str) -> list[str]:
    """Return what the accessibility rules find on the page in this look, and what is too small or near."""
    LOOKS[look].put_on(page, tall=True)
    found = [
        *axe(page),
        *page.evaluate(MEASURES),
        *page.evaluate(READING),
    ]
    return [f"{look}: {problem}" for problem in found]


@contextmanager
def at_400_percent(page: Page) -> Iterator[Page]:
    """Show the page as a small laptop does at 400 %."""
    before = page.viewport_size
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    yield page
    if before:
        page.set_viewport_size(before)


def sideways(page: Page) -> list[str]:
    """Return what runs sideways on the page as it is shown now."""
    wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    return [f"sideways at 400 %: {wide} px"] if wide > 0 else []


def narrow(page: Page) -> list[str]:
    """Return what is too small, too near or too wide on a phone, and what runs sideways at 400 %."""
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    found = [f"phone: {problem}" for problem in page.evaluate(MEASURES)]
    with at_400_percent(page):
        return [*found, *sideways(page)]


def covered(page: Page) -> list[str]:
    """Return the controls that something lies over while they have the focus."""
    return list(page.evaluate(COVERED))
