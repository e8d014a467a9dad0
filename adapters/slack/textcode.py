"""What agents write in Slack, as CommonMark: pure, and careful that nothing internal gets out.

Slack gives a message twice: as `rich_text` blocks (what the composer made; exact) and as `text` in
Slack's own markup, where `&`, `<` and `>` are escaped and everything special stands in angle
brackets (docs.slack.dev/messaging/formatting-message-text). The blocks are read when they are
there.

People become their names, everything else internal (channels, groups, everyone) "our team": ids and
names of channels are nobody's business outside. What was typed as plain text stays as it was typed;
characters that CommonMark might read as markup are not escaped, since most users' channels show
plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.emoji import from_codes, with_emoji

Names = Callable[[str], str]
"""The name of a Slack user by id, as users may see it."""

TEAM = "our team"
COLLEAGUE = "a colleague"
MAX_ITEMS = 10_000

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_SPECIAL = re.compile(r"```(.+?)```|`([^`\n]+)`|<([^<>\n]+)>", re.DOTALL)
_BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*?)(?<=\S)\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]*?)(?<=\S)_(?![\w_])")
_STRIKE = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]*?)(?<=\S)~(?![\w~])")
_KEPT = re.compile("\x00([0-9]+)\x00")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


def clean(text: str) -> str:
    """U+0000 and lone surrogates, which databases and encodings refuse, as U+FFFD."""
    return _BROKEN.sub("\ufffd", text)


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# --- who is named --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """`users` are those named one by one; `anybody` is true for a group or everyone, too."""

    users: tuple[str, ...] = ()
    anybody: bool = False


_NOBODY = Named()
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_GROUP = re.compile(r"<!(?:subteam\^|here|channel|everyone)")


def named_in(text: str) -> Named:
    """Whom a message in Slack's markup names. Slack escapes what was only typed to look so."""
    if "<@" not in text and "<!" not in text:
        return _NOBODY
    users = tuple(dict.fromkeys(_USER.findall(text)))
    return Named(users, bool(users) or _GROUP.search(text) is not None)


# --- from Slack's markup -------------------------------------------------------------------------


def from_markup(text: str, names: Names) -> str:
    """A message's `text` as CommonMark."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_special(found, names))
        return f"\x00{len(kept) - 1}\x00"

    text = _SPECIAL.sub(keep, clean(text)) if "<" in text or "`" in text else clean(text)
    text = _STRIKE.sub(r"~~\1~~", _emphasis(text))
    text = with_emoji(unescape(text))
    return _KEPT.sub(lambda found: kept[int(found[1])], text)


def _emphasis(text: str) -> str:
    """`*bold*` and `_italic_`; bold first, since its CommonMark mark is italic's doubled."""
    return _ITALIC.sub(r"*\1*", _BOLD.sub(r"**\1**", text))


def _special(found: re.Match[str], names: Names) -> str:
    block, code, token = found.groups()
    if block is not None:
        return fence(_verbatim(block))
    if code is not None:
        return f"`{_verbatim(code)}`"
    return _token(token, names)


def _verbatim(code: str) -> str:
    """Code as it is; an address that Slack linked in it is only the address again."""
    return unescape(re.sub(r"<([^<>|\n]+)(?:\|[^<>\n]*)?>", r"\1", code))


def fence(code: str) -> str:
    return "```\n" + code.strip("\n") + "\n```"


def _token(token: str, names: Names) -> str:
    """What stands between angle brackets."""
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return names(target[1:]) or COLLEAGUE
    if target.startswith("!date^"):
        return unescape(label)
    if target.startswith(("#", "!")):
        return TEAM
    return link(unescape(target), unescape(label))


def link(url: str, label: str = "") -> str:
    """A link as CommonMark; an address that leads nowhere outside is only its label."""
    bare = url.removeprefix("mailto:").removeprefix("tel:")
    if not _SAFE_LINK.match(url):
        return label or url
    if not label or label in (url, bare, bare.removeprefix("https://").removeprefix("http://")):
        return bare
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{label.replace('[', '(').replace(']', ')')}]({safe})"


# --- from rich_text ------------------------------------------------------------------------------

Element = Mapping[str, Any]


def from_blocks(blocks: object, names: Names) -> str | None:
    """A message's `rich_text` blocks as CommonMark; None when it consists of anything else."""
    if not isinstance(blocks, list) or not blocks:
        return None
    if any(not _is_rich(block) for block in blocks):
        return None
    return clean(_joined(_part(part, names) for block in blocks for part in block["elements"]))


def _is_rich(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") != "rich_text":
        return False
    parts = block.get("elements")
    return isinstance(parts, list) and all(
        isinstance(part, dict)
        and str(part.get("type")) in _PARTS
        and isinstance(part.get("elements"), list)
        for part in parts
    )


def _joined(parts: Iterable[str]) -> str:
    """Parts of a message below each other."""
    out = ""
    for part in parts:
        out += part if not out or out.endswith("\n") else f"\n{part}"
    return out


def _part(part: Element, names: Names) -> str:
    return _PARTS[part["type"]](part, names)


def _section(part: Element, names: Names) -> str:
    return "".join(_inline(each, names) for each in part["elements"] if isinstance(each, dict))


def _quote(part: Element, names: Names) -> str:
    return "\n".join(f"> {line}" for line in _section(part, names).split("\n"))


def _preformatted(part: Element, names: Names) -> str:
    plain = (
        each.get("url") if each.get("type") == "link" else _inline({**each, "style": {}}, names)
        for each in part["elements"]
        if isinstance(each, dict)
    )
    return fence("".join(str(text) for text in plain))


def _list(part: Element, names: Names) -> str:
    indent = "   " * _number(part.get("indent"))
    start = _number(part.get("offset")) + 1
    ordered = part.get("style") == "ordered"
    items = [_section(item, names) for item in part["elements"] if _is_section(item)]
    marks = [f"{start + n}." if ordered else "-" for n in range(len(items))]
    return "\n".join(f"{indent}{mark} {item}" for mark, item in zip(marks, items, strict=True))


def _is_section(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("elements"), list)


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < MAX_ITEMS else 0


_PARTS: Mapping[str, Callable[[Element, Names], str]] = {
    "rich_text_section": _section,
    "rich_text_quote": _quote,
    "rich_text_preformatted": _preformatted,
    "rich_text_list": _list,
}


def _inline(element: Element, names: Names) -> str:
    kind = str(element.get("type"))
    style = element.get("style")
    if kind == "text":
        return _styled(str(element.get("text", "")), style)
    if kind == "link":
        return _styled(link(str(element.get("url", "")), str(element.get("text") or "")), style)
    if kind == "user":
        return names(str(element.get("user_id", ""))) or COLLEAGUE
    if kind == "emoji":
        return _emoji(element)
    if kind in {"channel", "usergroup", "broadcast", "team"}:
        return TEAM
    return str(element.get("fallback") or element.get("value") or element.get("text") or "")


def _emoji(element: Element) -> str:
    name = str(element.get("name", ""))
    return from_codes(str(element.get("unicode", ""))) or with_emoji(f":{name}:")


def _styled(text: str, style: object) -> str:
    if not isinstance(style, dict) or not style:
        return text
    if style.get("code"):
        return _code(text)
    marks = [mark for key, mark in _MARKS if style.get(key)]
    if not marks:
        return text
    before, after = "".join(marks), "".join(reversed(marks))
    return "\n".join(_wrapped(line, before, after) for line in text.split("\n"))


_MARKS = (("strike", "~~"), ("bold", "**"), ("italic", "*"))


def _wrapped(line: str, before: str, after: str) -> str:
    """Marks stand at the words, since CommonMark does not know them beside blanks."""
    words = line.strip()
    if not words:
        return line
    start = line.index(words)
    return f"{line[:start]}{before}{words}{after}{line[start + len(words) :]}"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"
