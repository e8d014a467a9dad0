"""The Slack desk: `adapters.slack:desk` is its entry point.

receiver   the door over HTTP: signature first
socket connection      the door in Socket Mode: websockets that we keep open
sweep differences      the catch-up: what Slack's history has and no event told
presences  who is active in Slack, where that is a sign that they are there
entry      what is common to both: messages (`ear`) or Bolt (`listeners`)
ear heard      message events → commands
textcode richtext mrkdwn inside commonmark emoji   what agents write → CommonMark; pure
verbs arguments     the table of every command; what stands behind a verb
acts asks targets     what every way comes to: one command and an answer, or something to read
pressed clicks slash shortcuts front     buttons, slash commands, shortcuts → acts, answers
menus pickers forms pages finding home homes votes     the buttons that fit, lists, modals, reading
moving shifts myself selves     work that changes hands with the shift; how customers know an agent
desk threads       the way out: card, posts, lines, marks, look-ups
card posts lines blocks markdown names replies     how it all looks; pure
client failures identity members marks lookup      Slack's Web API
checkup judgement  `deskbridge check`: the questions; what the answers mean
"""

from __future__ import annotations

from typing import Final

from adapters.slack import checkup
from adapters.slack.config import from_settings
from adapters.slack.desk import SlackDesk
from bridge.findings import Finding
from bridge.ports import Deps, Patient


class Factory:
    """Makes the desk; `Diagnoses` of `bridge.ports`, for which no desk must be made."""

    def __call__(self, deps: Deps) -> SlackDesk | None:
        """None when the settings name no Slack workspace."""
        config = from_settings(deps.settings)
        return SlackDesk(config, deps) if config else None

    async def diagnose(self, patient: Patient) -> list[Finding]:
        return await checkup.diagnose(patient)


desk: Final = Factory()
