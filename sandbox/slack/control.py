"""`/control`: what happened, and what is to go wrong, for tests and the demo."""

from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.slack import membership, posting
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.faults import BadFaultScript
from sandbox.slack.model import Channel, Message
from sandbox.slack.render import message_json


def routes(box: Sandbox) -> list[Route]:
    """The routes below `/control`."""
    return [
        Route("/log", _shows(lambda: {"calls": box.calls.entries()})),
        Route("/deliveries", _shows(lambda: _deliveries(box))),
        Route("/violations", _shows(lambda: {"violations": box.violations.entries()})),
        Route("/messages", _messages(box)),
        Route("/faults", _faults(box), methods=["GET", "POST", "DELETE"]),
        Route("/reset", _does(box, _reset), methods=["POST"]),
        Route("/app", _app(box), methods=["POST"]),
        Route("/sockets", _sockets(box), methods=["GET", "POST"]),
        Route("/channel", _does(box, _channel), methods=["POST"]),
        Route("/message", _does(box, _message), methods=["POST"]),
        Route("/user", _does(box, _user), methods=["POST"]),
        Route("/member", _does(box, _member), methods=["POST"]),
        Route("/tokens", _does(box, _tokens), methods=["POST"]),
    ]


def _shows(render: Callable[[], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return Response(orjson.dumps(render()), media_type="application/json")

    return endpoint


def _deliveries(box: Sandbox) -> Json:
    return {"deliveries": box.delivery.log.entries(), "open": box.delivery.open}


def _does(
    box: Sandbox, act: Callable[[Sandbox, Json], Json]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body: Json = orjson.loads(await request.body() or b"{}")
        try:
            return JSONResponse({"ok": True, **act(box, body)})
        except KeyError as error:
            return JSONResponse({"ok": False, "error": f"missing or unknown: {error}"}, 400)

    return endpoint


def _messages(box: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        wanted, after = request.query_params.get("channel"), request.query_params.get("after", "")
        channels = [c for c in box.workspace.channels.values() if wanted in (None, c.id)]
        found = [message for channel in channels for message in oracle(box, channel, after)]
        return Response(orjson.dumps({"messages": found}), media_type="application/json")

    return endpoint


def oracle(box: Sandbox, channel: Channel, after: str = "") -> list[Json]:
    """All messages of a channel that are younger than `after`, deleted and ephemeral ones too, with
    metadata."""
    ephemerals = channel.ephemerals.values()
    gone = [message for message in channel.graveyard if message.ts not in channel.messages]
    everything = [*channel.messages.values(), *gone, *ephemerals]
    younger = [message for message in everything if message.ts > after]
    return [_full(box, message) for message in sorted(younger, key=lambda m: m.ts)]


def _full(box: Sandbox, message: Message) -> Json:
    out = message_json(box.workspace, message)
    out |= {"channel": message.channel, "metadata": message.metadata, "deleted": message.deleted}
    out |= {"text": message.text, "ephemeral_to": message.ephemeral_to}
    return out


def _faults(box: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "DELETE":
            box.faults.clear()
        elif request.method == "POST":
            try:
                box.faults.install(orjson.loads(await request.body()), box.config.clock.time())
            except (BadFaultScript, orjson.JSONDecodeError) as error:
                return JSONResponse({"ok": False, "error": str(error)}, 400)
        return JSONResponse({"ok": True, "rules": box.faults.describe()})

    return endpoint


def _reset(box: Sandbox, _body: Json) -> Json:
    box.reset()
    return {}


def _app(box: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """Change the app's settings: where it listens, Socket Mode, how long new sockets live."""

    async def endpoint(request: Request) -> Response:
        body: Json = orjson.loads(await request.body() or b"{}")
        if "request_url" in body:
            box.set_request_url(str(body["request_url"]))
        if "socket_life" in body:
            box.delivery.sockets.life = float(body["socket_life"])
        if "socket_mode" in body:
            await box.delivery.sockets.switch(on=bool(body["socket_mode"]))
        return JSONResponse({"ok": True, **box.delivery.sockets.describe()})

    return endpoint


def _sockets(box: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """The open sockets; POST does something to all of them or to `connection`."""

    async def endpoint(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"ok": True, **box.delivery.sockets.describe()})
        body: Json = orjson.loads(await request.body() or b"{}")
        try:
            hit = await box.delivery.sockets.tell(body["act"], body.get("connection"))
        except KeyError as error:
            return JSONResponse({"ok": False, "error": f"missing or unknown: {error}"}, 400)
        return JSONResponse({"ok": True, "hit": hit})

    return endpoint


def _channel(box: Sandbox, body: Json) -> Json:
    """Create, archive, unarchive, rename, convert or delete a channel."""
    workspace, act = box.workspace, body["act"]
    user = body.get("as", next(iter(workspace.users)))
    if act == "create":
        private = bool(body.get("private"))
        return {"channel": membership.create(workspace, body["name"], user, private=private).id}
    channel = workspace.channels[body["channel"]]
    if act == "rename":
        membership.rename(workspace, channel, body["name"], user)
    elif act == "convert":
        membership.convert(workspace, channel, user, private=bool(body.get("private", True)))
    elif act == "delete":
        membership.delete_channel(workspace, channel, user)
    else:
        membership.archive(workspace, channel, user, on={"archive": True, "unarchive": False}[act])
    return {}


def _message(box: Sandbox, body: Json) -> Json:
    """Delete a message, whoever wrote it, or purge it with its thread."""
    message = box.workspace.channels[body["channel"]].messages[body["ts"]]
    {"delete": posting.delete, "purge": posting.purge}[body["act"]](box.workspace, message)
    return {}


def _user(box: Sandbox, body: Json) -> Json:
    """Change a person: presence, pause of notifications, and what `user_change` tells."""
    user = box.workspace.users[body["user"]]
    if "presence" in body:
        membership.set_presence(box.workspace, user, body["presence"])
    if "dnd" in body:
        user.dnd_until = box.workspace.now() + int(body["dnd"])
    told = {key: body[key] for key in ("deleted", "display_name", "is_restricted") if key in body}
    for key, value in told.items():
        setattr(user, key, value)
    if told:
        membership.change_user(box.workspace, user)
    return {}


def _member(box: Sandbox, body: Json) -> Json:
    """Add somebody to a channel, or take them out (`on: false`)."""
    channel = box.workspace.channels[body["channel"]]
    change = membership.join if body.get("on", True) else membership.leave
    return {"changed": change(box.workspace, channel, box.workspace.users[body["user"]].id)}


def _tokens(box: Sandbox, body: Json) -> Json:
    """Revoke the app's token (or give it back with `revoked: false`), with the event of it."""
    token = box.config.bot_token
    if not body.get("revoked", True):
        box.revoked.discard(token)
        return {}
    box.revoked.add(token)
    event: Json = {"type": "tokens_revoked", "tokens": {"bot": [box.workspace.app.bot_user]}}
    box.workspace.emit({**event, "event_ts": f"{box.workspace.now()}.000100"}, None)
    return {}
