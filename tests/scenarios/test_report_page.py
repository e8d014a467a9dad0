"""The report page in a real browser: nobody is kept from reading it, in either theme, on any
screen."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ViewportSize

from bridge.lists import Wanted
from bridge.model import SECOND
from bridge.report_page import Frame, page
from bridge.reporting import reported
from storage.database import connect
from storage.lists import SqlLists
from storage.migrate import upgrade
from storage.queries import SqlReads
from tests.bench.year import PERIOD, Year, write
from tests.thorough import THOROUGH

Theme = Literal["light", "dark"]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
LINKS = {"7 days": "/report?since=7d", "A year": "/report?since=365d"}
EVERY = 1 if THOROUGH else 8
OPEN = f"document.querySelectorAll('details').forEach((it, at) => it.open = at % {EVERY} === 0)"
"""Some of the tables: to look at all takes a minute."""
TEXTS = "[...document.querySelectorAll('figure svg[role] text')]"
LEAST = f"""Math.min(...{TEXTS}.map(it =>
    parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a))"""
"""How high the smallest letters of the plots are, as they are seen."""
CUT = f"""{TEXTS}.filter(it => {{
    const box = it.getBBox(), whole = it.ownerSVGElement.viewBox.baseVal
    return box.x < 0 || box.x + box.width > whole.width
}}).map(it => it.textContent)"""
"""What spills over the edge of its plot."""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def drawn(folder: Path) -> str:
    database = connect(f"sqlite:///{folder}/deskbridge.db")
    await upgrade(database)
    await write(database, Year(40, days=10))
    lists = SqlLists(database, SqlReads(database, lambda _: True))
    period = replace(PERIOD, until=PERIOD.since + 10 * 86_400 * SECOND)
    made = await reported(lists, Wanted(), period)
    await database.close()
    return page(made, Frame(period.until, {"queue": "all"}, LINKS, "A year"))


async def test_axe_finds_no_fault(browser: Browser, tmp_path: Path) -> None:
    """The dark theme differs by its colours alone, which `tests/bridge/test_report_page.py` tells
    apart; `make soak` looks at it, too."""
    html = await drawn(tmp_path)
    themes: tuple[Theme, ...] = ("light", "dark") if THOROUGH else ("light",)
    for theme in themes:  # axe is a script, and the page's own policy allows none
        context = await browser.new_context(viewport=DESK, color_scheme=theme, bypass_csp=True)
        shown = await context.new_page()
        await shown.set_content(html)
        await shown.evaluate(OPEN)
        found = (await Axe().run(shown)).response["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html']}" for each in found] == []
        await context.close()


async def test_its_policy_allows_its_own_style_and_a_phone_shows_all_of_it(
    browser: Browser, tmp_path: Path
) -> None:
    context = await browser.new_context(viewport=PHONE)
    shown = await context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    (tmp_path / "report.html").write_text(await drawn(tmp_path), "utf-8")
    await shown.goto((tmp_path / "report.html").as_uri())
    assert (
        await shown.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"
    )
    assert not await shown.evaluate(WIDE)
    assert await shown.evaluate(LEAST) >= 12
    assert await shown.evaluate(CUT) == []
    assert complaints == []
    await context.close()
