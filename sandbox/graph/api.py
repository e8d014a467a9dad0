"""The calls of the Graph API that a page's app makes, as Meta answers them."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.graph.config import Json
from sandbox.graph.core import Graph
from sandbox.graph.faults import CALLS, REFUSALS, TAKES
from sandbox.graph.judge import NO_FETCH, Refusal, attachments, bad, judge, judge_upload, recipient
from sandbox.graph.model import FIELDS, Message, Upload
from sandbox.slack.wire import cut_connection

Endpoint = Callable[[Request], Awaitable[Response]]
UNKNOWN = Refusal(100, 33, "Unsupported request. Object does not exist")
BAD_TOKEN = Refusal(190, 0, "Invalid OAuth access token.", 401)
BAD_PROOF = Refusal(100, 0, "Invalid appsecret_proof provided in the API argument")
MAX_NAME = 50
USAGE = {"call_count": 95, "total_cputime": 10, "total_time": 12}


def routes(graph: Graph) -> list[Route]:
    """Below `/v26.0`, whatever the version is called."""
    api = Api(graph)
    page = ("personas", "subscribed_apps", "conversations", "message_attachments", "messages")
    control = ("take_thread_control", "pass_thread_control", "release_thread_control")
    return [
        *(
            Route(f"/{{version}}/{{page}}/{edge}", api.on(getattr(api, edge)), methods=METHODS)
            for edge in page
        ),
        *(
            Route(f"/{{version}}/{{page}}/{edge}", api.on(api.thread_control), methods=["POST"])
            for edge in control
        ),
        Route("/{version}/{object}", api.on(api.thing), methods=["GET", "DELETE"]),
    ]


METHODS = ["GET", "POST", "DELETE"]


class Api:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._world = graph.world
        self._config = graph.config

    # --- around every call ---------------------------------------------------------------------

    def on(self, endpoint: Callable[[Request, Json], Json | Refusal]) -> Endpoint:
        async def answered(request: Request) -> Response:
            body = await _body(request)
            refusal = self._admit(request, body)
            if refusal:
                return self._answer(refusal)
            return await self._faulty(request, body, endpoint)

        return answered

    def _admit(self, request: Request, body: Json) -> Refusal | None:
        _, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer or request.query_params.get("access_token") or body.get("access_token")
        if token != self._config.page_token or self._world.revoked:
            return BAD_TOKEN
        secret = self._config.app_secret.encode()
        proof = hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()
        given = request.query_params.get("appsecret_proof", proof)
        page = request.path_params.get("page", "me")
        if given != proof:
            return BAD_PROOF
        return None if page in ("me", self._config.page_id) else UNKNOWN

    async def _faulty(
        self, request: Request, body: Json, endpoint: Callable[[Request, Json], Json | Refusal]
    ) -> Response:
        is_send = request.url.path.endswith("/messages") and "message" in body
        to = recipient(self._world, body)
        fault = self._graph.faults.strike(CALLS, to.psid if to else "") if is_send else ""
        if fault and fault not in TAKES:
            return await self._fail(fault)
        answer = self._answer(endpoint(request, body))
        if fault == "usage_high":
            answer.headers["x-business-use-case-usage"] = self._usage(0)
        return answer if fault in ("", "usage_high") else await self._fail(fault)

    async def _fail(self, fault: str) -> Response:
        if fault in ("lost_request", "lost_response"):
            if not await cut_connection():
                await asyncio.sleep(60)
            return Response(status_code=500)
        if fault in ("http_500", "late_500", "http_429"):
            status = {"http_500": 500, "late_500": 504, "http_429": 429}[fault]
            return PlainTextResponse("<html>Sorry, something went wrong.</html>", status)
        answer = self._answer(REFUSALS[fault])
        if fault in ("rate_limited", "app_limited"):
            answer.headers["x-business-use-case-usage"] = self._usage(0)
        return answer

    def _usage(self, minutes: int) -> str:
        told = {"type": "messenger", **USAGE, "estimated_time_to_regain_access": minutes}
        return orjson.dumps({self._config.page_id: [told]}).decode()

    def _answer(self, told: Json | Refusal) -> Response:
        status = told.status if isinstance(told, Refusal) else 200
        content = told.answer() if isinstance(told, Refusal) else told
        headers = {"facebook-api-version": self._config.version}
        return JSONResponse(content, status, headers=headers)

    # --- calls ---------------------------------------------------------------------------------

    def messages(self, _request: Request, body: Json) -> Json | Refusal:
        """The Send API."""
        world = self._world
        refusal = judge(world, body)
        if refusal:
            to = recipient(world, body)
            error = refusal.answer()["error"]
            world.refused.append({"psid": to.psid if to else "", "body": body, "error": error})
            return refusal
        psid = str(body["recipient"]["id"])
        if "sender_action" in body:
            action = body["sender_action"]
            world.signs.append({"psid": psid, "action": action, "at": world.now()})
            return {"recipient_id": psid}
        said = body["message"]
        message = world.say(
            psid,
            str(said.get("text") or ""),
            by_page=True,
            attachments=[self._shown(each) for each in attachments(said)],
            replies=[{**r, "title": r["title"][:20]} for r in said.get("quick_replies") or []],
            metadata=str(said.get("metadata") or ""),
            persona=str(body.get("persona_id") or ""),
            right=str(body.get("tag") or body["messaging_type"]),
        )
        self._graph.took(message)
        return {"recipient_id": psid, "message_id": message.mid}

    def _shown(self, attachment: Json) -> Json:
        """With an address from which everybody can read it."""
        id_ = (attachment.get("payload") or {}).get("attachment_id")
        upload = self._world.uploads.get(str(id_))
        if upload is None:
            return attachment
        url = f"{self._config.public_base_url}/attachments/{id_}"
        return {"type": upload.kind, "name": upload.name, "payload": {"url": url}}

    def personas(self, request: Request, body: Json) -> Json | Refusal:
        world = self._world
        if request.method == "GET":
            return {"data": list(world.personas.values())}
        name, picture = body.get("name"), body.get("profile_picture_url")
        if not name or len(str(name)) > MAX_NAME or not str(picture or "").startswith("http"):
            return bad("Param profile_picture_url must be a valid image URL")
        made = {"id": f"77{world.number():06}", "name": name, "profile_picture_url": picture}
        world.personas[made["id"]] = made
        return {"id": made["id"]}

    def subscribed_apps(self, request: Request, body: Json) -> Json:
        world = self._world
        if request.method == "POST":
            named = str(body.get("subscribed_fields") or "").split(",")
            world.subscribed = {name for name in named if name in FIELDS}
            return {"success": True}
        if request.method == "DELETE":
            world.subscribed.clear()
            return {"success": True}
        app = {"id": self._config.app_id, "name": "Deskbridge"}
        fields = sorted(world.subscribed)
        return {"data": [{**app, "subscribed_fields": fields}] if fields else []}

    def conversations(self, request: Request, _body: Json) -> Json:
        psid = request.query_params.get("user_id", "")
        newest = list(reversed(self._world.of(psid)))[:25]
        messages = {"data": [self._listed(message) for message in newest]}
        return {"data": [{"id": f"t_{psid}", "messages": messages}] if newest else []}

    def _listed(self, message: Message) -> Json:
        said_by = self._config.page_id if message.by_page else message.psid
        at = datetime.fromtimestamp(message.at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        found = message.attachments
        files = [{"mime_type": _mime(each), "name": each.get("name")} for each in found]
        return {
            "id": message.mid, "message": message.text, "created_time": at,
            "from": {"id": said_by}, "attachments": {"data": files},
        }  # fmt: skip

    def message_attachments(self, _request: Request, body: Json) -> Json | Refusal:
        """The Attachment Upload API, with the bytes in the form."""
        said, upload = body.get("message"), body.get("filedata")
        attached = attachments(said) if isinstance(said, dict) else []
        if not attached:
            return bad("Param message must have an attachment.")
        if not isinstance(upload, Upload):
            return NO_FETCH
        upload = replace(upload, kind=str(attached[0].get("type")))
        if refusal := judge_upload(upload):
            return refusal
        id_ = f"88{self._world.number():06}"
        self._world.uploads[id_] = upload
        return {"attachment_id": id_}

    def thread_control(self, request: Request, body: Json) -> Json:
        taken = request.url.path.endswith("take_thread_control")
        self._world.owner = self._config.app_id if taken else str(body.get("target_app_id") or "")
        return {"success": True}

    def thing(self, request: Request, _body: Json) -> Json | Refusal:
        """A page, a person or a persona."""
        id_, world = request.path_params["object"], self._world
        if id_ in ("me", self._config.page_id):
            return {"id": self._config.page_id, "name": self._config.page_name}
        if id_ in world.personas:
            return self._persona(request, id_)
        if id_ in world.customers:
            return self._profile(request, id_)
        return UNKNOWN

    def _persona(self, request: Request, id_: str) -> Json:
        if request.method == "DELETE":
            del self._world.personas[id_]
            return {"success": True}
        return self._world.personas[id_]

    def _profile(self, request: Request, psid: str) -> Json:
        customer = self._world.customer(psid)
        told = {
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "name": customer.name,
            "profile_pic": f"{self._config.public_base_url}/pictures/{psid}.svg",
            "locale": customer.locale,
        }
        asked = request.query_params.get("fields", "").split(",")
        return {"id": psid, **{name: told[name] for name in asked if told.get(name)}}


async def _body(request: Request) -> Json:
    kind = request.headers.get("content-type", "")
    if "form" in kind:
        async with request.form() as form:
            return {name: await _value(value) for name, value in form.items()}
    try:
        told = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


async def _value(value: str | UploadFile) -> object:
    """A form's field may hold JSON, or a file."""
    if isinstance(value, UploadFile):
        return Upload("", value.content_type or "", value.filename or "", await value.read())
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _mime(attachment: Json) -> str:
    """As the record tells it: Meta makes other types of what was sent."""
    return {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}.get(
        attachment["type"], "application/octet-stream"
    )
