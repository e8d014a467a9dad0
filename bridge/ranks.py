"""What an agent may do on the desk beside their own work.

An agent takes, answers and hands on what is theirs. A supervisor also gives to others what is not
theirs, rejects, deletes, and sees the figures of all; an admin switches bots everywhere, too. Where
nobody is named everybody is an admin.
"""

from __future__ import annotations

from enum import IntEnum


class Rank(IntEnum):
    AGENT = 0
    SUPERVISOR = 1
    ADMIN = 2
