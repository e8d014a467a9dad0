"""`python -m sandbox.graph`: the stand-in as its own process; prints a line when it listens."""

import argparse
import contextlib
import signal
import socket
import sys

import uvicorn

from sandbox.graph.app import create_app
from sandbox.graph.config import GraphConfig


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.graph", description=__doc__)
    default = GraphConfig()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--callback-url", default="", help="where the app listens")
    parser.add_argument("--app-secret", default=default.app_secret)
    parser.add_argument("--page-token", default=default.page_token)
    parser.add_argument("--verify-token", default=default.verify_token)
    parser.add_argument("--page-id", default=default.page_id)
    parser.add_argument("--public-base-url", default="")
    parser.add_argument("--window", type=float, default=default.window, help="seconds")
    parser.add_argument("--human-agent", action="store_true", help="that permission is granted")
    parser.add_argument("--raw-unicode", action="store_true", help="webhooks are not escaped")
    parser.add_argument("--retry-delay", type=float, default=default.retry_delay)
    return parser.parse_args()


def main() -> None:
    """Serve until interrupted."""
    args = _arguments()
    told = {name: value for name, value in vars(args).items() if name not in ("host", "port")}
    listener = socket.create_server((args.host, args.port))
    port = listener.getsockname()[1]
    told["public_base_url"] = told["public_base_url"] or f"http://{args.host}:{port}"
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(GraphConfig(**told)),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    sys.stdout.write(f"sandbox.graph listening on http://{args.host}:{port}\n")
    sys.stdout.flush()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
