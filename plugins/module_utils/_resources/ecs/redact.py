# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hide values that may be secrets before changes, task definitions and services are printed."""

from __future__ import annotations

import json
import re
import typing as t

from ..._aws.printable import SECRET_NAME
from ..._plan.model import HIDDEN, Field

Data = t.Mapping[str, t.Any]

HIDDEN_CHANGED = "(sensitive, changed)"

_SECRET_OPTION = re.compile(f"{SECRET_NAME.pattern}|AUTH|HEADER", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"container_definitions\.[^.]+\.environment(\.|$)")


def private_paths(values: Data, path: str = "", *, show_environment: bool = False) -> list[str]:
    """Return the dotted paths of canonical values that C(presented) hides, for C(sensitive) of a plan's resource."""
    result = []
    for key, value in values.items():
        here = f"{path}{key}"
        if here == "tags":
            continue
        if _is_private(here, show_environment):
            result.append(here)
        elif isinstance(value, t.Mapping):
            result += private_paths(value, f"{here}.", show_environment=show_environment)
    return result


def presented(changes: t.Iterable[Field], *, show_environment: bool = False) -> list[Field]:
    """Return the changes for printing: environment values only if requested, secret-looking log options never."""
    return [_hide(change) if _is_private(change["path"], show_environment) else _quiet(change) for change in changes]


def diff(changes: t.Iterable[Data], before_header: str, after_header: str) -> dict[str, str]:
    """Return the changes for C(--diff), one line C(path: value) each."""
    listed = list(changes)
    return {
        "before_header": before_header,
        "after_header": after_header,
        "before": _lines((change["path"], change["before"]) for change in listed),
        "after": _lines((change["path"], change["after"]) for change in listed),
    }


def without_environment(definition: Data) -> dict[str, t.Any]:
    """Return a task definition in snake_case with the values of its environment variables hidden."""
    containers = [
        {**container, "environment": _hidden_environment(container["environment"])}
        if container.get("environment")
        else dict(container)
        for container in definition.get("container_definitions") or []
    ]
    return {**definition, "container_definitions": containers}


def without_secret_options(value: t.Any) -> t.Any:
    """Return I(value) with the values of log options hidden whose names look like a secret's."""
    if isinstance(value, t.Mapping):
        return {
            key: _options(item) if key == "options" else without_secret_options(item) for key, item in value.items()
        }
    return [without_secret_options(item) for item in value] if isinstance(value, list) else value


def _options(options: t.Any) -> t.Any:
    if not isinstance(options, t.Mapping):
        return options
    return {name: HIDDEN if _SECRET_OPTION.search(str(name)) else value for name, value in options.items()}


def _hidden_environment(environment: t.Any) -> t.Any:
    if isinstance(environment, t.Mapping):
        return dict.fromkeys(environment, HIDDEN)
    if not isinstance(environment, list):
        return HIDDEN
    return [{**item, "value": HIDDEN} if isinstance(item, t.Mapping) else HIDDEN for item in environment]


def _is_private(path: str, show_environment: bool) -> bool:
    _path, is_option, option = path.rpartition(".options.")
    return bool(is_option and _SECRET_OPTION.search(option)) or (
        not show_environment and bool(_ENVIRONMENT.match(path))
    )


def _quiet(change: Field) -> Field:
    key = change["path"].rsplit(".", 1)[-1]
    before, after = (without_secret_options({key: value})[key] for value in (change["before"], change["after"]))
    return {**change, "before": before, "after": after}


def _hide(change: Field) -> Field:
    before, after = (None if change[key] is None else HIDDEN for key in ("before", "after"))
    # --diff would not show two equal lines.
    return {"path": change["path"], "before": before, "after": HIDDEN_CHANGED if before and after else after}


def _lines(fields: t.Iterable[tuple[str, t.Any]]) -> str:
    lines = [f"{path}: {short(value)}" for path, value in fields if value is not None]
    return "".join(f"{line}\n" for line in lines)


def short(value: t.Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, sort_keys=True, ensure_ascii=False)
