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
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import asked
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import misspelt as names
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs.checks import CHECKS, wrong
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
        if refused := inputs and Inputs(self._templar, self._loader, variables).wrong_types(role):
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
            required_together=[("kind", "values")],
        )
        # Ansible reports a missing module only when it loads a file of tasks, in the middle of a run
        if lacking := collections.missing(collections.needed(changes=bool(args["tags"] or args["kind"]))):
            raise AnsibleActionFail("\n".join(lacking))
        if args["inventory"] and not variables["groups"]["all"]:
            raise AnsibleActionFail(NO_HOST)
        given = self._check_asked(args, variables) if args["options"] else []
        if args["platform"]:
            self._check_platform(variables)
        sentences = [
            *(names.misspelt(role.name, variables, inputs) if inputs else []),
            *_wrong(args["kind"], args["values"]),
            *self._wrong_conditions(args["kind"], args["values"], variables),
        ]
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))
        return {"changed": False, "given": given}

    def _check_asked(self, args: dict[str, t.Any], variables: dict[str, t.Any]) -> list[str]:
        """Return the names of all extra vars; raises AnsibleActionFail for unknown ones."""
        given = load_extra_vars(self._loader)
        tags = [*variables.get("ansible_run_tags", ()), *variables.get("ansible_skip_tags", ())]
        only = [] if self._task.check_mode else args["only_in_check_mode"]
        inputs = Inputs(self._templar, self._loader, variables)
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

    def _check_platform(self, variables: dict[str, t.Any]) -> None:
        inputs = Inputs(self._templar, self._loader, variables)
        sentences = inputs.nearly() or inputs.missing() or inputs.wrong_common()
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))

    def _wrong_conditions(
        self, kind: str | None, values: t.Mapping[str, t.Any], variables: dict[str, t.Any]
    ) -> list[str]:
        if kind != "service":
            return []
        return Inputs(self._templar, self._loader, variables).wrong_conditions(values["services"])


def _wrong(kind: str | None, values: t.Mapping[str, t.Any]) -> list[str]:
    return wrong(kind, values) if kind else []


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
