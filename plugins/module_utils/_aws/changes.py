# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tag changes and diffs for modules that compare field by field."""

from __future__ import annotations

import typing as t

Values = dict[str, t.Any]
Fields = list[dict[str, t.Any]]
TagChanges = tuple[dict[str, str], list[str]]


def as_text(tags: t.Mapping[t.Any, t.Any] | None) -> dict[str, str]:
    """Return tags with the numbers and booleans of YAML as text, as AWS stores them; tags with null are left out."""
    return {str(key): str(value) for key, value in (tags or {}).items() if value is not None}


def differences(found: Values, wanted: Values, paths: t.Iterable[str]) -> Fields:
    """Return C({path, before, after}) for each of I(paths) that is given (not None) and differs."""
    return [
        {"path": path, "before": found.get(path), "after": wanted[path]}
        for path in paths
        if wanted.get(path) is not None and wanted[path] != found.get(path)
    ]


def tag_changes(found: dict[str, str], wanted: t.Any, purge: bool) -> TagChanges:
    """Return the tags to set and the keys to remove; the C(aws:) tags, which AWS sets, are left alone."""
    if wanted is None:
        return {}, []
    wanted = as_text(wanted)
    to_set = {key: value for key, value in wanted.items() if found.get(key) != value}
    gone = [key for key in found if key not in wanted and not key.startswith("aws:")] if purge else []
    return to_set, sorted(gone)


def diff(found: Values, fields: Fields, tags: TagChanges) -> Values:
    """Return the differing fields and tags before and after, for C(--diff)."""
    before = {field["path"]: field["before"] for field in fields}
    after = {field["path"]: field["after"] for field in fields}
    to_set, gone = tags
    if to_set or gone:
        before["tags"] = {key: found["tags"][key] for key in [*to_set, *gone] if key in found["tags"]}
        after["tags"] = to_set
    return {"before": before, "after": after}
