"""`/control`: what a customer does and sees, and what is to go wrong; for tests and the demo."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from html import escape

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.graph.config import Json
from sandbox.graph.core import Graph
from sandbox.graph.faults import BadFault
from sandbox.graph.model import Message, Upload

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" role="img" aria-label="{name}">'
    '<rect width="72" height="72" rx="36" fill="{colour}"/><text x="36" y="38" fill="#fff" '
    'font-family="system-ui,sans-serif" font-size="28" font-weight="600" text-anchor="middle" '
    'dominant-baseline="central">{letters}</text></svg>'
)
COLOURS = ("#7a3e9d", "#1f6f78", "#b4470f", "#1f5fa8", "#8a2c62")


def routes(graph: Graph) -> list[Route]:
    """The routes below `/control`."""
    acts: dict[str, Callable[[Graph, Json], Json]] = {
        "customers": _meet,
        "write": _write,
        "choose": _choose,
        "press": _press,
        "react": _react,
        "edit": _edit,
        "read": _read,
        "block": _block,
        "clock": _clock,
        "owner": _owner,
        "token": _token,
        "unsubscribe": _unsubscribe,
        "raw": _raw,
        "faults": _faults,
        "reset": _reset,
    }
    return [
        Route("/state", _state(graph)),
        Route("/upload", _upload(graph), methods=["POST"]),
        *(Route(f"/{name}", _does(graph, act), methods=["POST"]) for name, act in acts.items()),
    ]


def _does(
    graph: Graph, act: Callable[[Graph, Json], Json]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body: Json = orjson.loads(await request.body() or b"{}")
        try:
            return JSONResponse({"ok": True, **act(graph, body)})
        except (KeyError, TypeError, BadFault) as error:
            return JSONResponse({"ok": False, "error": f"missing or unknown: {error}"}, 400)

    return endpoint


def _state(graph: Graph) -> Callable[[Request], Awaitable[Response]]:
    """All of one customer (`?psid=`), or of everybody."""

    async def endpoint(request: Request) -> Response:
        psid, world = request.query_params.get("psid", ""), graph.world
        found = world.of(psid) if psid else world.messages
        told = {
            "version": world.version,
            "page": graph.config.page_name,
            "customers": [asdict(c) for c in world.customers.values()],
            "messages": [shown(graph, message) for message in found],
            "signs": [s for s in world.signs if psid in ("", s["psid"])],
            "refused": [each for each in world.refused if psid in ("", each["psid"])],
            "personas": list(world.personas.values()),
            "subscribed": sorted(world.subscribed),
            "open": graph.courier.open_of(psid) if psid else graph.courier.open,
            "faults": graph.faults.told(),
        }
        return Response(orjson.dumps(told), media_type="application/json")

    return endpoint


def _upload(graph: Graph) -> Callable[[Request], Awaitable[Response]]:
    """A file of a customer's, as it is; the attachment that `write` takes."""

    async def endpoint(request: Request) -> Response:
        mime = request.headers.get("content-type", "")
        kind = "image" if mime.startswith("image/") else "file"
        id_ = f"88{graph.world.number():06}"
        graph.world.uploads[id_] = Upload(kind, mime, "", await request.body())
        url = f"{graph.config.public_base_url}/attachments/{id_}"
        return JSONResponse({"attachment": {"type": kind, "payload": {"url": url}}})

    return endpoint


def shown(graph: Graph, message: Message) -> Json:
    """As the customer sees it: under whose name, with which picture."""
    persona = graph.world.personas.get(message.persona, {})
    customer = graph.world.customers.get(message.psid)
    name = persona.get("name") or graph.config.page_name
    return {
        **asdict(message),
        "name": name if message.by_page else (customer.name if customer else ""),
        "picture": persona.get("profile_picture_url", ""),
    }


def picture(name: str) -> str:
    """Initials as an image."""
    letters = "".join(word[0] for word in name.split()[:2]).upper() or "?"
    colour = COLOURS[sum(name.encode()) % len(COLOURS)]
    return PICTURE.format(name=escape(name, quote=True), colour=colour, letters=escape(letters))


# --- acts ----------------------------------------------------------------------------------------


def _meet(graph: Graph, body: Json) -> Json:
    psid = str(body.get("psid") or f"25{secrets.randbelow(10**14):014}")
    first, last = str(body.get("first_name", "")), str(body.get("last_name", ""))
    return {"psid": graph.world.meet(psid, first, last, str(body.get("locale", "en_US"))).psid}


def _write(graph: Graph, body: Json) -> Json:
    text, ago = str(body.get("text", "")), float(body.get("ago", 0))
    message = graph.write(body["psid"], text, body.get("attachments"), ago)
    return {"mid": message.mid}


def _choose(graph: Graph, body: Json) -> Json:
    title, last = body["title"], graph.world.of(body["psid"])[-1:]
    payload = {each["title"]: each["payload"] for m in last for each in m.replies}.get(title)
    return {"mid": graph.choose(body["psid"], title).mid, "payload": payload}


def _press(graph: Graph, body: Json) -> Json:
    return {"mid": graph.press(body["psid"], body["title"], body["payload"]).mid}


def _react(graph: Graph, body: Json) -> Json:
    graph.react(body["psid"], body["mid"], body["emoji"], on=bool(body.get("on", True)))
    return {}


def _edit(graph: Graph, body: Json) -> Json:
    graph.edit(body["psid"], body["mid"], body["text"])
    return {}


def _read(graph: Graph, body: Json) -> Json:
    graph.read(body["psid"])
    return {}


def _block(graph: Graph, body: Json) -> Json:
    graph.world.customer(body["psid"]).blocked = bool(body.get("on", True))
    return {}


def _clock(graph: Graph, body: Json) -> Json:
    """Time passes for Meta."""
    graph.world.shift += float(body["seconds"])
    return {}


def _owner(graph: Graph, body: Json) -> Json:
    graph.world.owner = str(body["app_id"])
    return {}


def _token(graph: Graph, body: Json) -> Json:
    graph.world.revoked = bool(body["revoked"])
    return {}


def _unsubscribe(graph: Graph, _body: Json) -> Json:
    graph.world.subscribed.clear()
    return {}


def _raw(graph: Graph, body: Json) -> Json:
    """An event as it stands, for shapes that no customer makes."""
    graph.courier.tell(str(body.get("field", "messages")), str(body["psid"]), body["event"])
    return {}


def _faults(graph: Graph, body: Json) -> Json:
    graph.faults.set(body["rules"])
    return {"rules": graph.faults.told()}


def _reset(graph: Graph, _body: Json) -> Json:
    graph.faults.set([])
    graph.world.owner, graph.world.revoked, graph.world.shift = "", False, 0.0
    return {}
