"""`[[triggers]]`: rules that look at what customers and bots say, as the settings say them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo

from bridge.model import SECOND, Priority, Role
from bridge.settings_types import LabelName, Name, Pattern, Section
from bridge.triggers import kinds
from bridge.triggers.language import LANGUAGES
from bridge.triggers.rules import Detect, Does, Rule
from bridge.triggers.sensitive import Sensitive

GROUP = "deskbridge.triggers"
"""Kinds of one's own, by entry point: `f(options) -> Detect`, which raises ValueError for options
that do not fit."""
Text = Annotated[str, Field(min_length=1, max_length=200)]
Texts = Annotated[tuple[Text, ...], Field(max_length=500)]
ANY = "any"
"""The language of phrases that are said in all of them."""


def _by_language(value: Any) -> Any:
    """A list alone is for all languages."""
    return {ANY: value} if isinstance(value, list | tuple) else value


def _languages(value: dict[str, Any]) -> dict[str, Any]:
    if strange := sorted(value.keys() - {ANY, *LANGUAGES}):
        there = ", ".join(LANGUAGES)
        raise ValueError(f'"{strange[0]}" is no language that triggers know: {there}, or {ANY}')
    return value


Phrases = Annotated[dict[str, Texts], BeforeValidator(_by_language), AfterValidator(_languages)]
SAYS: Mapping[str, frozenset[Role]] = {
    "user": frozenset({Role.USER}),
    "bot": frozenset({Role.BOT}),
    "both": frozenset({Role.USER, Role.BOT}),
}


class TriggerSettings(Section):
    """One `[[triggers]]`. What only some kinds look at is a fault with others."""

    name: Name
    kind: Name
    enabled: bool = True
    says: Literal["user", "bot", "both"] | None = None
    """Whose words it looks at; none: what fits the kind."""
    channels: Texts = ()
    """None: all."""
    cooldown: Annotated[float, Field(ge=0)] = 0.0
    """Seconds until it may fire again in a conversation; 0: once while the bot has it."""

    hand_over: bool = False
    approve: bool = False
    labels: tuple[LabelName, ...] = ()
    priority: Priority | None = None
    queue: str = ""

    words: Phrases = Field(default_factory=dict)
    unless: Phrases = Field(default_factory=dict)
    pattern: Pattern = ""
    below: Annotated[float, Field(ge=-1, le=1)] | None = None
    times: Annotated[int, Field(ge=1, le=8)] | None = None
    intents: Texts = ()
    characters: Annotated[int, Field(ge=0)] | None = None
    questions: Annotated[int, Field(ge=0)] | None = None
    turns: Annotated[int, Field(ge=0)] | None = None
    look_for: tuple[Sensitive, ...] = ()
    attribute: str = ""
    values: Texts = ()
    options: dict[str, Any] = Field(default_factory=dict)


LOOKS: Mapping[str, tuple[str, ...]] = {
    "human": (),
    "legal": (),
    "medical": (),
    "words": ("words", "unless"),
    "pattern": ("pattern",),
    "sentiment": ("below",),
    "repetition": ("times",),
    "confidence": ("below", "times"),
    "intent": ("intents",),
    "complexity": ("characters", "questions", "turns"),
    "sensitive": ("look_for",),
    "attribute": ("attribute", "values"),
}
"""By kind, what it looks at beside what was said."""
NEEDS: Mapping[str, str] = {
    "words": "words",
    "pattern": "pattern",
    "intent": "intents",
    "attribute": "attribute",
}
OF_BOTS = ("confidence", "intent")
OF_BOTH = ("repetition",)
NAMELESS = "nameless"
EVERY = frozenset(each for looks in LOOKS.values() for each in looks) | {"options"}
FELT, SURE, AGAIN = -0.5, 0.5, 2
LONG, ASKED, TURNS = 800, 4, 10


def _known(given: tuple[TriggerSettings, ...], info: ValidationInfo) -> tuple[TriggerSettings, ...]:
    if faults := list(_faults(enumerate(given), info.data or {})):
        told = (f'"{given[n].name}": {key}: {fault}' for n, key, fault in faults)
        raise ValueError("; ".join(told))
    return given


def _faults(
    given: Iterable[tuple[int, TriggerSettings]], others: Mapping[str, Any]
) -> Iterator[tuple[int, str, str]]:
    """Each with the place of its rule and the key."""
    seen = {""}
    for n, each in given:
        if each.name in seen - {""}:
            yield n, "name", f"there are two {each.name}"
        seen.add(each.name)
        for key, fault in (*_misfits(each), *_strange(each, others)):
            yield n, key, fault


def hidden(rows: object, settings: object, faulty: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What else is wrong where some rule is faulty in itself, which keeps the whole list from being
    looked at. `rows`: as they were written; `settings`: those that are sound; `faulty`: the names
    of the others."""
    listed = rows if isinstance(rows, list | tuple) else ()
    if not any(name.startswith("triggers[") for name in faulty):
        return
    bad = {re.split(r"[.\[]", name)[0] for name in faulty}
    known = {name: getattr(settings, name, None) for name in {"queues", "labels"} - bad}
    read = [(n, _as_far_as_sound(row)) for n, row in enumerate(listed)]
    for n, key, fault in _faults([(n, each) for n, each in read if each], known):
        yield f"triggers[{n}].{key}", fault


def _as_far_as_sound(row: object) -> TriggerSettings | None:
    """Without the keys that are faulty in themselves; None: nobody can say what kind it is."""
    if not isinstance(row, dict):
        return None
    try:
        return TriggerSettings.model_validate(row)
    except ValidationError as error:
        faulty = {str(fault["loc"][0]) for fault in error.errors()}
    if "kind" in faulty:
        return None
    whole = {"name": NAMELESS, **{key: row[key] for key in row.keys() - faulty}}
    each = TriggerSettings.model_validate(whole)
    return each.model_copy(update={"name": ""}) if "name" in faulty else each


def _misfits(each: TriggerSettings) -> Iterator[tuple[str, str]]:
    own = each.kind not in LOOKS
    if own and each.kind not in own_kinds():
        yield "kind", f"must be one of {', '.join(sorted({*LOOKS, *own_kinds()}))}"
        return
    looks = ("options",) if own else LOOKS[each.kind]
    for key in sorted((each.model_fields_set & EVERY) - {*looks}):
        yield key, f"means nothing to the kind {each.kind}"
    need = NEEDS.get(each.kind)
    if need and not getattr(each, need):
        yield need, f"is needed with the kind {each.kind}"
    if each.kind in OF_BOTS and each.says not in (None, "bot"):
        yield "says", f"must be bot, or left out, with the kind {each.kind}"
    try:
        detect_of(each)
    except KeyError as error:
        yield "options", f"{error.args[0]} is needed"
    except (ValueError, TypeError) as error:
        yield "options", str(error) or "do not fit"


def _strange(each: TriggerSettings, others: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Queues and labels that there are not. Where those have a fault, nobody knows which there
    are."""
    queues, labels = others.get("queues"), others.get("labels")
    names = {queue.name for queue in queues} if queues else {each.queue}
    if each.queue and each.queue not in names:
        yield "queue", f"there is no queue {each.queue}"
    if queues and labels and (strange := labels.made(queues).strange(each.labels)):
        yield "labels", f"there is no label {strange[0]}"


def own_kinds() -> dict[str, Any]:
    """Kinds that are installed beside Deskbridge, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


TriggerList: TypeAlias = Annotated[
    tuple[TriggerSettings, ...], Field(max_length=100), AfterValidator(_known)
]


# --- as rules ------------------------------------------------------------------------------------


def made(given: Sequence[TriggerSettings], labels: Any) -> tuple[Rule, ...]:
    """Compiled, those that are switched on. `labels`: of the desk, for their spelling."""
    return tuple(
        Rule(
            each.name,
            each.kind,
            detect_of(each),
            Does(
                each.hand_over,
                each.approve,
                labels.spelt(each.labels),
                each.priority,
                each.queue,
            ),
            SAYS[each.says or _says(each.kind)],
            frozenset(each.channels),
            int(each.cooldown * SECOND),
        )
        for each in given
        if each.enabled
    )


def _says(kind: str) -> str:
    return "bot" if kind in OF_BOTS else "both" if kind in OF_BOTH else "user"


def detect_of(each: TriggerSettings) -> Detect:
    """Raises what a kind of one's own raises for options that do not fit."""
    if make := _MAKERS.get(each.kind):
        return make(each)
    made: Detect = own_kinds()[each.kind].load()(each.options)
    return made


def _complexity(each: TriggerSettings) -> Detect:
    """What is said of none of the three is as usual; of some, the others are not looked at."""
    asked = (each.characters, each.questions, each.turns)
    if asked == (None, None, None):
        return kinds.complexity(LONG, ASKED, TURNS)
    return kinds.complexity(*(one or 0 for one in asked))


def spread(phrases: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """By language; what is said in any of them, in all."""
    everywhere = tuple(phrases.get(ANY, ()))
    named = LANGUAGES if everywhere else [each for each in LANGUAGES if each in phrases]
    return {each: (*phrases.get(each, ()), *everywhere) for each in named}


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value


_MAKERS: Mapping[str, Callable[[TriggerSettings], Detect]] = {
    "human": lambda _: kinds.human(),
    "legal": lambda _: kinds.legal(),
    "medical": lambda _: kinds.medical(),
    "words": lambda each: kinds.words(spread(each.words), spread(each.unless)),
    "pattern": lambda each: kinds.pattern(each.pattern),
    "sentiment": lambda each: kinds.sentiment(_or(each.below, FELT)),
    "repetition": lambda each: kinds.repetition(each.times or AGAIN),
    "confidence": lambda each: kinds.confidence(_or(each.below, SURE), each.times or 1),
    "intent": lambda each: kinds.intent(each.intents),
    "complexity": _complexity,
    "sensitive": lambda each: kinds.private(each.look_for or tuple(Sensitive)),
    "attribute": lambda each: kinds.attribute(each.attribute, each.values),
}
