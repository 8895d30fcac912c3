# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Service definitions as users write them, made complete by the role's argument spec."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..inputs import spec as typed

Inputs = dict[str, t.Any]


def complete(services: t.Sequence[t.Mapping[str, t.Any]], spec: t.Mapping[str, t.Any]) -> list[Inputs]:
    """Return the services with every option of I(spec), of its type and with its default where not given.

    C(given) names the options that a user wrote, which a default can't be told from.

    Raises ValueError with a sentence for each unknown, missing or wrong option.
    """
    validator = ArgumentSpecValidator(dict(spec))
    result: list[Inputs] = []
    problems: list[str] = []
    for place, service in enumerate(services):
        name = f"Service '{service['name']}'" if service.get("name") else f"Service number {place + 1}"
        if wrong := list(typed.problems(service, spec, known=True)):
            problems += [f"{name}: {sentence}" for sentence in wrong]
            continue
        checked = validator.validate(_given(service, spec))
        problems += [f"{name}: {message}" for message in checked.error_messages]
        given: Inputs = checked.validated_parameters
        given["container_name"] = given.get("container_name") or given.get("name")
        if given.get("service_discovery") is None:
            # a name is of use to whom it leads somewhere
            given["service_discovery"] = given.get("port") is not None
        given["given"] = sorted(key for key, value in service.items() if value is not None)
        result.append(given)
    if problems:
        raise ValueError("\n".join(problems))
    return result


def _given(values: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> Inputs:
    """Return I(values) without what is null, which is not given: Ansible refuses null for lists and dictionaries."""
    return {key: _inner(one, options[key].get("options")) for key, one in values.items() if one is not None}


def _inner(value: t.Any, options: t.Mapping[str, t.Any] | None) -> t.Any:
    if not options:
        return value
    return [_given(one, options) for one in value] if isinstance(value, list) else _given(value, options)
