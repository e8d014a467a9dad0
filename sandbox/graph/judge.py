"""Whether Meta takes a send, by the rules of the Send API (Messenger Platform: Send messages, Error
codes). Pure.

Tags that Meta removed in April 2026 are refused as unknown ones are.
"""

from dataclasses import dataclass

from sandbox.graph.config import Json
from sandbox.graph.model import Customer, Upload, World

KINDS = ("image", "audio", "video", "file", "template")
MAX_BYTES = 25 * 1024 * 1024
MAX_TEXT, MAX_METADATA, MAX_PAYLOAD, MAX_REPLIES, MAX_TITLE = 2_000, 1_000, 1_000, 13, 20
ACTIONS = ("mark_seen", "typing_on", "typing_off")
REMOVED = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")


@dataclass(frozen=True, slots=True)
class Refusal:
    """`error` of an answer."""

    code: int
    subcode: int = 0
    message: str = ""
    status: int = 400

    def answer(self) -> Json:
        error: Json = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": "AsandboxTrace"}}


WINDOW = Refusal(10, 2018278, "(#10) This message is sent outside of allowed window.")
NOBODY = Refusal(100, 2018001, "(#100) No matching user found")
BLOCKED = Refusal(551, 1545041, "(#551) This person isn't available right now.")
NO_TYPE = Refusal(100, 2018047, "(#100) Upload attachment failure.")
TOO_LARGE = Refusal(100, 2018109, "(#100) Attachment size exceeds allowable limit")
NO_FETCH = Refusal(100, 2018008, "(#100) Failed to fetch the file from the url")
NO_ATTACHMENT = Refusal(100, 2018074, "(#100) Invalid attachment id")
OWNED = Refusal(10, 2018300, "(#10) Another app is controlling this thread now.", 403)


def bad(what: str) -> Refusal:
    return Refusal(100, 0, f"(#100) {what}")


def judge(world: World, body: Json) -> Refusal | None:
    """Why it is refused; None: it is taken."""
    customer = recipient(world, body)
    if customer is None:
        return NOBODY
    if customer.blocked:
        return BLOCKED
    if "sender_action" in body:
        return _action(body)
    if world.owner and world.owner != world.config.app_id:
        return OWNED
    return _right(world, customer, body) or _message(world, body)


def recipient(world: World, body: Json) -> Customer | None:
    to = body.get("recipient")
    psid = to.get("id") if isinstance(to, dict) else None
    return world.customers.get(psid) if isinstance(psid, str) else None


def _action(body: Json) -> Refusal | None:
    if "message" in body:
        return bad("Only one of the params can be used.")
    known = body["sender_action"] in ACTIONS
    return None if known else bad("Param sender_action must be one of the known ones")


def _right(world: World, customer: Customer, body: Json) -> Refusal | None:
    age = world.now() - customer.heard_at if customer.heard_at else float("inf")
    kind, tag = body.get("messaging_type"), body.get("tag")
    if kind in ("RESPONSE", "UPDATE"):
        return WINDOW if age > world.config.window else None
    if kind != "MESSAGE_TAG":
        return bad("Param messaging_type is required.")
    if tag in REMOVED or tag not in ("HUMAN_AGENT", "CUSTOMER_FEEDBACK"):
        return bad("Param tag must be one of the allowed tags.")
    granted = tag == "HUMAN_AGENT" and world.config.human_agent
    return None if granted and age <= world.config.agent_window else WINDOW


def _message(world: World, body: Json) -> Refusal | None:
    message, persona = body.get("message"), body.get("persona_id")
    if not isinstance(message, dict):
        return bad("Param message must be non-empty.")
    if persona is not None and persona not in world.personas:
        return bad("Invalid persona ID")
    text, more = message.get("text"), message.get("attachment") or message.get("attachments")
    if not more and not (isinstance(text, str) and text.strip()):
        return bad("Param message must have text or an attachment.")
    if isinstance(text, str) and len(text) >= MAX_TEXT:
        return bad("Length of param message[text] must be less than or equal to 2000")
    if len(str(message.get("metadata") or "")) > MAX_METADATA:
        return bad("Length of param message[metadata] must be less than 1000")
    return _attached(world, attachments(message)) or _replies(message.get("quick_replies") or [])


def attachments(message: Json) -> list[Json]:
    one, many = message.get("attachment"), message.get("attachments")
    return [one] if isinstance(one, dict) else list(many) if isinstance(many, list) else []


def _attached(world: World, attached: list[Json]) -> Refusal | None:
    """Those of a message: brought before, or at an address that Meta can read."""
    for each in attached:
        payload = each.get("payload") or {}
        id_ = payload.get("attachment_id")
        if each.get("type") not in KINDS:
            return bad("Param message[attachment][type] must be one of the known ones")
        if id_ is not None and (not isinstance(id_, str) or id_ not in world.uploads):
            return NO_ATTACHMENT
    return None


def judge_upload(upload: Upload) -> Refusal | None:
    """Why Meta does not keep a file; None: it does."""
    if len(upload.content) > MAX_BYTES:
        return TOO_LARGE
    fits = upload.kind == "file" or upload.mime.startswith(f"{upload.kind}/")
    return None if fits and upload.content else NO_TYPE


def _replies(replies: object) -> Refusal | None:
    if not isinstance(replies, list) or len(replies) > MAX_REPLIES:
        return bad(f"Param message[quick_replies] must have at most {MAX_REPLIES}")
    for each in replies:
        shaped = isinstance(each, dict) and each.get("content_type") == "text"
        title, payload = (each.get("title"), each.get("payload")) if shaped else ("", "")
        if not title or not payload or len(payload) > MAX_PAYLOAD:
            return bad("Param message[quick_replies] has one without title or payload")
    return None
