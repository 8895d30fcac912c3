# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes an ECR repository."""

from __future__ import annotations

import typing as t

from ..._aws import changes
from ..._aws.printable import counted
from ..._aws.refused import RefusedError
from . import api, decide

Values = dict[str, t.Any]


def ensure_present(client: t.Any, options: Values, check: bool) -> Values:
    """Create or update the repository unless I(check), and return the module's result."""
    wanted = decide.wanted_values(options)
    found = api.read_repository(client, wanted["name"])
    if found is None:
        return _create(client, wanted, check)
    fields = changes.differences(found, wanted, decide.FIELDS)
    problems = decide.immutable(found["name"], fields)
    if problems:
        raise RefusedError(" ".join(problems))
    tags = changes.tag_changes(found["tags"], wanted["tags"], wanted["purge_tags"])
    result = {
        "changed": bool(fields or any(tags)),
        "diff": changes.diff(found, fields, tags),
        "repository": found,
    }
    if check or not result["changed"]:
        return result
    _write(client, found, wanted, [field["path"] for field in fields])
    if tags[1]:
        api.untag(client, found["arn"], tags[1])
    if tags[0]:
        api.tag(client, found["arn"], tags[0])
    return {**result, "repository": api.read_repository(client, found["name"])}


def ensure_absent(client: t.Any, options: Values, check: bool) -> Values:
    """Delete the repository unless I(check), and return the module's result."""
    found = api.read_repository(client, options["name"])
    if found is None:
        return {"changed": False, "diff": {"before": {}, "after": {}}, "repository": None}
    images = [] if options["force"] else api.list_images(client, found["name"])
    if images:
        raise RefusedError(
            f"Repository {found['name']} holds {counted(len(images), 'image')}, and ECR deletes only an empty one."
            " Delete the images first, or set force: true to delete them with it."
        )
    if not check:
        api.delete_repository(client, found["name"], options["force"])
    return {"changed": True, "diff": {"before": found, "after": {}}, "repository": None}


def _create(client: t.Any, wanted: Values, check: bool) -> Values:
    after = {path: wanted[path] for path in ("name", *decide.FIELDS, "tags") if wanted[path] not in (None, {})}
    result = {"changed": True, "diff": {"before": {}, "after": after}, "repository": None}
    if check:
        return result
    api.create_repository(client, decide.creation(wanted, api.tag_list(changes.as_text(wanted["tags"]))))
    _write(client, wanted, wanted, [path for path in decide.POLICIES if wanted[path]])
    return {**result, "repository": api.read_repository(client, wanted["name"])}


def _write(client: t.Any, found: Values, wanted: Values, paths: list[str]) -> None:
    name = wanted["name"]
    if "image_tag_mutability" in paths or "image_tag_mutability_exclusion_filters" in paths:
        mutability = wanted["image_tag_mutability"] or found["image_tag_mutability"]
        api.put_mutability(client, name, mutability, wanted["image_tag_mutability_exclusion_filters"] or [])
    if "scan_on_push" in paths:
        api.put_scanning(client, name, wanted["scan_on_push"])
    if "lifecycle_policy" in paths:
        _write_policy(client, name, wanted["lifecycle_policy"], api.put_lifecycle_policy, api.delete_lifecycle_policy)
    if "repository_policy" in paths:
        _write_policy(
            client, name, wanted["repository_policy"], api.set_repository_policy, api.delete_repository_policy
        )


def _write_policy(
    client: t.Any,
    name: str,
    policy: Values,
    put: t.Callable[[t.Any, str, Values], None],
    delete: t.Callable[[t.Any, str], None],
) -> None:
    if policy:
        put(client, name, policy)
    else:
        delete(client, name)
