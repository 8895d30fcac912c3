# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Detects and reads files that describe an application."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import yaml

from ..module_utils._operations.init import compose, copilot, dockerfile, task_definition
from ..module_utils._operations.init.model import SourceError, Taken

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# ecspresso's templates in JSON: {{ must_env `TAG` }}, {{ env `TAG` `latest` }}
_ENVIRONMENT = re.compile(r"\{\{\s*(?:must_)?env\s+[`'](\w+)[`'](?:\s+[`']([^`']*)[`'])?\s*\}\}")
CHANGE_ME = "change-me"


class _Loader(yaml.SafeLoader):
    """Keeps numbers as text, and only true and false as booleans, as the tools of these files do."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False|TRUE|FALSE)$"), list("tTfF")
)


def take(source: Path, environment: str = "") -> Taken:
    """Return the services described by a file or folder; I(environment) is Copilot's.

    Raises SourceError if there is none.
    """
    if source.is_dir():
        return _of_folder(source, environment)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{source} can't be read ({error}). Give a file or folder that is there.") from error
    try:
        return _of_text(text, source, environment)
    except SourceError as error:
        raise SourceError(f"{source}: {error}") from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(
            f"{source} is not of the form that its tool takes: {error!r}. Check it with that tool."
        ) from error


def _of_folder(folder: Path, environment: str) -> Taken:
    manifests = sorted(folder.glob("copilot/*/manifest.yml"))
    if manifests:
        return _merged([take(one, environment) for one in _of_services(manifests)])
    for name in (*COMPOSE, "Dockerfile"):
        if (folder / name).is_file():
            return take(folder / name, environment)
    raise SourceError(
        f"{folder} has neither copilot/*/manifest.yml nor {COMPOSE[0]} nor a Dockerfile. Give the file itself, or"
        " image=…"
    )


def _of_services(manifests: t.Sequence[Path]) -> list[Path]:
    """Return the manifests without those of environments and pipelines."""
    return [one for one in manifests if one.parent.name not in ("environments", "pipelines", ".workspace")]


def _of_text(text: str, source: Path, environment: str) -> Taken:
    if source.name.startswith("Dockerfile") or source.suffix == ".dockerfile":
        taken = dockerfile.take(text, source.resolve().parent.name)
        if source.name != "Dockerfile":
            taken.services[0]["build"]["dockerfile"] = source.name
        return taken
    if source.suffix == ".json":
        return _of_json(text)
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SourceError(f"is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise SourceError("is neither a compose file, a manifest of Copilot, a task definition nor a Dockerfile.")
    if "services" in content:
        return compose.take(content)
    if "type" in content:
        # Copilot's paths are relative to the folder that has copilot/
        return copilot.take(content, environment)
    raise SourceError("has neither services, as a compose file, nor a type, as a manifest of Copilot.")


def _of_json(text: str) -> Taken:
    names: list[str] = []

    def resolved(match: re.Match[str]) -> str:
        if match[2] is None:
            names.append(match[1])
        return match[2] if match[2] is not None else CHANGE_ME

    try:
        content = json.loads(_ENVIRONMENT.sub(resolved, text))
    except ValueError as error:
        raise SourceError(f"is not JSON: {error}") from error
    taken = task_definition.take(content)
    for name in dict.fromkeys(names):
        taken.leave(f"variable {name} of ecspresso", f"is '{CHANGE_ME}' now. Write its value.")
    return taken


def _merged(parts: t.Sequence[Taken]) -> Taken:
    """Return the parts as one."""
    return Taken(
        services=[service for part in parts for service in part.services],
        left=[sentence for part in parts for sentence in part.left],
    )


def base(source: Path) -> Path:
    """Return the folder that paths in a source are relative to."""
    folder = source if source.is_dir() else source.parent
    return folder.parent.parent if folder.parent.name == "copilot" else folder
