# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints lines of plugins: to stdout, or to stderr if the stdout callback has a machine-readable format.

Also names the artifacts and files of each host of a run.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible import constants
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone

from . import advice

FORMED = ("json", "jsonl", "minimal", "oneline", "tree")
"""Stdout callbacks whose output other programs read."""


def host_label(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return the prefix of a host's lines; empty if its play has no other host."""
    host = one_of_several(variables)
    return f"[{host}] " if host else ""


def one_of_several(variables: t.Mapping[str, t.Any] | None) -> str:
    """Return the name of the host with these I(variables); empty if its play has no other host."""
    known = variables or {}
    return str(known["inventory_hostname"]) if len(known.get("ansible_play_hosts_all") or []) > 1 else ""


def stats(data: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    """Return C(ansible_stats) that set I(data) as artifacts of the run, as ansible.builtin.set_stats does.

    AWX only keeps artifacts of the whole run. With several hosts, C(hosts) of an artifact has that of each, beside the
    fields of the last one.
    """
    host = one_of_several(variables)
    if host:
        data = {name: {**(one if isinstance(one, dict) else {}), "hosts": {host: one}} for name, one in data.items()}
    # keeps those of other hosts
    return {"data": dict(data), "per_host": False, "aggregate": bool(host)}


def artifact_of(given: t.Mapping[str, t.Any] | None, host: str) -> dict[str, t.Any]:
    """Return the part of an artifact that belongs to I(host)."""
    known = dict(given or {})
    return dict(known["hosts"].get(host) or {}) if "hosts" in known else known


def file_of(path: str, host: str, hosts: t.Sequence[str]) -> str:
    """Return I(path), with the name of I(host) in it if there are several I(hosts)."""
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
"""Ansible's color settings by tone."""


def line(display: t.Any, text: str, variables: t.Mapping[str, t.Any] | None, tone: str = "") -> None:
    """Print a line of the host with these I(variables), colored by one of C(tone.TONES) if Display uses colors."""
    formed = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in FORMED
    shown = f"{host_label(variables)}{advice.adapted(text)}" if text else ""
    how: dict[str, t.Any] = {"stderr": True} if formed else {}
    display.display(shown, **how, **({"color": colour(tone)} if tone else {}))


def colour(tone: str) -> str:
    """Return the configured name of the color for a tone."""
    return str(getattr(constants, COLOURS[tone]))
