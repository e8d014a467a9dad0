"""`deskbridge console`: what is typed goes in, what is said comes out."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from typer.testing import CliRunner

from bridge import cli, cli_console
from bridge.errors import SettingsError
from tests.bridge.running import SECRET_KEY

TOKEN = "token-of-these-tests-with-more-than-32-characters"
THERE = "http://127.0.0.1:8080/console/sam%20r"
BOT: dict[str, Any] = {"role": "bot", "name": "", "text": "Hi", "buttons": ["Yes", "No"]}
ANA: dict[str, Any] = {
    "role": "agent",
    "name": "Ana",
    "text": "Hello",
    "buttons": [],
    "deleted": False,
}
AS_IT_WAS = {"edited": False, "deleted": False}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("CONSOLE_TOKEN", TOKEN)


def page(*messages: dict[str, Any]) -> httpx.Response:
    text = "".join(f"{json.dumps({'rev': n + 7, **each})}\n" for n, each in enumerate(messages))
    return httpx.Response(200, text=text)


def test_what_is_said_is_shown_as_lines_until_ctrl_c(respx_mock: respx.MockRouter) -> None:
    mine: dict[str, Any] = {"role": "user", "text": "mine"}
    first = page({**BOT, **AS_IT_WAS}, {**ANA, "edited": True}, mine)
    gone: dict[str, Any] = {"role": "system", "name": "", "text": "", "buttons": [], "edited": True}
    news = [first, page({**gone, "deleted": True})]

    def next_page(_request: httpx.Request) -> httpx.Response:
        if not news:
            raise KeyboardInterrupt
        return news.pop(0)

    looked = respx_mock.get(THERE).mock(side_effect=next_page)
    done = CliRunner().invoke(cli.app, ["console", "sam r"])
    assert (done.exit_code, done.output) == (
        0,
        "Assistant: Hi [Yes] [No]\nAna (edited): Hello\nTeam (removed): \n",
    )
    assert [call.request.url.params["after"] for call in looked.calls] == ["0", "9"]
    assert looked.calls[0].request.headers["authorization"] == f"Bearer {TOKEN}"


def test_every_line_is_said_and_one_that_is_not_taken_is_told(
    respx_mock: respx.MockRouter, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = respx_mock.post(THERE).mock(side_effect=[httpx.Response(202), httpx.Response(422)])
    with httpx.Client() as client:
        cli_console.Terminal(client, THERE).say_all(["Hello\n", "\n", "Are you there?\n"])
    assert [call.request.content for call in taken.calls] == [b"Hello\n", b"Are you there?\n"]
    assert "This was not taken" in capsys.readouterr().err


def _waits_while(talking: threading.Thread) -> None:
    """As one waits for the next answer."""
    talking.start()
    talking.join(30)


class Typed(io.StringIO):
    """What is typed; `person`: at a terminal."""

    def __init__(self, text: str, *, person: bool) -> None:
        super().__init__(text)
        self.person = person

    def isatty(self) -> bool:
        return self.person


def test_the_end_of_what_a_person_types_ends_it_and_that_of_a_file_does_not(
    respx_mock: respx.MockRouter,
) -> None:
    taken = respx_mock.post(THERE).mock(return_value=httpx.Response(202))
    with httpx.Client() as client:
        there = cli_console.Terminal(client, THERE)
        there.talk(Typed("From a file\n", person=False))
        talking = threading.Thread(target=there.talk, args=(Typed("Bye\n", person=True),))
        with pytest.raises(KeyboardInterrupt):
            _waits_while(talking)
    assert [call.request.content for call in taken.calls] == [b"From a file\n", b"Bye\n"]


def test_an_end_that_comes_at_once_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    done = CliRunner().invoke(cli.app, ["console", "--url", "http://desk.example"])
    assert done.exit_code == 0


def test_a_server_that_is_not_there_is_told(respx_mock: respx.MockRouter) -> None:
    respx_mock.get("http://desk.example/console/visitor").mock(side_effect=httpx.ConnectError("x"))
    done = CliRunner().invoke(cli.app, ["console", "--url", "http://desk.example"])
    assert done.exit_code == 1
    assert "http://desk.example does not answer" in done.output


def test_the_token_is_needed_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONSOLE_TOKEN")
    done = CliRunner().invoke(cli.app, ["console"])
    assert isinstance(done.exception, SettingsError)
    assert list(done.exception.faults) == ["CONSOLE_TOKEN"]
