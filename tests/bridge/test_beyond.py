"""Links into other systems: filled in and escaped, or left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.slack import pages
from adapters.slack.config import from_settings
from adapters.slack.targets import Target, of_view
from bridge.beyond import Way, links
from bridge.settings_sections import ProfileSettings
from tests.adapters.slack.checks import check
from tests.adapters.slack.things import assigned, contact, conversation, handoff
from tests.adapters.slack.world import settings

CRM = Way("CRM", "https://crm.example/?q={{userEmail}}&n={{ number }}")
ORDER = Way("Order", "https://erp.example/o/{{attributes.order.id}}/{{attributes.lang|en}}")


def test_what_is_known_is_filled_in_and_escaped() -> None:
    who = contact(email="sam+x@example.org", attributes={"order": {"id": "10/09?a=b#c"}})
    assert links((CRM, ORDER), who, conversation(), handoff()) == [
        ("CRM", "https://crm.example/?q=sam%2Bx%40example.org&n=42"),
        ("Order", "https://erp.example/o/10%2F09%3Fa%3Db%23c/en"),
    ]


def test_a_link_with_a_gap_or_without_end_is_left_out() -> None:
    assert links((CRM, ORDER), contact(email="a@b.c"), conversation(), None) == []
    long = contact(attributes={"order": {"id": "x" * 2_000}})
    assert links((ORDER,), long, conversation(), handoff()) == []


@given(st.text())
def test_no_value_leads_elsewhere(value: str) -> None:
    who = contact(attributes={"order": {"id": value}})
    for _, url in links((ORDER,), who, conversation(), None):
        path = url.removeprefix("https://erp.example/o/").removesuffix("/en")
        assert not set(path) & set('/?#&=<>" \\')
        assert url.startswith("https://erp.example/o/")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://crm.example/", "must begin with https"),
        ("https://crm.example", "must begin with https"),
        ("https://{{userName}}.example/", "must begin with https"),
        ("https://crm.example/a b", "must have no spaces"),
        ("https://crm.example/{{userName|a b}}", "must have no spaces"),
        ("https://crm.example/{{userMail}}", "did you mean userEmail"),
        ("https://crm.example/{{zzz}}", "there are userId"),
    ],
)
def test_an_address_that_does_not_fit_is_told(url: str, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        ProfileSettings.model_validate({"links": [{"label": "CRM", "url": url}]})


def test_the_profile_shows_them() -> None:
    told = {"links": [{"label": each.label, "url": each.url} for each in (CRM, ORDER)]}
    config = from_settings(settings("", profile=ProfileSettings.model_validate(told)))
    assert config
    view = assigned(contact={"email": "sam@example.org", "attributes": {"order": {"id": 9}}})
    body = pages.profile(of_view(view), config.ways)
    check(body)
    _, row, _same_person = body.blocks
    parts = row["elements"][0]["elements"]
    assert [each.get("url", each["text"]) for each in parts] == [
        "https://crm.example/?q=sam%40example.org&n=42", " · ", "https://erp.example/o/9/en",
    ]  # fmt: skip
    alone = pages.profile(Target(view.conversation, contact()), config.ways)
    assert len(alone.blocks) == 2
