"""`/docs`: everything of the document, for people, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from tests.bridge.running import configured, in_file, served


async def test_the_page_shows_every_call_and_asks_nobody_else(
    browser: Browser, tmp_path: Path
) -> None:
    async with served(configured(in_file(tmp_path), tmp_path)) as it:
        page = await browser.new_page()
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        await page.goto(f"{it.base}/docs")
        document = (await it.made.client.get("/openapi.json")).json()
        calls = [each for methods in document["paths"].values() for each in methods.values()]
        for call in calls:
            section = page.locator(f"#{call['operationId']}")
            assert call["summary"] in await section.inner_text()
        for name in document["components"]["schemas"]:
            assert await page.locator(f"#shape-{name}").count() == 1
        links = await page.locator("a[href^='#']").evaluate_all("all => all.map(a => a.hash)")
        for link in set(links):
            assert await page.locator(link).count() == 1, link
        assert asked == [f"{it.base}/docs"]
        await page.click("text=a page of their own")
        assert asked == [f"{it.base}/docs", f"{it.base}/docs/botpress"]
        assert "/mod/hitlnext/handoffs" in await page.locator("main").inner_text()
        assert await page.locator("a[href='/openapi.json']").count() == 0
        links = await page.locator("a[href^='#']").evaluate_all("all => all.map(a => a.hash)")
        for link in set(links):
            assert await page.locator(link).count() == 1, link
        assert faults == []
        await page.close()
