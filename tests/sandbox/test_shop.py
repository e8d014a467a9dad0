"""The demo's front: every page is served, every link leads somewhere, all of it is our own."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.shop.pages import shop_pages
from sandbox.shop.routes import COOKIE, HEADERS, routes
from sandbox.slack import seed
from tests.sandbox.page_stage import Stage, stage, visit

LINK = re.compile(r'(?:href|src)="([^"]+)"')


@pytest.fixture
async def shop() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", *shop_pages()])
async def test_each_page_is_served_with_the_strict_policy(
    shop: httpx.AsyncClient, path: str
) -> None:
    answer = await shop.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


async def test_every_link_and_picture_of_every_page_exists(shop: httpx.AsyncClient) -> None:
    for path in ["/", *shop_pages()]:
        for target in set(LINK.findall((await shop.get(path)).text)):
            assert target.startswith("/"), (path, target)
            if not target.startswith(("/webchat/", "/sandbox/")):
                assert (await shop.get(target)).status_code == 200, (path, target)


async def test_the_orders_page_shows_orders_1007_to_1012(shop: httpx.AsyncClient) -> None:
    text = (await shop.get("/shop")).text
    assert re.findall(r"#(\d{4})", text) == ["1012", "1011", "1010", "1009", "1008", "1007"]


async def test_the_chat_is_told_who_is_logged_in_and_nothing_breaks_out_of_it() -> None:
    app = Starlette(routes=routes(identity=lambda _login: 'a.b"><script>.c'))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        text = (await client.get("/shop/orders/1009")).text
    assert 'data-order="1009" data-identity="a.b&quot;&gt;&lt;script&gt;.c"' in text


async def test_who_is_logged_in_stays_so_and_is_known_on_every_page() -> None:
    app = Starlette(routes=routes(identity=str.upper))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:

        async def login(path: str) -> str:
            found = re.search(r'data-identity="([0-9A-F]{16})"', (await client.get(path)).text)
            assert found
            return found[1]

        await client.get("/")
        first = await login("/shop")
        assert client.cookies[COOKIE].upper() == first
        assert await login("/shop/orders/1009") == first
        client.cookies.set(COOKIE, "nobody's login", domain="shop.test")
        assert await login("/shop") != first


async def test_an_unknown_page_says_so_and_leads_back(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/shop/orders/9999")
    assert answer.status_code == 404
    assert 'href="/shop"' in answer.text


@pytest.mark.parametrize("name", ["nothing.css", "..%2Froutes.py", "%2e%2e%2fdemo.html", "shop.py"])
async def test_only_files_of_the_assets_folder_are_served(
    shop: httpx.AsyncClient, name: str
) -> None:
    assert (await shop.get(f"/demo-assets/{name}")).status_code == 404


def test_no_file_of_the_front_names_another_host() -> None:
    here = Path(__file__).parents[2] / "sandbox" / "shop"
    for file in here.rglob("*"):
        if file.suffix in {".html", ".js", ".css", ".svg"}:
            hosts = set(re.findall(r"https?://[\w.]+", file.read_text("utf-8")))
            assert hosts <= {"http://www.w3.org"}, file.name


class Demo:
    """The demo's own endpoints, as its server has them."""

    def __init__(self) -> None:
        self.steps = [False] * 5
        self.thread: dict[str, str] | None = None
        self.resets = 0

    async def events(self, _request: Request) -> Response:
        async def once() -> AsyncIterator[bytes]:
            told = json.dumps({"steps": self.steps, "thread": self.thread})
            yield f"retry: 200\ndata: {told}\n\n".encode()

        return StreamingResponse(once(), media_type="text/event-stream")

    async def reset(self, _request: Request) -> Response:
        self.steps = [False] * 5
        self.resets += 1
        return JSONResponse({"ok": True})

    async def widget(self, _request: Request) -> Response:
        return PlainTextResponse("", media_type="text/javascript")

    def routes(self) -> list[Route]:
        return [
            Route("/demo/events", self.events),
            Route("/demo/reset", self.reset, methods=["POST"]),
            Route("/webchat/widget.js", self.widget),
        ]


@pytest.fixture
async def demo() -> Demo:
    return Demo()


@pytest.fixture
async def front(demo: Demo) -> AsyncIterator[Stage]:
    async with stage([*demo.routes(), *routes()]) as served:
        yield served


async def test_a_thread_opens_by_itself_when_a_human_is_asked_for(
    browser: Browser, front: Stage, demo: Demo
) -> None:
    async with visit(browser, front.base, 1440, 900) as opened:
        page = opened.page
        await page.goto(front.base.removesuffix("/sandbox/slack"))
        team = page.frame_locator("#workspace")
        await expect(team.locator(".channel-pane")).to_be_visible()
        await expect(page.get_by_role("button", name="Step 1, Ask", exact=True)).to_be_visible()
        demo.steps = [True, True, False, False, False]
        card = await front.app.call("chat.postMessage", channel=seed.ORDERS, text="Sam Rivera")
        demo.thread = {"channel": seed.ORDERS, "ts": card["ts"]}
        await expect(page.get_by_role("button", name="Step 2, Get a human, done")).to_be_visible()
        await expect(team.locator(".thread-pane .message")).to_contain_text("Sam Rivera")


async def test_a_step_explains_itself_and_a_new_visit_starts_over(
    browser: Browser, front: Stage, demo: Demo
) -> None:
    demo.steps = [True, False, False, False, False]
    async with visit(browser, front.base, 1440, 900) as opened:
        page = opened.page
        await page.goto(front.base.removesuffix("/sandbox/slack"))
        await expect(page.get_by_role("button", name="Step 1, Ask, done")).to_be_visible()
        await expect(page.locator("#customer .hint")).to_contain_text("I want a human")
        await page.get_by_role("button", name="Step 4, Keep a note").click()
        await expect(page.locator(".pop")).to_contain_text("!n check the courier")
        await page.keyboard.press("Escape")
        await expect(page.locator(".pop")).to_have_count(0)
        await page.get_by_role("button", name="New visit").click()
        await expect(page.get_by_role("button", name="Step 1, Ask", exact=True)).to_be_visible()
        assert demo.resets == 1


async def test_on_a_phone_the_other_side_is_a_tab_with_a_dot(
    browser: Browser, front: Stage
) -> None:
    async with visit(browser, front.base, 390) as opened:
        page = opened.page
        await page.goto(front.base.removesuffix("/sandbox/slack"))
        await expect(page.locator("#team")).not_to_be_visible()
        async with front.person(seed.CHLOE) as chloe:
            await chloe.say(seed.GENERAL, "@Ana look at this")
        await expect(page.locator("#tab-team .unread")).to_be_visible()
        await page.get_by_role("tab", name="Team").click()
        await expect(page.frame_locator("#workspace").locator(".channel-pane")).to_be_visible()
        await expect(page.locator("#tab-team .unread")).not_to_be_visible()
