# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Register, deregister and delete task definitions, for the module ecs_task_definition."""

from __future__ import annotations

import typing as t

from ..._aws.refused import RefusedError
from ..._aws.retry import IsNew
from ..._plan.model import Field
from . import api, decide, model, redact, rules
from .form import snake, to_result
from .normal import normalise_task_definition
from .normal_fields import TASK_DEFINITION_RESULTS

Data = dict[str, t.Any]

NEW_REVISION = "(new revision)"
"""Check mode's placeholder for the number that ECS would assign."""


def pasted(definition: t.Mapping[str, t.Any]) -> Data:
    """Return the module's options for a task definition as found in files.

    AWS's answers, ecspresso and the GitHub action use camelCase, nest it in C(taskDefinition), include read-only
    fields, and have tags as a list, inside it or beside it.
    """
    around = {snake(str(key)): value for key, value in definition.items()}
    inner = around.get("task_definition")
    whole = {snake(str(key)): value for key, value in inner.items()} if isinstance(inner, t.Mapping) else around
    tags = around.get("tags") or whole.get("tags")
    left_out = {*TASK_DEFINITION_RESULTS, "tags"}
    kept = {key: value for key, value in whole.items() if key not in left_out and value not in (None, "", [], {})}
    return {**kept, **({"tags": _tags_of(tags)} if tags else {})}


def _tags_of(tags: t.Any) -> t.Any:
    """Return a list of pairs as a map, whatever the case of C(key) and C(value); anything else as it is."""
    if not isinstance(tags, list):
        return tags
    pairs = [{str(key).lower(): value for key, value in one.items()} for one in tags if isinstance(one, t.Mapping)]
    return {str(one.get("key")): one.get("value") for one in pairs}


def present(
    client: api.Client,
    options: t.Mapping[str, t.Any],
    *,
    purge_tags: bool = True,
    keep: int | None = None,
    show_environment: bool = False,
    check_mode: bool = False,
    is_new: IsNew | None = None,
) -> Data:
    """Register a revision if I(options) differ from the newest ACTIVE one, and return the module's results.

    I(options) are the fields of RegisterTaskDefinition in snake_case.  I(is_new) returns whether this run created a
    role, so that ECS may not see it yet.

    :raises RefusedError: before any change, if AWS would refuse it.
    """
    request = model.request_for(client, "RegisterTaskDefinition", options)
    if "FARGATE" in request.get("requiresCompatibilities", []):
        request.setdefault("networkMode", "awsvpc")
    desired = normalise_task_definition(request)
    problems = rules.task_definition_problems(desired)
    if problems:
        raise RefusedError("\n".join(problems))
    family = request["family"]
    found = api.task_definition(client, name=family)
    before = normalise_task_definition(found) if found else {}
    changes = decide.task_definition_changes(desired, before)
    tags = decide.tag_changes(desired.get("tags"), before.get("tags"), purge=purge_tags)

    result = found
    if changes:
        request["tags"] = _tags_of_next(desired, before, tags)
        # ECS refuses an empty list of tags.
        request = {key: value for key, value in request.items() if key != "tags" or value}
        result = None if check_mode else api.register_task_definition(client, is_new=is_new, **request)
    elif tags and found and not check_mode:
        to_set, to_remove = decide.tags_to_write(tags)
        api.write_tags(client, arn=found["taskDefinitionArn"], to_set=to_set, to_remove=to_remove)
        result = api.task_definition(client, name=found["taskDefinitionArn"])
    deregistered = _prune(client, family, keep, registers=bool(changes), check_mode=check_mode)

    shown = redact.presented(changes + tags, show_environment=show_environment)
    return {
        **_described(family, result, show_environment),
        "changed": bool(changes or tags or deregistered),
        "changes": shown,
        "deregistered": deregistered,
        "diff": redact.diff(shown, _title(family, found), _title(family, result or {"revision": NEW_REVISION})),
    }


def absent(
    client: api.Client,
    family: str,
    *,
    revision: int | None = None,
    delete: bool = False,
    cluster: str | None = None,
    check_mode: bool = False,
) -> Data:
    """Deregister a family's ACTIVE revisions, or only I(revision); with I(delete) delete them and INACTIVE ones too.

    Tasks of the family in I(cluster) are stopped first.
    """
    active = _of_revision(api.task_definitions(client, family=family, status="ACTIVE"), revision)
    inactive = []
    if delete:
        inactive = _of_revision(api.task_definitions(client, family=family, status="INACTIVE"), revision)
    running = api.running_tasks(client, cluster=cluster, family=family) if cluster else []
    if not check_mode:
        for arn in running:
            api.stop_task(client, cluster=str(cluster), arn=arn, reason=f"{family} is removed")
        for arn in active:
            api.deregister_task_definition(client, arn=arn)
        _delete(client, [*active, *inactive] if delete else [])
    gone = [*active, *inactive]
    changes = [{"path": arn.rsplit("/", 1)[-1], "before": _status(arn, active), "after": None} for arn in gone]
    return {
        "family": family,
        "changed": bool(gone or running),
        "changes": changes,
        "stopped": running,
        "deregistered": active,
        "deleted": gone if delete else [],
        "diff": redact.diff(changes, family, f"{family} (absent)"),
    }


def _tags_of_next(desired: Data, before: Data, tags: list[Field]) -> list[dict[str, str]]:
    """Return the tags of the next revision: those of the last one with the changes applied."""
    to_set, to_remove = decide.tags_to_write(tags)
    kept = {key: value for key, value in (before.get("tags") or {}).items() if not key.startswith("aws:")}
    merged = {**kept, **(desired.get("tags") or {}), **to_set}
    return [{"key": key, "value": value} for key, value in merged.items() if key not in to_remove]


def _prune(client: api.Client, family: str, keep: int | None, *, registers: bool, check_mode: bool) -> list[str]:
    if keep is None:
        return []
    revisions = api.task_definitions(client, family=family, status="ACTIVE")
    # In check mode the revision that would be registered counts, but is not in the list.
    kept = keep - 1 if registers and check_mode else keep
    if len(revisions) <= kept:
        return []
    gone = decide.superseded(revisions, decide.revisions_in_use(_all_services(client)), kept)
    if not check_mode:
        for arn in gone:
            api.deregister_task_definition(client, arn=arn)
    return gone


def _all_services(client: api.Client) -> t.Iterator[Data]:
    for cluster in api.clusters(client):
        yield from api.services(client, cluster=cluster, names=api.services_of(client, cluster=cluster))


def _delete(client: api.Client, arns: list[str]) -> None:
    failures = api.delete_task_definitions(client, arns=arns) if arns else []
    if failures:
        listed = ", ".join(f"{failure.get('arn')} ({failure.get('reason')})" for failure in failures)
        raise RefusedError(f"Not every revision could be deleted: {listed}.")


def _of_revision(arns: list[str], revision: int | None) -> list[str]:
    return [arn for arn in arns if revision is None or arn.endswith(f":{revision}")]


def _status(arn: str, active: list[str]) -> str:
    return "ACTIVE" if arn in active else "INACTIVE"


def _title(family: str, definition: Data | None) -> str:
    return f"{family}:{definition['revision']}" if definition else f"{family} (no revision)"


def _described(family: str, definition: Data | None, show_environment: bool) -> Data:
    if definition is None:
        arn = f"{family}:{NEW_REVISION}"
        return {"family": family, "revision": None, "task_definition_arn": arn, "task_definition": None}
    shown = redact.without_secret_options(to_result(definition))
    return {
        "family": family,
        "revision": definition["revision"],
        "task_definition_arn": definition["taskDefinitionArn"],
        "task_definition": shown if show_environment else redact.without_environment(shown),
    }
