"""What is nobody's business outside: colleagues, channels, groups, the workspace. Pure.

Slack names all of them by id in a message, and a permalink names the workspace, the channel and the
message. Outside, a neutral word stands for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

Element = Mapping[str, Any]
Names = Callable[[str], str]
"""The name of a Slack user or channel by id, as whoever reads the text may see it; empty: a neutral
word."""

COLLEAGUE = "@colleague"
TEAM = "@team"
CHANNEL = "our channel"
WORKSPACE = "our team"
LINK = "(internal link)"
NEUTRAL: Mapping[str, str] = {
    "user": COLLEAGUE,
    "usergroup": TEAM,
    "broadcast": TEAM,
    "channel": CHANNEL,
    "team": WORKSPACE,
}
"""By the type of an element in `rich_text`."""

_OPEN_HOSTS = frozenset({"", "www", "api", "docs", "status", "help"})
"""Before `slack.com`: pages for everybody. Any other name there is somebody's workspace."""
_OPEN_SITE = re.compile(r"/(?:archives|client|team|files|app_redirect|messages|shortcuts)\b")
_MENTIONED = re.compile(
    r"(?:(?<![\w.-])(?:https?://)?[\w.-]{0,200}slack(?:-files)?\.com(?![\w.-]*\w)|slack://)[^\s<>|]*",
    re.IGNORECASE,
)


def is_internal(url: str) -> bool:
    """Whether an address leads into the workspace.

    >>> is_internal("https://acme.slack.com/archives/C012/p17"), is_internal("https://slack.com/help")
    (True, False)
    """
    if url.lower().startswith("slack:"):
        return True
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "slack" in url.lower()
    if host == "slack-files.com" or host.endswith(".slack-files.com"):
        return True
    if host != "slack.com" and not host.endswith(".slack.com"):
        return False
    before = host.removesuffix("slack.com").rstrip(".")
    return before not in _OPEN_HOSTS or _OPEN_SITE.match(parts.path) is not None


def scrub(text: str) -> str:
    """Somebody's words, without addresses of the workspace in them."""
    if "slack" not in text.lower():
        return text
    return _MENTIONED.sub(lambda found: LINK if is_internal(found[0]) else found[0], text)


def nobody(_: str) -> str:
    """Names for those outside: colleagues have none."""
    return ""


def outward(
    parts: Iterable[Element], names: Names = nobody, channels: Names = nobody
) -> list[Element]:
    """Parts of a message of ours as they may leave: only words, links, emoji and times are left."""

    def one(element: Element) -> Element:
        if "elements" in element:
            return {**element, "elements": [one(each) for each in element["elements"]]}
        return _neutral(element, names, channels)

    return [one(part) for part in parts]


def _neutral(element: Element, names: Names, channels: Names) -> Element:
    kind = element["type"]
    if kind in NEUTRAL:
        ways = {"user": names, "channel": channels}
        name = ways.get(kind, nobody)(str(element.get(f"{kind}_id") or ""))
        return _as_words(element, name or NEUTRAL[kind])
    if kind == "link":
        return _link(element)
    key = {"text": "text", "date": "fallback"}.get(kind, "")
    return {**element, key: scrub(str(element.get(key) or ""))} if key else element


def _link(element: Element) -> Element:
    """One that leads into the workspace is only what it is called."""
    url, label = str(element.get("url") or ""), scrub(str(element.get("text") or ""))
    if is_internal(url):
        return _as_words(element, label or LINK)
    return {**element, "url": url, "text": label}


def _as_words(element: Element, text: str) -> Element:
    style = {"style": element["style"]} if "style" in element else {}
    return {"type": "text", "text": text, **style}
