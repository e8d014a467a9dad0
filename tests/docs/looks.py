"""How galleries look at things: on a desk and on a phone, light and dark."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Locator, Page

Scheme = Literal["light", "dark"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A customer, an agent and a language to be seen together."""

    customer: str
    agent: str
    language: str

    def __str__(self) -> str:
        return f"{self.language}-{self.customer.replace(' ', '-')}-{self.agent.replace(' ', '-')}"


CASES = (
    Case("emoji", "Hebrew", "en"),
    Case("Arabic", "markup", "fr"),
    Case("emoji", "one word", "de"),
    Case("Arabic", "Hebrew", "es"),
)
DESK, PHONE = (1280, 800), (390, 844)
LOOKS: tuple[tuple[tuple[int, int], Scheme], ...] = (
    (DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark"),
)  # fmt: skip
AROUND = 300
"""The page's own head and foot, and some room."""
SPILLS = """() => {
  const beyond = (box) => box.getBoundingClientRect().right > innerWidth + 1;
  const tight = (box) => box.scrollWidth > box.clientWidth + 1;
  const root = document.querySelector('deskbridge-chat')?.shadowRoot ?? document;
  const found = [...root.querySelectorAll('.message, dialog, .home-body, .panel, header, .bubble')];
  const tall = (box) => box.localName === 'header' && box.scrollHeight > box.clientHeight + 1;
  const wide = document.documentElement.scrollWidth > innerWidth;
  return found.filter((box) => beyond(box) || tight(box) || tall(box))
    .map((box) => box.innerText.slice(0, 80)).concat(wide ? ['the page'] : []);
}"""


async def looks(page: Page, folder: Path, name: str, *, whole: str = "") -> list[str]:
    """A picture of each look, into the folder; gives what spills over. `whole`: of this element."""
    spilling = []
    for size, scheme in LOOKS:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if whole:
            await _room_for(page, page.locator(whole).last)
        file = folder / f"{name}-{'desk' if size == DESK else 'phone'}-{scheme}.png"
        shot = page.locator(whole).last if whole else page
        await shot.screenshot(path=file, animations="disabled")
        spilling += [f"{file.stem}: {words}" for words in await page.evaluate(SPILLS)]
    return spilling


async def _room_for(page: Page, message: Locator) -> None:
    """A window as high as it has to be for nothing to stand before the message."""
    box, size = await message.bounding_box(), page.viewport_size
    assert box
    assert size
    high = max(size["height"], int(box["height"]) + AROUND)
    await page.set_viewport_size({"width": size["width"], "height": high})
    await message.scroll_into_view_if_needed()
