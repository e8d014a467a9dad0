"""A Slack workspace that speaks Slack's protocols over HTTP, for demos and tests.

It knows nothing of the product: an app is told to it by URL, signing secret and token, as Slack
is told by an app's settings page. `create_app` gives an ASGI app to serve alone or to mount.
"""

from sandbox.slack.app import create_app
from sandbox.slack.config import SandboxConfig
from sandbox.slack.core import Sandbox

__all__ = ["Sandbox", "SandboxConfig", "create_app"]
