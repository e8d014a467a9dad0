"""A server that keeps the webchat's side of the contract and can be made to misbehave.

The real server cannot be told to drop a stream, to swallow it as a proxy does, or to answer 503
once; this one can. It serves the widget's own files and a page that carries the tag.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.webchat.files import load
from adapters.webchat.spoken import words_of
from tests.servers import listening

WIDGET = Path(__file__).parents[3] / "adapters" / "webchat" / "widget"
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:"
)
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Shop</title>
<link rel="icon" href="data:,">
</head><body><h1>Northwind Outfitters</h1><a href="/orders" id="orders">Orders</a>
<script src="{base}/webchat/widget.js" async data-deskbridge {attributes}></script>
</body></html>"""

Json = dict[str, Any]
END = object()  # tells a stream to end


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


SETTINGS: Json = {
    "title": "Northwind",
    "has_bot": True,
    "files": {"size": 25 * 1024 * 1024, "count": 10},
}


@dataclass
class Conversation:
    """One visitor's conversation: what was said, its revisions, and who listens."""

    id: str
    messages: list[Json] = field(default_factory=list)
    revs: dict[str, int] = field(default_factory=dict)
    rev: int = 0
    clients: dict[str, Json] = field(default_factory=dict)
    streams: list[asyncio.Queue[object]] = field(default_factory=list)

    def change(self, message: Json, event: str) -> None:
        self.rev += 1
        self.revs[message["id"]] = self.rev
        self.tell(event, message, self.rev)

    def tell(self, event: str, data: Json, rev: int | None = None) -> None:
        for stream in self.streams:
            stream.put_nowait(sse(event, data, rev))

    def after(self, rev: int) -> list[tuple[int, Json]]:
        newer = [(self.revs[m["id"]], m) for m in self.messages if self.revs[m["id"]] > rev]
        return sorted(newer, key=lambda pair: pair[0])


def sse(event: str, data: Json, rev: int | None = None) -> str:
    head = f"id: {rev}\n" if rev is not None else ""
    return f"event: {event}\n{head}data: {json.dumps(data)}\n\n"


@dataclass
class Desk:
    """What a test does on the agents' side, and what it may look at."""

    settings: Json = field(default_factory=lambda: dict(SETTINGS))
    status: Json = field(default_factory=lambda: {"mode": "bot"})
    csp: str | None = None
    page: Json = field(default_factory=dict)  # lang, attributes, base
    mute: bool = False  # streams connect but not a byte arrives, as behind a buffering proxy
    refuse: Callable[[Request], Response | None] = lambda _request: None
    conversations: dict[str, Conversation] = field(default_factory=dict)  # by token
    files: dict[str, tuple[Json, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str, Json]] = field(default_factory=list)  # method, path, body
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def conversation(self) -> Conversation:
        """The newest one."""
        return list(self.conversations.values())[-1]

    @property
    def streams(self) -> int:
        return sum(len(one.streams) for one in self.conversations.values())

    @property
    def texts(self) -> list[str]:
        """What visitors wrote and was stored."""
        said = self.conversation.messages if self.conversations else []
        return [message["text"] for message in said if message["author"]["kind"] == "user"]

    def called(self, path: str) -> list[Json]:
        return [body for _, called, body in self.requests if called == f"/webchat/{path}"]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for something to be true of what the server has seen."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), 60)

    async def notice(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def say(self, text: str, kind: str = "agent", name: str = "Ana Torres", **extra: Any) -> Json:
        """Puts a message into the newest conversation."""
        talk = self.conversation
        seq = len(talk.messages) + 1
        author = {"kind": kind, "name": name, "avatar_url": None}
        message: Json = {"id": f"m{seq}", "seq": seq, "author": author, "text": text}
        message |= {"attachments": [], "buttons": [], "sent_at": now()}
        message |= {"edited_at": None, "deleted": False} | extra
        talk.messages.append(message)
        talk.change(message, "message")
        return message

    def edit(self, message: Json, text: str) -> None:
        message |= {"text": text, "edited_at": now()}
        self.conversation.change(message, "update")

    def delete(self, message: Json) -> None:
        message |= {"text": "", "deleted": True}
        self.conversation.change(message, "update")

    def become(self, **status: Any) -> None:
        self.status = status
        self.conversation.tell("status", status)

    def forget_streams(self) -> None:
        """The connections stay, but nothing will ever arrive on them: a network that died."""
        for conversation in self.conversations.values():
            conversation.streams.clear()

    def drop_streams(self) -> None:
        for conversation in self.conversations.values():
            for stream in conversation.streams:
                stream.put_nowait(END)


def fault(status: int, code: str, message: str = "", **headers: str) -> JSONResponse:
    body = {"error": {"code": code, "message": message or code}}
    return JSONResponse(body, status, {name.replace("_", "-"): v for name, v in headers.items()})


class Endpoints:
    """The HTTP side of a Desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def talk(self, request: Request) -> Conversation | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.desk.conversations.get(token)

    async def sessions(self, _request: Request, body: Json) -> Response:
        desk = self.desk
        token = body.get("visitor")
        if token not in desk.conversations or body.get("identity"):
            token = f"token-{len(desk.conversations)}"
            desk.conversations[token] = Conversation(f"c{len(desk.conversations)}")
        talk = desk.conversations[token]
        if body.get("prechat"):
            desk.settings.pop("prechat", None)
        spoken = words_of(body.get("locale") or "en")
        settings = {"words": spoken, **desk.settings, "status": desk.status}
        answer = {"token": token, "conversation_id": talk.id, "cursor": talk.rev}
        return JSONResponse({**answer, "settings": settings}, 201)

    async def messages(self, request: Request, body: Json) -> Response:
        talk = self.talk(request)
        if talk is None:
            return fault(401, "unauthorized")
        if request.method == "POST":
            client = body["client_id"]
            if client not in talk.clients:
                files = [self.desk.files[each][0] for each in body.get("attachments") or ()]
                said = self.desk.say(body["text"], "user", "", attachments=files)
                talk.clients[client] = {"id": said["id"], "seq": said["seq"]}
            return JSONResponse(talk.clients[client], 202)
        after = int(request.query_params["after"])
        if "wait" in request.query_params:
            await self.wait_for_news(talk, after)
        found = talk.after(after)
        cursor = found[-1][0] if found else talk.rev
        return JSONResponse({"messages": [message for _, message in found], "cursor": cursor})

    async def wait_for_news(self, talk: Conversation, after: int) -> None:
        queue: asyncio.Queue[object] = asyncio.Queue()
        if talk.rev > after:
            return
        talk.streams.append(queue)
        try:
            await asyncio.wait_for(queue.get(), 25)
        except TimeoutError:
            return
        finally:
            talk.streams.remove(queue)

    async def stream(self, request: Request, _body: Json) -> Response:
        talk = self.talk(request)
        if talk is None:
            return fault(401, "unauthorized")
        after = int(request.headers.get("last-event-id") or request.query_params["after"])
        return StreamingResponse(self.events(talk, after), media_type="text/event-stream")

    async def events(self, talk: Conversation, after: int) -> AsyncIterator[str]:
        queue: asyncio.Queue[object] = asyncio.Queue()
        if not self.desk.mute:
            queue.put_nowait(": ok\n\n")
            queue.put_nowait(sse("status", self.desk.status))
        for rev, message in talk.after(after):
            queue.put_nowait(sse("message", message, rev))
        talk.streams.append(queue)
        await self.desk.notice()
        try:
            while (item := await queue.get()) is not END:
                if not self.desk.mute:
                    yield str(item)
        finally:
            if queue in talk.streams:
                talk.streams.remove(queue)
            await self.desk.notice()

    async def empty(self, request: Request, _body: Json) -> Response:
        return Response(None, 204) if self.talk(request) else fault(401, "unauthorized")

    async def files(self, request: Request, _body: Json) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            name, content = file.filename or "", await file.read()
            mime = file.content_type or ""
        key = f"fil_{len(self.desk.files)}"
        told = {"id": key, "name": name, "mime": mime, "size": len(content)}
        self.desk.files[key] = (told, content)
        return JSONResponse(told, 201)

    async def transcript(self, request: Request, _body: Json) -> Response:
        talk = self.talk(request)
        assert talk is not None
        said = ", ".join(message["text"] for message in talk.messages)
        return Response(said, media_type="text/html")

    async def file(self, request: Request, _body: Json) -> Response:
        told, content = self.desk.files[request.path_params["id"]]
        return Response(content, media_type=told["mime"])

    async def page(self, _request: Request) -> Response:
        options = {"lang": "en", "attributes": "", "base": ""} | self.desk.page
        headers = {"Content-Security-Policy": self.desk.csp} if self.desk.csp else None
        return HTMLResponse(PAGE.format(**options), headers=headers)

    async def script(self, request: Request) -> Response:
        name = request.path_params.get("name", "widget.js")
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
        body = load()[Path(name).name].plain
        return Response(body, headers=headers, media_type="text/javascript")

    def api(self, handle: Callable[[Request, Json], Any]) -> Callable[[Request], Any]:
        """Notes the call, lets the test refuse it, and adds what CORS asks for."""

        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(None, 204, cors(request))
            is_json = request.headers.get("content-type") == "application/json"
            body = await request.json() if is_json else {}
            self.desk.requests.append((request.method, request.url.path, body))
            answer: Response = self.desk.refuse(request) or await handle(request, body)
            answer.headers.update(cors(request))
            await self.desk.notice()
            return answer

        return endpoint


def cors(request: Request) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": request.headers.get("origin", "*"),
        "Access-Control-Allow-Headers": "authorization, content-type, last-event-id",
        "Access-Control-Expose-Headers": "Retry-After",
    }


def application(desk: Desk) -> Starlette:
    ends = Endpoints(desk)
    both = ["GET", "POST", "OPTIONS"]
    calls = {"sessions": ends.sessions, "messages": ends.messages, "stream": ends.stream}
    calls |= {"files": ends.files, "transcript": ends.transcript}
    calls |= dict.fromkeys(("read", "reactions", "typing", "end", "email", "rating"), ends.empty)
    api = [
        Route(f"/webchat/{path}", ends.api(handle), methods=both) for path, handle in calls.items()
    ]
    api.append(Route("/webchat/files/{id}", ends.api(ends.file), methods=both))
    files = [Route("/webchat/widget.js", ends.script), Route("/webchat/widget/{name}", ends.script)]
    return Starlette(routes=[*files, *api, Route("/{path:path}", ends.page)])


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[int]:
    """Runs the stub in this loop; gives its port."""
    listener = listening()
    config = uvicorn.Config(application(desk), log_level="critical", lifespan="off")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        desk.drop_streams()
        server.should_exit = True
        await task
        listener.close()
