# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose the found resources are: a name prefix has but the first letter of its environment, so two may come to one."""

from __future__ import annotations

import typing as t

Resource = t.Mapping[str, t.Any]

# What tells one platform from another.
IDENTITY = ("Project", "Environment")


def stranger(found: t.Iterable[Resource], tags: t.Mapping[str, t.Any]) -> str | None:
    """Return a sentence where the found resources bear the tags of another platform, and none those of this one.

    Only resources that this collection made count (the same C(ManagedBy)), and only tags that both have.  One resource
    that bears this platform's tags is enough: the others were tagged by hand, or a change of tags was interrupted.
    """
    wanted = {key: str(tags[key]) for key in IDENTITY if tags.get(key) is not None}
    ours = [entry for entry in found if not entry.get("foreign") and _made_by(entry) == tags.get("ManagedBy")]
    tagged = [(entry, {key: _tags(entry)[key] for key in wanted if key in _tags(entry)}) for entry in ours]
    tagged = [(entry, has) for entry, has in tagged if has]
    others = [(entry, has) for entry, has in tagged if any(has[key] != wanted[key] for key in has)]
    if not others or len(others) < len(tagged):
        return None
    entry, has = others[0]
    key = next(key for key in has if has[key] != wanted[key])
    return (
        f"{entry['type']} {entry['name']} bears the tag {key}={has[key]}, and this inventory has {key}={wanted[key]}:"
        " the name prefix is another platform's. Nothing was changed."
        " Set fargate_name_prefix to one that no other platform has (environments count with their first letter)."
        " If it is this platform, and its tags are to change, run again with -e platform_rename=true."
    )


def _tags(entry: Resource) -> t.Mapping[str, t.Any]:
    return (entry.get("values") or {}).get("tags") or {}


def _made_by(entry: Resource) -> t.Any:
    return _tags(entry).get("ManagedBy")
