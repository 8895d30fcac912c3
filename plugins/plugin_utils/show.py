# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where plugins print: on stdout, unless the callback there promises a form of its own, as JSON."""

from __future__ import annotations

import typing as t

from ansible import constants
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone

from . import advice

FORMED = ("json", "jsonl", "minimal", "oneline", "tree")
"""Stdout callbacks whose output other programs read; our lines go to stderr beside them."""


def whose(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return what the lines of a host begin with: if its play has several, their lines come one between the other."""
    known = variables or {}
    return f"[{known['inventory_hostname']}] " if len(known.get("ansible_play_hosts_all") or []) > 1 else ""


COLOURS = {
    tone.ADD: "COLOR_DIFF_ADD",
    tone.CHANGE: "COLOR_CHANGED",
    tone.REMOVE: "COLOR_DIFF_REMOVE",
    tone.WELL: "COLOR_OK",
    tone.WRONG: "COLOR_ERROR",
    tone.DOUBT: "COLOR_WARN",
}
"""Ansible's settings of colours by what a line tells."""


def line(display: t.Any, text: str, variables: t.Mapping[str, t.Any] | None, told: str = "") -> None:
    """Print a line of the host with these I(variables), by Display, which a worker hands to the main process.

    What it tells, one of C(tone.TONES), gives its colour, if Ansible's output has colours: not in a file or pipe, and
    not with NO_COLOR, of which Display sees to.
    """
    formed = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in FORMED
    shown = f"{whose(variables)}{advice.told(text)}" if text else ""
    how: dict[str, t.Any] = {"stderr": True} if formed else {}
    display.display(shown, **how, **({"color": colour(told)} if told else {}))


def colour(told: str) -> str:
    """Return the name of the colour that this configuration of Ansible has for what a line tells."""
    return str(getattr(constants, COLOURS[told]))
