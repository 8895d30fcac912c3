# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans and summaries as text."""

from __future__ import annotations

import json
import typing as t

from .._aws import printable
from .._aws.tone import DOUBT, WELL, WRONG, Line
from .compare import count
from .model import HIDDEN, Change, ChangeSummary, Field

SHORT = 80
"""Characters of old and new value that fit on a line."""
MIN_SHARED = 3
"""Added resources from which on shared tags are shown once."""
RERUN = "The error is shown above. Fix its cause, then run this again: it continues from here."
SIGN = {"add": "+", "change": "~", "remove": "-"}


def change_line(change: ChangeSummary) -> str:
    """Return one line: the sign, the type, the name and, for a change, each field with its old and its new value."""
    line = f"{SIGN[change['action']]} {change['type']} {change['name']}"
    if change["fields"]:
        line += f" ({', '.join(map(_field, change['fields']))})"
    return line


def _field(field: Field) -> str:
    """Return C(desired_count 2 -> 1), or just the path for lists, maps, hidden and long values."""
    before, after = field["before"], field["after"]
    if before == HIDDEN or any(isinstance(value, (list, dict)) for value in (before, after)):
        return str(field["path"])
    values = f"{'none' if before is None else scalar(before)} -> {scalar(after)}"
    return f"{field['path']} {values}" if len(values) <= SHORT else str(field["path"])


def change_text(change: Change, shared: t.Mapping[str, str] | None = None) -> str:
    """Return a change with its fields, each old value before the new one, without the tags in I(shared)."""
    lines = [f"{SIGN[change['action']]} {change['type']} {change['name']}"]
    if change["action"] == "add":
        values = dict(change["values"])
        if shared and shared.items() <= (values.get("tags") or {}).items():
            own = {name: value for name, value in values["tags"].items() if name not in shared}
            values["tags"] = own or None
        lines.extend(f"    + {path}: {scalar(value)}" for path, value in _leaves(values))
    for field in change["fields"]:
        lines.extend(_field_lines(field))
    return "\n".join(map(printable.one_line, lines))


def plan_text(plan: t.Sequence[Change]) -> str:
    """Return all changes, one block each, as C(--diff) shows them; tags shared by all added resources come last."""
    shared = _shared_tags(plan)
    text = "".join(change_text(change, shared) + "\n" for change in plan)
    return text + (printable.one_line(f"Tags of all added resources: {_tags(shared)}") + "\n" if shared else "")


def _shared_tags(plan: t.Sequence[Change]) -> dict[str, str]:
    """Return the tags that all added resources with tags share, if there are several."""
    tagged = [change["values"]["tags"] for change in plan if change["action"] == "add" and change["values"].get("tags")]
    if len(tagged) < MIN_SHARED:
        return {}
    return {name: value for name, value in tagged[0].items() if all(tags.get(name) == value for tags in tagged)}


def _tags(tags: t.Mapping[str, t.Any]) -> str:
    return ", ".join(f"{name}={tags[name]}" for name in sorted(tags))


def totals(plan: t.Iterable[ChangeSummary], past: bool = False) -> str:
    """Return C(31 to add, 2 to change, 0 to remove), or with I(past) C(31 added, …)."""
    counts = count(plan)
    if past:
        return f"{counts['add']} added, {counts['change']} changed, {counts['remove']} removed"
    return f"{counts['add']} to add, {counts['change']} to change, {counts['remove']} to remove"


def scalar(value: t.Any) -> str:
    """Return a value on one line."""
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _field_lines(field: Field) -> list[str]:
    before, after = field["before"], field["after"]
    if isinstance(before, list) and isinstance(after, list):
        gone = [item for item in before if item not in after]
        new = [item for item in after if item not in before]
        if gone or new:
            return [
                *(f"    - {field['path']}: {scalar(item)}" for item in gone),
                *(f"    + {field['path']}: {scalar(item)}" for item in new),
            ]
    lines = [] if before is None else [f"    - {field['path']}: {scalar(before)}"]
    return [*lines, f"    + {field['path']}: {scalar(after)}"]


def _leaves(values: t.Mapping[str, t.Any], path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    for key, value in values.items():
        here = f"{path}.{key}" if path else str(key)
        if key == "tags" and isinstance(value, t.Mapping):
            yield here, _tags(value)
        elif isinstance(value, t.Mapping) and value:
            yield from _leaves(value, here)
        elif value is not None:
            yield here, value


def headline(run: t.Mapping[str, t.Any]) -> str:
    """Return the last line of a run, such as C(Plan: 31 to add, …) in check mode and C(Done: 31 added, …) otherwise."""
    changes = [change for layer in run["layers"].values() for change in layer["changes"]]
    left = [change for layer in run["layers"].values() for change in layer.get("left") or []]
    if left:
        return f"Not finished: {totals(changes, past=True)}; {len(left)} of {len(changes) + len(left)} not done yet."
    if _failed(run):
        return f"Failed: {totals(changes, past=True)}; all of the plan is done."
    if not changes and run.get("removal"):
        return "There is nothing to remove." if run["check"] else "Nothing had to be removed."
    if not changes:
        return "No changes. The platform is as described." if run["check"] else "Nothing had to change."
    return f"Plan: {totals(changes)}." if run["check"] else f"Done: {totals(changes, past=True)}."


def summary(
    run: t.Mapping[str, t.Any],
    title: str,
    facts: t.Mapping[str, t.Any],
    elapsed: float | None,
    plan_id: str = "",
) -> t.Iterator[str]:
    """Yield the lines at the end of a run: the changes and seconds of each layer, the given facts, the plan's id."""
    yield ""
    if title:
        yield title
    for name, layer in run["layers"].items():
        note = f"{layer['seconds']:.0f} s" if layer["seconds"] and not run["check"] else ""
        planned = layer["changes"] or layer.get("left")
        done = totals(layer["changes"], past=not run["check"]) if planned else "no change"
        yield f"  {name:<16}{done:<36}{note}".rstrip()
        # the plan has shown all changes, so the lines of added and removed ones matter only if it is unfinished
        shown = layer["changes"] if "left" in layer else [] if run["check"] else _changed(layer)
        yield from (Line(f"    {change_line(change)}", change["action"]) for change in shown)
        yield from (Line(f"    not done: {change_line(change)}", WRONG) for change in layer.get("left") or [])
    if facts:
        yield ""
        width = max(len(str(key)) for key in facts) + 2
        yield from (f"  {key + ':':<{width}} {scalar(value)}" for key, value in facts.items())
    yield ""
    ended = headline(run) + ("" if elapsed is None or run["check"] else f" {elapsed:.0f} s.")
    yield Line(ended, _tone(run))
    if _failed(run):
        yield RERUN
    if plan_id and any(layer["changes"] for layer in run["layers"].values()):
        yield f"To carry out exactly this plan: -e plan_id={plan_id}"


def _failed(run: t.Mapping[str, t.Any]) -> bool:
    """Return whether a run has failed, so that the rest of its plan was determined."""
    return any("left" in layer for layer in run["layers"].values())


def _tone(run: t.Mapping[str, t.Any]) -> str:
    """Return the tone of the headline; a plan with changes is still to be confirmed."""
    layers = run["layers"].values()
    if _failed(run):
        return WRONG
    return DOUBT if run["check"] and any(layer["changes"] for layer in layers) else WELL


def _changed(layer: t.Mapping[str, t.Any]) -> list[ChangeSummary]:
    return [change for change in layer["changes"] if change["action"] == "change"]
