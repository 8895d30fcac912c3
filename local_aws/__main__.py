# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""``python -m local_aws up|down|status|forward|reset|base-image|corrections``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from local_aws import base_image, clock, emulator, engine, services, settings
from local_aws.process import say


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_aws", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=None, help="folder for pid, logs and the call log")
    actions = parser.add_subparsers(dest="action", required=True)
    up = actions.add_parser("up", help="start the local AWS, and what it needs, unless it is running")
    up.add_argument(
        "--port",
        type=int,
        default=settings.port(),
        help=f"TCP port on 127.0.0.1 (default that of MAGICLUB_ENDPOINT, else {settings.DEFAULT_PORT})",
    )
    up.add_argument("--auth", action="store_true", help="enforce IAM policies")
    up.add_argument("--no-containers", action="store_true", help="no Docker engine: tasks have no containers")
    up.add_argument(
        "--time-scale",
        type=float,
        default=settings.time_scale(),
        help=f"factor on AWS's own waiting times (default {settings.DEFAULT_TIME_SCALE})",
    )
    up.add_argument(
        "--services",
        default="",
        help="further services of MiniStack, joined by commas; always enabled are: " + ", ".join(sorted(services.USED)),
    )
    actions.add_parser("down", help="stop everything that up started")
    actions.add_parser("status", help="show what runs, as JSON; exit status 3 if it is not ready")
    actions.add_parser("reset", help="empty every account")
    ahead = actions.add_parser(
        "forward", help="put the clock of schedules forward, and start those that are due meanwhile"
    )
    ahead.add_argument("by", help="how far: 90s, 15m, 8h or 1d")
    actions.add_parser("base-image", help="provide the base image for app builds and print its name")
    actions.add_parser("corrections", help="list the corrections of MiniStack, as JSON")
    for action in actions.choices.values():
        action.add_argument("--state-dir", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def up(args: argparse.Namespace, state: Path) -> int:
    started = time.monotonic()
    more = services.check(args.services)
    state.mkdir(parents=True, exist_ok=True)
    if not args.no_containers:
        engine.ensure(state)
    emulator.up(emulator.Options(args.port, args.auth, not args.no_containers, args.time_scale, more), state)
    if not args.no_containers:
        base_image.ensure(state)
    say(f"ready at {emulator.endpoint(args.port)} ({time.monotonic() - started:.1f} s)")
    return 0


def show_status(state: Path) -> int:
    shown = emulator.status(state)
    print(json.dumps(shown, indent=2))
    return 0 if shown["ready"] else 3


def show_base_image(state: Path) -> int:
    engine.ensure(state)
    print(base_image.ensure(state))
    return 0


def show_corrections() -> int:
    from local_aws.corrections import CORRECTIONS  # noqa: PLC0415 - only this action needs it, and it takes time

    rows = [{"name": c.name, "service": c.service, "aws": c.aws, "evidence": c.evidence} for c in CORRECTIONS]
    print(json.dumps(rows, indent=2))
    return 0


def run(args: argparse.Namespace) -> int:
    state = (args.state_dir or settings.state_dir()).expanduser().resolve()
    os.environ["LOCAL_AWS_STATE_DIR"] = str(state)
    if args.action == "up":
        return up(args, state)
    if args.action == "down":
        say("everything is down" if emulator.down(state) else "nothing was running")
        return 0
    if args.action == "reset":
        emulator.reset(state)
        say("every account is empty")
        return 0
    if args.action == "forward":
        emulator.forward(state, args.by)
        say(f"schedules are {args.by} further on")
        return 0
    if args.action == "status":
        return show_status(state)
    if args.action == "base-image":
        return show_base_image(state)
    return show_corrections()


def main() -> int:
    try:
        return run(arguments().parse_args())
    except (
        engine.EngineError,
        emulator.EmulatorError,
        base_image.BaseImageError,
        clock.ClockError,
        services.ServicesError,
        settings.SettingsError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
