"""The demo's server process: `python -m sandbox.served FD`.

The product and nothing else, built from the settings in its environment and serving the socket that
it was given. The demo that started it keeps that socket open, so whoever comes while this process
is dead is served by the next one. Lines on standard input set its clock; when they end, because the
demo has, it ends too.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable

from bridge import app as product

GRACE = 2
"""Seconds that open requests have when the demo ends."""
SECOND = 1_000_000


class Clock:
    """Wall time in microseconds, or a time that is as much behind as the demo says: so what is
    there at its beginning has not all happened just now."""

    def __init__(self) -> None:
        self.behind = 0

    def __call__(self) -> int:
        return product.now() - self.behind

    def listen(self, lines: Iterable[str]) -> None:
        """Each line is how many seconds it is behind from now on; their end is that of the demo."""
        for line in lines:
            self.behind = int(float(line) * SECOND)
        os.kill(os.getpid(), signal.SIGTERM)


class Inheriting(product.Server):
    """Serves on a socket that somebody else has bound and listens on."""

    def __init__(self, process: product.Process, listener: socket.socket) -> None:
        host, port = listener.getsockname()
        super().__init__(product.config(process.app, host, port, GRACE), process.drain)
        self._listener = listener

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets or [self._listener])


def main() -> None:
    product.logs.configure("warning", "console")
    clock = Clock()
    process = product.build(product.Settings.load(), clock=clock)
    threading.Thread(target=clock.listen, args=(sys.stdin,), daemon=True).start()
    product.run(Inheriting(process, socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
