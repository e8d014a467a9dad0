"""The settings of approvals, each with a clear fault."""

from pathlib import Path

from bridge.gates import Gate
from bridge.model import SECOND
from bridge.policies import policy
from tests.bridge.test_settings_email import faults, load

WHOLE = """
[[queues]]
name = "billing"

[approvals]
require_intents = ["Refund"]
require_queues = ["billing"]
require_users = ["webchat:Sam"]
reviewers = ["billing", "U06ANAT0RR5", "S06ORDERS01"]
escalate_to = ["S06ORDERS01"]
quorum = 2
expires_in = 60
on_timeout = "approve"
"""


def test_how_much_is_shown_beside_a_draft_is_from_none_to_ten(tmp_path: Path) -> None:
    assert load(tmp_path, "").approvals.context == 4
    assert load(tmp_path, "[approvals]\ncontext = 0").approvals.context == 0
    for wrong in (-1, 11):
        assert "approvals.context" in faults(tmp_path, f"[approvals]\ncontext = {wrong}")


def test_what_is_approved_first_and_by_whom(tmp_path: Path) -> None:
    assert policy(load(tmp_path, WHOLE), None, {}).gate == Gate(
        reviewers=("billing", "U06ANAT0RR5", "S06ORDERS01"),
        others=("S06ORDERS01",),
        quorum=2,
        expires_in=60 * SECOND,
        on_timeout="approve",
        intents=frozenset({"refund"}),
        queues=frozenset({"billing"}),
        users=frozenset({"webchat:sam"}),
    )
    assert policy(load(tmp_path, "[approvals]\nrequire = true\n"), None, {}).gate.everything


def test_who_and_what_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    wrong = WHOLE.replace('["billing"]', '["billling"]').replace('"U06ANAT0RR5"', '"ana"')
    assert faults(tmp_path, wrong)["approvals"] == (
        "require_queues: there is no queue billling; "
        "reviewers: ana is no queue, and no id of a person or a user group"
    )
    assert "approvals.expires_in" in faults(tmp_path, "[approvals]\nexpires_in = 1\n")


def test_whose_answers_are_approved_is_said_by_channel_or_e_mail(tmp_path: Path) -> None:
    told = faults(tmp_path, "[approvals]\nrequire_users = ['sam']\n")
    assert "an e-mail address, or a channel and an id" in told["approvals.require_users[0]"]
