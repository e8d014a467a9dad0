"""`python -m tests.soak.approvals`: two hundred drafts, eight reviewers who click and call at once,
and a product that is killed again and again meanwhile.

Exits 1 unless each draft is settled once, the bot hears of each once by its id and as the API has
it, and each customer sees of the bot what was approved, once, and nothing else.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from sandbox.slack import seed
from sandbox.slack.person import Person, Refused
from tests.scenarios.customer import Customer, Json
from tests.scenarios.processes import until
from tests.scenarios.puppet import SECRET, Heard, Puppet, puppet, says
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.soak.databases import KINDS, databases

CLICKING = (seed.ANA, seed.BEN, seed.CHLOE)
CALLING = 5
CUSTOMERS = 10
UP = 1.2
"""Seconds between two kills, at most."""
ACTS: tuple[tuple[str, Json], ...] = (
    ("approve", {}),
    ("edit", {"value": {"text": "Edited"}}),
    ("reject", {"reason": "No"}),
    ("respond", {"text": "Instead"}),
)
REQUIRE = "[approvals]\nrequire = true\n"
AGAIN = 0.05
CALLS = 2.0
"""Seconds between two decisions of one who calls, at most: who clicks needs a card to be there."""


@dataclass
class Soak:
    stage: Stage
    dice: random.Random
    customers: list[Customer] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    clicked: int = 0
    """How many were decided by a click."""
    every: dict[str, str] = field(default_factory=dict)
    """The conversation of each draft, by the id of its approval."""
    busy: bool = True

    async def call(self, method: str, path: str, **more: object) -> httpx.Response:
        return await _answered(lambda: self.stage.api(method, path, **more))

    async def call_as_bot(self, path: str, body: Json) -> httpx.Response:
        """Signed: the key that asks would not decide."""
        raw, url = orjson.dumps(body), f"{self.stage.base}/v1{path}"

        def send() -> Awaitable[httpx.Response]:
            headers = _signed(str(body["id"]), raw.decode())
            return self.stage.client.post(url, content=raw, headers=headers)

        return await _answered(send)

    async def ask(self, drafts: int) -> None:
        """Half of it by speaking, which is held, half by asking."""
        for n in range(drafts):
            here, key = self.customers[n % len(self.customers)].conversation, f"draft-{n}"
            if n % 2:
                body: Json = {"id": key, "text": f"Said {n}"}
                answer = await self.call_as_bot(f"/conversations/{here}/messages", body)
                named = answer.json().get("held")
            else:
                body = {"id": key, "conversation_id": here, "title": f"Draft {n}", "send": True}
                body["draft"] = {"text": f"Asked {n}"}
                answer = await self.call_as_bot("/approvals", body)
                named = answer.json().get("id")
            assert named, answer.text
            self.every[named] = here
            self.open.add(named)

    # --- reviewers -----------------------------------------------------------------------------

    async def calls(self, number: int) -> None:
        """One who looks at what is open and decides it, whoever else is about to."""
        n = 0
        while self.busy:
            await asyncio.sleep(self.dice.random() * CALLS)
            if not self.open:
                continue
            it, (act, body) = self.dice.choice(sorted(self.open)), self.dice.choice(ACTS)
            n += 1
            given = {"id": f"{number}-{n}", **body}
            answer = await self.call("POST", f"/approvals/{it}/{act}", json=given)
            if answer.is_success or answer.status_code == httpx.codes.CONFLICT:
                self.open.discard(it)

    async def clicks(self, person: Person) -> None:
        while self.busy:
            await asyncio.sleep(self.dice.random() * AGAIN)
            for message in (await person.history(seed.ORDERS))[-20:]:
                with suppress(Refused, httpx.HTTPError):
                    await person.click(
                        "approval_approve", channel=seed.ORDERS, ts=str(message["ts"])
                    )

    async def kills(self, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(self.dice.uniform(UP / 4, UP))
            self.stage.product.kill()
            await self.stage.start()

    # --- the verdict ---------------------------------------------------------------------------

    async def faults(self) -> list[str]:
        found: list[str] = []
        told = Counter(one.data["id"] for one in self._heard())
        sent: dict[str, Counter[str]] = {each.conversation: Counter() for each in self.customers}
        for it, here in self.every.items():
            shown = (await self.call("GET", f"/approvals/{it}")).json()
            self.clicked += bool((shown["decided_by"] or {}).get("id") in CLICKING)
            heard = [one.data for one in self._heard() if one.data["id"] == it]
            if shown["status"] == "pending" or told[it] != 1:
                found.append(f"{it}: {shown['status']}, told {told[it]} times")
            if any(each["status"] != shown["status"] for each in heard):
                found.append(f"{it}: the bot was told otherwise")
            if shown["value"] is not None:
                sent[here][shown["value"]["text"]] += 1
        for here, wanted in sent.items():
            answer = await self.call("GET", f"/conversations/{here}/messages?limit=100")
            messages = answer.json()["messages"]
            seen = Counter(each["text"] for each in messages if each["role"] == "bot")
            if seen != wanted:
                found.append(f"{here}: sent {seen - wanted}, and lacks {wanted - seen}")
        return found

    def _heard(self) -> list[Heard]:
        by_id = {one.id: one for one in self.stage.the_bot.heard if one.type == "approval.decided"}
        return list(by_id.values())


async def _answered(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Again until the product answers: the body's `id` makes it once."""
    while True:
        with suppress(httpx.TransportError):
            answer = await send()
            if answer.status_code < 500:
                return answer
        await asyncio.sleep(AGAIN)


def _signed(name: str, raw: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(name, now, raw),
    }


async def soak(setting: Setting, folder: Path, drafts: int, kills: int, seed_: int) -> list[str]:
    async with puppet() as bot, on_stage(_with(setting, bot), folder) as stage:
        it = Soak(stage, random.Random(seed_))
        for n in range(CUSTOMERS):
            customer = await stage.customer(f"Customer {n}")
            bot.answers[customer.conversation] = lambda _: says()
            await customer.say("Hello")
            it.customers.append(customer)
        people = [it.clicks(stage.agent(each)) for each in CLICKING]
        reviewing = [
            asyncio.create_task(each) for each in (*people, *map(it.calls, range(CALLING)))
        ]
        await asyncio.gather(it.ask(drafts), it.kills(kills))

        async def settled() -> bool:
            return not it.open and len({one.data["id"] for one in it._heard()}) == drafts

        await until(settled, 120.0, "every draft to be settled and told")
        it.busy = False
        await asyncio.gather(*reviewing)
        found = await it.faults()
        return found if it.clicked else [*found, "nobody has decided by a click"]


def _with(setting: Setting, bot: Puppet) -> Setting:
    return replace(setting, bot=bot, more_toml=REQUIRE)


async def main(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with databases(options.database, Path(folder)) as where:
            place = await where.fresh()
            setting = Setting(place.url, place.redis_url)
            found = await soak(
                setting, Path(folder), options.approvals, options.kills, options.seed
            )
    told = "\n".join(found) or "each settled once, told once, and nothing else was said"
    print(f"{options.database}: {options.approvals} approvals, {options.kills} kills: {told}")
    return int(bool(found))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--approvals", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
