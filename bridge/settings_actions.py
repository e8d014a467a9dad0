"""Actions of one's own, as the settings say them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from bridge import actions
from bridge.reachable import fault_in
from bridge.settings_types import BotSecret, HttpUrl, Section
from bridge.words import ALIASES, BEGINNINGS, VERBS

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Label = Annotated[str, Field(min_length=1, max_length=60)]


def _field(value: Any) -> Any:
    """A name alone is a field of that name."""
    return {"name": value} if isinstance(value, str) else value


def _url(value: str) -> str:
    if fault := fault_in(value):
        raise ValueError(fault)
    return value


class FieldSettings(Section):
    name: Name
    label: Annotated[str, Field(max_length=60)] = ""
    """What agents read; none: its name."""
    required: bool = True
    multiline: bool = False


class ActionSettings(Section):
    """One `[[actions]]`: something in another system that agents can set off."""

    name: Name
    """What is typed behind `!`."""
    label: Label
    """What stands in *More…*."""
    url: Annotated[HttpUrl, AfterValidator(_url)]
    secret: BotSecret
    fields: Annotated[
        tuple[Annotated[FieldSettings, BeforeValidator(_field)], ...], Field(max_length=10)
    ] = ()
    """What agents fill in."""


def made(given: Sequence[ActionSettings]) -> actions.Actions:
    return actions.Actions(
        tuple(
            actions.Action(
                each.name,
                each.label,
                tuple(
                    actions.Field(f.name, f.label or f.name, f.required, f.multiline)
                    for f in each.fields
                ),
            )
            for each in given
        )
    )


def _known(given: tuple[ActionSettings, ...], info: ValidationInfo) -> tuple[ActionSettings, ...]:
    templates = (info.data or {}).get("templates")
    taken = {name.casefold() for name in templates.made().names} if templates else set()
    if faults := list(_faults(given, taken)):
        raise ValueError("; ".join(faults))
    return given


def _faults(given: Sequence[ActionSettings], taken: set[str]) -> Iterator[str]:
    """Each with its place: a name means one thing."""
    seen: set[str] = set()
    for n, each in enumerate(given):
        if each.name in VERBS | ALIASES.keys() | BEGINNINGS:
            yield f"[{n}].name: {each.name} is a command"
        elif each.name in taken:
            yield f"[{n}].name: {each.name} is a template"
        elif each.name in seen:
            yield f"[{n}].name: there are two {each.name}"
        seen.add(each.name)
        names = [field.name for field in each.fields]
        if len(names) != len(set(names)):
            yield f"[{n}].fields: two have the same name"


ActionList = Annotated[tuple[ActionSettings, ...], Field(max_length=20), AfterValidator(_known)]
