"""Identifiers in the shapes that Slack gives them."""

import random
import string

ALPHABET = string.ascii_uppercase + string.digits


class IdSource:
    """Makes ids that look like Slack's; with the same seed the same ids come again.

    Without a seed no other run makes them: an app that remembers event ids may outlive us.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self.count = 0 if seed is not None else self._random.randrange(16**8)

    def new(self, prefix: str, length: int = 11) -> str:
        """A new id such as `V0AB12CD34E` for prefix `V`."""
        self.count += 1
        tail = self.letters(length - len(prefix) - 1)
        return f"{prefix}0{tail}"

    def letters(self, count: int) -> str:
        """So many letters and digits."""
        return "".join(self._random.choices(ALPHABET, k=count))

    def skip(self, count: int) -> None:
        """Go on where another run ended: none of its ids is made again."""
        self.count = count
        self._random.seed(f"{self._random.random()}/{count}")

    def event(self) -> str:
        """A new event id; a running number keeps it unique and cheap."""
        self.count += 1
        return f"Ev{self.count:09X}"

    def block(self) -> str:
        """A block_id as Slack fills it in where the app gave none."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=5))
