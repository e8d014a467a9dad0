"""`/ui`: what a Slack client does, as a JSON API for the page and for tests' people."""

from collections.abc import Awaitable, Callable

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.slack import composing, interact, modals
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.emoji import BY_SECTION
from sandbox.slack.errors import ClientError
from sandbox.slack.notify import follows
from sandbox.slack.posting import thread_root
from sandbox.slack.ui_render import client_channel, client_file, client_message, client_user
from sandbox.slack.ui_stream import stream
from sandbox.slack.uploads import new_file
from sandbox.slack.wire import first_file

THREADS = 50
"""How many threads the page lists at most."""
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(box: Sandbox) -> list[Route]:
    """The routes below `/ui`."""
    reading: dict[str, Callable[[Sandbox, Request], Json]] = {
        "state": state, "history": history, "thread": thread, "home": home,
        "ephemerals": ephemerals, "emoji": emoji, "threads": threads,
    }  # fmt: skip
    doing: dict[str, Callable[[Sandbox, Json], Json]] = {
        "edit": composing.edit, "delete": composing.delete, "react": composing.react,
        "home": composing.open_home, "presence": composing.presence, "join": composing.join,
        "read": composing.read,
    }  # fmt: skip
    asking: dict[str, Callable[[Sandbox, Json], Awaitable[Json]]] = {
        "message": composing.send_message, "action": _action, "shortcut": _shortcut,
        "options": _options, "submit": _submit, "close": _close,
    }  # fmt: skip
    found = [Route(f"/{name}", _get(box, act)) for name, act in reading.items()]
    found += [Route(f"/{name}", _post(box, _soon(act)), methods=["POST"]) for name, act in
              doing.items()]  # fmt: skip
    found += [Route(f"/{name}", _post(box, act), methods=["POST"]) for name, act in asking.items()]
    found.append(Route("/upload", _upload(box), methods=["POST"]))
    found.append(Route("/file/{file_id}/{name}", _file(box)))
    found.append(Route("/stream", _stream(box)))
    return found


def _soon(act: Callable[[Sandbox, Json], Json]) -> Callable[[Sandbox, Json], Awaitable[Json]]:
    async def acting(box: Sandbox, body: Json) -> Json:
        return act(box, body)

    return acting


def _get(box: Sandbox, read: Callable[[Sandbox, Request], Json]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await _guarded(lambda: _soon_json(read, box, request))

    return endpoint


async def _soon_json(read: Callable[[Sandbox, Request], Json], box: Sandbox, r: Request) -> Json:
    return read(box, r)


def _post(box: Sandbox, act: Callable[[Sandbox, Json], Awaitable[Json]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            body = orjson.loads(await request.body() or b"{}")
        except orjson.JSONDecodeError:
            return JSONResponse({"ok": False, "error": "invalid JSON"}, 400)
        return await _guarded(lambda: act(box, body))

    return endpoint


async def _guarded(work: Callable[[], Awaitable[Json]]) -> Response:
    try:
        return JSONResponse({"ok": True, **await work()})
    except ClientError as error:
        return JSONResponse({"ok": False, "error": str(error)})
    except KeyError as error:
        return JSONResponse({"ok": False, "error": f"missing or unknown: {error}"}, 400)


def _me(box: Sandbox, request: Request) -> str:
    return composing.person(box, {"as": request.query_params.get("as", "")})


def state(box: Sandbox, request: Request) -> Json:
    """Everything a client needs to start."""
    workspace, me = box.workspace, _me(box, request)
    app = workspace.app
    channels = [c for c in workspace.channels.values() if me in c.members]
    return {
        "team": {"id": workspace.team.id, "name": workspace.team.name},
        "me": {"id": me},
        "users": [client_user(user) for user in workspace.users.values()],
        "groups": [{"id": g.id, "handle": g.handle, "name": g.name, "users": g.users}
                   for g in workspace.groups.values()],
        "app": {"id": app.id, "bot_user": app.bot_user, "name": app.name,
                "avatar": f"avatars/{app.bot_user}.svg", "home_tab": app.home_tab,
                "messages_tab": app.messages_tab, "read_only": app.read_only},
        "channels": [client_channel(workspace, channel, me) for channel in channels],
        "commands": [_command(command) for command in box.subscriptions.commands],
        "shortcuts": [{key: s.get(key) for key in ("name", "callback_id", "type", "description")}
                      for s in box.subscriptions.shortcuts],
        "cursor": workspace.feed.cursor,
    }  # fmt: skip


def _command(command: Json) -> Json:
    keys = ("command", "description", "usage_hint")
    return {key: command.get(key, "") for key in keys}


def history(box: Sandbox, request: Request) -> Json:
    """A channel's root messages, the oldest first; with `as` they count as read."""
    channel = box.workspace.channels[request.query_params["channel"]]
    if request.query_params.get("as") in channel.members:
        composing.mark_read(channel, request.query_params["as"])
    shown = [client_message(box.workspace, channel.messages[ts]) for ts in channel.timeline]
    return {"messages": shown}


def thread(box: Sandbox, request: Request) -> Json:
    """A root and its replies."""
    channel = box.workspace.channels[request.query_params["channel"]]
    root = thread_root(channel, request.query_params["ts"])
    if root is None:
        raise ClientError("This thread is gone.")
    stamps = [root.ts, *(root.replies or ())]
    return {"messages": [client_message(box.workspace, channel.messages[ts]) for ts in stamps]}


def home(box: Sandbox, request: Request) -> Json:
    """The person's Home tab."""
    return {"view": box.views.home(_me(box, request))}


def ephemerals(box: Sandbox, request: Request) -> Json:
    """The messages only this person sees, and the modal that is open."""
    me = _me(box, request)
    found = [message for channel in box.workspace.channels.values()
             for (user, _), message in channel.ephemerals.items() if user == me]  # fmt: skip
    messages = [client_message(box.workspace, message) for message in found]
    return {"messages": messages, "modal": box.views.top(me)}


def emoji(_box: Sandbox, _request: Request) -> Json:
    """The emoji of the picker, by its sections: `[name, character]` pairs."""
    groups = [{"name": title, "emoji": list(table.items())} for title, table in BY_SECTION.items()]
    return {"groups": groups}


def threads(box: Sandbox, request: Request) -> Json:
    """The threads this person takes part in, the one with the latest reply first."""
    me = _me(box, request)
    channels = [c for c in box.workspace.channels.values() if me in c.members]
    found = [m for c in channels for m in c.messages.values() if follows(box.workspace, m, me)]
    found.sort(key=lambda root: (root.replies or [""])[-1], reverse=True)
    return {"messages": [client_message(box.workspace, root) for root in found[:THREADS]]}


async def _action(box: Sandbox, body: Json) -> Json:
    await interact.act(box, composing.person(box, body), body)
    return {}


async def _shortcut(box: Sandbox, body: Json) -> Json:
    await interact.shortcut(box, composing.person(box, body), body)
    return {}


async def _options(box: Sandbox, body: Json) -> Json:
    return await interact.options(box, composing.person(box, body), body)


async def _submit(box: Sandbox, body: Json) -> Json:
    return await modals.submit(box, composing.person(box, body), body)


async def _close(box: Sandbox, body: Json) -> Json:
    await modals.close(box, composing.person(box, body), str(body["view_id"]))
    return {}


def _upload(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        user = _me(box, request)
        name, content = await first_file(request.headers, await request.body())
        name = name or request.query_params.get("name", "file")
        file = new_file(box.workspace, name, content, user)
        box.workspace.files[file.id] = file
        return JSONResponse({"ok": True, "file": client_file(file)})

    return endpoint


def _file(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        file = box.workspace.files.get(request.path_params["file_id"])
        if file is None or file.deleted:
            return Response(status_code=404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return Response(file.content, media_type=file.mimetype, headers=headers)

    return endpoint


def _stream(box: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return stream(box, _me(box, request), request)

    return endpoint
