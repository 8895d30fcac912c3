# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services with several rules and ports: desired, named, found and refused."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    desired,
    found,
    obstacles,
    overlaps,
    priorities,
    routes,
    validate,
    validate_routes,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.inputs import complete
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import smoke
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, SPEC, problems, service

NAMES = Names(PREFIX, "web")
API, ADMIN, QUOTES = {"paths": ["/api/*"]}, {"paths": ["/admin/*"]}, {"paths": ["/quotes.Quotes/*"]}
GRPC = {**QUOTES, "port": 50051, "protocol_version": "GRPC"}


def rules(*given, **more):
    return service(rules=list(given), **more)


def made(definition, there=None):
    (numbered,) = priorities.with_priorities(
        [definition], PREFIX, info((there or {}).get("rules") or [], web=there or {})
    )
    return {
        (entry["type"], entry["name"]): entry["values"] for entry in desired.resources(numbered, PLATFORM, there or {})
    }


def info(known=(), **services):
    return {"rules": list(known), "services": services, "missing_images": []}


def of_kind(resources, kind):
    return {name: values for (of, name), values in resources.items() if of == kind}


def test_each_port_has_a_target_group_and_each_rule_forwards_to_one():
    resources = made(rules(API, ADMIN, GRPC))
    groups = of_kind(resources, "target_group")
    assert {name: group["protocol_version"] for name, group in groups.items()} == {
        FULL: "HTTP1",
        f"{FULL}-50051": "GRPC",
    }
    ruled = of_kind(resources, "listener_rule")
    assert {name: (one["paths"], one["target_group"], one["priority"]) for name, one in ruled.items()} == {
        FULL: (["/api/*"], FULL, 1),
        f"{FULL}/2": (["/admin/*"], FULL, 2),
        f"{FULL}/3": (["/quotes.Quotes/*"], f"{FULL}-50051", 3),
    }
    assert {name: one["tags"]["Name"] for name, one in ruled.items()} == {name: name for name in ruled}
    assert resources["ecs_service", FULL]["load_balancers"] == [
        {"target_group": FULL, "container_name": "web", "container_port": 8080},
        {"target_group": f"{FULL}-50051", "container_name": "web", "container_port": 50051},
    ]
    (group,) = of_kind(resources, "security_group").values()
    assert [(rule["ports"], rule["source"]) for rule in group["ingress"]] == [
        ("50051", f"{PREFIX}-pub-alb-sg"),
        ("8080", f"{PREFIX}-pub-alb-sg"),
    ]
    container = resources["ecs_task_definition", FULL]["container_definitions"]["web"]
    assert sorted(container["port_mappings"]) == ["50051/tcp", "8080/tcp"]


def test_allow_from_opens_only_the_services_own_port():
    (group,) = of_kind(made(rules(API, GRPC, allow_from=["10.0.0.0/8"])), "security_group").values()
    assert [rule["ports"] for rule in group["ingress"] if rule["source"] == "10.0.0.0/8"] == ["8080"]


@pytest.mark.parametrize(
    ("rule", "container"),
    [
        ({**API, "port": 9090}, "proxy"),
        ({**API, "port": 9091}, "web"),
        ({**API, "port": 9091, "container": "proxy"}, "proxy"),
        (API, "web"),
    ],
)
def test_the_container_that_listens_on_a_port(rule, container):
    definition = service(rules=[rule], sidecars=[{"name": "proxy", "image": "p:1", "port": 9090}])
    assert definition["rules"][0]["container"] == container
    (balancer,) = made(definition)["ecs_service", FULL]["load_balancers"]
    assert balancer["container_name"] == container
    assert problems(definition) == []


CHECK = {"path": "/", "matcher": "200", "interval": 15, "timeout": 5, "healthy_threshold": 2, "unhealthy_threshold": 3}
OF_GRPC = {**CHECK, "path": "/AWS.ALB/healthcheck", "matcher": "12"}


@pytest.mark.parametrize(
    ("given", "rule", "expected"),
    [
        ({}, API, CHECK),
        ({"health_check": {"path": "/h", "interval": 20}}, API, {**CHECK, "path": "/h", "interval": 20}),
        ({"health_check": {"path": "/h"}}, {**API, "health_check": {"path": "/r"}}, {**CHECK, "path": "/r"}),
        ({}, GRPC, OF_GRPC),
        ({"health_check": {"path": "/h", "matcher": "204", "interval": 20}}, GRPC, {**OF_GRPC, "interval": 20}),
        ({"protocol_version": "GRPC"}, QUOTES, OF_GRPC),
        ({"protocol_version": "GRPC", "health_check": {"matcher": "0"}}, QUOTES, {**OF_GRPC, "matcher": "0"}),
        ({}, {**GRPC, "health_check": {"matcher": "0-99"}}, {**OF_GRPC, "matcher": "0-99"}),
        ({"protocol_version": "GRPC"}, {**API, "port": 81, "protocol_version": "HTTP1"}, CHECK),
    ],
)
def test_a_health_check_inherits_from_the_service_except_http_settings_for_grpc(given, rule, expected):
    assert service(rules=[rule], **given)["rules"][0]["health_check"] == expected


def test_rule_is_the_short_form_of_rules():
    assert service(rule=API)["rules"] == service(rules=[API])["rules"]
    assert service(rule=None)["rules"] == service(rules=[], rule=None)["rules"] == []
    both = {"name": "web", "image": "i:1", "port": 80, "rule": API, "rules": [ADMIN]}
    with pytest.raises(ValueError, match="Service 'web' has both rule and rules: rule is the short form of one alone"):
        complete([both], SPEC)


def there(*given, **more):
    """Return the state of a service with these rules, by their names."""
    return of(made(rules(*given))) | more


def of(numbered):
    """Return the state of a service whose resources are as planned."""
    balancers = numbered["ecs_service", FULL]["load_balancers"]
    found_rules = [
        {"name": name, "arn": f"arn:{name}", "priority": one["priority"], **conditions.canonical(one)}
        for name, one in of_kind(numbered, "listener_rule").items()
    ]
    running = {"load_balancers": balancers, "deployment_configuration": {}, "task_definition": f"{FULL}:7"}
    resources = [{"type": "ecs_service", "name": FULL, "values": running}]
    resources += [
        {"type": kind, "name": name, "values": values}
        for kind in ("listener_rule", "target_group")
        for name, values in of_kind(numbered, kind).items()
    ]
    revision = numbered["ecs_task_definition", FULL]
    definitions = [{"type": "ecs_task_definition", "name": FULL, "revision": f"{FULL}:7", "values": revision}]
    return {
        "rules": found_rules,
        "resources": resources,
        "serving": FULL,
        "task_definitions": definitions,
    }


def names_of(definition, known):
    return [rule["name"].removeprefix(FULL) for rule in routes.named(definition, NAMES, known)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([API, ADMIN], ["", "/2"]),
        ([ADMIN, API], ["/2", ""]),
        ([GRPC, API, ADMIN], ["/3", "", "/2"]),
        ([GRPC, ADMIN], ["", "/2"]),
        ([API, GRPC], ["", "/2"]),
        ([ADMIN], [""]),
        ([GRPC], [""]),
    ],
)
def test_an_existing_rule_keeps_its_name_wherever_it_is_listed(wanted, expected):
    assert names_of(rules(*wanted), there(API, ADMIN)) == expected


def test_a_new_rule_changes_no_other():
    before, known = made(rules(API, ADMIN)), there(API, ADMIN)
    after = made(rules(GRPC, API, ADMIN), known)
    for name in (FULL, f"{FULL}/2"):
        assert after["listener_rule", name] == before["listener_rule", name]
    assert after["listener_rule", f"{FULL}/3"]["priority"] == 3


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([{**API, "port": 9090}], [{**API, "port": 9090}, ADMIN], {9090: FULL, 8080: f"{FULL}-8080"}),
        ([API], [API, {**ADMIN, "port": 9090}], {8080: FULL, 9090: f"{FULL}-9090"}),
        ([API, {**ADMIN, "port": 9090}], [{**ADMIN, "port": 9090}], {9090: FULL}),
        ([], [{**ADMIN, "port": 9090}, API], {8080: FULL, 9090: f"{FULL}-9090"}),
    ],
    ids=["the own port comes later", "another port comes", "the own port goes", "new"],
)
def test_a_port_keeps_the_services_own_target_group(before, after, expected):
    known = there(*before) if before else {}
    balancers = made(rules(*after), known)["ecs_service", FULL]["load_balancers"]
    assert {entry["container_port"]: entry["target_group"] for entry in balancers} == expected


NEXT = {"image": "registry.example/web:2"}
ADMIN_OF = {**ADMIN, "port": 9090}
MOVES = {
    "ports are exchanged with the version": (
        [API, ADMIN_OF],
        [{**API, "port": 9090}, ADMIN],
        NEXT,
        {"/api/*": (FULL, 9090), "/admin/*": (f"{FULL}-9090", 8080)},
        [],
    ),
    "ports are exchanged alone": (
        [API, ADMIN_OF],
        [{**API, "port": 9090}, ADMIN],
        {},
        {"/api/*": (f"{FULL}-9090", 9090), "/admin/*": (FULL, 8080)},
        [],
    ),
    "another port": (
        [API, ADMIN_OF],
        [API, {**ADMIN, "port": 9091}],
        NEXT,
        {"/api/*": (FULL, 8080), "/admin/*": (f"{FULL}-9090", 9091)},
        [],
    ),
    "another port, that tasks have already": (
        [API, ADMIN_OF],
        [API, {**ADMIN, "port": 9091}],
        {"sidecars": [{"name": "proxy", "image": "p:1", "port": 9091}]},
        {"/api/*": (FULL, 8080), "/admin/*": (f"{FULL}-9090", 9091)},
        [],
    ),
    "each the next port": (
        [API, ADMIN_OF],
        [{**API, "port": 9090}, {**ADMIN, "port": 9091}],
        NEXT,
        {"/api/*": (FULL, 9090), "/admin/*": (f"{FULL}-9090", 9091)},
        [],
    ),
    "another rule gets the port": (
        [API, ADMIN_OF],
        [API, {**ADMIN, "port": 9091}, {**QUOTES, "port": 9090}],
        NEXT,
        {
            "/api/*": (FULL, 8080),
            "/admin/*": (f"{FULL}-9090", 9091),
            "/quotes.Quotes/*": (f"{FULL}-9091", 9090),
        },
        [],
    ),
    "another version of HTTP": (
        [API, ADMIN_OF],
        [API, {**ADMIN, "port": 50051, "protocol_version": "GRPC"}],
        NEXT,
        {"/api/*": (FULL, 8080), "/admin/*": (f"{FULL}-50051", 50051)},
        ["port 50051, and are answered with 503 until new tasks are healthy there"],
    ),
    "a port of its own": (
        [API, ADMIN],
        [ADMIN_OF, API],
        NEXT,
        {"/api/*": (FULL, 8080), "/admin/*": (f"{FULL}-9090", 9090)},
        [f"its rule {FULL}/2 are to go to port 9090, and are answered with 503 until new tasks are healthy there"],
    ),
    "a port of its own, where tasks are asked at it already": (
        [API, ADMIN, {**ADMIN_OF, "headers": [{"name": "X-Nobody", "values": ["1"]}]}],
        [API, ADMIN_OF],
        {},
        {"/api/*": (FULL, 8080), "/admin/*": (f"{FULL}-9090", 9090)},
        [],
    ),
    "the port of another": (
        [API, ADMIN_OF],
        [API, ADMIN],
        NEXT,
        {"/api/*": (FULL, 8080), "/admin/*": (FULL, 8080)},
        [f"its rule {FULL}/2 are to go to port 8080, and reach the previous tasks at port 8080"],
    ),
    "a port whose target group has a name of its own": (
        [API, ADMIN_OF],
        [{**API, "port": 9090}, ADMIN],
        {**NEXT, "names": {"target_groups": {"9090": "legacy"}}},
        {"/api/*": ("legacy", 9090), "/admin/*": (FULL, 8080)},
        [
            f"its rule {FULL} are to go to port 9090, and reach the previous tasks at port 9090",
            f"its rule {FULL}/2 are to go to port 8080, and reach the previous tasks at port 8080",
        ],
    ),
    "the own port goes": (
        [API, ADMIN_OF],
        [ADMIN_OF],
        NEXT,
        {"/admin/*": (FULL, 9090)},
        [f"its rule {FULL} are to go to port 9090, and reach the previous tasks at port 8080"],
    ),
}


@pytest.mark.parametrize(("before", "after", "more", "expected", "warned"), MOVES.values(), ids=MOVES)
def test_requests_reach_the_right_tasks_or_the_plan_warns(before, after, more, expected, warned):
    lasting = {key: value for key, value in more.items() if key in ("names", "sidecars")}
    known, wanted = of(made(rules(*before, **lasting))), rules(*after, **more)
    resources = made(wanted, known)
    ports = {one["target_group"]: one["container_port"] for one in resources["ecs_service", FULL]["load_balancers"]}
    ruled = of_kind(resources, "listener_rule").values()
    assert {one["paths"][0]: (one["target_group"], ports[one["target_group"]]) for one in ruled} == expected
    assert set(of_kind(resources, "target_group")) == set(ports)
    said = obstacles.warnings([wanted], PLATFORM, info(known["rules"], web=known))
    assert [any(part in sentence for sentence in said) for part in warned] == [True] * len(said)
    again = made(wanted, of(resources))
    assert of_kind(again, "listener_rule") == of_kind(resources, "listener_rule")
    assert again["ecs_service", FULL]["load_balancers"] == resources["ecs_service", FULL]["load_balancers"]


def test_priorities_are_given_current_or_the_next_free():
    definition = rules(API, {**ADMIN, "priority": 9}, {"paths": ["/*"]})
    (numbered,) = priorities.with_priorities([definition], PREFIX, info(web={}))
    assert [rule["priority"] for rule in numbered["rules"]] == [10, 9, 50000]
    assert priorities.with_priorities([numbered], PREFIX, info(web={})) == [numbered]


def test_a_priority_still_held_by_another_rule_of_the_service_is_an_obstacle():
    known = there({**API, "priority": 5}, {**ADMIN, "priority": 6})
    swapped = rules({**API, "priority": 6}, {**ADMIN, "priority": 5})
    sentences = obstacles.obstacles([swapped], {**PLATFORM, "check_mode": True}, info(web=known))
    assert sentences == [
        f"Service 'web': rule.priority {number} is still that of its rule {name}, and rules are written one after the"
        f" other. Give that rule another one first, and this one {number} in a second run."
        for number, name in ((5, FULL), (6, f"{FULL}/2"))
    ]
    same = rules({**API, "priority": 5}, {**ADMIN, "priority": 6})
    assert obstacles.obstacles([same], {**PLATFORM, "check_mode": True}, info(web=known)) == []


@pytest.mark.parametrize(("protocol", "refused"), [("HTTP", 1), ("HTTPS", 0), (None, 0)])
def test_http_2_and_grpc_need_an_https_listener(protocol, refused):
    platform = {**PLATFORM, "check_mode": True, "listener_protocol": protocol}
    sentences = obstacles.obstacles([rules(API, GRPC)], platform, info(web={}))
    assert len(sentences) == refused
    assert all("protocol_version GRPC of port 50051 needs a listener by HTTPS" in one for one in sentences)


def test_another_protocol_version_is_refused_with_a_workaround():
    before = desired.resources(rules(API, {**GRPC, "protocol_version": "HTTP1"}), PLATFORM, {})
    after = desired.resources(rules(API, GRPC, protocol_version="HTTP2"), PLATFORM, {})
    assert sorted(compare.immutable_changes(compare.changes(after, before), after), reverse=True) == [
        f"target_group {FULL}: AWS can't change protocol_version from HTTP1 to HTTP2. Put HTTP1 back, or have a new one"
        " in its place by another name, names.target_group.",
        f"target_group {FULL}-50051: AWS can't change protocol_version from HTTP1 to GRPC. Put HTTP1 back, or have a"
        " new one by another port of the rules that lead to it.",
    ]


def refusals(*given):
    numbered = priorities.with_priorities(list(given), PREFIX, info())
    return overlaps.refusals(overlaps.Listener.of(numbered, PREFIX, info()))


def test_each_rule_has_to_get_requests():
    shadowed = rules({"paths": ["/*"], "priority": 1}, {**API, "priority": 2})
    (sentence,) = refusals(shadowed)
    assert sentence.startswith(
        "Service 'web': no request for /api/* would reach it at priority 2, as rule magiclub-an2p-web (priority 1, /*)"
        " in front takes them all."
    )
    assert refusals(rules({"paths": ["/*"], "methods": ["GET"], "priority": 1}, {**API, "priority": 2})) == []
    assert refusals(rules(API, {"paths": ["/*"]})) == []


def test_the_smoke_request_belongs_to_the_rule_that_matches_it():
    definition = rules({**API, "methods": ["POST"]}, ADMIN, smoke={"path": "/admin/health?deep=1"})
    front = service(name="front", rule={"paths": ["/admin/h*", "/front"], "priority": 1})
    (sentence,) = refusals(definition, front)
    assert sentence.startswith("Service 'web': smoke asks for /admin/health?deep=1, which rule magiclub-an2p-front")


def test_two_rules_for_the_same_requests_are_refused_within_a_service_too():
    assert problems(rules(API, {**API, "port": 9090})) == [
        'Two rules of service \'web\' ask for the same requests, {"paths": ["/api/*"]}, and a load balancer sends each'
        " to one alone. Give one of them other paths or hosts."
    ]


def test_a_service_can_not_have_the_name_of_anothers_port_target_group():
    both = [rules(API, GRPC), service(name="web-50051", rule=ADMIN)]
    assert problems(*both) == [
        "Service 'web' has resources named web-50051, and so has service 'web-50051'. Rename one of them."
    ]


def test_the_name_of_a_ports_target_group_has_to_fit():
    name = "a" * 18
    wrong = validate.service(
        {
            "services": [rules(API, GRPC, name=name)],
            "name_prefix": PREFIX,
            "permissions_boundary": "",
            "region": "ap-northeast-2",
        }
    )
    assert wrong == [
        f"Service '{name}': the target group of port 50051 would be named {PREFIX}-{name}-50051, which has 38"
        " characters: at most 32. Shorten name by 6."
    ]


def arn(name):
    return f"arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/{name}/1"


def described_rule(name, number, path, group):
    return {
        "RuleArn": f"arn:{name}",
        "Priority": str(number),
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}],
        "Actions": [{"Type": "forward", "TargetGroupArn": arn(group)}],
    }


def described_group(name):
    return {"TargetGroupName": name, "TargetGroupArn": arn(name), "Protocol": "HTTP", "VpcId": "vpc-1"}


RAW = {
    "services": [],
    "newest": {},
    "running": {},
    "inactive": {},
    "target_groups": [described_group(name) for name in (FULL, f"{FULL}-50051", f"{FULL}-2")],
    "rules": [
        described_rule(FULL, 1, "/api/*", FULL),
        described_rule(f"{FULL}/2", 2, "/q/*", f"{FULL}-50051"),
        described_rule(f"{FULL}-2", 3, "/other/*", f"{FULL}-2"),
    ],
    "other_rules": {"arn:80": [described_rule(f"old:{FULL}/2", 4, "/q/*", f"{FULL}-50051")]},
    "elb_tags": {
        f"arn:{FULL}": {"Name": FULL},
        f"arn:{FULL}/2": {"Name": f"{FULL}/2"},
        f"arn:{FULL}-2": {"Name": f"{FULL}-2"},
        f"arn:old:{FULL}/2": {"Name": f"{FULL}/2"},
        arn(f"{FULL}-50051"): {"Name": FULL},
        arn(f"{FULL}-2"): {"Name": f"{FULL}-2"},
    },
    "attributes": {arn(name): [] for name in (FULL, f"{FULL}-50051", f"{FULL}-2")},
    "health": {},
    "roles": [],
    "log_groups": [],
    "security_groups": [],
    "scalable_targets": [],
    "schedules": [],
    "queues": [],
    "discovery": [],
    "other_discovery": {},
}
AROUND = {
    "names": {"vpc-1": f"{PREFIX}-vpc"},
    "listener": "alb:443",
    "namespace": "",
    "other_listeners": {"alb:80": "arn:80"},
}


def test_resources_of_a_service_are_distinguished_from_those_of_a_similar_name():
    read = found.services(RAW, [NAMES, Names(PREFIX, "web-2")], AROUND)
    kept = [(entry["type"], entry["name"]) for entry in read["web"]["resources"]]
    assert kept == [
        ("target_group", FULL),
        ("target_group", f"{FULL}-50051"),
        ("listener_rule", FULL),
        ("listener_rule", f"{FULL}/2"),
        ("listener_rule", f"{FULL}/2 (alb:80)"),
    ]
    assert [(rule["name"], rule["priority"], rule["paths"]) for rule in read["web"]["rules"]] == [
        (FULL, 1, ["/api/*"]),
        (f"{FULL}/2", 2, ["/q/*"]),
    ]
    assert [entry["name"] for entry in read["web-2"]["resources"]] == [f"{FULL}-2", f"{FULL}-2"]


def test_rules_left_on_port_80_do_not_affect_those_of_the_https_listener():
    at_80 = [described_rule(f"old:{FULL}", 1, "/api/*", FULL)]
    raw = {**RAW, "rules": [], "other_rules": {"arn:80": at_80}, "elb_tags": {f"arn:old:{FULL}": {"Name": FULL}}}
    web = found.services({**raw, "target_groups": [described_group(FULL)]}, [NAMES], AROUND)["web"]
    wanted = rules(API, port=8082)
    assert made(wanted, web)["listener_rule", FULL]["target_group"] == FULL
    assert obstacles.warnings([wanted], PLATFORM, info(web=web)) == []


def test_a_smoke_request_is_answered_by_the_target_group_of_its_rule():
    definition = rules(API, {**ADMIN, "port": 9090}, smoke={"path": "/admin/health"})
    own = there(API, {**ADMIN, "port": 9090}, full_name=FULL, desired_count=1, task_definition_arn="arn:1")
    own["target_group"] = {"arn": arn(FULL)}
    for rule, group in zip(own["rules"], (FULL, f"{FULL}-9090"), strict=True):
        rule["target_group_arn"] = arn(group)
    alb = {
        "load_balancer": {"name": "alb", "dns_name": "alb-1.elb.amazonaws.com"},
        "service_listener": {"port": 443, "arn": "arn:l", "protocol": "HTTPS"},
        "domain": "a.example",
    }
    known = {"services": {"web": own}, "cluster": "c"}
    (request,) = smoke.requests([definition], alb, "1", "", known)
    assert request["ask"]["expected"]["target_group_arn"] == arn(f"{FULL}-9090")


def test_a_map_is_shown_without_what_is_not_set():
    given = {"paths": ["/api"], "hosts": [], "port": None, "accept_overlap": False, "secure": True, "priority": 0}
    assert validate_routes.shown(given) == '{"paths": ["/api"], "secure": true, "priority": 0}'
