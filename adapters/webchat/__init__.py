"""The webchat: `adapters.webchat:channel` is its entry point.

sessions   who a visitor is: signed tokens, the site's own word for it
intake     what requests carry, checked
limits     how much one visitor may do
shape      what the widget is told, as JSON
feed       one conversation's changes, read once for all its streams
channel    the routes
files      the widget's own files
"""

from __future__ import annotations

from adapters.webchat.channel import Webchat
from bridge.ports import Deps


def channel(deps: Deps) -> Webchat:
    return Webchat(deps)
