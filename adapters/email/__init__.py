"""E-mail to webchat's users who have left: `adapters.email:mailer` is its entry point.

config   what the settings say of it
tokens   the addresses and Message-IDs by which answers find their conversation
texts    our words in an e-mail, by language
writing  a letter as an e-mail
smtp     handing it to the mail server
reading  what came in, whatever it is: parsed, and judged
quotes   an answer's own words, without what it quotes
door     POST /email/inbound
sending  all of it as `bridge.letters.Mailer`
checkup  its part of `deskbridge check`
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.email import checkup
from adapters.email.config import from_settings
from adapters.email.sending import Email
from bridge.findings import Finding
from bridge.ports import Deps, Patient


class Factory:
    """Makes the mailer; `Diagnoses` of `bridge.ports`."""

    def __call__(self, deps: Deps) -> Email | None:
        config = from_settings(deps.settings)
        return Email(config, deps) if config else None

    async def diagnose(self, patient: Patient) -> Sequence[Finding]:
        return await checkup.diagnose(patient)


mailer: Final = Factory()
