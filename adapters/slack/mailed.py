"""The lines about e-mail: that an answer went by it, or why it did not. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.slack.blocks import Block, words
from adapters.slack.names import first_name
from bridge.views import LinePost, View

_WHY: Mapping[str, str] = {
    "bad_address": "nothing can be sent to that address",
    "mail_off": "e-mail is switched off",
    "smtp_no_answer": "the mail server does not answer",
    "smtp_not_supported": "the mail server does not offer what SMTP_URL asks for",
}


def went(view: View, post: LinePost) -> list[Block]:
    return words(f"✉️ Sent by e-mail to {post.name}: {first_name(view.contact)} has left the chat")


def did_not_go(view: View, post: LinePost) -> list[Block]:
    name, why = first_name(view.contact), _why(post.detail)
    return words(f"⚠️ {name} has left the chat, and no e-mail went to {post.name}: {why}")


def _why(reason: str) -> str:
    """`smtp_550_5.1.1`: what the server answered."""
    told = " ".join(reason.removeprefix("smtp_").split("_"))
    return _WHY.get(reason, f"the mail server refused it ({told})")
