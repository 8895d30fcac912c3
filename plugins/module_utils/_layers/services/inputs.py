# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Complete the service definitions that users write, by the role's argument spec."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..._resources.ecr.decide import BUILT_FOR, built_for
from ..._resources.ecr.options import BUILD
from ..inputs import spec as typed
from . import routes
from .validate_containers import KNOWN_LATER

Inputs = dict[str, t.Any]


def complete(services: t.Sequence[t.Mapping[str, t.Any]], spec: t.Mapping[str, t.Any]) -> list[Inputs]:
    """Return the services with every option of I(spec), converted to its type, by default its default.

    C(given) lists the options that the user has set, even to their defaults.

    Raises ValueError with one message for each unknown, missing or invalid option.
    """
    spec = _with_build(spec)
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
        problems += [f"{name} {sentence}" for sentence in _source(given, service)]
        given["container_name"] = given.get("container_name") or given.get("name")
        if given.get("service_discovery") is None:
            # a DNS name is of use only with a port to connect to
            given["service_discovery"] = given.get("port") is not None
        if not checked.error_messages:
            problems += [f"{name} {sentence}" for sentence in _both_rules(given)]
            given["rules"] = routes.complete(given, service)
            given["rule"] = next(iter(given["rules"]), None)
        given["given"] = sorted(key for key, value in service.items() if value is not None)
        result.append(given)
    if problems:
        raise ValueError("\n".join(problems))
    return result


def _given(values: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> Inputs:
    """Return I(values) without nulls, which Ansible refuses for lists and dictionaries; null means not set."""
    return {key: _inner(one, options[key].get("options")) for key, one in values.items() if one is not None}


def _inner(value: t.Any, options: t.Mapping[str, t.Any] | None) -> t.Any:
    if not options:
        return value
    return [_given(one, options) for one in value] if isinstance(value, list) else _given(value, options)


def _with_build(spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return I(spec) with the options of C(build), which the build modules define."""
    return {**spec, **({"build": {**spec["build"], "options": BUILD}} if "build" in spec else {})}


def _both_rules(given: Inputs) -> list[str]:
    both = given.get("rule") and given.get("rules")
    return ["has both rule and rules: rule is the short form of one alone. Put all into rules."] if both else []


def _source(given: Inputs, written: t.Mapping[str, t.Any]) -> list[str]:
    """Return the problems with the source of a service's image; set the options that follow from C(build)."""
    build = written.get("build")
    if bool(build) == bool(given.get("image")):
        return [f"has {'both image and build' if build else 'neither image nor build'}. Set the one or the other."]
    if build:
        platform = given["build"]["platform"]
        # an unsupported platform is refused with the other options of the build
        there = built_for(platform) if platform in BUILT_FOR else [None]
        given |= {"image": KNOWN_LATER, "image_architectures": there}
        given["cpu_architecture"] = written.get("cpu_architecture") or there[0]
    # the module completes the build's options, so it gets them as written
    given["build"] = build or None
    return []
