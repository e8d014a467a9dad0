"""The whole demo over HTTP: shop, bot, workspace and product on one port."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jwt
import pytest

from bridge import app as product
from bridge.app import Server, config
from bridge.errors import SettingsError
from sandbox import demo
from sandbox.slack import seed
from sandbox.slack.person import Person
from sandbox.steps import MORE
from tests.servers import PLAIN, free_port, listening
from tests.waiting import until

T = TypeVar("T")
TOP = Path(__file__).parents[2]
IDENTITY = re.compile(r'data-identity="([^"]+)"')


@dataclass
class Shop:
    """A customer's browser, without its looks."""

    client: httpx.AsyncClient
    token: str = ""
    count: int = 0

    async def visit(self, path: str = "/shop") -> str:
        """The shop's word for who is logged in."""
        found = IDENTITY.search((await self.client.get(path)).text)
        assert found
        return found[1]

    async def opens_chat(self, identity: str) -> dict[str, Any]:
        reply = await self.client.post("/webchat/sessions", json={"identity": identity})
        assert reply.status_code == 201, reply.text
        told: dict[str, Any] = reply.json()
        self.token = told["token"]
        return told

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def say(self, text: str) -> None:
        self.count += 1
        body = {"client_id": f"c{self.count}", "text": text}
        reply = await self.client.post("/webchat/messages", json=body, headers=self.headers)
        assert reply.status_code == 202, reply.text

    async def texts(self, kind: str) -> list[str]:
        reply = await self.client.get("/webchat/messages", headers=self.headers)
        return [m["text"] for m in reply.json()["messages"] if m["author"]["kind"] == kind]

    async def steps(self) -> list[bool]:
        return list(await self.state("steps"))

    async def tally(self) -> dict[str, int]:
        return dict(await self.state("tally"))

    async def state(self, name: str) -> Any:
        return (await self.client.get("/demo/state")).json()[name]


@pytest.fixture(scope="module")
async def base(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One demo for all: each shop below has a customer of its own."""
    listener = listening()
    port = listener.getsockname()[1]
    made = demo.create_demo(port, tmp_path_factory.mktemp("demo"), empty=True)
    server = Server(config(made.app, demo.HOST, port, demo.GRACE), made.drain)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await until(lambda: server.started or serving.done())
        assert server.started, serving
        yield f"http://{demo.HOST}:{port}"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def shop(base: str) -> AsyncIterator[Shop]:
    async with httpx.AsyncClient(
        base_url=base, trust_env=False, verify=PLAIN, timeout=30
    ) as client:
        yield Shop(client)


async def test_the_story_of_the_demo_ticks_all_five_steps(shop: Shop, base: str) -> None:
    async with (
        Person(f"{base}/sandbox/slack", seed.ANA) as ana,
        Person(f"{base}/sandbox/slack", seed.BEN) as ben,
    ):
        assert (await shop.client.get("/")).status_code == 200
        assert (await shop.client.get("/readyz")).json()["degraded"] == []
        await shop.opens_chat(await shop.visit())
        await shop.say("Where is order 1009?")
        await until(lambda: shop.texts("bot"))
        await shop.say("I want a human")

        async def root() -> dict[str, Any] | None:
            found = await ana.history(seed.ORDERS)
            return next((m for m in found if "Sam Rivera" in str(m)), None)

        thread = (await until(root))["ts"]
        await ana.reply(seed.ORDERS, thread, "Hi Sam, I am calling the courier now.")
        await until(lambda: shop.texts("agent"))
        await until(lambda: ticked(shop, 3))
        await ana.reply(seed.ORDERS, thread, "!n check the courier")
        await until(lambda: ticked(shop, 4))
        await ana.reply(seed.ORDERS, thread, "!hello")
        await ben.reply(seed.ORDERS, thread, "I can help, too.")
        await ana.command(seed.ORDERS, "/desk stats")

        async def tried() -> bool:
            return bool(await shop.state("more") == dict.fromkeys(MORE, True))

        await until(tried)
        await ana.reply(seed.ORDERS, thread, "!resolve")

        async def returned() -> bool:
            reply = await shop.client.get("/webchat/messages", headers=shop.headers)
            return bool(reply.json()["status"]["mode"] == "bot")

        await until(returned)
        await shop.say("Where is order 1009?")
        await until(lambda: ticked(shop, 5))
        assert await shop.steps() == [True] * 5
        assert await shop.texts("agent") == [
            "Hi Sam, I am calling the courier now.",
            "Hello Sam, this is Ana from Northwind. How can I help?",
        ]
        violations = await shop.client.get("/sandbox/slack/control/violations")
        assert violations.json() == {"violations": []}, violations.text
        assert (await shop.tally()) == {"sent": 4, "received": 4, "doubled": 0}
        assert (await shop.client.post("/demo/reset")).json()["steps"] == [False] * 5


async def ticked(shop: Shop, step: int) -> bool:
    return (await shop.steps())[step - 1]


async def test_the_customer_is_the_same_until_a_new_visit(shop: Shop) -> None:
    first = await shop.opens_chat(await shop.visit())
    await shop.say("Hello")
    again = await shop.opens_chat(await shop.visit("/shop/orders/1009"))
    assert again["conversation_id"] == first["conversation_id"]
    await shop.client.post("/demo/reset")
    fresh = await shop.opens_chat(await shop.visit("/shop?fresh=1"))
    assert fresh["conversation_id"] != first["conversation_id"]
    assert await shop.texts("user") == []


async def test_another_browser_has_steps_of_its_own(shop: Shop, base: str) -> None:
    async with httpx.AsyncClient(base_url=base, trust_env=False, verify=PLAIN) as other:
        await shop.opens_chat(await shop.visit())
        await other.get("/")
        await shop.say("Hello")
        await until(lambda: ticked(shop, 1))
        assert (await other.get("/demo/state")).json()["steps"] == [False] * 5


async def test_the_page_follows_the_steps(shop: Shop) -> None:
    await shop.opens_chat(await shop.visit())
    async with shop.client.stream("GET", "/demo/events") as events:
        lines = events.aiter_lines()
        assert '"steps": [false, false, false, false, false]' in await anext(lines)
        await shop.say("Hello")
        async with asyncio.timeout(60):
            async for line in lines:
                if "true" in line:
                    break


def test_the_shops_word_is_short_lived_and_names_sam() -> None:
    secret = "s" * 32
    claims = jwt.decode(demo.identity(secret, "abc"), secret, ["HS256"])
    assert (claims["sub"], claims["name"]) == ("sam-abc", "Sam Rivera")
    assert time.time() < claims["exp"] <= time.time() + demo.LOGGED_IN


def test_secrets_are_new_at_each_start_and_fit_the_settings(tmp_path: Path) -> None:
    one, two = demo.new_keys(), demo.new_keys()
    assert not set(one.values()) & set(two.values())
    settings = product.Settings.load(demo.settings_for(8080, tmp_path, one))
    assert settings.webchat_identity == "preferred"
    assert settings.slack_api_url == "http://127.0.0.1:8080/sandbox/slack/api/"


def test_it_does_not_start_beside_settings_of_real_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("MESSENGER_APP_SECRET", "secret")
    monkeypatch.setenv("SLACK_CHANNEL", "")
    with pytest.raises(SettingsError) as caught:
        demo.run(0)
    assert list(caught.value.faults) == ["MESSENGER_APP_SECRET", "SLACK_BOT_TOKEN"]
    assert "xoxb" not in str(caught.value)


def test_it_serves_on_its_port_from_a_folder_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith(demo.REAL)]:
        monkeypatch.delenv(name)
    ran: list[tuple[Server, list[Path]]] = []

    def databases() -> list[Path]:
        return list(tmp_path.glob("*/deskbridge.toml"))

    def begin_and_end(server: Server) -> None:
        async def both() -> None:
            app: Any = server.config.app
            async with app.router.lifespan_context(app):
                ran.append((server, databases()))

        asyncio.run(both())

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(product, "run", begin_and_end)
    monkeypatch.setattr(product.logs, "configure", lambda *_style: None)
    demo.run(8123)
    ((server, found),) = ran
    assert (server.config.host, server.config.port) == ("127.0.0.1", 8123)
    assert len(found) == 1
    assert list(tmp_path.iterdir()) == []


async def test_as_a_process_it_says_where_to_look_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge.cli", "demo", "--empty", "--port", str(port)),
        env={**kept, "PYTHONPATH": str(TOP), "PYTHONUNBUFFERED": "1", "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(60):
            while b"Ctrl-C" not in said:
                line = await process.stdout.readline()
                assert line, said.decode()
                said += line
        assert f"http://127.0.0.1:{port}".encode() in said
        assert os.listdir(tmp_path)  # noqa: PTH208 - the demo's folder
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            rest, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode == 0, rest.decode()
    assert b"Traceback" not in rest
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - and it is gone
