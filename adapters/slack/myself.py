"""*My profile*: how customers know an agent, asked of themselves in a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.slack import forms
from adapters.slack.acts import Asked
from adapters.slack.blocks import Body, escape, row, small, words
from adapters.slack.forms import MYSELF, View
from adapters.slack.names import isolated
from bridge.commands import Introduce, ToAgent
from bridge.introducing import Profile, faults
from bridge.model import DEFAULT_WORKSPACE, Agent

NAME, PICTURE, LANGUAGES = "name", "avatar_url", "languages"
"""Fields, called as `bridge.introducing` calls them."""


def form(by: Agent, known: Profile | None) -> View:
    """`by`: as customers know them now."""
    own = known or Profile(DEFAULT_WORKSPACE, by.id)
    fields = [
        small(f"Customers know you as {isolated(by.name)}. "
              "What you leave empty is as your desk has it."),
        forms.line("Name", by.name, own.name, NAME),
        forms.line("Picture", "https://…", own.avatar_url, PICTURE),
        forms.line("Languages you speak", "en fr", " ".join(own.languages), LANGUAGES),
        small("The picture is an address that everybody may open. Without languages you are "
              "given customers of any."),
    ]  # fmt: skip
    return forms.window("My profile", fields, MYSELF, "Save")


def read(fields: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """Name, picture and languages."""
    spoken = fields.get(LANGUAGES, "").replace(",", " ").casefold().split()
    name = " ".join(fields.get(NAME, "").split())
    return name, fields.get(PICTURE, "").strip(), tuple(dict.fromkeys(spoken))


def wrong(fields: Mapping[str, str]) -> dict[str, str]:
    return faults(*read(fields))


def command(asked: Asked, fields: Mapping[str, str]) -> Introduce:
    to = ToAgent(DEFAULT_WORKSPACE, asked.by.id)
    return Introduce(asked.key, asked.at, to, asked.by.as_author(), *read(fields))


def saved(fields: Mapping[str, str]) -> Body:
    name, _, spoken = read(fields)
    lines = [
        f"Customers know you as {isolated(name)} from now on."
        if name
        else "Your name is as your desk has it.",
        f"You speak {', '.join(spoken)}." if spoken else "",
        "What you have already keeps the name that it was taken under.",
    ]
    text = " ".join(filter(None, lines))
    return Body(escape(text), [row(words(text))])
