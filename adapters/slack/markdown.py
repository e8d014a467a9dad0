"""CommonMark, as bots and agents write it, as Slack's text elements. Pure.

Only what is met in chats: bold, italic, struck, code and links. Anything else stays as it is
written, and no text can become a mention. A user's words never come here: they are shown as they
were typed.
"""

from __future__ import annotations

import re

from adapters.slack.blocks import Block, anchor, neutral, words

MAX_URL = 3_000
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\n]+)\*\*"
    r"|~~(?P<strike>[^~\n]+)~~"
    r"|(?<![\w*])\*(?P<italic>[^*\s][^*\n]*)\*(?![\w*])"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()<>]+)\)"
)


def elements(text: str) -> list[Block]:
    """Text elements that together say the same."""
    made: list[Block] = []
    end = 0
    for found in _INLINE.finditer(text):
        made += words(text[end : found.start()])
        made += _styled(found)
        end = found.end()
    return made + words(text[end:])


def _styled(found: re.Match[str]) -> list[Block]:
    url = found["url"]
    if url is None:
        kind = str(found.lastgroup)
        return words(found[kind], **{kind: True})
    if len(url) > MAX_URL:
        return words(found[0])
    return [anchor(neutral(url), neutral(found["label"]))]
