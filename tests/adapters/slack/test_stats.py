"""The day in a few lines: what became of approvals, and which rules fired."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from adapters.slack import stats
from bridge.gates import Stand
from bridge.model import SECOND
from bridge.oversight import Oversight
from bridge.reports import Period
from bridge.views import Figures
from tests.adapters.slack.checks import check_limits, shown
from tests.past import Draft, Firing, oversight, report

NONE = Figures(0, 0, 0, 0)


def told(of: Oversight | None) -> str:
    made = stats.stats(NONE, NONE, replace(report([], {}, Period(0, 1, UTC)), oversight=of), "UTC")
    check_limits(made)
    return shown(made)


def draft(status: Stand, seconds: int = 0) -> Draft:
    return Draft("shop", status, SECOND, SECOND + seconds * SECOND if seconds else 0)


def test_approvals_of_today_are_told_as_they_stand_and_how_soon_people_decided() -> None:
    drafts = [draft(Stand.PENDING), draft(Stand.APPROVED, 60), draft(Stand.APPROVED, 120)]
    drafts += [draft(Stand.REJECTED, 540), draft(Stand.EXPIRED, 900)]
    assert (
        "Approvals: 1 waiting · 2 approved · 1 rejected · 1 not decided"
        " · decided in 2 min, p90 9 min" in told(oversight(drafts, ()))
    )
    only = told(oversight([draft(Stand.PENDING)], ()))
    assert "Approvals: 1 waiting" in only
    assert "decided in" not in only


def test_rules_that_fired_today_are_told_by_name_with_their_false_alarms() -> None:
    fired = [Firing("angry", "sentiment", handed_over=True, false_alarm=n == 0) for n in range(3)]
    fired += [Firing(f"rule-{n}", "words", handed_over=False, false_alarm=False) for n in range(7)]
    made = told(oversight([], fired))
    assert "Rules fired: angry 3, 1 false · rule-0 1 · " in made
    assert "rule-4 1 · 2 more rules" in made
    assert "1 false: one of them was called a false alarm." in made
    assert "Approvals" not in made


def test_where_there_was_nothing_of_it_nothing_is_told() -> None:
    for nothing in (None, oversight([], ())):
        assert "Approvals" not in told(nothing)
        assert "Rules fired" not in told(nothing)
