"""What the README and the docs name exists, and the README's bot answers as it says."""

import re
import runpy
import shlex
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path
from string import Template
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp
from typer.testing import CliRunner

from bridge.cli import app as command_line
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.puppet import SECRET
from tests.scenarios.stage import API_KEY, Setting, Stage, on_stage

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").glob("*.md"))]
README = PAGES[0].read_text("utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
LARGEST_PICTURE = 250 * 1024
NAME = attrgetter("name")
DESK = "https://desk.example.com"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)


def targets(page: Path) -> Iterator[str]:
    """Where links and pictures lead, code left out."""
    prose = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link, attribute in LINK.findall(prose):
        yield link or attribute


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as they are in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAME)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    for target in targets(page):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.is_relative_to(TOP), target
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("picture", sorted((TOP / "docs" / "images").glob("*")), ids=NAME)
def test_every_picture_is_used_and_small(picture: Path) -> None:
    assert any(picture.name in page.read_text("utf-8") for page in PAGES)
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert min(struct.unpack(">II", head[16:24])) >= 300
    assert picture.stat().st_size <= LARGEST_PICTURE


@pytest.mark.parametrize("page", PAGES, ids=NAME)
def test_every_make_target_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\d )make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= known


@pytest.mark.parametrize("page", PAGES, ids=NAME)
def test_every_command_and_option_of_deskbridge_exists(page: Path) -> None:
    named = re.compile(r"(?:^ *|`)deskbridge ([a-z][^`\n]*)", re.MULTILINE)
    for line in named.findall(page.read_text("utf-8")):
        name, *options = shlex.split(line, comments=True)
        verb = options[:1] if name in ("keys", "audit", "triggers") else []
        known = CliRunner().invoke(command_line, [name, *verb, "--help"], env={"COLUMNS": "200"})
        assert known.exit_code == 0, line
        for option in (each for each in options if each.startswith("--")):
            assert option in known.stdout, line


@pytest.mark.parametrize("page", PAGES, ids=NAME)
def test_every_path_in_code_marks_exists(page: Path) -> None:
    folders = "|".join(each.name for each in TOP.iterdir() if each.is_dir())
    named = re.findall(rf"`((?:{re.escape(folders)})/[\w./-]*)`", page.read_text("utf-8"))
    assert [path for path in named if not (TOP / path).exists()] == []


def test_the_tag_for_a_site_names_a_file_that_is_served() -> None:
    (tag,) = re.findall(r"<script src=\"([^\"]+)\"", README)
    assert tag == f"{DESK}/webchat/widget.js"


def test_the_bot_is_as_short_as_it_is_said_to_be() -> None:
    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) == 12


# --- the example, at work ------------------------------------------------------------------------


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    config = server.config
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    (listener,) = server.servers
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        await server.shutdown()


class Endpoint:
    """Stands in for a puppet in a stage's settings: only where the bot is matters."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The README's bot, run from a file of its own."""
    (code,) = blocks(README, "python")
    file = tmp_path / "bot.py"
    file.write_text(code, "utf-8")
    monkeypatch.setenv("BOT_SECRET", SECRET)
    return runpy.run_path(str(file))["app"]


@pytest.fixture
async def stage(bot: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(served(bot))
        setting = Setting(f"sqlite:///{tmp_path}/deskbridge.db", bot=Endpoint(f"{base}/webhook"))  # type: ignore[arg-type]
        yield await stack.enter_async_context(on_stage(setting, tmp_path))


def as_request(curl: str) -> tuple[str, dict[str, str], str]:
    """Where curl would go, with what headers and what body."""
    program, url, *options = shlex.split(curl.replace("\\\n", ""))
    assert program == "curl"
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for option, value in given if option == "-H")
    (data,) = (value for option, value in given if option == "-d")
    assert {option for option, _ in given} == {"-H", "-d"}
    return url, headers, data


async def talked(stage: Stage) -> Customer:
    """A customer whom the bot has answered."""
    sam = await stage.customer()
    await sam.say("Good morning")
    await sam.has_heard("You said: Good morning", kind="bot")
    return sam


async def test_the_bot_answers_and_hands_over_to_a_human(stage: Stage) -> None:
    sam = await talked(stage)
    await sam.say("I want a human")
    thread = await stage.thread(sam)
    assert "Good morning" in await until(thread.preview)


async def test_the_call_hands_somebody_over(stage: Stage) -> None:
    (curl,) = (block for block in blocks(README, "sh") if block.startswith("curl "))
    named = {"PUBLIC_URL": stage.base, "API_KEY": API_KEY}
    url, headers, data = as_request(Template(curl).substitute(named))
    called = await stage.client.post(url, headers=headers, content=data)
    assert called.status_code == 202
    assert called.json()["status"] == "queued"
    root = await until(partial(stage.oracle.root, called.json()["id"]), what="a thread")
    assert "Sam Rivera" in str(root)


async def test_the_bot_refuses_what_is_not_signed(bot: Any) -> None:
    transport = httpx.ASGITransport(app=bot, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:
        answer = await client.post("/webhook", content=b'{"type": "message.created"}')
    assert answer.is_server_error
