"""What came with a user's message, as far as it is kept: its kind, its name, and where Meta has it.

Meta's address is public for whoever knows it, and ends after a while, so nobody is shown it.
Fetching the bytes into storage of ours, and sending those of agents (multipart, see
`client.Graph`), has its place here.
"""

from __future__ import annotations

from adapters.messenger.events import Attached
from bridge.model import Attachment

MIMES = {"image": "image/*", "sticker": "image/*", "audio": "audio/*", "video": "video/*"}
UNKNOWN = "application/octet-stream"


def kept(attached: tuple[Attached, ...]) -> tuple[Attachment, ...]:
    """`ref` has a scheme of its own, so that nobody takes it for a file that we have."""
    return tuple(
        Attachment(each.name, MIMES.get(each.kind, UNKNOWN), 0, f"messenger:{each.url}")
        for each in attached
    )
