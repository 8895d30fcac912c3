# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Redirects and answers of the load balancer itself: made, found again, refused, and what services see of them."""

from __future__ import annotations

import types

import pytest
from ansible_collections.magiclub.fargate.plugins.filter import load_balancer
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import rules
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import overlaps, priorities
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import actions

from tests.unit.plugins.module_utils.service_definitions import PREFIX, service

ALB = f"{PREFIX}-pub-alb"
WWW = {"name": "www", "priority": 1, "hosts": ["www.example.com"], "redirect": {"host": "example.com"}}
DOWN = {"name": "down", "priority": 2, "paths": ["/*"], "fixed_response": {"status_code": 503, "message_body": "later"}}
TAGS = {"Owner": "ops"}


def described(number, condition, action, name, port=443):
    return {
        "RuleArn": f"arn:{name}:{port}",
        "Priority": str(number),
        "Conditions": [condition],
        "Actions": [action],
        "Tags": {**TAGS, "Name": name},
    }


REDIRECT = {
    "Type": "redirect",
    "Order": 1,
    "RedirectConfig": {
        "Protocol": "#{protocol}",
        "Port": "#{port}",
        "Host": "example.com",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    },
}
BY_HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["www.example.com"]}}
FORWARD = {"Type": "forward", "TargetGroupArn": "arn:group"}


def listener(port, *of_it):
    return {"Port": port, "ListenerArn": f"arn:{port}", "Rules": list(of_it)}


THERE = listener(443, described(1, BY_HOST, REDIRECT, f"{ALB}/www"), described(7, BY_HOST, FORWARD, f"{PREFIX}-web"))


def test_what_is_there_as_wanted_leaves_nothing_to_do():
    wanted = rules.desired([WWW], ALB, 443, TAGS)
    assert compare.changes(wanted, rules.found([listener(80), THERE], ALB)) == []
    assert [entry["name"] for entry in wanted] == [f"{ALB}/www"]


@pytest.mark.parametrize(
    ("action", "condition", "field"),
    [
        (
            {**REDIRECT, "RedirectConfig": {**REDIRECT["RedirectConfig"], "Host": "evil.example"}},
            BY_HOST,
            "action.host",
        ),
        (FORWARD, BY_HOST, "action"),
        (REDIRECT, {"Field": "host-header", "HostHeaderConfig": {"Values": ["x.y"]}}, "hosts"),
    ],
)
def test_a_drift_is_named(action, condition, field):
    there = listener(443, described(1, condition, action, f"{ALB}/www"))
    (change,) = compare.changes(rules.desired([WWW], ALB, 443, TAGS), rules.found([there], ALB))
    assert (change["action"], [one["path"] for one in change["fields"]]) == ("change", [field])


def test_what_nobody_asks_for_goes_also_from_the_other_listener():
    before = listener(80, described(1, BY_HOST, REDIRECT, f"{ALB}/www", 80))
    changes = compare.changes(rules.desired([WWW], ALB, 443, TAGS), rules.found([before, THERE], ALB))
    assert [(one["action"], one["name"], one["values"]["listener_arn"]) for one in changes] == [
        ("remove", f"{ALB}/www (80)", "arn:80")
    ]


def test_the_module_gets_priority_conditions_and_action():
    (entry,) = rules.desired([DOWN], ALB, 80, TAGS)
    assert load_balancer.alb_rule(entry) == {
        "priority": 2,
        **{word: [] for word in ("hosts", "methods", "source_ips", "headers", "query")},
        "paths": ["/*"],
        "tags": {**TAGS, "Name": f"{ALB}/down"},
        "fixed_response": {"status_code": "503", "content_type": "text/plain", "message_body": "later"},
    }
    assert actions.request(entry["values"]["action"]) == {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "later"},
    }


def test_a_redirect_may_drop_the_query():
    (entry,) = rules.desired([{**WWW, "redirect": {"host": "example.com", "query": ""}}], ALB, 443, TAGS)
    given = load_balancer.alb_rule(entry)["redirect"]
    assert given["query"] == ""
    assert actions.request(actions.wanted({"redirect": given}))["RedirectConfig"]["Query"] == ""
    (change,) = compare.changes([entry], rules.found([THERE], ALB))
    assert [(field["path"], field["after"]) for field in change["fields"]] == [("action.query", "")]
    for without in ({"Query": ""}, {}):
        kept = {key: value for key, value in REDIRECT["RedirectConfig"].items() if key != "Query"}
        there = described(1, BY_HOST, {**REDIRECT, "RedirectConfig": {**kept, **without}}, f"{ALB}/www")
        assert compare.changes([entry], rules.found([listener(443, there)], ALB)) == []


def test_a_number_of_another_rule_is_named():
    wanted = rules.desired([{**WWW, "priority": 7}], ALB, 443, TAGS)
    assert rules.taken(wanted, [listener(80), THERE], ALB) == [
        f"alb_rules www: priority 7 is taken by rule {PREFIX}-web: a listener has each once. Give another."
    ]
    assert rules.taken(rules.desired([WWW], ALB, 443, TAGS), [listener(80), THERE], ALB) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([WWW, DOWN], None),
        ([{**WWW, "name": "WWW"}], "alb_rules WWW: its name has to be lower-case letters"),
        ([{**WWW, "priority": 0}], "alb_rules www: priority 0 is out of range: 1 to 50000"),
        ([{**WWW, "redirect": None}], "it needs redirect or fixed_response, and not both."),
        ([{**WWW, "fixed_response": {"status_code": 503}}], "it needs redirect or fixed_response, and not both."),
        ([{**WWW, "hosts": []}], "alb_rules www: no condition: a rule needs one"),
        ([{**WWW, "redirect": {"status_code": "HTTP_302"}}], "redirect leads to where it comes from, for ever."),
        (
            [{**WWW, "hosts": ["w.a.com"], "redirect": {"host": "w.a.com"}}],
            "redirect leads to what this rule takes again",
        ),
        ([{**WWW, "hosts": ["w.a.com"], "redirect": {"path": "/x"}}], "redirect leads to what this rule takes again"),
        (
            [{**WWW, "hosts": [], "paths": ["/x"], "redirect": {"host": "a.com"}}],
            "redirect leads to what this rule takes",
        ),
        ([{**WWW, "hosts": ["w.a.com"], "redirect": {"host": "a.com", "path": "/x/#{path}"}}], None),
        ([{**WWW, "hosts": ["a.com"], "redirect": {"host": "www.#{host}"}}], None),
        ([{**WWW, "hosts": ["a.com"], "redirect": {"protocol": "HTTPS", "port": "443"}}], None),
        ([{**WWW, "hosts": [], "paths": ["/old"], "redirect": {"path": "/new", "query": "from=old&#{query}"}}], None),
        ([{**WWW, "redirect": {"host": "https://a.com"}}], "redirect.host 'https://a.com' is not a host,"),
        ([{**WWW, "redirect": {"host": ""}}], "redirect.host '' is not a host,"),
        ([{**WWW, "redirect": {"path": "x"}}], "redirect.path 'x' is not a path, as in /shop"),
        ([{**WWW, "redirect": {"path": "/한국"}}], "redirect.path '/한국' is not a path,"),
        ([{**WWW, "redirect": {"path": "/#{foo}"}}], "redirect.path '/#{foo}' is not a path,"),
        ([{**WWW, "redirect": {"port": "http"}}], "redirect.port 'http' is not a port, 1 to 65535 or #{port}."),
        ([{**WWW, "redirect": {"port": "65536"}}], "redirect.port '65536' is not a port,"),
        ([{**WWW, "redirect": {"query": "?a=1"}}], "redirect.query '?a=1' is not a query without its ?,"),
        ([{**DOWN, "paths": ["a b"]}], "alb_rules down: path 'a b' is not a path pattern:"),
        ([{**DOWN, "hosts": ["localhost"]}], "alb_rules down: host 'localhost' is not a host pattern:"),
        ([{**DOWN, "fixed_response": {"status_code": 302}}], "fixed_response.status_code 302 is not a code that AWS"),
        (
            [{**DOWN, "fixed_response": {"status_code": 503, "message_body": "x" * 1025}}],
            "fixed_response.message_body has 1025 characters: at most 1024.",
        ),
        ([WWW, {**DOWN, "priority": 1}], "alb_rules has priority 1 2 times."),
        ([WWW, {**WWW, "priority": 3}], "alb_rules has name www 2 times."),
    ],
)
def test_what_is_wrong_with_rules(given, says):
    said = rules.problems(given)
    assert (not said) if says is None else any(says in one for one in said), said


def test_services_take_no_number_of_them_and_may_be_behind_a_page_for_maintenance():
    part = types.SimpleNamespace(desired=rules.desired([{**DOWN, "priority": 1}], ALB, 443, TAGS))
    known = overlaps.with_balancers([], PREFIX, [part])
    info = {"rules": known, "services": {}, "missing_images": []}
    web = service(smoke={"path": "/x"})
    numbered = priorities.with_priorities([web, service(name="api", rule={"paths": ["/api"]})], PREFIX, info)
    assert [one["rules"][0]["priority"] for one in numbered] == [50000, 2]
    listener_ = overlaps.Listener.of(numbered, PREFIX, info)
    assert overlaps.refusals(listener_) == []
    assert any(f"rule {ALB}/down" in sentence for sentence in overlaps.warnings(listener_))


def test_rules_of_services_in_the_same_run_are_none_of_the_load_balancer():
    own = {"type": "listener_rule", "name": f"{PREFIX}-web", "values": {"target_group": f"{PREFIX}-web", "priority": 1}}
    there = {"arn": "arn:web", "name": f"{PREFIX}-web", "priority": 1}
    part = types.SimpleNamespace(desired=[own])
    assert overlaps.with_balancers([there], PREFIX, [part]) == [{**there, "deliberate": False}]
