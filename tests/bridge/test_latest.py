"""What a process has just committed, for those who follow it there."""

from dataclasses import replace

from bridge.latest import Fresh, Latest
from bridge.model import ConversationId
from bridge.views import News
from tests.adapters.slack.things import message, view

CNV, OTHER = ConversationId("cnv_1"), ConversationId("cnv_2")


def fresh(before: int, *revs: int) -> Fresh:
    said = [replace(message(), rev=rev) for rev in revs]
    return Fresh(before, News(replace(view().conversation, rev=max(revs)), None, said))


def test_only_who_lacks_nothing_else_is_told() -> None:
    commit = fresh(4, 5, 6)
    told = {rev: commit.after(rev) for rev in range(3, 9)}
    revs = {rev: news and [said.rev for said in news.messages] for rev, news in told.items()}
    assert revs == {3: None, 4: [5, 6], 5: [6], 6: [], 7: None, 8: None}


def test_it_is_kept_as_long_as_somebody_follows() -> None:
    latest, first, second = Latest(), fresh(0, 1), fresh(1, 2)
    latest.tell({CNV: first})
    with latest.follow(CNV):
        assert latest.of(CNV) is None
        with latest.follow(CNV):
            latest.tell({CNV: first, OTHER: first})
        assert (latest.of(CNV), latest.of(OTHER)) == (first, None)
        latest.tell({CNV: second})
        assert latest.of(CNV) is second
    assert latest.of(CNV) is None


def test_of_two_commits_that_are_told_out_of_their_order_the_newer_is_kept() -> None:
    latest, first, second = Latest(), fresh(0, 1), fresh(1, 2)
    with latest.follow(CNV):
        latest.tell({CNV: second})
        latest.tell({CNV: first})
        assert latest.of(CNV) is second
