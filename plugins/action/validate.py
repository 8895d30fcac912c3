# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks the inputs of a role or playbook, and reports all problems at once.  Runs on the controller."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.vars import load_extra_vars
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.checks import CHECKS, wrong
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import asked
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import misspelt as names
from ansible_collections.magiclub.fargate.plugins.plugin_utils import collections
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import Inputs, every_input, inputs_of

NO_HOST = (
    "There is no inventory, or no host in it: no platform was chosen, and nothing was done."
    " Give one, as in -i inventories/poc; 'ansible-inventory -i … --graph' shows what is in it."
)


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        role = Path(variables.get("role_path") or "")
        inputs = inputs_of(role)
        of_host = Inputs(self._templar, self._loader, variables)
        if refused := inputs and of_host.wrong_types(role):
            raise AnsibleActionFail(printable.sentences(refused))
        _result, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": list(CHECKS)},
                "values": {"type": "dict"},
                "options": {"type": "list", "elements": "str", "default": []},
                "tags": {"type": "list", "elements": "str", "default": []},
                "only_in_check_mode": {"type": "list", "elements": "str", "default": []},
                "inventory": {"type": "bool", "default": False},
                "platform": {"type": "bool", "default": False},
            },
            required_if=[("kind", "service", ["values"])],
        )
        # Ansible reports a missing module only when it loads a file of tasks, in the middle of a run
        if lacking := collections.missing(collections.needed(changes=bool(args["tags"] or args["kind"]))):
            raise AnsibleActionFail("\n".join(lacking))
        if args["inventory"] and not variables["groups"]["all"]:
            raise AnsibleActionFail(NO_HOST)
        given = self._check_asked(args, variables, of_host) if args["options"] else []
        if args["platform"] and (refused := of_host.nearly() or of_host.missing() or of_host.wrong_common()):
            raise AnsibleActionFail(printable.sentences(refused))
        sentences = [
            *(names.misspelt(role.name, variables, inputs) if inputs else []),
            *(_wrong(args["kind"], args["values"], of_host) if args["kind"] else []),
        ]
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))
        return {"changed": False, "given": given}

    def _check_asked(self, args: dict[str, t.Any], variables: dict[str, t.Any], inputs: Inputs) -> list[str]:
        """Return the names of all extra vars; raises AnsibleActionFail for unknown ones."""
        given = load_extra_vars(self._loader)
        tags = [*variables.get("ansible_run_tags", ()), *variables.get("ansible_skip_tags", ())]
        only = [] if self._task.check_mode else args["only_in_check_mode"]
        given_by_user = inputs.templated(only, variables)
        sentences = [
            *asked.lost(given),
            *_unknown(sorted({*given} - {asked.LOST}), args["options"], variables),
            *asked.unknown_tags(tags, args["tags"]),
            *asked.wrong(inputs.templated(set(args["options"]) & set(asked.OPTIONS), variables)),
            *asked.without_check_mode(
                {name: boolean(value, strict=False) for name, value in given_by_user.items()}, only
            ),
        ]
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))
        return sorted(given)


def _wrong(kind: str, given: dict[str, t.Any] | None, inputs: Inputs) -> list[str]:
    """Return the errors in the values of a kind; without any, in those of the role of that name."""
    values = inputs.of_layer(kind) if given is None else given
    return [*wrong(kind, values), *(inputs.wrong_conditions(values["services"]) if kind == "service" else [])]


def _unknown(given: list[str], options: list[str], variables: t.Mapping[str, t.Any]) -> list[str]:
    if not set(given) - set(options):
        return []
    # inputs of roles may resemble options of playbooks
    known = every_input()
    found = names.unknown(set(given) - known, options)
    found += names.collection_wide(given, known)
    named = {sentence.split()[0] for sentence in found}
    rest = [name for name in given if name not in named]
    return [*found, *names.unread(rest, {*known, *options}, context.CLIARGS, variables)]
