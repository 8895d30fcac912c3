# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags that identify a platform, and the check that a name prefix is not another platform's.

Two environments with the same first letter have the same prefix.
"""

from __future__ import annotations

import typing as t

from .._aws.refused import RefusedError
from .model import Resource, key_of

IDENTITY = ("ManagedBy", "Project", "Environment")
"""The tags that identify a platform: prefixes of environments with the same first letter are equal, and another team
may use the same Project."""


def identity(tags: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the tags that identify a platform, as text.

    Raises RefusedError if one of them is missing.
    """
    missing = [key for key in IDENTITY if not tags.get(key)]
    if missing:
        raise RefusedError(
            f"fargate_tags has no {' and no '.join(missing)}: what is no longer in the inventory can't be told from"
            " what others have. Set it, or leave fargate_tags to what follows from fargate_project and"
            " fargate_environment."
        )
    return {key: str(tags[key]) for key in IDENTITY}


def ownership_conflict(
    known: t.Iterable[Resource], found: t.Iterable[Resource], tags: t.Mapping[str, t.Any]
) -> str | None:
    """Return an error message if found resources have the tags of another platform, and none has those of this one.

    I(tags) are this platform's; resources in I(known) may have other tags.  Only resources with the same C(ManagedBy)
    are compared, and only tags that both sides have.  A single resource with this platform's tags is enough to pass:
    the others were tagged by hand, or a change of the tags was interrupted.
    """
    own = {key_of(entry): _tags(entry) for entry in known}
    ours = [
        entry for entry in found if not entry.get("foreign") and _tags(entry).get("ManagedBy") == tags.get("ManagedBy")
    ]
    compared = [(entry, _compared(_tags(entry), {**tags, **own.get(key_of(entry), {})})) for entry in ours]
    tagged = [(entry, pairs) for entry, pairs in compared if pairs]
    if not tagged or any(all(has == wanted for _tag, has, wanted in pairs) for _entry, pairs in tagged):
        return None
    entry, pairs = tagged[0]
    key, has, wanted = next(pair for pair in pairs if pair[1] != pair[2])
    return (
        f"{entry['type']} {entry['name']} has the tag {key}={has}, and this inventory has {key}={wanted}:"
        " the name prefix belongs to another platform. Nothing was changed."
        " Set fargate_name_prefix to one that no other platform has (environments count with their first letter)."
        " If it is this platform and you mean to change its tags, run again with -e platform_rename=true."
    )


def _compared(has: t.Mapping[str, t.Any], wanted: t.Mapping[str, t.Any]) -> list[tuple[str, str, str]]:
    """Return each identifying tag that both sides have, with both values."""
    return [
        # ManagedBy is equal already
        (key, str(has[key]), str(wanted[key]))
        for key in IDENTITY[1:]
        if key in has and wanted.get(key) is not None
    ]


def _tags(entry: Resource) -> t.Mapping[str, t.Any]:
    return (entry.get("values") or {}).get("tags") or {}
