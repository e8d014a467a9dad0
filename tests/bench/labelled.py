"""What rules find in messages that were labelled for this: precision and recall by kind.

`tuned`: what the words of `bridge.triggers.lexicons` were chosen by. `unseen`: written later, with
the words as they were, and never looked at again: what to expect of other people's messages is
rather this, and less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bridge.labels import ANY
from bridge.model import Role
from bridge.settings_triggers import TriggerSettings, made
from bridge.triggers.rehearsal import read, rehearse
from bridge.triggers.rules import Rule, Said
from tests.bench.report import Figures

FOLDER = Path(__file__).parents[1] / "bridge" / "triggers" / "labelled"
CANCEL = {
    "en": ["cancel … subscription", "cancel … account", "close … account", "unsubscribe"],
    "de": ["kündigen", "kündige", "Konto … löschen"],
    "fr": ["résilier", "désabonner", "supprimer … compte"],
    "es": ["dar de baja", "cancelar … cuenta", "anular … suscripción"],
}
RULES: Mapping[str, dict[str, object]] = {
    "human": {"kind": "human"},
    "angry": {"kind": "sentiment"},
    "legal": {"kind": "legal"},
    "medical": {"kind": "medical"},
    "card": {"kind": "sensitive", "look_for": ["card_number"]},
    "iban": {"kind": "sensitive", "look_for": ["iban"]},
    "national_id": {"kind": "sensitive", "look_for": ["national_id"]},
    "email": {"kind": "sensitive", "look_for": ["email"]},
    "phone": {"kind": "sensitive", "look_for": ["phone"]},
    "complex": {"kind": "complexity"},
    "cancel": {"kind": "words", "words": CANCEL},
    "order": {"kind": "pattern", "pattern": r"\b[A-Z]{2}-\d{5}\b"},
    "repetition": {"kind": "repetition"},
    "confidence": {"kind": "confidence"},
    "intent": {"kind": "intent", "intents": ["billing_dispute"]},
    "attribute": {"kind": "attribute", "attribute": "plan", "values": ["gold"]},
}
"""A rule for each label, as usual as it can be."""
SETS = {"tuned": "known", "unseen": "new", "dialogues": "conversations"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation, mostly of one message, and which rules should fire in it."""

    where: str
    labels: frozenset[str]
    said: tuple[Said, ...]


def samples(of: str) -> list[Sample]:
    """`tuned`, `unseen` or `dialogues`."""
    if of == "dialogues":
        return list(_dialogues((FOLDER / "dialogues.txt").read_text("utf-8")))
    files = sorted((FOLDER / of).glob("*.txt"))
    return [each for file in files for each in _messages(file)]


def _messages(file: Path) -> Iterator[Sample]:
    for n, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        labels, _, text = line.partition(" | ")
        yield Sample(f"{file.stem}:{n}", _labels(labels), (Said(Role.USER, text),))


def _dialogues(text: str) -> Iterator[Sample]:
    for n, block in enumerate(text.strip().split("\n\n"), 1):
        labels, _, said = block.partition("\n")
        yield Sample(f"dialogue:{n}", _labels(labels), tuple(read(said)))


def _labels(text: str) -> frozenset[str]:
    return frozenset(label.strip() for label in text.split(",")) - {"-"}


@dataclass(frozen=True, slots=True)
class Score:
    hits: int = 0
    false_alarms: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what fired, how much should have."""
        fired = self.hits + self.false_alarms
        return self.hits / fired if fired else 1.0

    @property
    def recall(self) -> float:
        """Of what should have fired, how much did."""
        meant = self.hits + self.missed
        return self.hits / meant if meant else 1.0


def rules() -> tuple[Rule, ...]:
    given = [TriggerSettings.model_validate({"name": n, **RULES[n]}) for n in RULES]
    return made(given, ANY)


@cache
def scores(of: str) -> dict[str, Score]:
    """By label, for those that are in it."""
    every, counted = rules(), Counter[tuple[str, str]]()
    there = samples(of)
    for sample in there:
        fired = {tried.rule for tried in rehearse(every, sample.said) if tried.checked}
        counted.update((label, "hits") for label in fired & sample.labels)
        counted.update((label, "false_alarms") for label in fired - sample.labels)
        counted.update((label, "missed") for label in sample.labels - fired)
    labels = {label for sample in there for label in sample.labels}
    return {
        label: Score(*(counted[label, each] for each in ("hits", "false_alarms", "missed")))
        for label in RULES
        if label in labels
    }


async def run(figures: Figures) -> None:
    for of in SETS:
        for label, score in scores(of).items():
            figures.add("triggers", f"{of}: precision", label, score.precision)
            figures.add("triggers", f"{of}: recall", label, score.recall)


def table() -> str:
    """As docs/triggers.md has it."""
    rows = ["| messages | | precision | recall | |", "|---|---|---|---|---|"]
    for of, name in SETS.items():
        for label, each in scores(of).items():
            counted = f"{each.hits} found, {each.false_alarms} false, {each.missed} missed"
            shares = f"{each.precision:.0%} | {each.recall:.0%}"
            rows.append(f"| {name} | `{label}` | {shares} | {counted} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
