# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the names that services give, and with what of theirs somebody else keeps.  Plain dicts in."""

from __future__ import annotations

import re
import typing as t

from .desired import NO_ROLE
from .names import OPTIONS, every, given_names

Data = t.Mapping[str, t.Any]

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_GROUP = re.compile(r"sg-[0-9a-f]+")
# By what somebody else keeps, the options that would change it.
_OF_OTHERS = {
    "task_role_arn": ("task_policies", "task_managed_policies"),
    "execution_role_arn": ("secrets_kms_keys",),
    "security_group_ids": ("allow_from",),
    "log_group_name": (),
}
_NAMED = {
    "task_role_arn": "task_role",
    "execution_role_arn": "execution_role",
    "security_group_ids": "security_group",
    "log_group_name": "log_group",
}


def problems(service: Data) -> t.Iterator[str]:
    """Yield what is wrong with what one service takes over."""
    for option, name in given_names(service).items():
        if name.startswith("arn:"):
            yield f"names.{option} '{name}' is an ARN. Give what follows its last colon or slash, the name."
    yield from _roles(service)
    for group in service["security_group_ids"]:
        if not _GROUP.fullmatch(group):
            yield f"security_group_ids '{group}' is not the id of a security group: sg-…. Change it."
    for option, others in _OF_OTHERS.items():
        yield from (
            f"{other} would change what {option} says that somebody else keeps. Take one of them out."
            for other in (*others, f"names.{_NAMED[option]}")
            if service[option] and _given(service, other)
        )


def _given(service: Data, option: str) -> t.Any:
    return given_names(service).get(option[6:]) if option.startswith("names.") else service[option]


def _roles(service: Data) -> t.Iterator[str]:
    for option, none in (("task_role_arn", NO_ROLE), ("execution_role_arn", ""), ("shift_role_arn", "")):
        arn = service[option]
        if arn and arn != none and not _ROLE.fullmatch(arn):
            yield (
                f"{option} '{arn}' is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME"
                f"{', or none' if none else ''}. Change it."
            )
    if service["enable_execute_command"] and service["task_role_arn"] == NO_ROLE:
        yield "enable_execute_command needs a role for the tasks, and task_role_arn is none. Change one of them."


def twice(services: t.Sequence[Data], prefix: str) -> list[str]:
    """Return a sentence for each name that two services would have of one kind of thing, as one of them gives it."""
    return [
        f"Services '{one['name']}' and '{other['name']}' both have names.{option} {wanted}, which can be of one alone."
        " Change one of them."
        for index, one in enumerate(services)
        for other in services[index + 1 :]
        for option in OPTIONS
        if option in given_names(one) or option in given_names(other)
        if (wanted := every(prefix, one)[option]) == every(prefix, other)[option]
    ]
