# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A layer in the place of those that roles and AWS would make, for the action C(plan)."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.action import plan
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import platform
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.model import Asked, Part

Resources = t.Sequence[dict[str, t.Any]]


def of(
    monkeypatch: t.Any,
    desired: Resources,
    found: Resources = (),
    claimed: Resources = (),
    tags: t.Any = None,
    **more: t.Any,
) -> dict[str, t.Any]:
    """Have the action plan one layer, network, of these resources; return the action's arguments."""
    inputs = {"region": "r", "endpoint_url": "", "name_prefix": "p", "state": "present", "tags": tags or {}}
    layer = Asked("network", "alb", inputs)

    def made(_action: t.Any, args: dict[str, t.Any], *_given: t.Any) -> t.Any:
        result = platform.Plan()
        result.parts[layer.name] = Part(list(desired), list(found), {}, claimed=list(claimed))
        platform.compared(layer, result, args["rename"])
        return result, [layer], {layer.place: {"alb": {}}}

    monkeypatch.setattr(plan.ActionModule, "_made", made)
    return {"layers": ["alb"], **more}
