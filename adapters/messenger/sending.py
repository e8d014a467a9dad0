"""By which right a message goes out: the sending window, and a person's late answer. Pure.

For 24 hours after a user's last sign of life a page may say anything (`RESPONSE`). After that only
a person may answer, for seven days and with the tag `HUMAN_AGENT`, which Meta must have granted.
Its other tags were removed or are for what a desk never says (Messenger Platform: Send messages).
What would be refused is refused here, before it is tried.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.messenger.config import MessengerConfig
from bridge.errors import Refused
from bridge.model import Author, Micros, Role
from bridge.policy import Asks, Traits
from bridge.texts import SOMEONE

MAX_TEXT = 1_900
"""Characters of a part; Meta takes less than 2,000, and a name may stand before it."""
MAX_SENT = 1_940
"""Characters of its words as they are sent, a name not counted."""
MAX_REPLIES = 13
RESPONSE: Mapping[str, str] = {"messaging_type": "RESPONSE"}
LATE: Mapping[str, str] = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def traits(config: MessengerConfig) -> Traits:
    return Traits(
        max_text=MAX_TEXT,
        files=True,
        buttons=MAX_REPLIES,
        asks=Asks.BY_BUTTONS,
        window=config.window,
        agent_window=config.agent_window if config.human_agent else 0,
        window_warning=config.warning,
    )


def is_person(author: Author) -> bool:
    """Whether somebody typed it. What is said in the desk's name may come from a program."""
    return author.role is Role.AGENT and author.name not in SOMEONE.values()


def rights(
    author: Author, user_at: Micros, now: Micros, config: MessengerConfig
) -> tuple[Mapping[str, str], ...]:
    """`messaging_type` and tag: the first, and what else there is where Meta says that the window
    is shut. Raises Refused. Who never wrote is left to Meta to judge."""
    age = now - user_at
    if not user_at or age <= config.window:
        return (RESPONSE, LATE) if is_person(author) and config.human_agent else (RESPONSE,)
    if not is_person(author):
        raise Refused("window_closed")
    if not config.human_agent:
        raise Refused("human_agent_not_granted")
    if age > config.agent_window:
        raise Refused("window_closed_for_agents")
    return (LATE,)
