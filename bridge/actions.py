"""Actions of one's own: what an agent can set off in another system, with fields to fill in. Pure.

What is filled into a form and what is typed come as the same text: a line `field: value` for each,
or, for who is in a hurry, nothing but the value of the first field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from bridge.words import Said, Sense

VERB = "do"
"""The verb that sets one off."""
MISSING, TAKES_NOTHING = "action_missing", "action_takes_nothing"
"""Codes of refusals; behind a line break stands of what."""
_LINE = re.compile(r"\s*([^\s:：][^:：]{0,79}?)\s*[:：][ \t]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    required: bool = True
    multiline: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    label: str
    fields: tuple[Field, ...] = ()

    def filled(self, text: str) -> tuple[dict[str, str], str]:
        """The values by field, and why it cannot be done with them; empty: it can."""
        values = dict(self._values(text.strip()))
        if "" in values:
            return {}, TAKES_NOTHING
        missing = [f.label for f in self.fields if f.required and not values.get(f.name)]
        return values, "\n".join([MISSING, *missing]) if missing else ""

    def _values(self, text: str) -> Iterator[tuple[str, str]]:
        """A line that begins with no field goes on with the one before, the first with the first
        field; no name: there is no field for it."""
        name = self.fields[0].name if self.fields else ""
        lines: list[str] = []
        for line in text.splitlines():
            found = _LINE.fullmatch(line)
            field = self._field(found[1]) if found else None
            if field is None:
                lines.append(line)
                continue
            if lines:
                yield name, "\n".join(lines).strip()
            name, lines = field.name, [found[2]] if found else []
        if lines:
            yield name, "\n".join(lines).strip()

    def _field(self, word: str) -> Field | None:
        word = word.casefold()
        named = (f for f in self.fields if word in (f.name.casefold(), f.label.casefold()))
        return next(named, None)


@dataclass(frozen=True, slots=True)
class Actions:
    """All that the settings have."""

    all: tuple[Action, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all)

    def get(self, name: str) -> Action | None:
        return next((each for each in self.all if each.name == name.casefold()), None)

    def near(self, name: str) -> list[str]:
        """Those that may have been meant."""
        return get_close_matches(name.casefold(), [each.name for each in self.all], n=3, cutoff=0.7)

    def read(self, said: Said) -> Said:
        """`!refund 20` is `do refund 20`, where nothing else is called so."""
        if said.sense is not Sense.UNKNOWN or said.text[1:2].isspace():
            return said
        action = self.get(said.verb)
        if action is None:
            return said
        rest = said.text[1 + len(said.verb) :].lstrip(":：").strip()
        return Said(Sense.VERB, f"{action.name} {rest}".strip(), VERB)


NONE = Actions()
