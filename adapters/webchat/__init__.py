"""The webchat: `adapters.webchat:channel` is its entry point.

sessions   who a visitor is: signed tokens, the site's own word for it
greeting   who a visitor is, when a session begins
prechat    what is asked before the first message
intake     what requests carry, checked
limits     how much one visitor may do
shape      what the widget is told, as JSON
feed       one conversation's changes, read once for all its streams
attachments  files that visitors send and get
transcript   the conversation as a page to take home
channel    the routes
files      the widget's own files
checkup    what `deskbridge check` says of its settings
"""

from __future__ import annotations

from typing import Final

from adapters.webchat import checkup
from adapters.webchat.channel import Webchat
from bridge.findings import Finding
from bridge.ports import Deps, Patient


class Factory:
    """Makes the channel; `Diagnoses` of `bridge.ports`."""

    def __call__(self, deps: Deps) -> Webchat:
        return Webchat(deps)

    async def diagnose(self, patient: Patient) -> list[Finding]:
        return checkup.judge(patient)


channel: Final = Factory()
