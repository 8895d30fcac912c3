# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find misspelt inputs of roles and options of playbooks, which Ansible would ignore."""

from __future__ import annotations

import difflib
import re
import typing as t

Variables = t.Mapping[str, t.Any]

# the similarity of our shortest names to one with a letter more, less or moved
NEAR = 0.8
# ends of the names of facts that roles set, which begin with the role's name, too
FACTS = ("info", "left", "left_open", "serving", "started", "waiting")
# AWX passes a workflow's variables and artifacts to each of its jobs
OF_AWX = ("awx_", "tower_")
OTHERS = (*OF_AWX, "ansible_", "fargate_", "_")
# other tools' names for our inputs, and what is meant, without the role's name
WISHES = {
    "alb_internal": "scheme",
    "alb_subnets": "scheme",
    "alb_security_groups": "allowed_cidrs",
    "alb_certificate": "certificate_arn",
    "alb_listeners": "listener_arn",
    "alb_name": "arn",
    "ecs_cluster_arn": "name",
    "vpc_subnets": "apps_subnet_ids",
    "vpc_private_subnets": "apps_subnets",
    "vpc_private_subnet_ids": "apps_subnet_ids",
    "vpc_azs": "zones",
    "vpc_enable_nat_gateway": "nat",
}
# other names for options of ansible-playbook
FLAGS = {"dry_run": "check", "dryrun": "check", "limit": "subset", "verbose": "verbosity"}
OF_ANSIBLE = ("hostvars", "groups", "vars", "ansible_facts")
SHOWN = {"subset": "--limit", "verbosity": "-v"}
WIDE, ROLE = "fargate_", "fargate_service_"


def misspelt(role: str, given: Variables, inputs: t.Iterable[str]) -> list[str]:
    """Return an error for each name in I(given) that has the role's prefix and is not one of its I(inputs).

    One that is similar to an input, or the beginning of one, is always an error; any other is not if another variable
    refers to it or it is the result of a task.
    """
    prefix = f"{role}_"
    known = {name.removeprefix(prefix) for name in inputs}
    others = {name.removeprefix(prefix) for name in given if name.startswith(prefix)} - known - set(FACTS)
    meant = {name: _meant(name, known) for name in sorted(others)}
    for name in [name for name, near in meant.items() if not near and _is_wish(prefix + name, given)]:
        wish = WISHES.get(prefix + name)
        meant[name] = [wish] if wish else difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.0)
    return [
        f"{prefix}{name} is not an input of the role {role}, so nothing would read it."
        f" Did you mean {' or '.join(prefix + one for one in near)}? If it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def _is_wish(name: str, variables: Variables) -> bool:
    """Whether a variable is unused: no other one refers to it, and it is not the result of a task."""
    value = variables[name]
    if isinstance(value, t.Mapping) and ("changed" in value or "failed" in value):
        return False
    others = [one for key, one in variables.items() if key != name and key not in OF_ANSIBLE]
    return not any(re.search(rf"\b{re.escape(name)}\b", text) for text in _texts(others))


def collection_wide(given: t.Iterable[str], known: t.Iterable[str]) -> list[str]:
    """Return an error for each name in I(given) that is similar to a collection-wide one, or the beginning of one."""
    wide = {name.removeprefix(WIDE) for name in known if name.startswith(WIDE) and not name.startswith(ROLE)}
    others = {name.removeprefix(WIDE) for name in given if name.startswith(WIDE) and not name.startswith(ROLE)} - wide
    meant = {name: _meant(name, wide) for name in sorted(others)}
    return [
        f"{WIDE}{name} is not a variable of the collection, so nothing would read it."
        f" Did you mean {' or '.join(WIDE + one for one in near)}? If it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def unknown(given: t.Iterable[str], options: t.Iterable[str]) -> list[str]:
    """Return an error for each name in I(given) that is similar to a playbook's option, or the beginning of one."""
    known = set(options)
    meant = {name: _meant(name, known) for name in sorted(set(given) - known)}
    return [
        f"{name} is not an option of this playbook, so nothing would read it."
        f" Did you mean {' or '.join(near)}? If it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def _meant(name: str, known: t.Iterable[str]) -> list[str]:
    longer = sorted(one for one in known if one.startswith(f"{name}_"))
    return longer or difflib.get_close_matches(name, sorted(known), n=2, cutoff=NEAR)


def nearly(given: t.Iterable[str], known: t.Iterable[str], roles: t.Iterable[str]) -> list[str]:
    """Return an error for each name in I(given) that is one of I(known) with a letter added, removed or replaced.

    Names with the prefix of one of I(roles) are checked by C(misspelt), collection-wide ones by C(collection_wide).
    """
    prefixes = ("_", WIDE, *(f"{role}_" for role in roles))
    inputs = set(known)
    by_rest: dict[str, set[str]] = {}
    for name in inputs:
        for rest in _without_a_letter(name):
            by_rest.setdefault(rest, set()).add(name)
    result = []
    for name in sorted({name for name in given if not name.startswith(prefixes)} - inputs):
        meant = sorted(set().union(*(by_rest.get(rest, ()) for rest in _without_a_letter(name))))
        if meant:
            result.append(
                f"{name} is read by nothing. Did you mean {' or '.join(meant)}?"
                " If it is a variable of your own, rename it."
            )
    return result


def _without_a_letter(name: str) -> set[str]:
    return {name, *(name[:place] + name[place + 1 :] for place in range(len(name)))}


def unread(
    given: t.Collection[str], known: t.Collection[str], flags: t.Container[str], variables: Variables
) -> list[str]:
    """Return an error for each extra var in I(given) that nothing reads.

    :param known: options and inputs.
    :param flags: the options of ansible-playbook.
    :param variables: all other variables, not templated: an expression may refer to the name.
    """
    if any(name.startswith(OF_AWX) for name in given):
        return []
    others = {name: value for name, value in variables.items() if name not in given and name not in OF_ANSIBLE}
    texts = "\n".join(_texts(list(others.values()) + [variables[name] for name in given if name in variables]))
    result = []
    for name in sorted(given):
        if name in known or name.startswith(OTHERS):
            continue
        flag = FLAGS.get(name, name)
        if flag in flags:
            shown = SHOWN.get(flag, f"--{flag.replace('_', '-')}")
            result.append(f"{name} is read by nothing: it is an option of ansible-playbook. Give it as {shown}.")
        elif not re.search(rf"\b{re.escape(name)}\b", texts):
            meant = sorted((one for one in known if one.endswith(f"_{name}")), key=_of_all_first)[:2]
            hint = f" Did you mean {' or '.join(meant)}?" if meant else ""
            result.append(
                f"{name} is read by nothing: it is neither an option of this playbook nor an input of a role, and no"
                f" variable of the inventory refers to it.{hint} Correct it, or leave it out."
            )
    return result


def _of_all_first(name: str) -> tuple[bool, int, str]:
    return not name.startswith("fargate_"), len(name), name


def _texts(value: t.Any) -> t.Iterator[str]:
    """Yield every expression in a value."""
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
