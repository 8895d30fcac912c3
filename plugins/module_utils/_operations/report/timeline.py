# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timeline of a run: start, duration and dependencies of its tasks.  Plain data in, HTML out."""

from __future__ import annotations

import html
import re
import typing as t

from ..._plan import draw

Data = t.Mapping[str, t.Any]

LEAST, SHARE = 1.0, 0.01
"""Seconds, and share of the run, below which a task without a change is omitted."""
IN_THE_CONTROLLER = (
    *("assert", "include_role", "include_tasks", "set_fact", "validate_argument_spec"),
    *("lap", "report", "show", "summary", "validate"),
)
"""Actions that wait for nothing, and only take long on a busy machine."""
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800)
MOST_NAMES = 4
MOST_TICKS = 5
"""Few enough for a phone."""
# both roles carry out the layer of services
ROLES = {"fargate_service": "services", "lotto_service": "services"}
_WAIT = re.compile(r"(?:^|\| )Wait\b")


def timeline(events: t.Sequence[Data], began: float, graph: Data) -> str:
    """Return a row for each task that took time or changed something, under an axis of seconds; empty without any.

    :param events: as recorded by C(plugin_utils.timeline).
    :param began: start of the run, in the seconds of the events.
    :param graph: as returned by C(_plan.graph).
    """
    total = max((one["end"] for one in events), default=began) - began
    shown = [one for one in sorted(events, key=lambda one: one["start"]) if _counts(one, total)]
    if not shown:
        return ""
    before = _before(graph)
    rows = "".join(_row(one, began, total, before) for one in shown)
    return f'<div class="axis"><span></span><span class="ticks">{_ticks(total)}</span></div><ol>{rows}</ol>'


def _counts(event: Data, total: float) -> bool:
    if event["failed"] or event["changed"]:
        return True
    waits = event["action"].rpartition(".")[2] not in IN_THE_CONTROLLER
    return bool(waits and event["end"] - event["start"] >= max(LEAST, SHARE * total))


def _ticks(total: float) -> str:
    step = next((one for one in STEPS if total / one <= MOST_TICKS), STEPS[-1])
    # a tick at the very end would exceed the axis
    shown = range(0, int(0.96 * total) + 1, step)
    return "".join(f'<span style="left:{100 * at / total:.2f}%">{at} s</span>' for at in shown)


def _row(event: Data, began: float, total: float, before: t.Mapping[tuple[str, str], list[str]]) -> str:
    seconds = event["end"] - event["start"]
    layer = ROLES.get(event["role"]) or str(event["role"])
    kinds = [kind for kind, fits in (("wait", _WAIT.search(event["name"])), ("failed", event["failed"])) if fits]
    notes = [f"{layer}, {seconds:.1f} s" if layer else f"{seconds:.1f} s"]
    if event["items"]:
        notes.append(_some(event["items"]))
    made = zip(event.get("types", []), event["items"], strict=False)
    needs = list(dict.fromkeys(need for one in made for need in before.get(one, [])))
    if needs:
        notes.append(f"needs {_some(needs)}")
    name = html.escape(event["name"].rpartition(" | ")[2])
    place = f"left:{100 * (event['start'] - began) / total:.2f}%;width:{100 * seconds / total:.2f}%"
    return (
        f'<li class="{" ".join(["row", *kinds])}" style="--hue:{draw.hue(layer)}">'
        f"<span>{name}<br><small>{html.escape('; '.join(notes))}</small></span>"
        f'<span class="track"><span class="bar" style="{place}"></span></span></li>'
    )


def _before(graph: Data) -> dict[tuple[str, str], list[str]]:
    """Return the created resources that each created one depends on, as phrases by its type and name."""
    made = {node["id"]: node for node in graph["nodes"] if node["action"] == "add"}
    result: dict[tuple[str, str], list[str]] = {}
    for one, needed in graph["edges"]:
        if one in made and needed in made:
            name = f"{made[needed]['type'].replace('_', ' ')} {made[needed]['name']}"
            result.setdefault((made[one]["type"], made[one]["name"]), []).append(name)
    return result


def _some(names: t.Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
