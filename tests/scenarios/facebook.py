"""A customer who writes to a page on Facebook: what they do and see, over the stand-in's
`/control`."""

from typing import Any

import httpx

from bridge.model import DEFAULT_WORKSPACE, conversation_id
from sandbox.graph import GraphConfig
from tests.scenarios.processes import until, until_equal
from tests.servers import PLAIN
from tests.waiting import PATIENCE

Json = dict[str, Any]
CONFIG = GraphConfig()


class PageCustomer:
    """One person and their conversation with the page."""

    def __init__(self, base: str, number: int, first: str, last: str) -> None:
        self.name = f"{first} {last}".strip()
        self.psid = f"25{number:014}"
        self.client = httpx.AsyncClient(base_url=base, trust_env=False, verify=PLAIN, timeout=15.0)
        self._first, self._last = first, last

    @property
    def conversation(self) -> str:
        return conversation_id(DEFAULT_WORKSPACE, "messenger", f"{CONFIG.page_id}:{self.psid}")

    async def arrive(self, **known: str) -> None:
        await self.act("customers", first_name=self._first, last_name=self._last, **known)

    async def act(self, name: str, **body: Any) -> Json:
        answer = await self.client.post(f"/control/{name}", json={"psid": self.psid, **body})
        assert answer.is_success, answer.text
        told: Json = answer.json()
        return told

    async def say(self, text: str, **more: Any) -> str:
        """The mid."""
        return str((await self.act("write", text=text, **more))["mid"])

    async def state(self) -> Json:
        answer = await self.client.get("/control/state", params={"psid": self.psid})
        told: Json = answer.json()
        return told

    async def heard(self) -> list[Json]:
        """What the page said to them."""
        return [m for m in (await self.state())["messages"] if m["by_page"]]

    async def texts(self) -> list[str]:
        return [message["text"] for message in await self.heard()]

    async def is_told(self) -> bool:
        """Whether the product has taken everything that they did."""
        return bool((await self.state())["open"] == 0)

    async def agents_words(self) -> list[str]:
        """What was said to them under an agent's own name."""
        return [message["text"] for message in await self.heard() if message["persona"]]

    async def has_heard(self, *texts: str, timeout: float = PATIENCE) -> None:
        """Waits until these and no others were said to them, each once and in this order."""
        await until_equal(self.texts, list(texts), timeout, "Messenger")

    async def hears(self, text: str) -> Json:
        """The page's first message with these words, once it is there."""

        async def found() -> Json | None:
            return next((m for m in await self.heard() if text in m["text"]), None)

        message = await until(found, what=f"Messenger to show {text!r}")
        assert message
        return message

    async def faults(self, *rules: Json) -> None:
        await self.act("faults", rules=list(rules))

    async def close(self) -> None:
        await self.client.aclose()
