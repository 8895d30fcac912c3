# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of the load balancer's records, stored in its tags.  Plain dicts in and out.

A record has no tags: nothing else distinguishes one of an earlier run from one that was created outside this collection
for the same load balancer.
"""

from __future__ import annotations

import typing as t

from . import domains

KEY = "Records"
# API_Tag of Elastic Load Balancing v2: 256 characters, none of them an asterisk
LONGEST = 256
ASTERISK, IN_A_TAG = "*", "+"


def tags(names: t.Iterable[str]) -> dict[str, str]:
    """Return the tags that store these names: C(Records), and if it is full C(Records2) and so on."""
    lines: list[str] = []
    for name in sorted({domains.canonical(name).replace(ASTERISK, IN_A_TAG) for name in names}):
        if lines and len(lines[-1]) + 1 + len(name) <= LONGEST:
            lines[-1] += f" {name}"
        else:
            lines.append(name)
    return {KEY if index == 1 else f"{KEY}{index}": line for index, line in enumerate(lines, 1)}


def names(found: t.Mapping[str, str]) -> list[str]:
    """Return the names that the tags store."""
    kept = " ".join(value for key, value in sorted(found.items()) if _is_ours(key))
    return [name.replace(IN_A_TAG, ASTERISK) for name in kept.split()]


def emptied(found: t.Mapping[str, str], wanted: t.Mapping[str, str]) -> dict[str, str]:
    """Return I(wanted), and an empty value for each tag that is no longer needed."""
    return {**{key: "" for key in found if _is_ours(key) and key not in wanted}, **wanted}


def _is_ours(key: str) -> bool:
    return key == KEY or (key.startswith(KEY) and key.removeprefix(KEY).isdigit())
