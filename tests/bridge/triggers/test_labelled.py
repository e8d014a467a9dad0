"""Rules find in labelled messages what the docs say that they find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import labelled
from tests.bench.labelled import RULES, samples, scores, table
from tests.bench.report import Figures

PAGE = (Path(__file__).parents[3] / "docs" / "triggers.md").read_text("utf-8")


def test_there_are_enough_of_them_in_four_languages() -> None:
    tuned, unseen = samples("tuned"), samples("unseen")
    assert len(tuned) + len(unseen) >= 300
    for each in (tuned, unseen):
        assert {sample.where.partition(":")[0] for sample in each} == {"en", "fr", "de", "es"}
        assert 2 * len([sample for sample in each if not sample.labels]) >= 0.6 * len(each)


def test_the_docs_tell_what_is_found_and_what_is_missed() -> None:
    assert table() in PAGE  # python -m tests.bench.labelled


@pytest.mark.parametrize(
    ("of", "precision", "recall"), [("tuned", 0.9, 0.95), ("dialogues", 0.9, 0.85)]
)
def test_no_rule_falls_below_its_floor(of: str, precision: float, recall: float) -> None:
    weak = {
        name: score
        for name, score in scores(of).items()
        if score.precision < precision or score.recall < recall
    }
    assert weak == {}


async def test_the_benchmark_tells_of_every_kind() -> None:
    figures = Figures()
    await labelled.run(figures)
    assert {subject for _, _, subject in figures.values} == set(RULES)
