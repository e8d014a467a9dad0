"""What a person typed, as Slack stores it: encoded text and a `rich_text` block.

`&`, `<` and `>` become entities; names become `<@U…>`, `<#C…|name>`, `<!here>`, `<!subteam^S…>`;
addresses become `<https://…>`; pictures become `:names:`. Text is made from the same elements as
the block, so both always say the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.slack.config import Json
from sandbox.slack.emoji import BY_NAME, spelt
from sandbox.slack.workspace import Workspace

FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
BULLET = re.compile(r"^(?:[•*-]) +(.+)$")
NUMBER = re.compile(r"^\d+\. +(.+)$")
QUOTE = re.compile(r"^> ?(.*)$")
STYLED = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
MARKS = {"code": "`", "bold": "*", "italic": "_", "strike": "~"}
ADDRESS = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"]")
BROADCAST = re.compile(r"@(here|channel|everyone)(?![\w-])")
CHANNEL = re.compile(r"#([a-z0-9_-]+)")
EMOJI = re.compile(r":([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):")
UNNAMED = re.compile(r"<#(C[A-Z0-9]+)\|>")
ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
CONTROL = re.compile(r"<(?=[@#!][^<>\s]|https?://|mailto:|tel:)[^<>]*>")


@dataclass(frozen=True, slots=True)
class Encoded:
    """The `text` and `blocks` of a typed message."""

    text: str
    blocks: list[Json]


def escape(text: str) -> str:
    """The three entities of Slack's text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def encode(workspace: Workspace, typed: str) -> Encoded:
    """Encode what a person typed into the composer."""
    typed = spelt(typed)
    elements: list[Json] = []
    place = 0
    for fence in FENCE.finditer(typed):
        elements += _paragraphs(workspace, typed[place : fence.start()].strip("\n"))
        code = {"type": "text", "text": fence.group(1)}
        elements.append({"type": "rich_text_preformatted", "elements": [code], "border": 0})
        place = fence.end()
    elements += _paragraphs(workspace, typed[place:].strip("\n") if place else typed)
    block: Json = {"type": "rich_text", "block_id": workspace.ids.block(), "elements": elements}
    text = "\n".join(_block_text(element) for element in elements)
    named = UNNAMED.sub(lambda m: f"<#{m[1]}|{workspace.channels[m[1]].name}>", text)
    return Encoded(named, [block] if elements else [])


def _line_kind(line: str) -> tuple[str, str]:
    for kind, pattern in (("quote", QUOTE), ("bullet", BULLET), ("ordered", NUMBER)):
        found = pattern.match(line)
        if found:
            return kind, found.group(1)
    return "section", line


def _paragraphs(workspace: Workspace, text: str) -> list[Json]:
    """Lines of one kind together become one element."""
    if not text:
        return []
    groups: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        kind, words = _line_kind(line)
        if not groups or groups[-1][0] != kind:
            groups.append((kind, []))
        groups[-1][1].append(words)
    return [_element(workspace, kind, lines) for kind, lines in groups]


def _element(workspace: Workspace, kind: str, lines: list[str]) -> Json:
    if kind in {"bullet", "ordered"}:
        items = [_section(workspace, line) for line in lines]
        return {"type": "rich_text_list", "style": kind, "indent": 0, "elements": items}
    inline = list(_inline(workspace, "\n".join(lines), {}))
    return {"type": f"rich_text_{kind}", "elements": inline}


def _section(workspace: Workspace, line: str) -> Json:
    return {"type": "rich_text_section", "elements": list(_inline(workspace, line, {}))}


def _inline(workspace: Workspace, text: str, style: dict[str, bool]) -> Iterator[Json]:
    place = 0
    for found in STYLED.finditer(text):
        yield from _plain(workspace, text[place : found.start()], style)
        name = found.lastgroup or "bold"
        inner, styles = found.group(name), {**style, name: True}
        if name == "code":
            yield {"type": "text", "text": inner, "style": styles}
        else:
            yield from _inline(workspace, inner, styles)
        place = found.end()
    yield from _plain(workspace, text[place:], style)


def _plain(workspace: Workspace, text: str, style: dict[str, bool]) -> Iterator[Json]:
    """Mentions, addresses and emoji inside a run of one style."""
    patterns = (ADDRESS, BROADCAST, workspace.mention_pattern(), CHANNEL, EMOJI)
    place = 0
    while place < len(text):
        hits = [hit for pattern in patterns if (hit := pattern.search(text, place))]
        special = next(
            ((hit, e) for hit in sorted(hits, key=lambda h: h.start())
             if (e := _special(workspace, hit, style)) is not None), None
        )  # fmt: skip
        end = special[0].start() if special else len(text)
        if end > place:
            yield _styled({"type": "text", "text": text[place:end]}, style)
        if special is None:
            return
        yield special[1]
        place = special[0].end()


def _special(workspace: Workspace, hit: re.Match[str], style: dict[str, bool]) -> Json | None:
    if hit.re is ADDRESS:
        return _styled({"type": "link", "url": hit.group()}, style)
    name = hit.group(1)
    if hit.re is BROADCAST:
        return _styled({"type": "broadcast", "range": name}, style)
    if hit.re is EMOJI:
        bare = name.partition("::")[0]
        return _styled({"type": "emoji", "name": name}, style) if bare in BY_NAME else None
    if hit.re is CHANNEL:
        channel = workspace.channel_named(name)
        found = {"type": "channel", "channel_id": channel.id} if channel else None
        return _styled(found, style) if found else None
    return _styled(_mention(workspace, name), style)


def _mention(workspace: Workspace, name: str) -> Json:
    group = workspace.group_with_handle(name.lower())
    if group is not None:
        return {"type": "usergroup", "usergroup_id": group.id}
    user = workspace.user_named(name)
    return {"type": "user", "user_id": user.id if user else ""}


def _styled(element: Json, style: dict[str, bool]) -> Json:
    return {**element, "style": style} if style else element


def _block_text(element: Json) -> str:
    kind = element["type"]
    if kind == "rich_text_list":
        rows = enumerate(element["elements"], 1)
        ordered = element["style"] == "ordered"
        return "\n".join(f"{f'{n}.' if ordered else '•'} {_run(e)}" for n, e in rows)
    if kind == "rich_text_preformatted":
        return f"```{_run(element)}```"
    if kind == "rich_text_quote":
        return "\n".join(f"&gt; {line}" for line in _run(element).split("\n"))
    return _run(element)


def _run(element: Json) -> str:
    """The text of inline elements, with marks around each run of a style."""
    out, open_marks = "", ""
    for child in element["elements"]:
        marks = "".join(MARKS[name] for name in child.get("style", {}))
        if marks != open_marks:
            out += open_marks[::-1] + marks
            open_marks = marks
        out += _inline_text(child)
    return out + open_marks[::-1]


def _inline_text(child: Json) -> str:
    match child["type"]:
        case "link":
            return f"<{escape(child['url'])}>"
        case "user":
            return f"<@{child['user_id']}>"
        case "channel":
            return f"<#{child['channel_id']}|>"
        case "usergroup":
            return f"<!subteam^{child['usergroup_id']}>"
        case "broadcast":
            return f"<!{child['range']}>"
        case "emoji":
            return f":{child['name']}:"
        case _:
            return escape(child["text"])


def settle(text: str, *, link: bool = True) -> str:
    """An app's text as it is stored: stray `&`, `<`, `>` become entities, addresses links."""
    if "&" in text:
        text = ENTITY.sub("&amp;", text)
    if "<" not in text and ">" not in text and "://" not in text:
        return text
    out, place = [], 0
    for control in CONTROL.finditer(text):
        out += [_settle_run(text[place : control.start()], link=link), control.group()]
        place = control.end()
    return "".join([*out, _settle_run(text[place:], link=link)])


def _settle_run(text: str, *, link: bool) -> str:
    encoded = text.replace("<", "&lt;").replace(">", "&gt;")
    return ADDRESS.sub(r"<\g<0>>", encoded) if link else encoded


def link_names(workspace: Workspace, text: str) -> str:
    """What `link_names` (and mrkdwn without `verbatim`) does: typed names become mentions."""
    text = BROADCAST.sub(r"<!\1>", text)
    text = workspace.mention_pattern().sub(lambda m: _inline_text(_mention(workspace, m[1])), text)

    def channel(hit: re.Match[str]) -> str:
        found = workspace.channel_named(hit[1])
        return f"<#{found.id}|{found.name}>" if found else hit[0]

    return re.sub(rf"(?<!<){CHANNEL.pattern}", channel, text)
