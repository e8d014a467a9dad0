"""New settings while a process runs: taken whole, or not at all."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message
from structlog.testing import capture_logs

from bridge import life, logs, upkeep
from bridge.app import Process
from bridge.errors import SettingsError, StoreUnavailable
from bridge.life import NOTHING_NEW
from bridge.reloading import Inside, Wishes
from bridge.settings import Settings
from bridge.settings_changes import FAULT
from storage.database import connect
from storage.migrate import upgrade
from storage.reloads import SqlReloads
from storage.tables import metadata
from tests.bridge.fakes import AbleDesk
from tests.bridge.running import Event, configured, in_file, plugged, running, served, stream
from tests.waiting import until

EVENT = metadata.tables["event"]


class Paper:
    """The settings as somebody has written them meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = self.with_title("Old shop")

    def with_title(self, title: str, **env: str) -> Settings:
        toml = f'[webchat]\ntitle = "{title}"\nmessages_per_minute = 0\n'
        return configured(in_file(self.folder), self.folder, toml, **env)

    def read(self, _old: Settings) -> Settings:
        return self.settings


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


async def title(client: httpx.AsyncClient) -> str:
    answer = await client.post("/webchat/sessions", json={})
    return str(answer.json()["settings"]["title"])


async def until_message(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    async for event in events:
        yield event
        if event.kind == "message":
            return


async def ended(process: Process) -> None:
    await until(lambda: not process._ending)


# --- a process -----------------------------------------------------------------------------------


async def test_what_comes_after_a_reload_is_answered_by_the_new_settings(paper: Paper) -> None:
    with plugged(lambda _deps: AbleDesk()):
        async with running(paper.settings, read=paper.read) as desk:
            process, sam = desk.process, await desk.visitor()
            await sam.say("before")
            assert await process.reload() == NOTHING_NEW
            first = process.now
            paper.settings = paper.with_title("New shop")
            assert await process.reload() == "changed: webchat"
            assert process.now is not first
            assert await title(desk.client) == "New shop"
            await ended(process)
            await sam.say("after")
            assert await sam.texts() == ["before", "after"]  # with the token of before


async def test_that_settings_changed_is_in_the_audit_by_their_names(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are taken even where it cannot be noted."""

    def away(*_what: Any, **_more: Any) -> None:
        raise StoreUnavailable("away")

    with plugged(lambda _deps: AbleDesk()):
        async with running(paper.settings, read=paper.read) as desk:
            paper.settings = paper.with_title("New shop")
            await desk.process.reload()
            wanted = select(EVENT.c.kind, EVENT.c.body)
            kinds = await desk.process._base.database.read(lambda to: to.execute(wanted).all())
            assert [tuple(row) for row in kinds] == [
                ("settings.reloaded", '{"changed":["webchat"]}')
            ]
            monkeypatch.setattr(life, "note", away)
            paper.settings = paper.with_title("Newer shop")
            assert await desk.process.reload() == "changed: webchat"


async def test_a_request_in_hand_ends_as_it_began_and_the_old_one_waits_for_it(
    paper: Paper,
) -> None:
    come, go = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        come.set()
        await go.wait()
        return Response(b"done")

    with plugged(lambda _deps: AbleDesk()):
        more = [Route("/slow", slow)]
        async with running(paper.settings, more=more, read=paper.read) as desk:
            asked = asyncio.create_task(desk.client.get("/slow"))
            await come.wait()
            paper.settings = paper.with_title("New shop")
            await desk.process.reload()
            assert await title(desk.client) == "New shop"
            assert desk.process._ending
            go.set()
            assert (await asked).content == b"done"
            await ended(desk.process)


async def test_a_signal_is_enough_and_streams_end_so_that_they_are_opened_anew(
    paper: Paper,
) -> None:
    loop = asyncio.get_running_loop()
    with plugged(lambda _deps: AbleDesk()):
        async with served(paper.settings, paper.read) as it:
            sam = await it.made.visitor()
            async with stream(sam) as events:
                assert (await anext(events)).kind == "comment"
                paper.settings = paper.with_title("New shop")
                assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
                signal.raise_signal(signal.SIGHUP)
                async for _ in events:  # to its end
                    pass
            assert await title(it.made.client) == "New shop"
            await sam.say("still here")
            async with stream(sam) as events:
                seen = [event async for event in until_message(events)]
                assert "still here" in seen[-1].data
        loop.remove_signal_handler(signal.SIGHUP)


async def test_a_command_line_reaches_the_process_and_hears_what_came_of_it(paper: Paper) -> None:
    with plugged(lambda _deps: AbleDesk()):
        async with running(paper.settings, read=paper.read):
            paper.settings = paper.with_title("New shop")
            for expected in ("changed: webchat", NOTHING_NEW):
                told = await upkeep.reload(paper.settings, patience=60.0)
                assert list(told.values()) == [expected]
    assert await upkeep.reload(paper.settings, patience=0.1) == {}  # nobody is there


async def test_several_processes_all_answer(
    fresh_postgres: str, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = chain(("web", "worker"), repeat("elsewhere"))
    monkeypatch.setattr("socket.gethostname", lambda: next(hosts))
    settings = configured(fresh_postgres, paper.folder)

    def refused(_old: Settings) -> Settings:
        raise SettingsError({"labels.names": "must be a list"})

    def others(_old: Settings) -> Settings:
        return settings.model_copy(update={"api_key": None})

    with plugged(lambda _deps: AbleDesk()):
        async with (
            running(settings, "web", read=others) as web,
            running(settings, "worker", read=refused),
        ):
            told: dict[str, str] = {}
            asked = asyncio.create_task(upkeep.reload(settings, patience=60.0, quiet=60.0))
            left = SqlReloads(web.process.now.store._database, "nobody")

            async def answered() -> bool:
                told.update(await left.answers(await left.newest()))
                return len(told) == 2

            await until(answered)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
    assert {name.partition(",")[0]: text for name, text in told.items()} == {
        "web": "changed: API_KEY",
        "worker": "refused: labels.names: must be a list",
    }


def _not_at_all(_deps: Any) -> AbleDesk:
    raise SettingsError({"desks": "only one may be configured"})


class Unwilling(AbleDesk):
    async def start(self) -> None:
        raise OSError("a mistake")

    async def close(self) -> None:
        """Nothing to end."""


@pytest.mark.parametrize(
    ("desk", "env", "told"),
    [
        (_not_at_all, {}, "refused: desks: only one may be configured"),
        (lambda _deps: Unwilling(), {}, "refused: it failed, and the log says how"),
        (
            lambda _deps: AbleDesk(),
            {"METRICS_PORT": "9", "REDIS_URL": "redis://:secret@127.0.0.1:1/0"},
            f"refused: METRICS_PORT: {FAULT}; REDIS_URL: {FAULT}",
        ),
    ],
)
async def test_settings_that_do_not_fit_leave_all_as_it_was_and_say_why(
    paper: Paper, desk: Callable[..., Any], env: dict[str, str], told: str
) -> None:
    async with running(paper.settings, read=paper.read) as made:
        before = made.process.now
        paper.settings = paper.with_title("New shop", **env)
        with plugged(desk), capture_logs() as said:
            assert await made.process.reload() == told
        assert "settings_refused" in [line["event"] for line in said]
        assert made.process.now is before
        assert await title(made.client) == "Old shop"
        assert (await (await made.visitor()).say("Hello")).status_code == 202


async def test_the_log_follows_its_settings(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    styles: list[tuple[str, str]] = []
    monkeypatch.setattr(logs, "configure", lambda *style: styles.append(style))
    with plugged(lambda _deps: AbleDesk()):
        async with running(paper.settings, read=paper.read) as desk:
            paper.settings = paper.with_title("Old shop", LOG_LEVEL="error")
            assert await desk.process.reload() == "changed: LOG_LEVEL"
    assert styles == [("error", "console")]


def test_what_is_read_again_is_checked_whole_and_makes_no_key_for_another_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    old = Settings.load()
    file = Path("deskbridge.toml")
    file.write_text('[labels]\nnames = ["billing"]\n')
    assert upkeep.reread(old).labels.names == ("billing",)
    assert upkeep.reread(old).secret_key == old.secret_key
    file.write_text('[labels]\nnames = 7\n[handoff]\npreview = "x"\n')
    with pytest.raises(SettingsError) as caught:
        upkeep.reread(old)
    assert set(caught.value.faults) == {"labels.names", "handoff.preview"}
    file.write_text('database_url = "sqlite:///other.db"\n')
    assert upkeep.reread(old).database_url == "sqlite:///other.db"
    assert not Path("other.db.key").exists()


# --- its parts -----------------------------------------------------------------------------------


async def _nothing() -> Message:
    return {}


async def _nowhere(_: Message) -> None: ...


async def test_patience_with_requests_in_hand_ends() -> None:
    never = asyncio.Event()

    async def hangs(scope: Any, _receive: Any, _send: Any) -> None:
        if scope["path"] == "/slow":
            await never.wait()

    inside = Inside(hangs)
    await inside.empty()
    slow = asyncio.create_task(inside({"path": "/slow"}, _nothing, _nowhere))
    await asyncio.sleep(0)
    await inside({"path": "/fast"}, _nothing, _nowhere)
    await inside.empty(grace=0.01)
    assert not slow.done()
    never.set()
    await slow


class Slips:
    """Wishes that are left one after another; sometimes the store is away."""

    def __init__(self, *wishes: int | None) -> None:
        self.wishes = [*wishes]
        self.answers: list[tuple[int, str]] = []
        self.away = True

    async def newest(self) -> int:
        wish = self.wishes.pop(0) if len(self.wishes) > 1 else self.wishes[0]
        if wish is None:
            raise StoreUnavailable("away")
        return wish

    async def answer(self, wish: int, text: str) -> None:
        if self.away:
            self.away = False
            raise StoreUnavailable("away")
        self.answers.append((wish, text))


async def test_two_processes_of_one_name_both_answer(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'd.db'}")
    await upgrade(database)
    reloads = SqlReloads(database, "host, process 1")
    wish = await reloads.wish()
    await reloads.answer(wish, "done")
    await SqlReloads(database, "host, process 1").answer(wish, "refused")
    assert await reloads.answers(wish) == {
        "host, process 1": "done",
        "host, process 1 (2)": "refused",
    }
    await database.close()


async def test_a_wish_is_fulfilled_once_and_one_from_before_the_start_never() -> None:
    done: list[str] = []

    async def reload() -> str:
        done.append("reload")
        return "done"

    slips = Slips(4, 4, None, 5, 5, 7)
    wishes = Wishes(slips, reload, every=0.0)
    await wishes.start()
    await until(lambda: len(slips.answers) == 2)
    await wishes.close()
    assert slips.answers == [(5, "done"), (7, "done")]
    assert done == ["reload"] * 2
    await Wishes(slips, reload).close()  # never started
