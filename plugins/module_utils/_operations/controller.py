# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the objects of AWX for each environment from the settings and tables of tower/.

The lists are named like infra.aap_configuration's variables; entries have the options of the awx.awx modules.
"""

from __future__ import annotations

import typing as t

from .controller_credentials import AWS_TYPE

Data = t.Mapping[str, t.Any]
Entry = dict[str, t.Any]

PROMPTS = ("job_type", "limit", "skip_tags", "tags", "verbosity")
# those that AWX supports for a workflow
OF_WORKFLOWS = ("limit", "skip_tags", "tags")
FOUND_BY = ("name", "organization", "state", "credential_type", "image", "kind")
SPREAD = {"forks": "forks", "instance_groups": "instance_groups", "slices": "job_slice_count"}
"""Options that distribute jobs of many hosts, and their names in a job template."""
ENVIRONMENT_KEYS = {
    "name",
    "state",
    "inventory",
    "credential",
    "credentials",
    "role_arn",
    "role_external_id",
    "role_source",
    "aws_access_key_id",
    "aws_secret_access_key",
    *SPREAD,
}


def environments(settings: Data) -> list[Entry]:
    """Return the environments with defaults.  Raises ValueError if one is not valid."""
    given = [{**one} for one in settings["environments"]]
    wrong = [sentence for one in given for sentence in _wrong_environment(one)]
    names = [one.get("name") for one in given]
    if len(set(names)) < len(names):
        wrong.append(f"tower_environments has a name twice: {', '.join(map(str, names))}. Each has to have its own.")
    if not given:
        wrong.append("tower_environments is empty: nothing would be made. Name one, as in [{name: poc}].")
    if wrong:
        raise ValueError("\n".join(wrong))
    return [
        {
            "state": "present",
            "inventory": one["name"],
            "credential": f"{settings['name']} {one['name']} AWS",
            "credentials": [],
            "role_arn": "",
            **one,
            "prefix": f"{settings['name']} {one['name']}",
            "own_credential": "credential" not in one,
        }
        for one in given
    ]


def _wrong_environment(one: Data) -> list[str]:
    if not one.get("name"):
        return [f"An environment of tower_environments has no name: {sorted(one)}. Give it one, as in {{name: poc}}."]
    return [*_unknown_keys(one), *_wrong_counts(one)]


def _unknown_keys(one: Data) -> t.Iterator[str]:
    known = ", ".join(sorted(ENVIRONMENT_KEYS))
    for key in sorted(set(one) - ENVIRONMENT_KEYS):
        yield f"Environment '{one['name']}' has '{key}', which nothing reads. Known are {known}."


def _wrong_counts(one: Data) -> t.Iterator[str]:
    for key in ("forks", "slices"):
        value = one.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"Environment '{one['name']}' has {key} {value!r}, which has to be a whole number from 1. Change it."


def content(tables: Data) -> dict[str, list[Entry]]:
    """Return the objects by variable.

    :param tables: C(settings) of tower/controller.yml; C(templates), C(workflows), C(schedules) and C(surveys) of
        tower/; C(retired), names of previous versions by variable.
    """
    settings = tables["settings"]
    state = {"state": settings["state"]}
    lists: dict[str, list[Entry]] = {
        "aap_organizations": [{"name": settings["organization"]}],
        "controller_credential_types": [],
        "controller_credentials": [],
        "controller_execution_environments": [{**_execution_environment(settings), **state}],
        "controller_notifications": [{**_notification(settings, one), **state} for one in settings["notifications"]],
        "controller_projects": [{**_project(settings), **state}],
        "controller_inventories": [],
        "controller_inventory_sources": [],
        "controller_templates": [],
        "controller_workflows": [],
        "controller_schedules": [],
    }
    every = environments(settings)
    if any(one["role_arn"] for one in every):
        lists["controller_credential_types"] = [{**settings["role_type"], **state}]
    for one in every:
        for kind, entries in _of_environment(tables, settings, one).items():
            gone = "absent" in (settings["state"], one["state"])
            lists[kind] += [{**entry, "state": "absent" if gone else "present"} for entry in entries]
    for kind, names in tables["retired"].items():
        kept = {entry["name"] for entry in lists[kind]}
        lists[kind] += [
            {"name": name, "organization": settings["organization"], "state": "absent"}
            for name in names
            if name not in kept
        ]
    return {kind: [_only_named(one) if one.get("state") == "absent" else one for one in lists[kind]] for kind in lists}


def _only_named(entry: Data) -> Entry:
    """Return only the identifying options, as a module fails if another one names a deleted object."""
    return {key: entry[key] for key in FOUND_BY if key in entry}


def _of_environment(tables: Data, settings: Data, one: Entry) -> dict[str, list[Entry]]:
    of = {"organization": settings["organization"]}
    inventory = one["prefix"]
    return {
        # one with another name is not managed here
        "controller_credentials": [_credential(settings, one)] if one["credential"] and _makes(settings, one) else [],
        "controller_inventories": [{"name": inventory, **of}],
        "controller_inventory_sources": [
            {
                "name": one["name"],
                "inventory": inventory,
                **of,
                "source": "scm",
                "source_project": settings["project"],
                "source_path": f"inventories/{one['inventory']}",
                "overwrite": True,
                "overwrite_vars": True,
                "update_on_launch": True,
            }
        ],
        "controller_templates": [_template(tables, settings, one, row) for row in tables["templates"]],
        "controller_workflows": [_workflow(tables, settings, one, row) for row in tables["workflows"]],
        "controller_schedules": [
            {
                "name": f"{one['prefix']} {row['name']}",
                "description": row["description"],
                **of,
                "unified_job_template": f"{one['prefix']} {row['template']}",
                "rrule": row["rrule"],
            }
            for row in tables["schedules"]
        ],
    }


def _makes(settings: Data, one: Data) -> bool:
    return bool(one["own_credential"]) or "absent" not in (settings["state"], one["state"])


def _execution_environment(settings: Data) -> Entry:
    return {
        "name": settings["execution_environment"],
        "organization": settings["organization"],
        "image": settings["execution_environment_image"],
        "pull": "missing",
        **_with("credential", settings["registry_credential"]),
    }


def _project(settings: Data) -> Entry:
    return {
        "name": settings["project"],
        "organization": settings["organization"],
        "scm_type": "git",
        "scm_url": settings["scm_url"],
        "scm_branch": settings["scm_branch"],
        "scm_update_on_launch": True,
        "default_environment": settings["execution_environment"],
        **_with("credential", settings["scm_credential"]),
    }


def _with(key: str, value: str) -> Entry:
    """Return an option only if it is set, as omitted options are not changed in AWX."""
    return {key: value} if value else {}


def _credential(settings: Data, one: Entry) -> Entry:
    keys = {
        "access_key_id": one.get("aws_access_key_id", ""),
        "secret_access_key": one.get("aws_secret_access_key", ""),
    }
    entry = {
        "name": one["credential"],
        "organization": settings["organization"],
        "credential_type": AWS_TYPE,
        "inputs": {"username": keys["access_key_id"], "password": keys["secret_access_key"]},
    }
    if not one["role_arn"]:
        return entry
    inputs = {
        "role_arn": one["role_arn"],
        "external_id": one.get("role_external_id", ""),
        "source": one.get("role_source", "keys"),
        **keys,
    }
    if inputs["source"] != "keys":
        inputs = {key: value for key, value in inputs.items() if key not in keys}
    kept = {key: value for key, value in inputs.items() if value}
    return {**entry, "credential_type": settings["role_type"]["name"], "inputs": kept}


def _notification(settings: Data, one: Data) -> Entry:
    return {
        "name": one["name"],
        "organization": settings["organization"],
        "notification_type": one["notification_type"],
        "notification_configuration": one["notification_configuration"],
        "messages": one.get("messages", settings["messages"]),
    }


def _notification_templates(settings: Data, events: t.Iterable[str]) -> Entry:
    """Return the notification templates by event, without events that have none, so that manual settings stay."""
    listed = {
        event: [one["name"] for one in settings["notifications"] if event in one.get("events", ["error", "approvals"])]
        for event in events
    }
    return {f"notification_templates_{event}": names for event, names in listed.items() if names}


def _prompts(asked: t.Iterable[str], known: t.Iterable[str]) -> Entry:
    """Return each prompt as on or off; AWX silently ignores values that it does not prompt for."""
    return {f"ask_{name}_on_launch": name in asked for name in known}


def _survey(tables: Data, row: Data) -> Entry:
    survey = row.get("survey")
    return {"survey_enabled": bool(survey), **({"survey_spec": tables["surveys"][survey]} if survey else {})}


def _template(tables: Data, settings: Data, one: Entry, row: Data) -> Entry:
    first = [one["credential"]] if one["credential"] else []
    return {
        "name": f"{one['prefix']} {row['name']}",
        "description": row["description"],
        "organization": settings["organization"],
        "project": settings["project"],
        "inventory": one["prefix"],
        "playbook": row["playbook"],
        "credentials": [*first, *one["credentials"]],
        "execution_environment": settings["execution_environment"],
        "job_type": row.get("job_type", "run"),
        "job_tags": row.get("job_tags", ""),
        "diff_mode": row.get("diff_mode", False),
        "extra_vars": row.get("extra_vars", {}),
        "allow_simultaneous": False,
        # AWX keeps omitted options
        **{option: one[key] for key, option in SPREAD.items() if one.get(key)},
        **_prompts(row.get("ask", ()), PROMPTS),
        **_survey(tables, row),
        **({} if row.get("branches") else _notification_templates(settings, ("started", "success", "error"))),
    }


def _workflow(tables: Data, settings: Data, one: Entry, row: Data) -> Entry:
    return {
        "name": f"{one['prefix']} {row['name']}",
        "description": row["description"],
        "organization": settings["organization"],
        "allow_simultaneous": False,
        **_prompts(row.get("ask", ()), OF_WORKFLOWS),
        **_survey(tables, row),
        **_notification_templates(settings, ("started", "success", "error", "approvals")),
        "simplified_workflow_nodes": [_node(settings, one, node) for node in row["nodes"]],
    }


def _node(settings: Data, one: Entry, node: Data) -> Entry:
    does: Entry = {
        "unified_job_template": f"{one['prefix']} {node.get('template')}",
        "lookup_organization": settings["organization"],
    }
    if "approval" in node:
        approval = node["approval"]
        does = {
            "approval_node": {
                "name": f"{approval['name']} {one['prefix']}?",
                "description": approval["description"],
                "timeout": settings["approval_timeout"],
            }
        }
    return {
        "identifier": node["identifier"],
        **does,
        **{f"{end}_nodes": node.get(end, []) for end in ("success", "failure", "always")},
    }


def stale_nodes(entries: t.Iterable[Data], held: t.Iterable[Data]) -> list[Entry]:
    """Return nodes of previous versions of workflows: one without a link to it would run first."""
    wanted = {
        entry["name"]: {node["identifier"] for node in entry["simplified_workflow_nodes"]}
        for entry in entries
        if entry["state"] == "present"
    }
    found = [(node["summary_fields"]["workflow_job_template"]["name"], node["identifier"]) for node in held]
    return [
        {"workflow": name, "identifier": identifier}
        for name, identifier in found
        if name in wanted and identifier not in wanted[name]
    ]
