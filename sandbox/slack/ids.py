"""Identifiers in the shapes that Slack gives them."""

import random
import string

ALPHABET = string.ascii_uppercase + string.digits


class IdSource:
    """Makes ids that look like Slack's; with the same seed the same ids come again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0

    def new(self, prefix: str, length: int = 11) -> str:
        """A new id such as `V0AB12CD34E` for prefix `V`."""
        self._count += 1
        tail = self.letters(length - len(prefix) - 1)
        return f"{prefix}0{tail}"

    def letters(self, count: int) -> str:
        """So many letters and digits."""
        return "".join(self._random.choices(ALPHABET, k=count))

    def event(self) -> str:
        """A new event id; a running number keeps it unique and cheap."""
        self._count += 1
        return f"Ev{self._count:09X}"

    def block(self) -> str:
        """A block_id as Slack fills it in where the app gave none."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=5))
