# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where plugins print: on stdout, unless the callback there promises a form of its own, as JSON."""

from __future__ import annotations

import typing as t

from ansible import constants

from . import advice

FORMED = ("json", "jsonl", "minimal", "oneline", "tree")
"""Stdout callbacks whose output other programs read; our lines go to stderr beside them."""


def whose(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return what the lines of a host begin with: if its play has several, their lines come one between the other."""
    known = variables or {}
    return f"[{known['inventory_hostname']}] " if len(known.get("ansible_play_hosts_all") or []) > 1 else ""


def line(display: t.Any, text: str, variables: t.Mapping[str, t.Any] | None) -> None:
    """Print a line of the host with these I(variables), by Display, which a worker hands to the main process."""
    formed = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in FORMED
    told = f"{whose(variables)}{advice.told(text)}" if text else ""
    display.display(told, **({"stderr": True} if formed else {}))
