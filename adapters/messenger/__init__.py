"""Facebook Messenger as a channel: `adapters.messenger:channel` is its entry point.

config     what it needs of the settings; which token is for which page
signing    the signature over a webhook's bytes, and the proof that goes with a token
events     what Meta tells, read from the payload of a webhook; pure, and never surprised
door       the webhook: signature first, 200 after the commit
intake     events → commands
attachments   what came with a message, as far as it is kept
channel    the way out: one message, and what became of it
sending    by which right a message goes: within the window, or as a person's late answer; pure
plain shapes      CommonMark → plain text; the body of a send; pure
uploads    agents' files: brought to Meta by stream, then sent by name
client failures usage      the Graph API: one session, every refusal by remedy, its pace
personas profiles    agents' faces there, users' names here
keeper     looks that the page still tells us
checkup judgement    `deskbridge check`: the questions; what the answers mean
"""

from __future__ import annotations

from typing import Final

from adapters.messenger import checkup
from adapters.messenger.channel import Messenger
from adapters.messenger.config import from_settings
from bridge.findings import Finding
from bridge.ports import Deps, Patient


class Factory:
    """Makes the channel; `Diagnoses` of `bridge.ports`."""

    def __call__(self, deps: Deps) -> Messenger | None:
        """None when the settings name no page."""
        config = from_settings(deps.settings)
        return Messenger(config, deps) if config else None

    async def diagnose(self, patient: Patient) -> list[Finding]:
        return await checkup.diagnose(patient)


channel: Final = Factory()
