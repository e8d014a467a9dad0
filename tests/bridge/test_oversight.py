"""Figures of approvals and rules, and how the page shows them."""

from dataclasses import replace
from datetime import UTC
from xml.etree import ElementTree as ET

from bridge.lengths import Lengths
from bridge.model import SECOND
from bridge.oversight import Approvals, Oversight, PastDrafts, PastFirings, Rule, oversight
from bridge.report_oversight import SHOWN, parts
from bridge.report_page import Frame, page
from bridge.reports import Period
from tests.past import report

NOW = 1_000 * SECOND
PENDING = PastDrafts([""], ["pending"], [NOW], [0])
DRAFTS = [
    PastDrafts(["a"] * 3, ["approved"] * 3, [NOW] * 3, [NOW + n * SECOND for n in (10, 20, 30)]),
    PastDrafts(["a", "b"], ["edited", "rejected"], [NOW] * 2, [NOW + n * SECOND for n in (40, 50)]),
    PastDrafts(["b"], ["expired"], [NOW], [NOW + 900 * SECOND]),
    PENDING,
]
PERSON, ANGRY = "person", "<b>angry</b>"
FIRINGS = [
    PastFirings(["1", "2"], [ANGRY, PERSON], ["anger", "human"], [False, True]),
    PastFirings(["3"], [PERSON], ["human"], [False]),
]
FALSE = {"1", "3", "one of another time"}


def test_acceptance_and_time_to_decision_are_of_what_people_decided() -> None:
    made = oversight(DRAFTS, [], ())
    total = made.approvals
    assert (total.asked, total.decided, total.acceptance) == (7, 5, 0.6)
    assert total.deciding == Lengths(5, 30, 30, 50, 50, 50)
    assert [(bot.bot, bot.asked, bot.acceptance) for bot in made.bots] == [
        *(("a", 4, 0.75), ("b", 2, 0.0), ("", 1, None)),
    ]


def test_rules_are_told_by_how_often_they_fired_and_in_vain() -> None:
    person, angry = oversight([], FIRINGS, FALSE).rules
    assert person == Rule(PERSON, "human", fired=2, handed_over=1, false_alarms=1)
    assert angry == Rule(ANGRY, "anger", fired=1, handed_over=0, false_alarms=1)


def test_the_page_shows_them_even_of_a_time_without_a_handoff() -> None:
    bare = report([], {}, Period(0, NOW, UTC))
    told = page(replace(bare, oversight=oversight(DRAFTS, FIRINGS, FALSE)), Frame(0))
    assert "No handoff was opened" in told
    assert "Approvals and rules" in told
    assert "&lt;b&gt;angry" in told
    assert "approved as it was: 60 %" in told
    nothing = replace(bare, oversight=oversight([], [], ()))
    for each in (bare, nothing):
        assert "Approvals and rules" not in page(each, Frame(0))


def test_each_figure_is_well_formed_and_has_its_definition_and_its_table() -> None:
    undecided = oversight([PENDING], [], ())
    many = tuple(Rule(f"rule {n}", "words", SHOWN + n, 0, 0) for n in range(SHOWN + 1))
    some = oversight(DRAFTS, FIRINGS, FALSE)
    alone = Oversight(Approvals("", 0, {}, Lengths()), (), many)
    for made, figures in ((some, 4), (undecided, 2), (alone, 2)):
        found = parts(made)
        assert len(found) == figures
        for figure in found:
            assert all(part in figure for part in ("<h3>", 'role="img"', 'class="about"'))
            assert ET.fromstring(figure).find(".//table") is not None  # noqa: S314 - our own
    assert f"the table has all {len(many)}" in parts(alone)[0]
