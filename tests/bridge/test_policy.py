"""What the settings decide: which bot a channel has."""

from __future__ import annotations

from bridge.policy import BotPolicy, Policy, Traits

ANY, SALES, OTHER = (
    BotPolicy("default"),
    BotPolicy("sales", channels=("webchat",)),
    BotPolicy("other", channels=("mail", "webchat")),
)


def test_a_bot_that_names_the_channel_comes_before_one_that_names_none() -> None:
    policy = Policy(bots=(ANY, SALES, OTHER))
    assert policy.bot_for("webchat") is SALES
    assert policy.bot_for("mail") is OTHER
    assert policy.bot_for("messenger") is ANY


def test_a_channel_that_no_bot_serves_has_none() -> None:
    assert Policy(bots=(SALES, OTHER)).bot_for("messenger") is None


def test_a_bot_is_found_by_its_id() -> None:
    policy = Policy(bots=(ANY, SALES))
    assert policy.bot("sales") is SALES
    assert policy.bot("gone") is None


def test_a_channel_that_says_nothing_of_itself_has_the_least_traits() -> None:
    assert Policy().traits("mail") == Traits()
