"""Profiles of the browser: one of one's own, or a page in one that is kept.

A new profile is a new window with a new renderer, two seconds of processor time for a small page; a
page in one that is there takes one. What a page leaves behind belongs to its origin, a port that
the system gave, and whoever is given the same port later finds nothing of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page


@cache
def _kept(_browser: Browser) -> dict[str, BrowserContext]:
    """By their options."""
    return {}


@asynccontextmanager
async def alone(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """In a profile of its own: for what is set for a whole profile."""
    context = await browser.new_context(**options)
    try:
        yield await context.new_page()
    finally:
        await context.close()


@asynccontextmanager
async def kept(browser: Browser, origin: str, **options: Any) -> AsyncIterator[Page]:
    """In the profile of these options, of which nobody may change anything."""
    profiles, name = _kept(browser), repr(sorted(options.items()))
    if name not in profiles:
        profiles[name] = await browser.new_context(**options)
        await profiles[name].new_page()  # stays, so that the window does
    context = profiles[name]
    await context.clear_cookies()
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    everything = {"origin": origin, "storageTypes": "all"}
    await session.send("Storage.clearDataForOrigin", everything)
    await session.detach()
    try:
        yield page
    finally:
        for each in context.pages[1:]:
            await each.close()
