# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.module_utils._plan import run

CHANGE = {
    "action": "add",
    "type": "vpc",
    "name": "v",
    "fields": [],
    "id": None,
    "values": {"secret": "x"},
    "sensitive": [],
}
KEPT = {"action": "add", "type": "vpc", "name": "v", "fields": []}


def test_values_are_not_kept():
    assert run.with_layer(None, "vpc", [CHANGE], True, 5) == {
        "started": 5,
        "lap": 5,
        "check": True,
        "layers": {"vpc": {"changes": [KEPT], "seconds": 0.0}},
    }


def test_a_layer_planned_twice_keeps_both_plans():
    once = run.with_layer(None, "vpc", [CHANGE], False, 5)
    assert run.with_layer(once, "vpc", [CHANGE], False, 6)["layers"]["vpc"]["changes"] == [KEPT, KEPT]


def test_layers_stand_in_the_order_of_their_plans():
    seen = run.with_lap(None, "alb", 1)
    for layer in ("vpc", "alb"):
        seen = run.with_layer(seen, layer, [], False, 2)
    assert list(seen["layers"]) == ["vpc", "alb"]


def test_the_run_handed_in_is_left_alone():
    once = run.with_layer(None, "vpc", [CHANGE], False, 5)
    run.with_lap(run.with_layer(once, "vpc", [CHANGE], False, 6), "vpc", 9)
    assert once == run.with_layer(None, "vpc", [CHANGE], False, 5)


def test_laps_add_up_by_layer():
    seen = run.with_lap(None, None, 100)
    for layer, now in (("vpc", 103), ("alb", 104), ("vpc", 106.5)):
        seen = run.with_lap(seen, layer, now)
    assert {name: layer["seconds"] for name, layer in seen["layers"].items()} == {"vpc": 5.5, "alb": 1}
    assert (seen["started"], seen["check"]) == (100, False)
