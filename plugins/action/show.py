# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints lines, escaped for a terminal.  Runs on the controller, without a process."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone
from ansible_collections.magiclub.fargate.plugins.plugin_utils import show
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(
            {
                "lines": {"type": "list", "elements": "str", "required": True},
                "stats": {"type": "dict", "default": {}},
                "tones": {"type": "list", "elements": "str", "choices": ["", *tone.TONES], "default": []},
            }
        )
        for line, shade in itertools.zip_longest(args["lines"], args["tones"][: len(args["lines"])], fillvalue=""):
            show.line(self._display, printable.line(line), variables, shade)
        result: dict[str, t.Any] = {"changed": False}
        if args["stats"]:
            result["ansible_stats"] = show.stats(args["stats"], variables)
        return result
