# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployment strategies: additional resources, the serving target group, and problems."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    deploying,
    desired,
    layer,
    obstacles,
    priorities,
    strategy,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import smoke
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, problems, service, worker

NAMES = Names(PREFIX, "web")
ALT, TEST, SHIFT = f"{FULL}-alt", f"{FULL}-test", f"{FULL}-shift"
HEADER = {"header": {"name": "X-Release", "values": ["green"]}}
PORT = {"port": 8443}
BY_PORT = f"{TEST}:8443"
RULE = {"paths": ["/*"], "priority": 5}


def deployed(strategy_, **more):
    """Return a definition with the priorities of its rules, as in a plan."""
    made_ = service(rule=RULE, deployment={"strategy": strategy_, **more})
    return {**made_, "rules": [{**made_["rule"], "test_priority": 4}]}


def made(definition, found=None):
    resources = desired.resources(definition, PLATFORM, found or {})
    return {(resource["type"], resource["name"]): resource["values"] for resource in resources}


def ecs(definition, found=None):
    return made(definition, found)["ecs_service", FULL]


def found_service(**values):
    return {"resources": [{"type": "ecs_service", "name": FULL, "values": {"deployment_configuration": {}, **values}}]}


def test_a_strategy_needs_a_second_target_group_a_role_and_a_test_rule():
    rolling, shifting = made(deployed("rolling")), made(deployed("blue_green", test=HEADER))
    assert set(shifting) - set(rolling) == {
        ("iam_role", SHIFT),
        ("target_group", ALT),
        ("listener_rule", TEST),
    }
    groups = [shifting["target_group", name] for name in (FULL, ALT)]
    assert groups[0] == groups[1]
    assert set(rolling) <= set(shifting)


def test_ecs_may_assume_the_shift_role_which_has_awss_policy():
    role = made(deployed("linear"))["iam_role", SHIFT]
    assert [one["Principal"] for one in role["trust_policy"]["Statement"]] == [{"Service": "ecs.amazonaws.com"}]
    assert role["managed_policies"] == ["arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"]
    assert role["inline_policies"] == {}


def test_without_test_requests_there_is_no_test_rule():
    shifting = made(deployed("canary"))
    assert ("listener_rule", TEST) not in shifting
    assert "test_rule" not in shifting["ecs_service", FULL]["load_balancers"][0]


def test_the_test_rule_matches_the_same_requests_with_the_header_and_comes_first():
    shifting = made(deployed("blue_green", test=HEADER))
    own, test = shifting["listener_rule", FULL], shifting["listener_rule", TEST]
    assert (test["priority"], own["priority"]) == (4, 5)
    assert (own["headers"], test["headers"]) == ([], [{"name": "X-Release", "values": ["green"]}])
    same = ("paths", "hosts", "listener", "target_group")
    assert [test[key] for key in same] == [own[key] for key in same]
    assert own["target_group"] == f"{FULL} or {ALT}"


def test_the_test_rule_by_port_matches_the_same_requests_on_its_own_listener():
    shifting = made(
        priorities.with_priorities([ruled(strategy="blue_green", test=PORT)], PREFIX, info({"rule": None}))[0]
    )
    own, test = shifting["listener_rule", FULL], shifting["listener_rule", BY_PORT]
    assert test == {
        **own,
        "listener": f"{PREFIX}-pub-alb:8443",
        "tags": {**own["tags"], "Name": BY_PORT},
    }
    assert shifting["ecs_service", FULL]["load_balancers"][0]["test_rule"] == BY_PORT


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"strategy": "rolling"}, {}),
        ({"strategy": "blue_green", "bake_time": 9}, {"strategy": "BLUE_GREEN", "bake_time_in_minutes": 9}),
        (
            {"strategy": "canary"},
            {
                "strategy": "CANARY",
                "bake_time_in_minutes": 5,
                "canary_configuration": {"canary_percent": 5.0, "canary_bake_time_in_minutes": 10},
            },
        ),
        (
            {"strategy": "linear", "linear": {"percent": 20, "bake_time": 2}},
            {
                "strategy": "LINEAR",
                "bake_time_in_minutes": 5,
                "linear_configuration": {"step_percent": 20.0, "step_bake_time_in_minutes": 2},
            },
        ),
        (
            {"early_success": {"cleanup": "deferred"}},
            {
                "early_success_criteria": {
                    "enable": True,
                    "healthy_percent": 100,
                    "source_service_revision_cleanup": "DEFERRED",
                }
            },
        ),
    ],
)
def test_the_deployment_configuration_of_each_strategy(given, expected):
    assert strategy.configuration(service(rule=RULE, deployment=given), {}) == expected


def test_settings_no_longer_given_are_disabled():
    found = found_service(
        deployment_configuration={
            "strategy": "CANARY",
            "lifecycle_hooks": [{"target_type": "PAUSE"}],
            "early_success_criteria": {"enable": True},
        }
    )
    assert strategy.configuration(deployed("rolling"), found) == {
        "strategy": "ROLLING",
        "lifecycle_hooks": [],
        "early_success_criteria": {"enable": False},
    }


@pytest.mark.parametrize(
    ("given", "has", "expected"),
    [
        ({}, {}, {}),
        ({"reset_on_healthy_task": False}, {}, {"reset_on_healthy_task": False}),
        ({}, {"reset_on_healthy_task": False}, {"reset_on_healthy_task": True}),
        (
            {"threshold": {"type": "count", "value": 2}},
            {},
            {"threshold_configuration": {"type": "COUNT", "value": 2}},
        ),
        (
            {},
            {"threshold_configuration": {"type": "COUNT", "value": 2}},
            {"threshold_configuration": {"type": "BOUNDED_PERCENT", "value": 50}},
        ),
    ],
)
def test_the_circuit_breaker_is_reset_to_awss_defaults(given, has, expected):
    found = found_service(deployment_configuration={"deployment_circuit_breaker": has})
    made_ = strategy.circuit_breaker(service(circuit_breaker=given), found)
    assert made_ == {"enable": True, "rollback": True, **expected}


BOTH = {"target_group": FULL, "alternate_target_group": ALT}


@pytest.mark.parametrize(
    ("found", "first", "second"),
    [
        ({}, FULL, ALT),
        ({"serving": FULL, **found_service(load_balancers=[{"target_group": FULL}])}, FULL, ALT),
        # rolling, with leftovers of an earlier strategy
        ({"serving": ALT, **found_service(load_balancers=[{"target_group": ALT}])}, ALT, FULL),
        # ECS shifts between them, which needs no update of the service
        ({"serving": ALT, **found_service(load_balancers=[BOTH])}, FULL, ALT),
    ],
    ids=["new", "rolled", "rolled with the second", "shifted"],
)
def test_a_service_keeps_the_order_of_its_target_groups(found, first, second):
    (balancer,) = ecs(deployed("blue_green"), found)["load_balancers"]
    assert (balancer["target_group"], balancer["alternate_target_group"]) == (first, second)


@pytest.mark.parametrize("serving", [FULL, ALT])
def test_back_to_rolling_the_serving_group_stays_and_the_other_is_removed(serving):
    found = {"serving": serving, **found_service(load_balancers=[BOTH])}
    rolling = made(deployed("rolling"), found)
    assert [name for kind, name in rolling if kind == "target_group"] == [serving]
    assert rolling["listener_rule", FULL]["target_group"] == serving
    assert rolling["ecs_service", FULL]["load_balancers"][0]["target_group"] == serving


def described(group, *, shifts):
    advanced = {"advancedConfiguration": {"alternateTargetGroupArn": "arn:alt"}} if shifts else {}
    return {"loadBalancers": [{"targetGroupArn": group, **advanced}]}


@pytest.mark.parametrize(
    ("ecs_service", "weights", "expected"),
    [
        (None, {}, FULL),
        (None, {"arn:full": 1}, FULL),
        (described("arn:alt", shifts=False), {"arn:alt": 1}, ALT),
        # a rolling service has the target group itself
        (described("arn:full", shifts=False), {"arn:full": 0, "arn:alt": 100}, FULL),
        (described("arn:full", shifts=True), {"arn:full": 100, "arn:alt": 0}, FULL),
        (described("arn:full", shifts=True), {"arn:full": 0, "arn:alt": 100}, ALT),
        (described("arn:full", shifts=True), {"arn:full": 90, "arn:alt": 10}, FULL),
        (described("arn:full", shifts=True), {}, FULL),
        (described("arn:other", shifts=False), {"arn:other": 1}, FULL),
    ],
)
def test_the_serving_target_group(ecs_service, weights, expected):
    known = {"arn:full": FULL, "arn:alt": ALT, "arn:other": "somebody-s"}
    assert strategy.serving(NAMES, ecs_service, weights, known) == expected


def rules(*priorities):
    return [
        {"arn": f"arn:{one}", "name": f"r{one}", "priority": one, "paths": ["/x"], "hosts": []} for one in priorities
    ]


def of_web(priority):
    """Return the existing rule of a service, whose paths differ from the desired ones."""
    return {"name": FULL, "arn": f"arn:{priority}", "priority": priority, **conditions.canonical({"paths": ["/x"]})}


def numbered(definition, *others, own=None, test=None):
    there = {"rules": [of_web(own)] if own else [], "test_rule_priority": test}
    known = {"rules": rules(*others, *filter(None, (own, test))), "services": {"web": there}}
    rule = priorities.with_priorities([definition], PREFIX, known)[0]["rules"][0]
    return rule["priority"], rule["test_priority"]


def ruled(priority=None, **deployment):
    return service(rule={"paths": ["/web/*"], "priority": priority}, deployment=deployment)


@pytest.mark.parametrize(
    ("definition", "others", "own", "test", "expected"),
    [
        (ruled(), [], None, None, (1, None)),
        (ruled(strategy="canary"), [], None, None, (1, None)),
        (ruled(strategy="canary", test=HEADER), [], None, None, (2, 1)),
        (ruled(strategy="canary", test=HEADER), [4], None, None, (5, 3)),
        (ruled(strategy="canary", test=HEADER), [2], 1, None, (3, 1)),
        (ruled(strategy="canary", test=HEADER), [], 7, 6, (7, 6)),
        (ruled(strategy="canary", test=HEADER), [], 7, 9, (7, 6)),
        (ruled(3, strategy="canary", test=HEADER), [], None, None, (3, 2)),
        (ruled(1, strategy="canary", test=HEADER), [], None, None, (1, None)),
        (ruled(3, strategy="canary", test=HEADER), [2], 1, None, (3, 1)),
        (ruled(strategy="rolling"), [], 7, 6, (7, None)),
        # on a separate listener without other rules
        (ruled(strategy="canary", test=PORT), [4], None, None, (5, 5)),
        (ruled(1, strategy="canary", test=PORT), [], None, None, (1, 1)),
    ],
)
def test_the_test_rule_is_in_front(definition, others, own, test, expected):
    assert numbered(definition, *others, own=own, test=test) == expected


def test_assigned_priorities_do_not_change():
    """Priorities are assigned for the plan and again for the obstacles."""
    known = {"rules": rules(1, 2), "services": {"web": {"rules": [of_web(1)]}}}
    once = priorities.with_priorities([ruled(strategy="canary", test=HEADER)], PREFIX, known)
    assert (once[0]["rules"][0]["priority"], once[0]["rules"][0]["test_priority"]) == (3, 1)
    assert priorities.with_priorities(once, PREFIX, known) == once


def info(there):
    return {"rules": [], "services": {"web": there}, "missing_images": []}


def test_no_free_priority_in_front_is_refused():
    known = info({"rules": []})
    sentences = obstacles.obstacles([ruled(1, strategy="canary", test=HEADER)], {**PLATFORM, "check_mode": True}, known)
    assert sentences == [
        "Service 'web': its rule for tests goes in front of its own at rule.priority 1, and no number below 1 is free."
        " Give it a higher rule.priority, or leave that out."
    ]


def test_the_strategy_can_not_change_to_rolling_while_ecs_shifts_requests():
    under_way = found_service(deployment_configuration={"strategy": "CANARY"})
    there = {"rules": [], "deployments": 2, **under_way}
    known = {**PLATFORM, "check_mode": True}
    assert obstacles.obstacles([ruled(strategy="linear")], known, info(there)) == []
    assert obstacles.obstacles([ruled()], known, info({**there, "deployments": 1})) == []
    assert obstacles.obstacles([ruled()], known, info(there)) == [
        "Service 'web': ECS still shifts requests of its deployment, so its strategy can't change to rolling yet."
        " Answer it with continue.yml if it waits, or roll back with rollback.yml, and run again then."
    ]


def test_the_modules_get_both_target_groups_the_rules_and_the_role():
    definition = deployed("blue_green", test=HEADER)
    entries = compare.changes(desired.resources(definition, PLATFORM, {}), [])
    around = arguments.Around(PLATFORM, [], {FULL: "arn:full", ALT: "arn:alt"}, False)
    own, test = (arguments.of(entry, around) for entry in entries if entry["type"] == "listener_rule")
    assert (own["target_group_arn"], own["alternate_target_group_arn"]) == ("arn:full", "arn:alt")
    assert (test["name"], test["headers"]) == (TEST, [{"name": "X-Release", "values": ["green"]}])
    ids = {
        f"security_group {FULL}-sg": "sg-1",
        f"target_group {FULL}": "arn:full",
        f"target_group {ALT}": "arn:alt",
        f"listener_rule {FULL}": "arn:rule",
        f"listener_rule {TEST}": "arn:test",
        f"iam_role {SHIFT}": "arn:role",
        "cloud_map_service web.magiclub.internal": "arn:srv",
    }
    values = next(entry["values"] for entry in entries if entry["type"] == "ecs_service")
    (balancer,) = arguments.ecs_service(definition, PLATFORM, {"ids": ids}, values)["load_balancers"]
    assert balancer["advanced_configuration"] == {
        "alternate_target_group_arn": "arn:alt",
        "production_listener_rule": "arn:rule",
        "test_listener_rule": "arn:test",
        "role_arn": "arn:role",
    }


def test_the_test_rule_by_port_is_created_on_its_listener():
    definition = deployed("blue_green", test=PORT)
    known = {**PLATFORM, "other_listeners": {f"{PREFIX}-pub-alb:8443": "arn:8443"}}
    around = arguments.Around(known, [], {FULL: "arn:full", ALT: "arn:alt"}, False)
    entries = compare.changes(desired.resources(definition, PLATFORM, {}), [])
    own, test = (arguments.of(entry, around) for entry in entries if entry["type"] == "listener_rule")
    assert (own["name"], own["listener_arn"]) == (FULL, PLATFORM["listener_arn"])
    assert (test["name"], test["listener_arn"]) == (BY_PORT, "arn:8443")
    assert "header" not in test


LACKING = (
    f"Service 'web': load balancer {PREFIX}-pub-alb has no listener at port 8443, which deployment.test asks for. Run"
    " playbooks/site.yml with '--tags alb' first, or without --tags."
)


KEPT = LACKING.partition("Run ")[0] + "Ask its owner for one, or set deployment.test.header instead of the port."


@pytest.mark.parametrize(
    ("ports", "kept", "expected"),
    [(["80", "8443"], False, []), (["80"], False, [LACKING]), (["80"], True, [KEPT])],
)
def test_a_test_port_needs_a_listener(ports, kept, expected):
    cluster = {"resources": [], "execution_role": {"name": "r"}, "exec_policy": {"name": "p"}, "cluster": {"name": "c"}}
    balancer = {
        "load_balancer": {"name": f"{PREFIX}-pub-alb"},
        "service_listener": {"port": 80},
        "listeners": dict.fromkeys(ports),
        "kept": kept,
    }
    inputs = {"state": "present", "name_prefix": PREFIX, "services": [deployed("canary", test=PORT)]}
    assert layer.missing(inputs, {"ecs_cluster": cluster, "alb": balancer}) == expected


@pytest.mark.parametrize("given", ["rolling", "blue_green", "canary", "linear"])
def test_every_strategy_is_valid_without_further_options(given):
    assert problems(service(deployment={"strategy": given})) == []


def test_a_worker_can_not_use_a_shifting_strategy():
    worker_ = worker(deployment={"strategy": "canary"})
    wrong = problems(worker_)
    assert wrong == [
        f"Service '{worker_['name']}': deployment.strategy canary needs a rule: ECS shifts the requests that the load"
        " balancer sends, or those that come by Service Connect. Set rule, set service_connect, or deploy by rolling."
    ]


def test_a_service_can_not_have_the_name_of_anothers_resource():
    both = [service(deployment={"strategy": "canary"}), service(name="web-alt", rule={"paths": ["/alt"]})]
    wrong = problems(*both)
    assert wrong == ["Service 'web' has resources named web-alt, and so has service 'web-alt'. Rename one of them."]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"gate": "none"}, None),
        ({"gate": "smoke"}, {"timeout_in_minutes": 1440, "action": "ROLLBACK"}),
        (
            {"gate": "approval", "approval_timeout": 60, "on_timeout": "continue"},
            {"timeout_in_minutes": 60, "action": "CONTINUE"},
        ),
    ],
)
def test_a_gate_pauses_before_users_reach_the_new_version(given, expected):
    made_ = strategy.configuration(service(rule=RULE, deployment={"strategy": "canary", **given}), {})
    hook = {"target_type": "PAUSE", "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"], "timeout_configuration": expected}
    assert made_.get("lifecycle_hooks") == ([hook] if expected else None)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"deployment": {"gate": "approval"}},
            "deployment.gate approval needs another strategy than rolling, with which users reach a new task as soon as"
            " it is healthy. Set deployment.strategy, or take gate out.",
        ),
        (
            {"deployment": {"strategy": "canary", "gate": "smoke"}},
            "deployment.gate smoke makes the smoke request through the test route, and there is no smoke and no"
            " deployment.test. Set smoke and deployment.test.",
        ),
        (
            {"smoke": {"path": "/api/x"}, "deployment": {"strategy": "canary", "gate": "smoke"}},
            "deployment.gate smoke makes the smoke request through the test route, and there is no deployment.test. Set"
            " deployment.test.",
        ),
        (
            {"deployment": {"strategy": "canary", "gate": "approval", "approval_timeout": 20161}},
            "deployment.approval_timeout 20161 is out of range: 1 to 20160. Change deployment.approval_timeout.",
        ),
    ],
)
def test_problems_with_a_gate(given, sentence):
    assert problems(service(rule={"paths": ["/api/*"]}, **given)) == [f"Service 'web': {sentence}"]


WAITED = [
    {
        "name": FULL,
        "outcome": "waiting",
        "hook": {"id": "h1", "expires_at": "2026"},
        "message": f"{FULL}: it waits.",
        "deployment": {"id": "ecs-svc/2"},
    },
    {"name": f"{PREFIX}-two", "outcome": "steady", "hook": {}, "message": ""},
]


@pytest.mark.parametrize(
    ("gate", "asked", "found"),
    [("smoke", "smoke", 1), ("smoke", "approval", 0), ("approval", "approval", 1), ("none", "approval", 1)],
)
def test_services_waiting_at_a_gate(gate, asked, found):
    services = [ruled(strategy="canary", gate=gate), service(name="two")]
    known = {"services": {"web": {"full_name": FULL}, "two": {"full_name": f"{PREFIX}-two"}}}
    at_gates = deploying.at_gates(services, known, WAITED, asked)
    assert [(one["full_name"], one["hook"]["id"]) for one in at_gates] == [(FULL, "h1")] * found
    assert [one["wait"] for one in at_gates] == [{"name": FULL, "deployment_id": "ecs-svc/2"}] * found


ALB = {
    "load_balancer": {"name": "alb", "dns_name": "alb-1.elb.amazonaws.com"},
    "service_listener": {"port": 443, "protocol": "HTTPS", "arn": "arn:443"},
    "listeners": {"443": "arn:443", "8443": "arn:8443"},
    "domain": "shop.example.com",
}
TESTED = {
    "cluster": "c",
    "services": {
        "web": {
            "full_name": FULL,
            "desired_count": 1,
            "target_group": {"arn": "arn:full"},
            "task_definition_arn": "arn:web:3",
            "ids": {f"target_group {ALT}": "arn:alt"},
            "testing": ALT,
        }
    },
}


def asked_for_tests(test, alb=ALB, endpoint_url=""):
    definition = {**deployed("canary", test=test), "smoke": {"path": "/p", "host": None, "status": 200, "that": []}}
    (one,) = smoke.of_tests(definition, alb, "1", endpoint_url, TESTED)
    assert one["ask"]["expected"]["target_group_arn"] == "arn:alt"
    return one["ask"]


def test_a_test_request_has_the_header_and_expects_the_tested_group():
    ask = asked_for_tests({"header": {"name": "X-Release", "values": ["gr*en"]}})
    assert (ask["url"], ask["headers"]) == ("https://shop.example.com/p", {"X-Release": "grxen"})
    assert ask["expected"]["listener_arn"] == "arn:443"


def test_a_test_request_uses_the_test_port():
    ask = asked_for_tests(PORT)
    assert (ask["url"], ask["headers"]) == ("https://shop.example.com:8443/p", {})
    assert (ask["connect_to"], ask["check_name"]) == ("alb-1.elb.amazonaws.com", True)
    assert ask["expected"]["listener_arn"] == "arn:8443"


@pytest.mark.parametrize(
    ("protocol", "endpoint_url", "expected"),
    [
        ("HTTPS", "", ("https://alb-1.elb.amazonaws.com:8443/p", {}, "", False)),
        ("HTTP", "", ("http://alb-1.elb.amazonaws.com:8443/p", {}, "", True)),
        ("HTTP", "http://[::1]:4", ("http://[::1]:4/p", {"Host": "alb.1.alb.localhost:8443"}, "", True)),
    ],
)
def test_a_test_request_without_a_name_uses_the_test_port(protocol, endpoint_url, expected):
    port = 443 if protocol == "HTTPS" else 80
    alb = {**ALB, "domain": "", "service_listener": {"port": port, "protocol": protocol, "arn": f"arn:{port}"}}
    ask = asked_for_tests(PORT, alb, endpoint_url)
    assert (ask["url"], ask["headers"], ask["connect_to"], ask["check_name"]) == expected


def connected(test=None, protocol="http", alias=None, strategy_="canary", **more):
    aliases = [{"name": "web", "port": 80, "test_header": alias}] if alias else []
    given = {"protocol": protocol, "client_aliases": aliases}
    return service(**{"rule": None, **more}, service_connect=given, deployment={"strategy": strategy_, "test": test})


def of_tests(definition):
    (offered,) = ecs(definition)["service_connect"]["services"].values()
    (alias,) = offered["client_aliases"]
    return alias.get("test_traffic_rules")


OWN = {"name": "X-Own", "value": "1"}
GREEN = {"header": {"name": "X-Release", "value": {"exact": "green"}}}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        # AWS's default header identifies tests then
        (connected(), None),
        (connected(HEADER), GREEN),
        (connected(HEADER, rule=RULE), GREEN),
        (connected(PORT, rule=RULE), None),
        (connected(HEADER, alias=OWN), {"header": {"name": "X-Own", "value": {"exact": "1"}}}),
        # TCP has no headers
        (connected(HEADER, protocol=None, rule=RULE), None),
    ],
)
def test_service_connect_identifies_test_requests_by_header(definition, expected):
    assert of_tests(priorities.with_priorities([definition], PREFIX, info({"rules": []}))[0]) == expected


def test_service_connect_alone_needs_no_target_groups_rules_or_shift_role():
    resources = made(connected(HEADER))
    assert not [kind for kind, _name in resources if kind in ("target_group", "listener_rule")]
    assert ("iam_role", SHIFT) not in resources
    values = resources["ecs_service", FULL]
    assert values["load_balancers"] == []
    assert values["deployment_configuration"]["strategy"] == "CANARY"


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (connected(), None),
        (connected(HEADER), None),
        (
            connected(PORT),
            "deployment.test.port 8443 is a port of the load balancer, and there is no rule. Set rule, or tell tests by"
            " a header.",
        ),
        (
            connected({"header": {"name": "X-Release", "values": ["gr*", "x"]}}),
            "deployment.test.header has the values gr*, x, and Service Connect compares with one, as it is. Give one"
            " without * and ?, or service_connect.client_aliases with a test_header.",
        ),
        (
            connected(alias=OWN, strategy_="rolling"),
            "service_connect.client_aliases.test_header needs another strategy than rolling, with which callers reach a"
            " new task as soon as it is healthy. Set deployment.strategy, or take test_header out.",
        ),
        (
            connected(alias=OWN, protocol="tcp"),
            "service_connect.client_aliases.test_header is a header of HTTP, and service_connect.protocol does not say"
            " that the port speaks it. Set protocol to http, http2 or grpc, or take test_header out.",
        ),
    ],
)
def test_problems_with_a_strategy_and_service_connect(definition, sentence):
    wrong = problems(definition)
    assert wrong == ([f"Service 'web': {sentence}"] if sentence else [])
