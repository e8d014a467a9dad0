"""The Slack app's manifest, filled in for one installation.

`manifest.yml` stands at the top of the repository, where people look for it; `bridge/manifest.yml`
is a link to it, which becomes a plain file in a wheel. It is treated as text, so that what is
pasted into Slack reads like what is in the repository.
"""

from __future__ import annotations

import re
from importlib import resources

from bridge.errors import SettingsError

PLACEHOLDER = "https://desk.example.com"
ENDPOINT = "/slack/events"
_HEADER = re.compile(r"\A(?:#.*\n)+")
_ADDRESS = re.compile(r"^ *(?:request_url|url): .*\n", re.MULTILINE)


def template() -> str:
    """`manifest.yml` as it is in the repository."""
    return resources.files("bridge").joinpath("manifest.yml").read_text("utf-8")


def fill(text: str, url: str, socket: bool = False) -> str:
    """The manifest for a Deskbridge at `url`; with `socket` for Socket Mode, without addresses.

    Raises SettingsError: Slack sends events to https only.
    """
    body = _HEADER.sub("", text)
    if socket:
        return _ADDRESS.sub("", body).replace(
            "socket_mode_enabled: false", "socket_mode_enabled: true"
        )
    if not url.startswith("https://"):
        fault = "Slack sends to https:// only: set it to your public address, or give --url"
        raise SettingsError({"PUBLIC_URL": fault})
    return body.replace(PLACEHOLDER, url.rstrip("/").removesuffix(ENDPOINT))
