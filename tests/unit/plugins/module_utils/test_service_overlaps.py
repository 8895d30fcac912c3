# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Overlaps of existing listener rules, as DescribeRules returns them, and planned ones."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    found_routes,
    obstacles,
    overlaps,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions

from tests.unit.plugins.module_utils.service_definitions import PLATFORM, PREFIX, backend, problems, service

ELB = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012"
LOTTO = ["/", "/api/*", "/health"]
MEANT = "If that is meant, set rule.accept_overlap: true."
NOW = f"which gets it now. {MEANT}"


class Rule(t.NamedTuple):
    """An existing rule; C(of) is the service that owns it by its Name tag, if any."""

    priority: int
    paths: list[str]
    of: str = ""
    hosts: tuple[str, ...] = ()
    group: str = "somebody"
    source: str = ""

    @property
    def arn(self) -> str:
        return f"{ELB}:listener-rule/app/alb/50dc/f2f7/{self.priority}"

    def described(self) -> dict[str, t.Any]:
        """As DescribeRules returns it."""
        conditions = [{"Field": "path-pattern", "Values": self.paths, "PathPatternConfig": {"Values": self.paths}}]
        if self.hosts:
            conditions.append({"Field": "host-header", "HostHeaderConfig": {"Values": list(self.hosts)}})
        if self.source:
            conditions.append({"Field": "source-ip", "SourceIpConfig": {"Values": [self.source]}})
        group = group_arn(self.group)
        forward = {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}]}
        return {
            "RuleArn": self.arn,
            "Priority": str(self.priority),
            "Conditions": conditions,
            "Actions": [{"Type": "forward", "TargetGroupArn": group, "ForwardConfig": forward}],
            "IsDefault": False,
        }


def group_arn(name: str) -> str:
    return f"{ELB}:targetgroup/{name}/73e2d6bc24d8a067"


def info(rules: t.Sequence[Rule], services: t.Sequence[t.Mapping[str, t.Any]], serving: t.Mapping[str, str]):
    """Return the result of fargate_service_info; I(serving) are target groups by service."""
    default = {"RuleArn": f"{ELB}:listener-rule/d", "Priority": "default", "Conditions": [], "Actions": []}
    tags = {rule.arn: {"Name": f"{PREFIX}-{rule.of}"} if rule.of else {} for rule in rules}
    there: dict[str, t.Any] = {one["name"]: {"rules": [], "resources": []} for one in services}
    for rule in rules:
        if rule.of in there:
            asked = conditions.found(rule.described()["Conditions"])
            own = {"name": f"{PREFIX}-{rule.of}", "arn": rule.arn, "priority": rule.priority, **asked}
            there[rule.of]["rules"].append(own)
    for name, group in serving.items():
        balancer = {"target_group": group, "container_name": name, "container_port": 8080}
        there[name]["resources"] = [{"type": "ecs_service", "name": name, "values": {"load_balancers": [balancer]}}]
    raw = {"rules": [*(rule.described() for rule in rules), default], "elb_tags": tags}
    known = {"name_prefix": PREFIX, "services": there, "rules": found_routes.rules(raw), "resources": []}
    return {**known, "missing_images": []}


def web(name: str, *paths: str, priority: int | None = None, **more: t.Any) -> dict[str, t.Any]:
    rule = {"paths": list(paths), "hosts": more.pop("hosts", []), "priority": priority}
    return service(name=name, rule={**rule, "accept_overlap": more.pop("accept", False)}, **more)


def said(services, rules=(), serving=None):
    """Return the errors of validation, or else of the plan, and the plan's warnings."""
    known = info(rules, services, serving or {})
    refused = problems(*services)
    return (refused or obstacles.obstacles(services, PLATFORM, known)), obstacles.warnings(services, PLATFORM, known)


APP = Rule(50000, ["/*"], "app")
OLD_LOTTO = Rule(1, LOTTO, "lotto")
CONSOLE = Rule(700, ["/x/*"], group="x-console")
FOREIGN = f"rule {CONSOLE.arn} (priority 700, /x/*)"


@pytest.mark.parametrize(
    ("services", "rules", "error", "warned"),
    [
        pytest.param([web("app", "/*"), web("one", "/x/*"), web("two", "/x/*"), web("all", "/*")], [],
            "Services 'app' and 'all' ask for the same requests", None,
            id="four services, two for the same requests each"),
        pytest.param(
            [web("one", "/x/*"), web("two", "/x/*", "/y")],
            [],
            None,
            [
                "Service 'two': rule magiclub-an2p-one (priority 1, /x/*) takes /x/* before rule magiclub-an2p-two"
                f" (priority 2, /x/* /y) is evaluated. Give what is at priority 1 a higher one. {MEANT}"
            ],
            id="one takes half of the other's requests",
        ),
        pytest.param([web("one", "/x/*"), web("two", "/x/*", "/y", accept=True)], [], None, [], id="accepted overlap"),
        pytest.param(
            [web("all", "/*")],
            [APP],
            None,
            [
                "Service 'all': rule magiclub-an2p-all (priority 49999, /*) will take /* from rule magiclub-an2p-app"
                f" (priority 50000, /*), {NOW}"
            ],
            id="a second service for everything comes before the first, which is not in the list",
        ),
        pytest.param(
            [web("lucky", *LOTTO)],
            [OLD_LOTTO],
            "Service 'lucky': no request for / /api/* /health would reach it at priority 2, as rule magiclub-an2p-lotto"
            " (priority 1, / /api/* /health) in front takes them all. Give what is at priority 1 a higher one, other"
            " paths or hosts, or remove what is in front.",
            None,
            id="a renamed lotto, whose old rule still answers",
        ),
        pytest.param(
            [web("lucky", *LOTTO, priority=1)],
            [OLD_LOTTO._replace(priority=5)],
            None,
            [
                "Service 'lucky': rule magiclub-an2p-lucky (priority 1, / /api/* /health) will take / /api/* /health"
                f" from rule magiclub-an2p-lotto (priority 5, / /api/* /health), {NOW}"
            ],
            id="a renamed lotto in front of its old rule",
        ),
        pytest.param(
            [web("web", "/x/*")],
            [CONSOLE],
            f"Service 'web': no request for /x/* would reach it at priority 701, as {FOREIGN} in front takes them all.",
            None,
            id="a service created in the console, whose rule stays in front",
        ),
        pytest.param(
            [web("web", "/x/*", priority=600)],
            [CONSOLE],
            None,
            [f"Service 'web': rule magiclub-an2p-web (priority 600, /x/*) will take /x/* from {FOREIGN}, {NOW}"],
            id="taken over in front of its previous rule",
        ),
        pytest.param([web("web", "/x/*", priority=600, accept=True)], [CONSOLE], None, [], id="accepted, too"),
        pytest.param([web("lotto", *LOTTO, smoke={"path": "/lucky"})], [],
            "Service 'lotto': smoke asks for /lucky, which its own rule", None,
            id="a smoke request that its own rule does not match"),
        pytest.param(
            [web("lotto", *LOTTO, priority=9, smoke={"path": "/api/lotto/lucky?x=1"})],
            [Rule(3, ["/api/lotto/*"])],
            f"Service 'lotto': smoke asks for /api/lotto/lucky?x=1, which rule {Rule(3, []).arn} (priority 3,"
            " /api/lotto/*) takes before its own rule at 9. Give it a rule.priority below 3, or set smoke.path (and"
            " smoke.host) to what reaches it.",
            [],
            id="a smoke request that a narrower rule in front takes",
        ),
        pytest.param(
            [web("app", "/*"), web("shop", "/x/*")],
            [APP],
            None,
            [
                "Service 'shop': rule magiclub-an2p-shop (priority 1, /x/*) will take /x/* from rule magiclub-an2p-app"
                f" (priority 50000, /*), {NOW}"
            ],
            id="a new service takes requests from an existing one",
        ),
        pytest.param(
            [web("one", "/x/*", "/y", priority=9), web("two", "/x/*", priority=8)],
            [Rule(9, ["/x/*", "/y"], "one")],
            None,
            [
                "Service 'two': rule magiclub-an2p-two (priority 8, /x/*) will take /x/* from rule magiclub-an2p-one"
                f" (priority 9, /x/* /y), {NOW}"
            ],
            id="one warning for what one takes and the other loses",
        ),
        pytest.param(
            [web("two", "/x/*", priority=8), web("three", "/x/y", "/z", priority=10, accept=True)],
            [Rule(20, ["/x/*"], "one")],
            None,
            [
                "Service 'two': rule magiclub-an2p-two (priority 8, /x/*) will take /x/* from rule magiclub-an2p-one"
                f" (priority 20, /x/*), {NOW}"
            ],
            id="only the first of two takes it",
        ),
        pytest.param([web("two", "/x/*", priority=8, accept=True), web("three", "/x/y", "/z", priority=10)],
            [Rule(20, ["/x/*"], "one")], None, [], id="no warning for what the first takes already"),
        pytest.param([web("app", "/*"), web("shop", "/x/*")], [APP, Rule(1, ["/x/*"], "shop")], None, [],
            id="the narrower one in front does not change"),
        pytest.param([web("app", "/*"), web("shop", "/x/*")], [], None, [], id="both are new"),
        pytest.param([web("app", "/y/*"), web("shop", "/x/*")], [Rule(50000, ["/x/*", "/y/*"], "app")], None, [],
            id="one hands over what it no longer matches"),
        pytest.param([backend(name="app"), web("shop", "/x/*")], [APP], None, [], id="one no longer has a rule"),
        pytest.param(
            [web("shop", "/x/*", priority=30)],
            [APP, Rule(20, ["/x/*"], source="10.0.0.0/8")],
            None,
            [
                "Service 'shop': rule magiclub-an2p-shop (priority 30, /x/*) will take /x/* from rule magiclub-an2p-app"
                f" (priority 50000, /*), {NOW}"
            ],
            id="one for some senders leaves the rest",
        ),
        pytest.param(
            [web("shop", "/*", hosts=["shop.example.com"])],
            [OLD_LOTTO],
            None,
            [
                "Service 'shop': rule magiclub-an2p-lotto (priority 1, / /api/* /health) takes shop.example.com/"
                " shop.example.com/api/* shop.example.com/health before rule magiclub-an2p-shop (priority 2,"
                f" shop.example.com /*) is evaluated. Give what is at priority 1 a higher one. {MEANT}"
            ],
            id="a host of its own behind paths of all hosts",
        ),
        pytest.param([web("lotto", *LOTTO), web("hello", "/hello/*")], [OLD_LOTTO], None, [], id="as shipped"),
        pytest.param(
            [web("app", "/x/*", priority=30)],
            [Rule(20, ["/x/*"], "app-test")],
            "Service 'app': no request for /x/* would reach it at priority 30, as rule magiclub-an2p-app-test",
            None,
            id="a service with the name of a test rule",
        ),
    ],
)  # fmt: skip
def test_errors_and_warnings_about_overlapping_rules(services, rules, error, warned):
    refused, warnings = said(services, rules)
    assert [sentence[: len(error or "")] for sentence in refused[:1]] == ([error] if error else [])
    assert warned is None or warned == warnings


def test_the_test_rule_of_a_service_is_not_another_services_rule():
    lotto = service(name="lotto", rules=[])
    there = info([Rule(1, ["/api/*"], "lotto-test"), CONSOLE], [lotto], {})
    there["services"]["lotto"]["ids"] = {f"listener_rule {PREFIX}-lotto-test": Rule(1, []).arn}
    assert [rule["arn"] for rule in overlaps.rules_of_others([lotto], PREFIX, there)] == [CONSOLE.arn]


def test_a_rule_of_which_only_the_name_is_known_is_the_service_s():
    lotto = service(name="lotto", rules=[])
    there = info([Rule(1, ["/api/*"], "lotto"), CONSOLE], [lotto], {})
    there["services"]["lotto"]["rules"] = []
    assert [rule["arn"] for rule in overlaps.rules_of_others([lotto], PREFIX, there)] == [CONSOLE.arn]


def test_a_rule_whose_target_group_is_abandoned_would_answer_503():
    rules = [CONSOLE, Rule(701, ["/z"], group="z-console")]
    _, warnings = said([web("web", "/y/*")], rules, {"web": group_arn("x-console")})
    assert warnings == [
        f"Service 'web': {FOREIGN} forwards to target group x-console, which the service leaves for one of its own, so"
        " that those requests are answered with 503. Add /x/* to rule.paths or rule.hosts, with a priority in front, or"
        " remove that rule."
    ]
    in_front = [web("web", "/x/*", "/y/*", priority=600, accept=True)]
    assert said(in_front, rules, {"web": group_arn("x-console")}) == ([], [])
    assert said([web("web", "/y/*")], rules, {"web": f"{PREFIX}-web"}) == ([], [])


@pytest.mark.parametrize(
    ("others", "asked", "front"),
    [
        pytest.param([], {"paths": ["/*"]}, None, id="alone"),
        pytest.param([Rule(3, ["/*"])], {"paths": ["/x/*", "/y"]}, [3], id="behind everything"),
        pytest.param([Rule(3, ["/x/*"])], {"paths": ["/*"]}, None, id="a part goes to a narrower one"),
        pytest.param([Rule(3, ["/x/*"])], {"paths": ["/x/*", "/y"]}, None, id="one of two paths is left"),
        pytest.param([Rule(3, ["/x/*"]), Rule(4, ["/y"])], {"paths": ["/x/*", "/y"]}, [3, 4], id="two together"),
        pytest.param([Rule(3, ["/*"], hosts=("a.io",))], {"paths": ["/*"]}, None, id="of one host only"),
        pytest.param([Rule(3, ["*"], hosts=("*.io",))], {"hosts": ["A.io"], "paths": ["/x"]}, [3], id="of its host"),
        pytest.param([Rule(12, ["/*"])], {"paths": ["/x"]}, None, id="behind it"),
        pytest.param([Rule(3, ["/*"], source="10.0.0.0/8")], {"paths": ["/x"]}, None, id="for some senders"),
    ],
)
def test_a_rule_without_requests_names_the_rules_in_front(others, asked, front):
    services = [service(rule={**asked, "priority": 11})]
    sentences = obstacles.obstacles(services, PLATFORM, info(others, services, {}))
    named = [[rule.priority for rule in others if f"(priority {rule.priority}," in sentence] for sentence in sentences]
    assert named == ([front] if front else [])
