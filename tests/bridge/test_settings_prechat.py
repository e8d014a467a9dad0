"""What visitors are asked before they write, as the settings say it, and where a topic leads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.commands import OpenHandoff, Resolve, ToHandoff, UserSaid
from bridge.commands.bots import Escalation
from bridge.errors import SettingsError
from bridge.model import Author, Role
from bridge.queues import Queue
from tests.bridge.driver import ANA, BOT, SAM, START, World
from tests.bridge.test_settings_hours import load

API = Author(Role.SYSTEM, "key_1", "crm")
FORM = """
[[webchat.prechat]]
name = "topic"
options = [{ value = "bill", label = "money" }, { value = "size" }]
"""


def test_a_topic_labels_the_first_handoff_and_no_later_one(tmp_path: Path) -> None:
    topics = load(tmp_path, FORM).topics
    assert topics == {("topic", "bill"): "money"}
    queues = (Queue(), Queue("billing", labels=("money",)))
    world = World(replace(BOT, topics=topics, queues=queues))
    sam = replace(SAM, attributes={"topic": "bill"})
    world.do(UserSaid(world.key(), START, sam, "hello"))
    for _ in range(2):
        wish = Escalation("help", labels=("vip",))
        world.do(OpenHandoff(world.key(), world.tick(), SAM, API, wish))
        to = ToHandoff(world.handoff.id)
        world.do(Resolve(world.key(), world.tick(), to, ANA))
    found = [(each.queue, each.labels) for each in world.handoffs.values()]
    assert found == [("billing", ("vip", "money")), ("default", ("vip",))]


@pytest.mark.parametrize(
    ("toml", "name", "fault"),
    [
        ('name = "size"', "webchat.prechat[0]", "size needs a label"),
        ('name = "email"\noptions = [{ value = "x" }]', "webchat.prechat[0]", "has no options"),
        (
            'name = "topic"\noptions = [{ value = "x" }, { value = "x" }]',
            "webchat.prechat[0]",
            "topic has two options with the same value",
        ),
        ('name = "topic"\n[[webchat.prechat]]\nname = "topic"', "webchat.prechat", "the same name"),
        ('name = "My Size"', "webchat.prechat[0].name", "must be of small letters"),
    ],
)
def test_a_form_that_cannot_be_asked_is_a_fault_by_its_name(
    tmp_path: Path, toml: str, name: str, fault: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, f"[[webchat.prechat]]\n{toml}")
    assert fault in refused.value.faults[name]
