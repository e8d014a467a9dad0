"""Pictures for the docs, as small as they can be."""

import asyncio
from pathlib import Path

from playwright.async_api import Locator, Page

from tests.docs import png


async def shoot(what: Page | Locator, path: Path) -> None:
    picture = await what.screenshot(animations="disabled")
    await asyncio.to_thread(lambda: path.write_bytes(png.smaller(picture)))
