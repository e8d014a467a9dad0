"""`python -m sandbox.slack`: the workspace as its own process; prints a line when it listens."""

import argparse
import contextlib
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import uvicorn
import yaml

from sandbox.slack import snapshot
from sandbox.slack.app import create_app
from sandbox.slack.config import SandboxConfig
from sandbox.slack.core import Sandbox

KEEP_ALIVE = 75
"""Seconds for which an idle connection is kept: one that is closed just when it is used looks like
a fault, and faults are what the script is for."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.slack", description=__doc__)
    default = SandboxConfig()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--request-url", default="", help="where the app listens")
    parser.add_argument("--signing-secret", default=default.signing_secret)
    parser.add_argument("--bot-token", default=default.bot_token)
    parser.add_argument("--public-base-url", default="")
    parser.add_argument("--manifest", type=Path, help="the app's manifest (YAML or JSON)")
    parser.add_argument("--retry-delays", default="1,60,300", help="seconds before each repeat")
    parser.add_argument(
        "--channel-limit", action="store_true", help="one post a second and channel"
    )
    parser.add_argument("--no-validate", action="store_true", help="skip the Block Kit checks")
    parser.add_argument("--log-limit", type=int, default=default.log_limit)
    parser.add_argument("--state", type=Path, help="file to begin from and to write at the end")
    parser.add_argument("--socket-mode", action="store_true", help="send all to the app's sockets")
    parser.add_argument("--app-token", default=default.app_token, help="opens sockets")
    parser.add_argument("--socket-life", type=float, default=default.socket_life)
    parser.add_argument("--method-limits", action="store_true", help="limits by method and tier")
    parser.add_argument("--connections", type=int, default=default.connections)
    parser.add_argument(
        "--patience",
        type=float,
        default=default.ack_timeout,
        help="seconds for an answer, and for using a trigger; Slack gives three",
    )
    return parser.parse_args()


def _config(args: argparse.Namespace) -> SandboxConfig:
    manifest = yaml.safe_load(args.manifest.read_text()) if args.manifest else None
    return replace(
        SandboxConfig(),
        request_url=args.request_url, signing_secret=args.signing_secret,
        bot_token=args.bot_token, public_base_url=args.public_base_url, manifest=manifest,
        retry_delays=tuple(float(delay) for delay in args.retry_delays.split(",") if delay),
        channel_limit=args.channel_limit, validate=not args.no_validate,
        log_limit=args.log_limit, connections=args.connections, app_token=args.app_token,
        socket_mode=args.socket_mode, socket_host=args.host, socket_life=args.socket_life,
        method_limits=args.method_limits,
        ack_timeout=args.patience, trigger_lifetime=args.patience,
    )  # fmt: skip


def main() -> None:
    """Serve until interrupted."""
    args = _arguments()
    app = create_app(_config(args))
    box: Sandbox = app.state.sandbox
    if args.state and args.state.exists():
        snapshot.load(box.workspace, args.state)
    listener = socket.create_server((args.host, args.port))
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = uvicorn.Server(settings)
    port = listener.getsockname()[1]
    sys.stdout.write(f"sandbox.slack listening on http://{args.host}:{port}\n")
    sys.stdout.flush()
    signals = (signal.SIGINT, signal.SIGTERM)
    with contextlib.ExitStack() as ending:
        if args.state:
            ending.callback(lambda: snapshot.save(box.workspace, args.state))
        for number in signals:  # uvicorn raises them again when it has ended
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


if __name__ == "__main__":
    main()
