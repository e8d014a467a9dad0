"""Routes of the demo's front: `/`, `/shop…`, `/demo-assets/…`. Nothing comes from elsewhere."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.shop.pages import Page, Visit, missing_page, shop_pages

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; frame-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

COOKIE = "northwind_login"
LOGIN = re.compile(r"[0-9a-f]{16}")

Endpoint = Callable[[Request], Awaitable[Response]]
Identity = Callable[[str], str]


def nobody(_login: str) -> str:
    """Visitors stay anonymous."""
    return ""


def routes(identity: Identity = nobody) -> list[BaseRoute]:
    """What the demo mounts beside the product and the stand-in workspace.

    `identity` makes the token by which the shop tells the chat who is logged in (a JWT as the
    widget's `identify` takes it) from the id of the login, which the shop's cookie carries.
    """
    pages = [Route(path, _show(page, identity)) for path, page in shop_pages().items()]
    return [
        Route("/", _demo),
        *pages,
        Route("/shop/", _to_shop),
        Route("/shop/{rest:path}", _show(missing_page, identity, 404)),
        Route("/demo-assets/{name}", _asset),
    ]


async def _demo(request: Request) -> Response:
    page = HTMLResponse((HERE / "demo.html").read_text("utf-8"), headers=HEADERS)
    return remember(page, login_of(request))


async def _to_shop(_request: Request) -> Response:
    return RedirectResponse("/shop", headers=HEADERS)


def _show(page: Page, identity: Identity, status: int = 200) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        login = login_of(request)
        visit = Visit(date.today(), identity(login))  # noqa: DTZ011 - a shop's dates are local
        return remember(HTMLResponse(page(visit), status, headers=HEADERS), login)

    return endpoint


def login_of(request: Request) -> str:
    """Who is logged in at the shop in this browser; somebody new when nobody is."""
    known = request.cookies.get(COOKIE, "")
    return known if LOGIN.fullmatch(known) else new_login()


def new_login() -> str:
    return secrets.token_hex(8)


def remember(response: Response, login: str) -> Response:
    """With the shop's cookie: the demo's own pages read it, too."""
    response.set_cookie(COOKIE, login, path="/", httponly=True, samesite="lax")
    return response


async def _asset(request: Request) -> Response:
    """A file of assets/ by its bare name; only names listed in the folder exist."""
    name = request.path_params["name"]
    known = {path.name: path for path in ASSETS.iterdir() if path.suffix in CONTENT_TYPES}
    if name not in known:
        raise HTTPException(404)
    path = known[name]
    content_type = CONTENT_TYPES[path.suffix]
    return Response(path.read_bytes(), headers=HEADERS | {"Content-Type": content_type})
