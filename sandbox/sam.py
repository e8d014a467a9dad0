"""Sam, the demo's customer: one for each login of the shop, whom webchat and Messenger call by
different ids. Pure."""

import re

NAME = ("Sam", "Rivera")
IN_CHAT = "sam-"
"""Before the login in what the shop calls its customer."""
ON_MESSENGER = re.compile(r"[0-9]+:25([0-9]{20})", re.ASCII)
"""A page and a customer of it, whose number is the login's."""


def psid(login: str) -> str:
    """What Messenger calls who is logged in; `login` is hexadecimal.

    >>> login_of(f"104729:{psid('00000000000000ff')}")
    '00000000000000ff'
    """
    return f"25{int(login, 16):020}"


def login_of(user: str) -> str:
    """By the id that a bot is told; empty: somebody else."""
    if found := ON_MESSENGER.fullmatch(user):
        return f"{int(found[1]):016x}"
    return user.rpartition(IN_CHAT)[2] if IN_CHAT in user else ""
