# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dependencies between resources, as data, as a picture and as text."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, draw, graph

SECRET = "hunter2-hunter2"


def resource(kind: str, name: str, **values: t.Any) -> dict[str, t.Any]:
    return {"type": kind, "name": name, "values": values}


LAYERS = {
    "vpc": [
        resource("vpc", "x-vpc", cidr_block="10.0.0.0/16"),
        resource("subnet", "x-a1", zone="a"),
        resource("elastic_ip", "x-eip"),
        resource("nat_gateway", "x-nat", elastic_ip="x-eip", subnet="x-a1"),
        resource("route_table", "x-rt", routes=[{"destination": "0.0.0.0/0", "target": "x-nat"}], subnets=["x-a1"]),
    ],
    "alb": [
        resource("load_balancer", "x-alb", subnets=["x-a1"]),
        resource("listener", "x-alb:80", port=80),
    ],
    "ecs_cluster": [
        resource("iam_policy", "x-boundary"),
        resource("iam_role", "x-exec", permissions_boundary="arn:aws:iam::1:policy/fargate-boundary/x-boundary"),
        resource("ecs_cluster", "x-ecs"),
    ],
    "ecr_push": [resource("ecr_repository", "x-web"), resource("image", "x-web:0a1b")],
    "services": [
        resource("target_group", "x-web", vpc="x-vpc"),
        resource("listener_rule", "x-web", listener="x-alb:80", target_group="x-web"),
        resource(
            "ecs_task_definition",
            "x-web",
            execution_role="x-exec",
            container_definitions={
                "web": {
                    "image": "1.dkr.ecr.x.amazonaws.com/x-web@sha256:0f",
                    "environment": {"TOKEN": SECRET, "vpc": "x-a1"},
                }
            },
        ),
        resource(
            "ecs_service",
            "x-web",
            cluster="x-ecs",
            task_definition="x-web:4",
            load_balancers=[{"target_group": "x-web"}],
            network={"subnets": ["x-a1"]},
        ),
    ],
}
NEEDS = {
    "subnet x-a1": ["vpc x-vpc"],
    "nat_gateway x-nat": ["elastic_ip x-eip", "subnet x-a1"],
    # its subnet is that of the gateway, which it needs
    "route_table x-rt": ["nat_gateway x-nat"],
    "load_balancer x-alb": ["subnet x-a1"],
    "listener x-alb:80": ["load_balancer x-alb"],
    "iam_role x-exec": ["iam_policy x-boundary"],
    "image x-web:0a1b": ["ecr_repository x-web"],
    "target_group x-web": ["vpc x-vpc"],
    "listener_rule x-web": ["listener x-alb:80", "target_group x-web"],
    "ecs_task_definition x-web": ["iam_role x-exec", "image x-web:0a1b"],
    # ECS takes a target group only once a load balancer leads to it; subnet and target group come with the rule
    "ecs_service x-web": ["ecs_cluster x-ecs", "ecs_task_definition x-web", "listener_rule x-web"],
}


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def drawn(found: t.Sequence[dict[str, t.Any]] = ()) -> graph.Graph:
    changes = {name: compare.changes(desired, []) for name, desired in LAYERS.items()}
    changes["vpc"] = compare.changes(LAYERS["vpc"], found)
    return graph.graph(LAYERS, changes)


def needs(found: graph.Graph) -> dict[str, list[str]]:
    names = {node["id"]: f"{node['type']} {node['name']}" for node in found["nodes"]}
    result: dict[str, list[str]] = {}
    for one, needed in found["edges"]:
        result.setdefault(names[one], []).append(names[needed])
    return {one: sorted(some) for one, some in result.items()}


def test_each_resource_needs_what_its_fields_and_its_name_say():
    assert needs(drawn()) == NEEDS


def test_a_node_tells_layer_and_action_and_what_goes_stands_alone():
    gone = {"type": "subnet", "name": "x-old", "id": "subnet-1", "values": {"vpc": "x-vpc"}}
    found = drawn([{**LAYERS["vpc"][0], "id": "vpc-1"}, gone])
    nodes = {(node["type"], node["name"]): (node["layer"], node["action"]) for node in found["nodes"]}
    assert nodes["vpc", "x-vpc"] == ("vpc", "")
    assert nodes["subnet", "x-a1"] == ("vpc", "add")
    assert nodes["subnet", "x-old"] == ("vpc", "remove")
    assert "subnet x-old" not in needs(found)


def test_no_value_gets_into_it():
    assert SECRET not in str(drawn())


def test_two_that_need_each_other_are_drawn():
    pair = [
        resource("security_group", "a", ingress=[{"source": "b"}]),
        resource("security_group", "b", ingress=[{"source": "a"}]),
    ]
    found = graph.graph({"vpc": pair}, {})
    assert needs(found) == {"security_group a": ["security_group b"], "security_group b": ["security_group a"]}
    assert parsed(draw.svg(found)).tag.endswith("svg")


def test_the_picture_has_a_box_for_each_right_of_what_it_needs():
    found = drawn()
    root = parsed(draw.svg(found))
    space = "{http://www.w3.org/2000/svg}"
    boxes = {
        box.find(f"{space}title").text.partition(": ")[2]: int(box.find(f"{space}rect").get("x"))
        for box in root.iter(f"{space}g")
    }
    assert len(boxes) == len(found["nodes"]) == sum(map(len, LAYERS.values()))
    for one, some in NEEDS.items():
        assert all(boxes[needed] < boxes[one] for needed in some), one
    assert len(list(root.iter(f"{space}path"))) == len(found["edges"])


def test_no_two_boxes_are_in_one_place():
    root = parsed(draw.svg(drawn()))
    places = [(box.get("x"), box.get("y")) for box in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("form", [draw.svg, draw.mermaid])
def test_a_name_of_anything_breaks_neither_form(form: t.Callable[[graph.Graph], str]):
    found = graph.graph({"vpc": [resource("vpc", '"<&;]')]}, {})
    text = form(found)
    assert '"<&;]' not in text
    if form is draw.svg:
        assert '"<&;]' in "".join(parsed(text).itertext())


def test_text_for_mermaid():
    found = graph.graph(
        {name: LAYERS[name] for name in ("ecr_push",)}, {"ecr_push": compare.changes(LAYERS["ecr_push"], [])}
    )
    assert draw.mermaid(found) == (
        "flowchart LR\n"
        "  subgraph ecr_push\n"
        '    n0["+ ecr_repository x-web"]\n'
        '    n1["+ image x-web:0a1b"]\n'
        "  end\n"
        "  n0 --> n1\n"
    )


def test_nothing_is_an_empty_picture():
    assert parsed(draw.svg({"nodes": [], "edges": []})).tag.endswith("svg")
