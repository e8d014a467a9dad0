"""Submitting and closing modals, and what the app's answer does to them."""

from typing import Any

from sandbox.slack import payloads
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import ClientError, SlackError
from sandbox.slack.interact import TROUBLE, merged_values, read_json, send
from sandbox.slack.methods_rest import checked_view
from sandbox.slack.wire import Call

REQUIRED = "Please complete this required field."


def _own_view(box: Sandbox, user: str, view_id: str) -> Json:
    view = box.views.find(view_id)
    top = box.views.top(user)
    if view is None or top is None or top["id"] != view_id:
        raise ClientError("This view is gone.")
    return view


async def submit(box: Sandbox, user: str, body: Json) -> Json:
    """Submit the top modal: `{response_action?, errors?}` as the client acts on them."""
    view = _own_view(box, user, str(body["view_id"]))
    view["state"]["values"] = merged_values(view, body.get("values"))
    errors = client_errors(view)
    if errors:
        box.views.show_errors(user, errors)
        return {"response_action": "errors", "errors": errors}
    payload = payloads.base(box, "view_submission", user)
    payload |= {"view": view, "trigger_id": box.triggers.new(user, view["id"]), "response_urls": []}
    reply = await send(box, payload)
    answer = read_json(reply.body) if reply.body.strip() else {}
    return _obey(box, user, view, answer if isinstance(answer, dict) else {})


def client_errors(view: Json) -> dict[str, str]:
    """What Slack's client refuses by itself: missing and too short or long inputs."""
    errors: dict[str, str] = {}
    for block in view["blocks"]:
        if block.get("type") != "input":
            continue
        element = block["element"]
        entry = view["state"]["values"].get(block["block_id"], {}).get(element["action_id"], {})
        problem = _field_problem(element, entry, optional=bool(block.get("optional")))
        if problem:
            errors[block["block_id"]] = problem
    return errors


def _field_problem(element: Json, entry: Json, *, optional: bool) -> str | None:
    keys = payloads.STATE_KEYS.get(element["type"], ("value", "value"))
    value: Any = entry.get(keys[0])
    if value in (None, "", []):
        return None if optional else REQUIRED
    if element["type"] != "plain_text_input":
        return None
    if len(value) > element.get("max_length", 3000):
        return f"Must be {element.get('max_length', 3000)} characters or fewer."
    if len(value) < element.get("min_length", 0):
        return f"Must be {element['min_length']} characters or more."
    return None


def _obey(box: Sandbox, user: str, view: Json, answer: Json) -> Json:
    """Carry out a `response_action`; an empty answer closes the modal."""
    action = answer.get("response_action")
    if action is None:
        if box.views.find(view["id"]) is not None:
            box.views.close(user)
        return {}
    if action == "errors":
        return _errors(box, user, view, answer)
    if action == "clear":
        box.views.close(user, everything=True)
        return {"response_action": "clear"}
    if action not in {"update", "push"}:
        raise ClientError(TROUBLE.format(reason="invalid response_action"))
    _replace(box, user, view, action, answer.get("view"))
    return {"response_action": action}


def _errors(box: Sandbox, user: str, view: Json, answer: Json) -> Json:
    errors = answer.get("errors") or {}
    known = {block["block_id"] for block in view["blocks"] if block.get("type") == "input"}
    if not errors or not set(errors) <= known:
        problem = f"errors must name input blocks: {sorted(errors)}"
        box.violations.add({"method": "view_submission", "problems": [problem], "args": answer})
        raise ClientError(TROUBLE.format(reason="invalid errors"))
    box.views.show_errors(user, errors)
    return {"response_action": "errors", "errors": errors}


def _replace(box: Sandbox, user: str, view: Json, action: str, wanted: Any) -> None:
    try:
        checked = checked_view(
            box, Call(f"response_action {action}", {"view": wanted}, None), wanted
        )
        if action == "push":
            box.views.push(user, checked)
        else:
            box.views.update(view["id"], checked, None)
    except SlackError as error:
        raise ClientError(TROUBLE.format(reason=error.error)) from None


async def close(box: Sandbox, user: str, view_id: str) -> None:
    """Dismiss the top modal (all of them if it says clear_on_close); tell the app if it asked."""
    view = _own_view(box, user, view_id)
    everything = bool(view.get("clear_on_close"))
    for closed in box.views.close(user, everything=everything):
        if closed.get("notify_on_close"):
            payload = payloads.base(box, "view_closed", user)
            await send(box, payload | {"view": closed, "is_cleared": everything})
