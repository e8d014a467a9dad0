"""`deskbridge console`: talk to the bot and to the desk as a customer, from a terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TextIO
from urllib.parse import quote

import httpx
import orjson
import typer

from bridge.errors import SettingsError
from bridge.settings import Settings

PATIENCE = 40.0
"""Seconds for a call; one that waits for news takes 25."""
WAIT = "25"

Name = Annotated[str, typer.Argument(help="Who you are; the same name goes on where it was.")]
Url = Annotated[str, typer.Option(help="Where Deskbridge runs; default: PUBLIC_URL.")]


def console(name: Name = "visitor", url: Url = "") -> None:
    """Talk as a customer, line by line; Ctrl-D or Ctrl-C ends it.

    Needs CONSOLE_TOKEN, as the server does."""
    settings = Settings.checked()
    if settings.console_token is None:
        raise SettingsError({"CONSOLE_TOKEN": "is needed, here and for the server"})
    headers = {"Authorization": f"Bearer {settings.console_token.get_secret_value()}"}
    base = url or settings.public_url
    with httpx.Client(headers=headers, timeout=PATIENCE) as client:
        there = Terminal(client, f"{base}/console/{quote(name, safe='')}")
        try:
            threading.Thread(target=there.talk, args=(sys.stdin,), daemon=True).start()
            there.show_all(sys.stdout.write)
        except httpx.HTTPError as error:
            sys.stderr.write(f"{base} does not answer as it should: {error}\n")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            return


@dataclass(frozen=True, slots=True)
class Terminal:
    client: httpx.Client
    address: str

    def talk(self, typed: TextIO) -> None:
        """Ends the program with what a person types. What is piped in may yet be answered."""
        self.say_all(typed)
        if typed.isatty():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def say_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            if line.strip():
                self._say(line)

    def _say(self, line: str) -> None:
        try:
            self.client.post(self.address, content=line.encode()).raise_for_status()
        except httpx.HTTPError as error:
            sys.stderr.write(f"This was not taken: {error}\n")

    def show_all(self, write: Callable[[str], object]) -> None:
        """For ever. Raises httpx.HTTPError."""
        after = 0
        while True:
            query = {"after": str(after), "wait": WAIT}
            told = self.client.get(self.address, params=query).raise_for_status()
            for line in told.text.splitlines():
                message = orjson.loads(line)
                after = message["rev"]
                write(shown(message))


def shown(message: dict[str, Any]) -> str:
    """As a line of the terminal; what one has typed oneself stands there already."""
    if message["role"] == "user":
        return ""
    who = message["name"] or ("Assistant" if message["role"] == "bot" else "Team")
    how = " (removed)" if message["deleted"] else " (edited)" if message["edited"] else ""
    buttons = "".join(f" [{text}]" for text in message["buttons"])
    return f"{who}{how}: {message['text']}{buttons}\n"
