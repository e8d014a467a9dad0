"""What visitors are asked before they write: what of it, how it is checked, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.webchat import prechat
from adapters.webchat.sessions import user_at
from bridge.errors import BadRequest
from bridge.settings_prechat import PrechatField, PrechatOption
from tests.bridge.running import Json, configured, identity, in_file, running

NAME, EMAIL = PrechatField(name="name", required=True), PrechatField(name="email")
TOPIC = PrechatField(
    name="topic",
    options=(
        PrechatOption(value="orders", text={"en": "Orders", "fr": "Commandes"}, label="orders"),
        PrechatOption(value="other"),
    ),
)
SIZE = PrechatField(name="size", label={"en": "Your size"})
FORM = (NAME, EMAIL, TOPIC, SIZE)
SETTINGS = """
[webchat]
prechat = [
  { name = "name", required = true },
  { name = "email" },
  { name = "topic", options = [{ value = "billing", label = "money" }, { value = "other" }] },
]
[[queues]]
name = "billing"
labels = ["money"]
"""


def test_the_form_is_told_in_the_visitors_language_without_what_is_known() -> None:
    sam = user_at("x", email="sam@shop.example", attributes={"size": "L"})
    shown = prechat.form_json(prechat.unknown(FORM, sam), "fr-CA")
    assert shown == [
        {"name": "name", "label": "Votre nom", "type": "text", "required": True, "options": []},
        {
            "name": "topic",
            "label": "De quoi s’agit-il\u202f?",
            "type": "text",
            "required": False,
            "options": [
                {"value": "orders", "text": "Commandes"},
                {"value": "other", "text": "other"},
            ],
        },
    ]


def test_an_answer_is_the_visitors_own_or_an_attribute_and_others_are_left_out() -> None:
    given = {"name": " Sam ", "email": "", "topic": "other", "size": "L\u0000", "vip": "yes"}
    told = {"name": "Sam", "attributes": {"topic": "other", "size": "L\ufffd"}}
    assert prechat.read(FORM, given) == told


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({}, {"prechat.name": "must be filled in"}),
        ({"name": " "}, {"prechat.name": "must be filled in"}),
        ({"name": 7}, {"prechat.name": "must be a text"}),
        ({"name": "x" * 201}, {"prechat.name": "must have at most 200 characters"}),
        (
            {"name": "Sam", "email": "sam", "topic": "spam"},
            {
                "prechat.email": "must be an address such as sam@example.org",
                "prechat.topic": "must be one of those offered",
            },
        ),
    ],
)
def test_every_fault_is_told_at_once(given: Json, faults: Json) -> None:
    with pytest.raises(BadRequest) as refused:
        prechat.read(FORM, given)
    assert refused.value.fields == faults


async def test_nothing_is_said_before_what_is_required_and_the_topic_finds_its_queue(
    tmp_path: Path,
) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, SETTINGS)) as desk:
        sam = await desk.visitor(locale="de")
        labels = [each["label"] for each in sam.told["settings"]["prechat"]]
        assert labels == ["Ihr Name", "Ihre E-Mail-Adresse", "Worum geht es?"]
        early = await sam.say("Hello")
        assert (early.status_code, early.json()["error"]["code"]) == (422, "prechat_required")
        assert early.json()["error"]["fields"] == {"prechat.name": "must be filled in"}
        wrong = await desk.hello(visitor=sam.token, prechat=[1])
        assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["prechat"])
        answers = {"name": "Sam", "topic": "billing"}
        told = await desk.visitor(visitor=sam.token, prechat=answers)
        assert told.conversation == sam.conversation
        assert "prechat" not in told.told["settings"]
        again = await desk.visitor(visitor=told.token, attributes={"plan": "Pro"})
        assert "prechat" not in again.told["settings"]
        assert (await again.say("Hello")).status_code == 202
        [handoff] = (await desk.api("GET", "/handoffs")).json()["handoffs"]
        assert (handoff["queue"], handoff["labels"]) == ("billing", ["money"])
        assert handoff["user"]["name"] == "Sam"
        assert handoff["user"]["attributes"] == {"topic": "billing", "plan": "Pro"}
        old = await desk.visitor(visitor=sam.token)
        assert "prechat" not in old.told["settings"]
        assert (await old.say("From another tab", "another")).status_code == 202


async def test_what_the_site_says_is_not_asked_and_answers_outlive_its_next_token(
    tmp_path: Path,
) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, SETTINGS)) as desk:
        signed = identity("sam-1", name="Sam Rivera")
        sam = await desk.visitor(identity=signed)
        assert [each["name"] for each in sam.told["settings"]["prechat"]] == ["email", "topic"]
        answers = {"name": "Mallory", "email": "sam@shop.example", "topic": "other"}
        sam = await desk.visitor(visitor=sam.token, identity=signed, prechat=answers)
        sam = await desk.visitor(visitor=sam.token, identity=signed)
        assert "prechat" not in sam.told["settings"]
        await sam.say("Hello")
        [handoff] = (await desk.api("GET", "/handoffs")).json()["handoffs"]
        assert (handoff["queue"], handoff["labels"]) == ("default", [])
        assert handoff["user"]["name"] == "Sam Rivera"
        assert handoff["user"]["email"] == "sam@shop.example"
