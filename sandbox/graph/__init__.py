"""A stand-in for Meta's Graph API, as far as a page's messages need it; speaks its real protocol.

config model     what it is told · what was said
judge            whether a send is taken: window, tags, lengths; pure
api              the calls of an app: sends, personas, profiles, subscriptions
core courier     what customers do · signed webhooks, again until they are taken
faults           what is to go wrong, by name
control page     for tests and the demo: write as a customer, see what they see

`python -m sandbox.graph` serves it alone; `mount(config)` gives a route for another application.
"""

from sandbox.graph.app import create_app, mount, settings_for
from sandbox.graph.config import GraphConfig
from sandbox.graph.core import Graph

__all__ = ["Graph", "GraphConfig", "create_app", "mount", "settings_for"]
