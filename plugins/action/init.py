# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes an inventory for an application from its existing description.  Runs on the controller."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path
from platform import machine

from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.init import model
from ansible_collections.magiclub.fargate.plugins.plugin_utils import (
    inventory,
    more_services,
    new_inventory,
    show,
    sources,
)
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action

OPTIONS: dict[str, dict[str, t.Any]] = {
    **new_inventory.OPTIONS,
    "domain": {"type": "str", "default": ""},
    "local": {"type": "bool", "default": False},
    "zones": {"type": "list", "elements": "str", "default": []},
    "source": {"type": "str", "default": ""},
    "copilot_environment": {"type": "str", "default": ""},
    "service": {"type": "str", "default": ""},
    "image": {"type": "str", "default": ""},
    "port": {"type": "str", "default": ""},
    "path": {"type": "str", "default": ""},
}


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(OPTIONS)
        there = Path(args["target"]).expanduser().absolute()
        services = more_services.list_of(there)
        target = there if services else new_inventory.folder(args["target"])
        try:
            taken = self._taken(args)
            if services:
                taken = _added_beside(taken, args, more_services.names(there))
        except model.SourceError as error:
            raise AnsibleActionFail(printable.message(str(error))) from error
        if not services:
            new_inventory.prefix(args)
        source = Path(args["source"] or ".").expanduser().absolute()
        platform = inventory.Platform(
            **{
                key: args[key]
                for key in ("project", "region", "environment", "team", "owner", "domain", "endpoint_url", "local")
            },
            zones=args["zones"],
            arm=args["local"] and machine() in ("aarch64", "arm64"),
            source=os.path.relpath(sources.base(source), target),
        )
        files = inventory.files(platform, taken)
        further: list[str] = []
        if services:
            files, further = _added(files, taken, services, target)
        if not self._task.check_mode:
            inventory.write(target, files)
        run = new_inventory.command(variables, args["target"])
        for line in (*further, *_lines(args, taken, files, run, written=not self._task.check_mode)):
            show.line(self._display, printable.line(line), variables)
        return {"changed": True, "path": str(target), "files": sorted(files), "left": taken.left}

    def _taken(self, args: t.Mapping[str, t.Any]) -> model.Taken:
        if args["image"] and not args["source"]:
            taken = model.Taken([{"name": model.name_of(args["service"] or args["project"]), "image": args["image"]}])
        elif args["source"]:
            taken = sources.take(Path(args["source"]).expanduser(), args["copilot_environment"])
        else:
            raise model.SourceError(
                "There is nothing to deploy: give source, as a folder with a Dockerfile, or an image."
                " Give it as in -e source=../app or -e image=nginx:1."
            )
        return _with_options(taken, args)


def _with_options(taken: model.Taken, args: t.Mapping[str, t.Any]) -> model.Taken:
    """Return the services, the first one with the given options."""
    first = taken.services[0]
    if args["service"]:
        first["name"] = model.name_of(args["service"])
    if args["port"]:
        if not args["port"].isdecimal():
            raise model.SourceError(f"port '{args['port']}' is not a number. Give it as in -e port=8080.")
        first["port"] = int(args["port"])
    if args["path"]:
        path = args["path"].strip("/")
        first["rule"] = {"paths": [f"/{path}", f"/{path}/*"] if path else ["/*"]}
    elif first.get("port") and len(taken.services) == 1 and "allow_from" not in first:
        first.setdefault("rule", {"paths": ["/*"]})
    for one in taken.services:
        command = (one.get("container_health_check") or {}).get("command") or []
        if "rule" in one and (path := model.requested_path(command, one.get("port"))):
            one.setdefault("health_check", {"path": path})
    if "rule" in first and "port" not in first:
        raise model.SourceError(
            f"Service {first['name']} has no port, which its requests go to. Give the one that it listens on, as"
            " in -e port=8080."
        )
    return taken


def _added_beside(taken: model.Taken, args: t.Mapping[str, t.Any], names: t.Container[str]) -> model.Taken:
    """Return the services to add to an inventory that has services with these names.

    The first service there has all paths; the new ones get those below their names by default.
    """
    for one in taken.services:
        if one["name"] in names:
            raise model.SourceError(
                f"{args['target']} has a service {one['name']} already, and its file is not written over. Give another"
                " name, as in -e service=api, or another folder as target."
            )
        if (one.get("rule") or {}).get("paths") == ["/*"] and not args["path"]:
            one["rule"] = {"paths": [f"/{one['name']}", f"/{one['name']}/*"], "accept_overlap": True}
    return taken


def _added(
    files: t.Mapping[str, str], taken: model.Taken, services: Path, target: Path
) -> tuple[dict[str, str], list[str]]:
    """Return the files of services to add to an inventory, and instructions for what can't be added."""
    own = {f"{more_services.OF_ALL}/services/{one['name']}.yml" for one in taken.services}
    variables = [inventory.variable(one) for one in taken.services]
    result = {name: text for name, text in files.items() if name in own}
    text = more_services.with_entries(more_services.read(services), variables)
    listed = services.relative_to(target).as_posix()
    if text is not None:
        return {**result, listed: text}, []
    return result, [
        f"Add to {more_services.LIST} in {listed}, which is written in a way of its own:",
        *(f'  - "{{{{ {name} }}}}"' for name in variables),
    ]


def _lines(
    args: t.Mapping[str, t.Any], taken: model.Taken, files: t.Iterable[str], run: str, *, written: bool
) -> t.Iterator[str]:
    yield f"{'Written' if written else 'Would be written'}: {args['target']}"
    yield from (f"  {name}" for name in sorted(files))
    if taken.left:
        yield "Not taken over:"
        yield from (f"  - {sentence}" for sentence in taken.left)
    for one in (one for one in taken.services if "rule" in one):
        check = one.get("health_check") or {}
        yield (
            f"The load balancer requests {check.get('path', '/')} from each task of {one['name']}, and expects"
            f" {check.get('matcher', '200')}: set health_check.path in"
            f" {more_services.OF_ALL}/services/{one['name']}.yml if the application answers another path."
        )
    yield "Next, the plan, which writes nothing, and then the run:"
    yield f"  {run} --check --diff"
    yield f"  {run}"
