"""A handoff's thread as the oracle knows it: what the workspace really holds, deleted posts too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.slack.seed import BOT_USER, ORDERS
from tests.scenarios.processes import until, until_equal
from tests.waiting import PATIENCE

Json = dict[str, Any]
MARKS = {"white_check_mark": "✅", "lock": "🔒", "hand": "✋", "warning": "⚠️"}


class Oracle:
    """The workspace's own record, over `/control`."""

    def __init__(self, base: str, client: httpx.AsyncClient) -> None:
        self._base = base
        self._client = client
        self._since = ""

    async def get(self, name: str, **query: str) -> Json:
        answer = await self._client.get(f"{self._base}/control/{name}", params=query)
        answer.raise_for_status()
        body: Json = answer.json()
        return body

    async def post(self, name: str, body: Json) -> Json:
        answer = await self._client.post(f"{self._base}/control/{name}", json=body)
        answer.raise_for_status()
        told: Json = answer.json()
        return told

    async def faults(self, *rules: Json, seed: int = 1) -> None:
        """Puts these in force instead of any earlier ones; none: everything works again."""
        await self.post("faults", {"seed": seed, "rules": list(rules)})

    async def used(self) -> int:
        """How often a fault in force was applied."""
        rules = (await self.get("faults"))["rules"]
        return sum(rule["used"] for rule in rules)

    async def begins(self) -> None:
        """A story: what was posted before is none of its business, and is not told any more."""
        everything = (await self.get("messages", after=self._since))["messages"]
        self._since = max((message["ts"] for message in everything), default=self._since)

    async def messages(self, channel: str = ORDERS) -> list[Json]:
        return list((await self.get("messages", channel=channel, after=self._since))["messages"])

    async def calls(self, *methods: str) -> list[Json]:
        calls = (await self.get("log"))["calls"]
        return [call for call in calls if call["method"] in methods]

    async def quiet(self) -> bool:
        """Whether every event was taken or given up."""
        return bool((await self.get("deliveries"))["open"] == 0)

    async def violations(self) -> list[Json]:
        return list((await self.get("violations"))["violations"])

    async def root(self, handoff: str) -> Json | None:
        """The card of a handoff; there must not be two."""
        found = [m for m in await self.messages() if key_of(m).startswith(f"{handoff}/")]
        roots = [m for m in found if not key_of(m).endswith("/preview") and not m["deleted"]]
        assert len(roots) <= 1, f"{len(roots)} roots for {handoff}"
        return roots[0] if roots else None


@dataclass(slots=True)
class Thread:
    oracle: Oracle
    ts: str
    channel: str = ORDERS
    handoff: str = ""

    async def posts(self) -> list[Json]:
        """The replies, in Slack's order, without what was deleted."""
        everything = await self.oracle.messages(self.channel)
        return [
            m
            for m in everything
            if m.get("thread_ts") == self.ts and m["ts"] != self.ts and not m["deleted"]
        ]

    async def by(self, user: str) -> list[Json]:
        """What one member of the workspace wrote there."""
        return [post for post in await self.posts() if post.get("user") == user]

    async def card(self) -> Json:
        everything = await self.oracle.messages(self.channel)
        return next(m for m in everything if m["ts"] == self.ts)

    async def said(self) -> list[str]:
        """What the customer (or the bot) said there, whole texts: parts are put together."""
        return whole(await self.posts())

    async def lines(self) -> list[Json]:
        """The desk's own lines."""
        return [m for m in await self.posts() if key_of(m).startswith("line/")]

    async def preview(self) -> str:
        found = [m for m in await self.posts() if key_of(m).endswith("/preview")]
        assert len(found) <= 1, "two previews"
        return plain(found[0]) if found else ""

    async def marks(self, ts: str) -> list[str]:
        """The marks on a message; there should be one, if any."""
        message = next((m for m in await self.oracle.messages(self.channel) if m["ts"] == ts), {})
        return marks_of(message)

    async def line_about(self, words: str) -> Json:
        """The newest line with these words, once it is there."""

        async def found() -> list[Json]:
            return [m for m in await self.lines() if words in plain(m)]

        return (await until(found, what=f"a line about {words!r}"))[-1]

    async def line_after(self, count: int) -> list[Json]:
        """The lines that come after so many, once there is one."""

        async def more() -> list[Json]:
            return (await self.lines())[count:]

        return await until(more, what="another line")

    async def has_said(
        self, *texts: str, timeout: float = PATIENCE, together: bool = False
    ) -> None:
        """Waits until the customer has said these there, each once and in this order; `together`:
        several of them may stand in one post."""

        async def said() -> list[str]:
            found = await self.said()
            return ["".join(found)] if together else found

        wanted = ["".join(texts)] if together else list(texts)
        await until_equal(said, wanted, timeout, "the thread")

    async def has_mark(self, ts: str, mark: str, timeout: float = PATIENCE) -> None:
        """Waits until the message wears this mark and no other."""
        await until_equal(lambda: self.marks(ts), [mark], timeout, "the marks")

    async def card_begins(self, words: str) -> None:
        async def begins() -> bool:
            return str((await self.card())["text"]).startswith(words)

        await until(begins, what=f"the card to begin with {words!r}")


def key_of(message: Json) -> str:
    """Our id of a post, from its metadata."""
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("id") or "")


def ticks_of(messages: Sequence[Json]) -> list[list[str]]:
    """The marks of an agent's messages in one thread, in their order, as they are to be read: the
    ✅ of one stands for those above it that have none, for which Slack had no time."""
    found: list[list[str]] = []
    for message in reversed(messages):
        stood = [] if not found or found[-1] != ["✅"] else ["✅"]
        found.append(marks_of(message) or stood)
    return found[::-1]


def marks_of(message: Json) -> list[str]:
    reactions = message.get("reactions") or ()
    return [MARKS[r["name"]] for r in reactions if BOT_USER in r["users"] and r["name"] in MARKS]


def whole(posts: list[Json]) -> list[str]:
    """Customers' texts by message, in the order of their first parts."""
    texts: dict[str, str] = {}
    for post in posts:
        message, _, part = key_of(post).partition("/")
        if message.startswith("msg_") and part.isdigit():
            texts[message] = texts.get(message, "") + plain(post)
    return list(texts.values())


def plain(message: Json) -> str:
    """The words of a message's blocks; where it has none, its text."""
    blocks = message.get("blocks") or ()
    return "".join(_words(block) for block in blocks) or str(message.get("text") or "")


def _words(node: Any) -> str:
    if isinstance(node, list):
        return "".join(_words(each) for each in node)
    if not isinstance(node, dict):
        return ""
    kind = node.get("type")
    if kind == "text":
        return str(node["text"])
    if kind == "emoji":
        return f":{node['name']}:"
    if kind == "link":
        return str(node.get("text") or node["url"])
    if kind in ("user", "usergroup", "broadcast"):
        return f"<{kind}>"
    return _words(node.get("elements"))


def buttons(message: Json) -> list[str]:
    """The action ids of a message's buttons."""
    found = [e for b in message.get("blocks") or () for e in b.get("elements") or ()]
    return [str(element["action_id"]) for element in found if element.get("action_id")]
