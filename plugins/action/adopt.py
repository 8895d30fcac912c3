# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes an inventory for running services, which M(magiclub.fargate.adopt_info) reads."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import inputs as services
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt import compare, compose
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import names
from ansible_collections.magiclub.fargate.plugins.plugin_utils import inventory, new_inventory, show
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import ROLES, options_of

READ = "magiclub.fargate.adopt_info"
OPTIONS: dict[str, dict[str, t.Any]] = {
    **new_inventory.OPTIONS,
    "cluster": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "load_balancer_arn": {"type": "str", "default": ""},
}

Data = t.Mapping[str, t.Any]


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(OPTIONS)
        target = new_inventory.folder(args["target"])
        prefix = new_inventory.prefix(args)
        tags = names.tags(args["project"], args["environment"], args["team"], args["owner"])
        read = self._read(args, prefix, tags, variables)
        if read.get("failed"):
            return read
        read = json.loads(json.dumps(read))  # without Ansible's tags, which YAML can't represent
        if read["refused"]:
            raise AnsibleActionFail(printable.sentences([*read["refused"], "Nothing was written."]))
        known = options_of(ROLES / "fargate_service")["fargate_service_services"]["options"]
        left = compare.sentences(self._changes(read, known))
        written = compose.compose(read, prefix)
        files = inventory.adopted(inventory.Platform(**{key: args[key] for key in IDENTITY}), written)
        if not self._task.check_mode:
            inventory.write(target, files)
        notes = [*left, *read["notes"]]
        run = new_inventory.command(variables, args["target"])
        for line in _lines(args, files, left, read["notes"], run, written=not self._task.check_mode):
            show.line(self._display, printable.line(line), variables)
        return {"changed": True, "path": str(target), "files": sorted(files), "left": notes, "differs": left}

    def _read(self, args: Data, prefix: str, tags: Data, variables: dict[str, t.Any] | None) -> dict[str, t.Any]:
        asked = {key: args[key] for key in ("region", "cluster", "services", "load_balancer_arn")}
        if args["endpoint_url"]:
            asked["endpoint_url"] = args["endpoint_url"]
        return self._execute_module(
            module_name=READ,
            module_args={"name_prefix": prefix, "platform_tags": tags, **asked},
            task_vars=variables,
        )

    def _changes(self, read: Data, known: Data) -> list[t.Any]:
        """Return the changes that the next run would plan for the written inventory."""
        try:
            complete = services.complete(read["definitions"], known)
        except ValueError as error:
            raise AnsibleActionFail(printable.message(f"{error} Report it: this was read from AWS.")) from error
        return compare.changes(complete, read["platform"], read["info"])


IDENTITY = ("project", "region", "environment", "team", "owner", "endpoint_url")


def _lines(
    args: Data, files: t.Iterable[str], left: t.Sequence[str], notes: t.Sequence[str], run: str, *, written: bool
) -> t.Iterator[str]:
    yield f"{'Written' if written else 'Would be written'}: {args['target']}"
    yield from (f"  {name}" for name in sorted(files))
    if inventory.SECRETS in files:
        yield (
            f"Variables whose names say that they are secret are in {inventory.SECRETS}, readable by you alone:"
            " ansible-vault encrypt it, or put them into SSM parameters and name these in secrets."
        )
    yield (
        "Not covered by the inventory, and what the next run would do to it:"
        if left
        else "The inventory describes everything: its plan is empty except for tags."
    )
    yield from (f"  - {sentence}" for sentence in left)
    if notes:
        yield "Not managed by the inventory, and left unchanged:"
        yield from (f"  - {sentence}" for sentence in notes)
    yield "If Terraform manages any of this, remove it from its state before the first run (AWS is not changed):"
    yield "  terraform state rm ADDRESS    for each aws_ecs_service, aws_ecs_task_definition, aws_lb_target_group, …"
    yield "Next, the plan, which writes nothing:"
    yield f"  {run} --check --diff"
