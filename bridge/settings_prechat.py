"""What visitors are asked before they begin to write: `[[webchat.prechat]]`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bridge.settings_types import LabelName, Section, formed

BUILT_IN = ("name", "email", "topic")
"""Have a label in each language that ships."""
Words = dict[str, Annotated[str, Field(min_length=1, max_length=200)]]
"""By language."""


class PrechatOption(Section):
    value: Annotated[str, Field(min_length=1, max_length=80)]
    """What is kept of it."""
    text: Words = Field(default_factory=dict)
    """What visitors read; none: the value."""
    label: LabelName | Literal[""] = ""
    """For the first handoff of who chooses it: the queue with that label has it then."""


class PrechatField(Section):
    """Name and e-mail are the visitor's own; any other is an attribute of theirs."""

    name: Annotated[
        str, formed(r"[a-z][a-z0-9_]{0,39}", "must be of small letters, digits and _, such as size")
    ]
    label: Words = Field(default_factory=dict)
    required: bool = False
    options: Annotated[tuple[PrechatOption, ...], Field(max_length=50)] = ()
    """To choose from; none: it is written."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if not self.label and self.name not in BUILT_IN:
            raise ValueError(f"{self.name} needs a label")
        if self.options and self.name in ("name", "email"):
            raise ValueError(f"{self.name} has no options")
        values = [option.value for option in self.options]
        if len(values) != len(set(values)):
            raise ValueError(f"{self.name} has two options with the same value")
        return self


def _distinct(fields: tuple[PrechatField, ...]) -> tuple[PrechatField, ...]:
    names = [field.name for field in fields]
    if len(names) != len(set(names)):
        raise ValueError("two have the same name")
    return fields


PrechatForm = Annotated[tuple[PrechatField, ...], Field(max_length=10), AfterValidator(_distinct)]
