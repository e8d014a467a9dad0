"""Who works on the command line: for the audit, the user of the operating system."""

from __future__ import annotations

import getpass

from bridge.model import Author, Role


def operator() -> Author:
    """Without a name where the system knows none, as in a bare container."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = ""
    return Author(Role.SYSTEM, "command line", name)
