"""Ready-made answers and macros, as the settings say them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bridge import templates
from bridge.settings_types import Section, formed
from bridge.templates import Macro, Template, Templates

LONGEST_TEMPLATE = 10_000


def _template(value: Any) -> Any:
    """A template's text, or a text for each language."""
    texts = value if isinstance(value, dict) else {"": value}
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise ValueError("must be a text, or a text for each language")
    for language, text in texts.items():
        long = len(text) > LONGEST_TEMPLATE
        fault = "must have at most 10,000 characters" if long else templates.fault_in_text(text)
        if fault:
            raise ValueError(f"{language}: {fault}" if language else fault)
    return value


TemplateName = Annotated[
    str, formed(r"[^\s|]{1,40}", "must be one word of at most 40 characters, without |")
]
Step = Annotated[str, formed(r"[^\r\n]{1,500}", "must be one line of at most 500 characters")]
Trigger = Annotated[
    str,
    formed(
        r"[!-.:-@\[-`{-~]",
        "must be one punctuation mark, but not /, behind which Slack looks for its own commands",
    ),
]


def _some(steps: tuple[str, ...]) -> tuple[str, ...]:
    if not steps:
        raise ValueError("must have one command at least")
    return steps


class Shortcut(Section):
    name: TemplateName
    value: Annotated[str | dict[str, str], BeforeValidator(_template)]
    """One text, or one for each language."""

    def made(self) -> Template:
        texts = {"en": self.value} if isinstance(self.value, str) else self.value
        return Template(self.name, texts)


class MacroSettings(Section):
    name: TemplateName
    do: Annotated[tuple[Step, ...], AfterValidator(_some)]
    """Commands as one types them, without the `!`."""


class TemplateSettings(Section):
    """Ready-made answers, and commands under one name."""

    trigger: Trigger = "!"
    """The character with which they are opened."""
    shortcuts: Annotated[tuple[Shortcut, ...], Field(max_length=500)] = ()
    macros: Annotated[tuple[MacroSettings, ...], Field(max_length=100)] = ()

    def made(self) -> Templates:
        macros = tuple(Macro(each.name, each.do) for each in self.macros)
        return Templates(self.trigger, tuple(each.made() for each in self.shortcuts), macros)

    @model_validator(mode="after")
    def _each_is_known_and_no_other(self) -> Self:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        """Each with its place."""
        seen: set[str] = set()
        names = [(f"shortcuts[{n}]", each.name) for n, each in enumerate(self.shortcuts)]
        names += [(f"macros[{n}]", each.name) for n, each in enumerate(self.macros)]
        for place, name in names:
            twice = f"there are two {name}" if name.casefold() in seen else ""
            if fault := templates.fault_in_name(name, self.trigger) or twice:
                yield f"{place}.name: {fault}"
            seen.add(name.casefold())
        known = {each.name.casefold(): each.name for each in self.shortcuts}
        for n, macro in enumerate(self.macros):
            for at, step in enumerate(macro.do):
                if fault := templates.fault_in_step(step, known):
                    yield f"macros[{n}].do[{at}]: {fault}"
