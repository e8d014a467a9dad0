"""The Slack app's manifest, filled in for one installation.

`manifest.yml` stands at the top of the repository, where people look for it; `bridge/manifest.yml`
is a link to it, which becomes a plain file in a wheel. It is treated as text, so that what is
pasted into Slack reads like what is in the repository.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Literal

from bridge.errors import SettingsError

PLACEHOLDER = "https://desk.example.com"
ENDPOINT = "/slack/events"
_HEADER = re.compile(r"\A(?:#.*\n)+")
Commands = Literal["all", "desk"]
_COMMAND = re.compile(
    r"^(?P<before> *- command: /)(?P<name>[a-z]+)\n(?P<rest>(?: {6}.*\n)+)", re.MULTILINE
)
"""One entry of `slash_commands`: its name, and the lines that belong to it."""
_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,18}-")
_ADDRESS = re.compile(r"^ *(?:request_url|url): .*\n", re.MULTILINE)


def template() -> str:
    """`manifest.yml` as it is in the repository."""
    return resources.files("bridge").joinpath("manifest.yml").read_text("utf-8")


def fill(
    text: str, url: str, socket: bool = False, *, commands: Commands = "all", prefix: str = ""
) -> str:
    """The manifest for a Deskbridge at `url`; with `socket` for Socket Mode, without addresses.

    `commands`: every slash command, or only `/desk`, which does everything; names of commands
    collide between apps, so each may stand behind a `prefix` (`acme-` gives `/acme-desk`).
    Raises SettingsError: Slack sends events to https only, and a prefix is made of few characters.
    """
    body = _with_commands(_HEADER.sub("", text), commands, prefix)
    if socket:
        return _ADDRESS.sub("", body).replace(
            "socket_mode_enabled: false", "socket_mode_enabled: true"
        )
    if not url.startswith("https://"):
        fault = "Slack sends to https:// only: set it, or --url, to your public https:// address"
        raise SettingsError({"PUBLIC_URL": fault})
    return body.replace(PLACEHOLDER, url.rstrip("/").removesuffix(ENDPOINT))


def _with_commands(text: str, commands: Commands, prefix: str) -> str:
    if prefix and not _PREFIX.fullmatch(prefix):
        fault = "small letters, digits and -, beginning with a letter and ending with -, at most 20"
        raise SettingsError({"--prefix": fault})

    def named(found: re.Match[str]) -> str:
        if commands == "desk" and found["name"] != "desk":
            return ""
        return f"{found['before']}{prefix}{found['name']}\n{found['rest']}"

    return _COMMAND.sub(named, text)
