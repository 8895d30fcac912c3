# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where plugins print: on stdout, unless the callback there promises a form of its own, as JSON.

And what a run leaves behind of each of its hosts: artifacts and files.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible import constants
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone

from . import advice

FORMED = ("json", "jsonl", "minimal", "oneline", "tree")
"""Stdout callbacks whose output other programs read; our lines go to stderr beside them."""


def whose(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return what the lines of a host begin with: if its play has several, their lines come one between the other."""
    host = one_of_several(variables)
    return f"[{host}] " if host else ""


def one_of_several(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return the name of the host with these I(variables) if its play has others, too; empty if it has none."""
    known = variables or {}
    return str(known["inventory_hostname"]) if len(known.get("ansible_play_hosts_all") or []) > 1 else ""


def stats(data: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    """Return what hands I(data) on as artifacts of the run, as ansible.builtin.set_stats does.

    AWX keeps those of the whole run alone, so that each host has its own in C(hosts) of an artifact, if there are
    several; beside them are the fields of whichever host was the last.
    """
    host = one_of_several(variables)
    if host:
        data = {name: {**(one if isinstance(one, dict) else {}), "hosts": {host: one}} for name, one in data.items()}
    # of several, those of before are kept
    return {"data": dict(data), "per_host": False, "aggregate": bool(host)}


def artifact_of(given: t.Mapping[str, t.Any] | None, host: str) -> dict[str, t.Any]:
    """Return an artifact of an earlier run, as far as it is of I(host)."""
    known = dict(given or {})
    return dict(known["hosts"].get(host) or {}) if "hosts" in known else known


def file_of(path: str, host: str, hosts: t.Sequence[str]) -> str:
    """Return where I(host) writes its own of a file: I(path), with its name in it if it is one of several I(hosts)."""
    name, file = host.replace("/", "_"), Path(path)
    if len(hosts) <= 1 or name in file.name:
        return path
    return str(file.with_name(f"{file.stem}.{name}{file.suffix}"))


COLOURS = {
    tone.ADD: "COLOR_DIFF_ADD",
    tone.CHANGE: "COLOR_CHANGED",
    tone.REMOVE: "COLOR_DIFF_REMOVE",
    tone.WELL: "COLOR_OK",
    tone.WRONG: "COLOR_ERROR",
    tone.DOUBT: "COLOR_WARN",
}
"""Ansible's settings of colours by what a line tells."""


def line(display: t.Any, text: str, variables: t.Mapping[str, t.Any] | None, tone: str = "") -> None:
    """Print a line of the host with these I(variables), by Display, which a worker hands to the main process.

    What it tells, one of C(tone.TONES), gives its colour, if Ansible's output has colours: not in a file or pipe, and
    not with NO_COLOR, of which Display sees to.
    """
    formed = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in FORMED
    shown = f"{whose(variables)}{advice.in_words_of(text)}" if text else ""
    how: dict[str, t.Any] = {"stderr": True} if formed else {}
    display.display(shown, **how, **({"color": colour(tone)} if tone else {}))


def colour(tone: str) -> str:
    """Return the name of the colour that this configuration of Ansible has for what a line tells."""
    return str(getattr(constants, COLOURS[tone]))
