"""The ASGI application of a stand-in workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.slack import control, ui
from sandbox.slack.avatars import avatar_svg
from sandbox.slack.config import SandboxConfig
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.ui import Endpoint
from sandbox.slack.web_api import WebApi
from sandbox.slack.wire import first_file

PAGE = Path(__file__).parent / "page"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


class BaseAddress:
    """Learns the workspace's own address from the first request, unless it is configured."""

    def __init__(self, app: ASGIApp, box: Sandbox) -> None:
        self._app = app
        self._box = box

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        workspace = self._box.workspace
        if scope["type"] == "http" and not workspace.base_url:
            host = dict(scope["headers"]).get(b"host", b"127.0.0.1").decode("latin-1")
            workspace.base_url = f"{scope['scheme']}://{host}{scope.get('root_path', '')}"
        await self._app(scope, receive, send)


def create_app(config: SandboxConfig) -> Starlette:
    """A workspace to serve alone or to mount; its parts are at `app.state.sandbox`.

    Mounted applications get no lifespan: who mounts it awaits `app.state.sandbox.close()` itself.
    """
    box = Sandbox(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await box.close()

    app = Starlette(
        routes=_routes(box), lifespan=lifespan, middleware=[Middleware(BaseAddress, box=box)]
    )
    app.state.sandbox = box
    return app


def _routes(box: Sandbox) -> list[Route | Mount]:
    return [
        Mount("/api", WebApi(box)),
        Mount("/ui", routes=ui.routes(box)),
        Mount("/control", routes=control.routes(box)),
        Route("/hooks/{kind}/{team}/{secret}", _hook(box), methods=["POST"]),
        Route("/files/upload/{secret}", _upload(box), methods=["POST", "PUT"]),
        Route("/files/private/{file_id}/{name}", _download(box)),
        Route("/avatars/{user}.svg", _avatar(box)),
        Route("/archives/{channel}/{stamp}", _archive(box)),
        Mount("/", _page()),
    ]


def _page() -> ASGIApp:
    files = StaticFiles(directory=PAGE, html=True, check_dir=False)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                headers.append((b"content-security-policy", PAGE_POLICY.encode()))
                headers.append((b"cache-control", b"no-cache"))
                message = {**message, "headers": headers}
            await send(message)

        await files(scope, receive, guarded)

    return page


def _hook(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        try:
            box.hooks.use(request.path_params["secret"], body)
        except SlackError as error:
            if error.error == "invalid_blocks":
                box.violations.add({"method": "response_url", "problems": error.messages,
                                    "args": body})  # fmt: skip
            status = 404 if error.error in {"used_url", "expired_url"} else 400
            return JSONResponse(error.answer(), status)
        return PlainTextResponse("ok")

    return endpoint


def _upload(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        _, content = await first_file(request.headers, await request.body())
        try:
            size = box.uploads.receive(request.path_params["secret"], content)
        except SlackError as error:
            return PlainTextResponse(error.error, 404)
        return PlainTextResponse(f"OK - {size}")

    return endpoint


def _download(box: Sandbox) -> Endpoint:
    """Without the app's token Slack answers 200 with its sign-in page, not an error."""

    async def endpoint(request: Request) -> Response:
        file = box.workspace.files.get(request.path_params["file_id"])
        if file is None or file.deleted:
            return Response(status_code=404)
        expected = f"Bearer {box.config.bot_token}"
        allowed = box.subscriptions.has("files:read") and box.config.bot_token not in box.revoked
        if request.headers.get("authorization") != expected or not allowed:
            return Response("<!DOCTYPE html><title>Sign in</title>", media_type="text/html")
        return Response(file.content, media_type=file.mimetype)

    return endpoint


def _avatar(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        user = box.workspace.users.get(request.path_params["user"])
        if user is None:
            return Response(status_code=404)
        return Response(avatar_svg(user), media_type="image/svg+xml")

    return endpoint


def _archive(box: Sandbox) -> Endpoint:
    """A message's permanent address leads to the page."""

    async def endpoint(request: Request) -> Response:
        stamp = request.path_params["stamp"].removeprefix("p")
        own = f"{stamp[:10]}.{stamp[10:]}"
        thread = request.query_params.get("thread_ts", own)
        channel = request.path_params["channel"]
        address = f"{box.workspace.base_url}/?channel={channel}&thread={thread}"
        return RedirectResponse(address)

    return endpoint
