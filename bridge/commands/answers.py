"""What a command is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bridge.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Accepted:
    """It is stored. `data` is what the caller may tell: ids, seq, status; JSON-able."""

    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It was taken before; `data` is the first answer."""

    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing changed. `reason` is a code; `data` has what the caller needs to go on."""

    reason: str
    data: dict[str, Any] = field(default_factory=dict)


Answer: TypeAlias = Accepted | Duplicate | Rejected


def refusal_of(answer: Answer) -> str | None:
    """The code of a refusal, also of one that was given to the first of two same commands."""
    if isinstance(answer, Rejected):
        return answer.reason
    refused = answer.data.get("rejected")
    return str(refused) if refused else None
