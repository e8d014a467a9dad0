"""A person at the workspace, for tests: what a Slack client can do, as coroutines over `/ui`."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.slack.config import Json

ACTION_KEYS = frozenset({"option", "selected_user", "selected_date_time", "value"})


class Refused(Exception):
    """Slack showed this text instead of doing what was asked."""


class Person:
    """Acts as one member of the workspace served at `base_url`.

    Every act raises Refused with the text that Slack would show.
    """

    def __init__(
        self, base_url: str, user_id: str, *, client: httpx.AsyncClient | None = None
    ) -> None:
        self.id = user_id
        self._base = base_url.rstrip("/")
        self._own = client is None
        # the workspace speaks plain HTTP: an empty TLS context spares loading certificates
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = client or httpx.AsyncClient(timeout=10.0, verify=bare, trust_env=False)

    async def __aenter__(self) -> Self:
        """Use as `async with`."""
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Free the connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Free the connection."""
        if self._own:
            await self._client.aclose()

    async def say(
        self, channel: str, text: str, *, thread: str | None = None, broadcast: bool = False,
        files: list[str] | None = None,
    ) -> str:  # fmt: skip
        """Type a message and send it; its ts (empty for a command)."""
        body: Json = {"channel": channel, "text": text, "thread_ts": thread}
        body |= {"broadcast": broadcast, "files": files or []}
        return str((await self._post("message", body)).get("ts", ""))

    async def reply(self, channel: str, thread: str, text: str, **more: Any) -> str:
        """Type a message into a thread; its ts."""
        return await self.say(channel, text, thread=thread, **more)

    async def command(self, channel: str, text: str) -> None:
        """Run a slash command, such as `/desk queue`."""
        await self._post("message", {"channel": channel, "text": text})

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file for a later message; its id."""
        answer = await self._client.post(
            f"{self._base}/ui/upload", params={"as": self.id}, files={"file": (name, content)}
        )
        return str(_checked(answer)["file"]["id"])

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """Change one's own message."""
        await self._post("edit", {"channel": channel, "ts": ts, "text": text})

    async def delete(self, channel: str, ts: str) -> None:
        """Delete one's own message."""
        await self._post("delete", {"channel": channel, "ts": ts})

    async def react(self, channel: str, ts: str, name: str, *, on: bool = True) -> None:
        """Add or take back a reaction."""
        await self._post("react", {"channel": channel, "ts": ts, "name": name, "on": on})

    async def click(
        self, action_id: str, *, channel: str | None = None, ts: str | None = None,
        view_id: str | None = None, block_id: str | None = None, **action: Any,
    ) -> None:  # fmt: skip
        """Use a control: a button as it is; a menu with `option="value"` or `selected_user=…`."""
        place = {"channel": channel, "ts": ts, "view_id": view_id, "block_id": block_id}
        await self._post("action", {**place, "action_id": action_id, "action": action})

    async def shortcut(
        self, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> None:
        """Use a message shortcut (with channel and ts) or a global one."""
        await self._post("shortcut", {"callback_id": callback_id, "channel": channel, "ts": ts})

    async def options(self, action_id: str, value: str, **place: Any) -> list[Json]:
        """Type into an external menu; what it offers."""
        answer = await self._post("options", {"action_id": action_id, "value": value, **place})
        return list(answer["options"])

    async def submit(self, view_id: str, values: Json | None = None) -> Json:
        """Submit the open modal; `{action_id: text}` is enough for values."""
        view = await self.modal()
        state = _state(view["blocks"] if view else [], values or {})
        return await self._post("submit", {"view_id": view_id, "values": state})

    async def close(self, view_id: str) -> None:
        """Dismiss the open modal."""
        await self._post("close", {"view_id": view_id})

    async def open_home(self) -> None:
        """Open the app's Home tab."""
        await self._post("home", {})

    async def home(self) -> Json | None:
        """The app's Home tab as published."""
        view: Json | None = (await self._get("home"))["view"]
        return view

    async def presence(self, presence: str) -> None:
        """Be `active` or `away`."""
        await self._post("presence", {"presence": presence})

    async def join(self, channel: str, *, on: bool = True) -> None:
        """Join or leave a channel."""
        await self._post("join", {"channel": channel, "on": on})

    async def state(self) -> Json:
        """People, channels, commands and the stream's cursor."""
        return await self._get("state")

    async def history(self, channel: str) -> list[Json]:
        """The channel's root messages, the oldest first."""
        return list((await self._get("history", channel=channel))["messages"])

    async def thread(self, channel: str, ts: str) -> list[Json]:
        """A root and its replies."""
        return list((await self._get("thread", channel=channel, ts=ts))["messages"])

    async def ephemerals(self) -> list[Json]:
        """What only this person sees."""
        return list((await self._get("ephemerals"))["messages"])

    async def modal(self) -> Json | None:
        """The modal this person sees."""
        view: Json | None = (await self._get("ephemerals"))["modal"]
        return view

    async def _get(self, name: str, **params: str) -> Json:
        query = {"as": self.id, **params}
        return _checked(await self._client.get(f"{self._base}/ui/{name}", params=query))

    async def _post(self, name: str, body: Json) -> Json:
        answer = await self._client.post(f"{self._base}/ui/{name}", json={"as": self.id, **body})
        return _checked(answer)


def _checked(response: httpx.Response) -> Json:
    body: Json = response.json()
    if not body["ok"]:
        raise Refused(body["error"])
    return body


def _state(blocks: list[Json], values: Json) -> Json:
    """`state.values` of the plain values by action_id; nested values are taken as they are."""
    if any(isinstance(value, dict) and "type" not in value for value in values.values()):
        return values
    state: Json = {}
    for block in blocks:
        for part in (block.get("element"), block.get("accessory"), *block.get("elements", [])):
            name = part.get("action_id") if isinstance(part, dict) else None
            if isinstance(part, dict) and name in values:
                state.setdefault(block["block_id"], {})[name] = _entry(part, values[name])
    return state


def _entry(element: Json, value: Any) -> Json:
    if isinstance(value, dict):
        return value
    kind = element["type"]
    if kind in ("checkboxes", "multi_static_select"):
        picked = [option for option in element["options"] if option["value"] in value]
        return {"type": kind, "selected_options": picked}
    if "select" in kind and "users" in kind:
        return {"type": kind, "selected_user": value}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": value}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": value}
    if kind in ("checkboxes", "multi_static_select"):
        picked = [option for option in element["options"] if option["value"] in value]
        return {"type": kind, "selected_options": picked}
    if "select" in kind or kind == "radio_buttons":
        text = {"type": "plain_text", "text": str(value)}
        options = element.get("options") or []
        known = next((o for o in options if o["value"] == value), None)
        return {"type": kind, "selected_option": known or {"text": text, "value": value}}
    return {"type": kind, "value": value}
