# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import (
    desired,
    domains,
    facts,
    found,
    remembered,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import actions
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

P = "magiclub-an2p"
ALB = f"{P}-pub-alb"
DNS = f"{ALB}-123456789.ap-northeast-2.elb.amazonaws.com"
ARN = f"arn:aws:elasticloadbalancing:ap-northeast-2:1:loadbalancer/app/{ALB}/50dc6c495c0c9188"
INPUTS = {
    "name_prefix": P,
    "tags": {"Owner": "ops"},
    **defaults_of_new("alb"),
    "records": ["Lotto.Example.com."],
    "identity_provider_cidrs": [],
    "test_ports": [],
    "test_allowed_cidrs": ["203.0.113.0/24"],
}
NETWORK = {
    "vpc": {"name": f"{P}-vpc", "id": None, "cidr_block": "172.25.0.0/16"},
    "public_subnets": [{"name": f"{P}-pub-c1"}, {"name": f"{P}-pub-a1"}],
    "apps_subnets": [{"name": f"{P}-apps-a1"}, {"name": f"{P}-apps-c1"}],
}
ZONES = [
    {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": False}},
    {"Id": "/hostedzone/Z2", "Name": "lotto.example.com.", "Config": {"PrivateZone": True}},
    {"Id": "/hostedzone/Z3", "Name": "api.example.com.", "Config": {"PrivateZone": False}},
    {"Id": "/hostedzone/Z4", "Name": "twice.org."},
    {"Id": "/hostedzone/Z5", "Name": "twice.org."},
]


def resources(**inputs):
    read = {"certificate_arn": "arn:cert", "zones": {"Lotto.Example.com.": "example.com"}}
    return {entry["name"]: entry["values"] for entry in desired.resources({**INPUTS, **inputs}, NETWORK, read)}


@pytest.mark.parametrize(
    ("scheme", "tier"), [("internet-facing", ["pub-a1", "pub-c1"]), ("internal", ["apps-a1", "apps-c1"])]
)
def test_an_internal_load_balancer_is_among_the_apps(scheme, tier):
    values = resources(scheme=scheme)[ALB]
    assert (values["scheme"], values["subnets"]) == (scheme, [f"{P}-{subnet}" for subnet in tier])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com", "Z1"),
        ("lotto.example.com", "Z1"),
        ("v1.API.example.com.", "Z3"),
        ("*.api.example.com", "Z3"),
        ("notexample.com", None),
        ("com", None),
    ],
)
def test_hosted_zone(name, expected):
    zone = domains.hosted_zone(ZONES, name)
    assert (zone and domains.zone_id(zone)) == expected


def test_two_zones_of_one_name():
    with pytest.raises(RefusedError) as error:
        domains.hosted_zone(ZONES, "www.twice.org")
    assert str(error.value) == (
        "2 public hosted zones are named twice.org: Z4, Z5. Set alb_hosted_zone_id to one of them."
    )


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("lotto.example.com", "lotto.example.com", True),
        ("lotto.example.com", "LOTTO.example.com.", True),
        ("*.example.com", "lotto.example.com", True),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "\\052.example.com.", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.lotto.example.com", False),
        ("example.com", "lotto.example.com", False),
    ],
)
def test_covers(pattern, name, expected):
    assert domains.covers(pattern, name) is expected


def certificate(arn, domain, status="ISSUED", until="", names=()):
    return {
        "CertificateArn": arn,
        "DomainName": domain,
        "Status": status,
        "NotAfter": until,
        "SubjectAlternativeNameSummaries": list(names),
    }


CERTIFICATES = [
    certificate("old", "lotto.example.com", until="2026-01-01"),
    certificate("new", "example.com", until="2027-01-01", names=["*.example.com"]),
    certificate("pending", "lotto.example.com", "PENDING_VALIDATION", "2028-01-01"),
    certificate("late", "example.org", "EXPIRED"),
]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["lotto.example.com"], "new"),
        (["example.com", "lotto.example.com"], "new"),
        (["lotto.example.com", "other.org"], None),
        (["example.org"], None),
    ],
)
def test_certificate(names, expected):
    chosen = domains.certificate(CERTIFICATES, names)
    assert (chosen and chosen["CertificateArn"]) == expected


NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)


def renewed(arn, days, eligibility="ELIGIBLE", **values):
    until = NOW + datetime.timedelta(days=days)
    return {**certificate(arn, "a.example", until=until), "RenewalEligibility": eligibility, **values}


@pytest.mark.parametrize(
    ("of_listener", "expected"),
    [
        pytest.param(renewed("mine", 100), "mine", id="renewed in turn"),
        pytest.param(renewed("mine", 31), "mine", id="to be renewed"),
        pytest.param(renewed("mine", 30), "other", id="not renewed in time"),
        pytest.param(renewed("mine", 100, "INELIGIBLE"), "other", id="imported, as its successor"),
        pytest.param(renewed("mine", 100, Status="REVOKED"), "other", id="revoked"),
        pytest.param(renewed("mine", 100, DomainName="b.example"), "other", id="of another name"),
        pytest.param(renewed("former", 100), "other", id="not a listener's"),
    ],
)
def test_the_certificate_of_the_listener_stays_for_as_long_as_it_is_renewed(of_listener, expected):
    read = {
        "certificates": [of_listener, renewed("other", 200)],
        "listeners": [{"Port": 80}, {"Port": 443, "Certificates": [{"CertificateArn": "mine"}]}],
    }
    assert found.certificate_arn(read, found.Certificates("", ["a.example"]), NOW) == expected


def test_https():
    made = resources()
    assert list(made) == [f"{ALB}-sg", ALB, f"{ALB}:80", f"{ALB}:443", "lotto.example.com A"]
    assert made[f"{ALB}:80"]["default_actions"] == [desired.REDIRECT]
    assert made[f"{ALB}:80"]["default_actions"][0]["status_code"] == "HTTP_301"
    assert made[f"{ALB}:443"] == {
        "port": 443,
        "protocol": "HTTPS",
        "certificate": "arn:cert",
        "certificates": [],
        "tls_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "default_actions": [
            {"type": "fixed-response", "status_code": "404", "content_type": "text/plain", "message_body": "Not found"}
        ],
        "tags": {"Owner": "ops", "Name": f"{ALB}:443"},
    }
    assert made[ALB]["subnets"] == [f"{P}-pub-a1", f"{P}-pub-c1"]
    assert made[ALB]["drop_invalid_headers"] is True
    assert made["lotto.example.com A"] == {"zone": "example.com", "alias": ALB, "evaluate_target_health": True}


def test_plain_http():
    made = resources(https=False, records=[])
    assert list(made) == [f"{ALB}-sg", ALB, f"{ALB}:80"]
    assert made[f"{ALB}:80"]["default_actions"] == [desired.ANSWER]
    assert made[f"{ALB}-sg"]["ingress"] == [{"protocol": "tcp", "ports": "80", "source": "0.0.0.0/0"}]


@pytest.mark.parametrize("https", [False, True])
def test_a_port_for_tests_has_a_listener_like_that_of_the_services(https):
    made = resources(https=https, test_ports=[8443])
    own, test = made[f"{ALB}:{443 if https else 80}"], made[f"{ALB}:8443"]
    assert test == {**own, "port": 8443, "tags": {**own["tags"], "Name": f"{ALB}:8443"}}
    assert [rule for rule in made[f"{ALB}-sg"]["ingress"] if rule["ports"] == "8443"] == [
        {"protocol": "tcp", "ports": "8443", "source": "203.0.113.0/24"}
    ]


def test_a_port_for_tests_lets_in_whom_the_others_do_unless_told_otherwise():
    made = resources(test_ports=[8443], test_allowed_cidrs=[], allowed_cidrs=["198.51.100.0/24"])
    assert {rule["source"] for rule in made[f"{ALB}-sg"]["ingress"]} == {"198.51.100.0/24"}
    assert "8443" in {rule["ports"] for rule in made[f"{ALB}-sg"]["ingress"]}


def test_it_may_reach_an_identity_provider_beside_the_vpc():
    made = resources(identity_provider_cidrs=["203.0.113.0/24"])
    assert made[f"{ALB}-sg"]["egress"] == [
        {"protocol": "all", "ports": "all", "source": "172.25.0.0/16"},
        {"protocol": "tcp", "ports": "443", "source": "203.0.113.0/24"},
    ]


def test_a_listener_for_tests_is_told_from_that_of_users_and_of_others():
    made = desired.resources({**INPUTS, "test_ports": [8443]}, NETWORK, {})
    assert [one["name"] for one in made if one["type"] == "listener" and desired.is_test_listener(one)] == [
        f"{ALB}:8443"
    ]
    others = {"port": 9000, "default_actions": [{"type": "forward", "target_group": "mine"}]}
    assert not desired.is_test_listener({"type": "listener", "name": "mine", "values": others})


def test_dualstack():
    made = resources(ip_address_type="dualstack")
    assert made[f"{ALB}-sg"]["ingress"] == [
        {"protocol": "tcp", "ports": port, "source": source}
        for port in ("443", "80")
        for source in ("0.0.0.0/0", "::/0")
    ]
    assert [name for name in made if " " in name] == ["lotto.example.com A", "lotto.example.com AAAA"]


@pytest.mark.parametrize("cidrs", [["203.0.113.0/24"], ["203.0.113.0/24", "2001:db8::/32"]])
def test_dualstack_opens_no_more_than_was_allowed(cidrs):
    made = resources(ip_address_type="dualstack", allowed_cidrs=cidrs)
    assert {rule["source"] for rule in made[f"{ALB}-sg"]["ingress"]} == set(cidrs)


def test_access_logs():
    assert resources()[ALB]["access_logs"] == {"enabled": False, "bucket": None, "prefix": None}
    logged = resources(access_logs_bucket="logs", access_logs_prefix="alb")[ALB]
    assert logged["access_logs"] == {"enabled": True, "bucket": "logs", "prefix": "alb"}


def test_the_group_reaches_the_network_alone():
    egress = [{"protocol": "all", "ports": "all", "source": "172.25.0.0/16"}]
    assert resources()[f"{ALB}-sg"]["egress"] == egress


def test_the_group_reaches_subnets_in_further_blocks_of_a_network_of_others():
    blocks = {"apps": ["100.64.0.0/20", "100.64.16.0/20"], "public": ["172.25.0.0/24"]}
    network = {**NETWORK, "kept": True, **{f"{tier}_subnets": subnets(tier, some) for tier, some in blocks.items()}}
    made = desired.resources(INPUTS, network, {})
    (group,) = (entry["values"] for entry in made if entry["type"] == "security_group")
    assert [rule["source"] for rule in group["egress"]] == ["100.64.0.0/20", "100.64.16.0/20", "172.25.0.0/16"]


def subnets(tier, blocks):
    return [{"name": f"{tier}-{block}", "cidr_block": block} for block in blocks]


@pytest.mark.parametrize("action", [desired.REDIRECT, desired.ANSWER])
def test_actions_are_shown_as_they_were_given(action):
    (argument,) = actions.arguments([action])
    assert argument["Order"] == 1
    assert actions.shown([argument], {}) == [action]


def test_other_actions_are_shown():
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": "arn:tg"}
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {"ClientSecret": "s"}}
    assert actions.shown([forward, login], {"arn:tg": "blue"}) == [
        {"type": "authenticate-oidc"},
        {"type": "forward", "target_group": "blue"},
    ]


def raw(**more):
    group = {"GroupId": "sg-1", "GroupName": f"{ALB}-sg", "VpcId": "vpc-1", "IpPermissions": []}
    return {
        "vpcs": [{"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": f"{P}-vpc"}]}],
        "own_groups": [group, {**group, "GroupId": "sg-2", "VpcId": "vpc-2"}],
        "load_balancer": {
            "LoadBalancerName": ALB,
            "LoadBalancerArn": ARN,
            "VpcId": "vpc-1",
            "DNSName": DNS.upper(),
            "CanonicalHostedZoneId": "ZELB",
            "Scheme": "internet-facing",
            "IpAddressType": "ipv4",
            "State": {"Code": "provisioning"},
            "AvailabilityZones": [{"SubnetId": "subnet-2"}, {"SubnetId": "subnet-1"}],
            "SecurityGroups": ["sg-1", "sg-9"],
        },
        "attributes": [
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "90"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": "logs"},
        ],
        "tags": [{"Key": "Owner", "Value": "ops"}],
        "subnets": [
            {"SubnetId": "subnet-1", "Tags": [{"Key": "Name", "Value": f"{P}-pub-a1"}]},
            {"SubnetId": "subnet-2"},
        ],
        "groups": [group],
        "listeners": [
            {
                "ListenerArn": "arn:443",
                "Port": 443,
                "Protocol": "HTTPS",
                "Certificates": [{"CertificateArn": "arn:cert"}],
                "SslPolicy": "old",
                "DefaultActions": [],
                "Tags": {"Owner": "ops"},
            },
            {"ListenerArn": "arn:80", "Port": 80, "Protocol": "HTTP", "DefaultActions": []},
        ],
        **more,
    }


def alias(name, target, kind="A"):
    return {
        "Name": name,
        "Type": kind,
        "Zone": ZONES[0],
        "AliasTarget": {"DNSName": target, "EvaluateTargetHealth": True, "HostedZoneId": "ZELB"},
    }


def test_found():
    entries = found.resources(raw(), ALB)
    by_name = {entry["name"]: entry for entry in entries}
    assert [entry["id"] for entry in entries] == ["sg-1", ARN, "arn:80", "arn:443"]
    assert by_name[ALB]["values"] == {
        "vpc": f"{P}-vpc",
        "scheme": "internet-facing",
        "ip_address_type": "ipv4",
        "subnets": [f"{P}-pub-a1", "subnet-2"],
        "security_groups": [f"{ALB}-sg", "sg-9"],
        "deletion_protection": True,
        "drop_invalid_headers": True,
        "idle_timeout": 90,
        "access_logs": {"enabled": True, "bucket": "logs", "prefix": ""},
        "tags": {"Owner": "ops"},
    }
    assert by_name[f"{ALB}:443"]["values"]["certificate"] == "arn:cert"
    assert by_name[f"{ALB}:443"]["values"]["tls_policy"] == "old"
    assert by_name[f"{ALB}:443"]["values"]["tags"] == {"Owner": "ops"}
    assert by_name[f"{ALB}:80"]["values"]["tags"] == {}


def test_nothing_found():
    empty = {"vpcs": [], "own_groups": [], "load_balancer": None}
    assert found.resources(empty, ALB) == []


@pytest.mark.parametrize(
    ("record", "balancer", "shown", "foreign"),
    [
        (alias("lotto.example.com.", f"{DNS}."), True, ALB, False),
        (alias("lotto.example.com.", f"dualstack.{DNS}."), True, ALB, False),
        (alias("lotto.example.com.", "other-1.elb.amazonaws.com."), True, "other-1.elb.amazonaws.com", True),
        (alias("lotto.example.com.", f"{DNS}."), False, DNS, False),
        (alias("lotto.example.com.", f"{P}-pub-alb2-1.elb."), False, f"{P}-pub-alb2-1.elb", True),
        (
            {
                "Name": "lotto.example.com.",
                "Type": "A",
                "Zone": ZONES[0],
                "ResourceRecords": [{"Value": "198.51.100.2"}, {"Value": "198.51.100.1"}],
            },
            True,
            "198.51.100.1, 198.51.100.2",
            True,
        ),
    ],
)
def test_records(record, balancer, shown, foreign):
    there = raw(records=[record]) if balancer else raw(records=[record], load_balancer=None)
    (entry,) = [entry for entry in found.resources(there, ALB) if entry["type"] == "record_set"]
    assert (entry["name"], entry["values"]["zone"]) == ("lotto.example.com A", "example.com")
    assert (entry["values"]["alias"], entry["foreign"]) == (shown, foreign)


def test_records_with_a_routing_policy_are_no_concern_of_a_plan_and_in_the_way_of_a_simple_one():
    weighted = [
        {**alias("lotto.example.com.", "other-1.elb."), "SetIdentifier": colour, "Weight": 50}
        for colour in ("green", "blue")
    ]
    there = raw(records=weighted, zone_of={"lotto.example.com": ZONES[0]})
    assert [entry for entry in found.resources(there, ALB) if entry["type"] == "record_set"] == []
    assert found.problems(there, ["lotto.example.com"], found.Certificates("", [])) == [
        "lotto.example.com has records with a routing policy (blue, green), beside which there can be no simple one."
        " Leave the name out of alb_records, or remove them."
    ]


def test_a_foreign_record_is_replaced_where_desired_and_never_removed():
    entries = found.resources(raw(records=[alias("lotto.example.com.", "other.elb.")]), ALB)
    record = [entry for entry in entries if entry["type"] == "record_set"]
    wanted = {"type": "record_set", "name": "lotto.example.com A", "values": {"alias": ALB}}
    assert [change["action"] for change in compare.changes([wanted], record)] == ["change"]
    assert compare.changes([], record) == []


@pytest.mark.parametrize(
    ("read", "records", "given", "names", "expected"),
    [
        ({"certificates": CERTIFICATES}, [], "", ["lotto.example.com"], []),
        ({"certificates": CERTIFICATES}, [], "old", ["lotto.example.com"], []),
        (
            {"certificates": CERTIFICATES},
            [],
            "pending",
            [],
            ["Certificate pending is PENDING_VALIDATION, not ISSUED. Set alb_certificate_arn to an issued one."],
        ),
        (
            {"certificates": CERTIFICATES},
            [],
            "other",
            [],
            ["Certificate other is not in this account and region. Set alb_certificate_arn to an issued one."],
        ),
        (
            {"certificates": CERTIFICATES},
            [],
            "",
            ["example.org"],
            [
                "No issued certificate in ACM of this region covers example.org (late is EXPIRED). Request and validate"
                " one, set alb_certificate_arn, or set alb_https: false for plain HTTP."
            ],
        ),
        (
            {"zone_of": {"lotto.example.net": None}},
            ["lotto.example.net"],
            "",
            [],
            [
                "No public hosted zone for lotto.example.net: Route 53 has none named like it or its parents. Create"
                " one, or set alb_records to names in a zone that is there ([] for none)."
            ],
        ),
        (
            {"zone_of": {"a.example.com": ZONES[0]}, "records": [{"Name": "a.example.com.", "Type": "CNAME"}]},
            ["a.example.com"],
            "",
            [],
            [
                "a.example.com is a CNAME, beside which there can be no A record."
                " Remove it, or leave the name out of alb_records."
            ],
        ),
        ({"certificates": []}, [], "arn:aws-cn:iam::123456789012:server-certificate/front", [], []),
        ({}, [], "", [], []),
    ],
)
def test_problems(read, records, given, names, expected):
    assert found.problems(read, records, found.Certificates(given, names)) == expected


@pytest.mark.parametrize(
    ("read", "given", "expected"),
    [({"certificates": CERTIFICATES}, "", "new"), ({"certificates": []}, "", None), ({}, "x", "x"), ({}, "", None)],
)
def test_certificate_arn(read, given, expected):
    assert found.certificate_arn(read, found.Certificates(given, ["lotto.example.com"]), NOW) == expected


ARN_OF_ACM = "arn:aws:acm:ap-northeast-2:123456789012:certificate/"


def held(name, *others, status="ISSUED"):
    names = {"DomainName": name, "SubjectAlternativeNameSummaries": list(others)}
    return {"CertificateArn": f"{ARN_OF_ACM}{name}", "Status": status, "NotAfter": NOW, **names}


HELD = [held("a.example", "b.example"), held("b.example"), held("*.c.example"), held("d.example", status="EXPIRED")]


@pytest.mark.parametrize(
    ("names", "further", "default", "expected"),
    [
        pytest.param(["a.example"], ["b.example"], "a.example", ["b.example"], id="by domain"),
        pytest.param(["a.example"], [f"{ARN_OF_ACM}*.c.example"], "a.example", ["*.c.example"], id="by ARN"),
        pytest.param(["a.example"], ["x.c.example"], "a.example", ["*.c.example"], id="by a name of a wildcard"),
        pytest.param(["a.example"], ["b.example", "b.example."], "a.example", ["b.example"], id="one for two"),
        pytest.param(["a.example"], ["a.example"], "a.example", [], id="the default one"),
        pytest.param(["a.example", "x.c.example"], ["*.c.example"], "a.example", ["*.c.example"], id="a record of its"),
        pytest.param(
            ["a.example", "x.c.example"], [f"{ARN_OF_ACM}*.c.example"], "a.example", ["*.c.example"], id="of an ARN's"
        ),
        pytest.param(["x.c.example"], ["*.c.example"], "*.c.example", [], id="all names are of further ones"),
    ],
)
def test_further_certificates_are_found_and_the_default_one_need_not_be_for_their_names(
    names, further, default, expected
):
    read, wanted = {"certificates": HELD}, found.Certificates("", names, further)
    assert found.certificate_arn(read, wanted, NOW) == f"{ARN_OF_ACM}{default}"
    assert found.further_arns(read, wanted, NOW) == [f"{ARN_OF_ACM}{name}" for name in expected]
    assert found.problems(read, [], wanted) == []


def test_further_certificates_that_are_not_there_are_named():
    further = ["d.example", "e.example", f"{ARN_OF_ACM}d.example", f"{ARN_OF_ACM}x"]
    assert found.problems({"certificates": HELD}, [], found.Certificates("", ["a.example"], further)) == [
        f"No issued certificate in ACM of this region covers d.example ({ARN_OF_ACM}d.example is EXPIRED). Request and"
        " validate one, or take it out of alb_certificates.",
        "No issued certificate in ACM of this region covers e.example. Request and validate one, or take it out of"
        " alb_certificates.",
        f"Certificate {ARN_OF_ACM}d.example is EXPIRED, not ISSUED. Take it out of alb_certificates, or put an issued"
        " one in its place.",
        f"Certificate {ARN_OF_ACM}x is not in this account and region. Take it out of alb_certificates, or put an"
        " issued one in its place.",
    ]


def test_a_certificate_of_iam_is_none_that_acm_knows():
    further = "arn:aws:iam::123456789012:server-certificate/front"
    wanted = found.Certificates("", ["a.example"], [further])
    assert found.problems({"certificates": HELD}, [], wanted) == []
    assert found.further_arns({"certificates": HELD}, wanted, NOW) == [further]


def test_of_two_further_ones_that_are_renewed_in_turn_the_listener_keeps_its_own():
    mine, other = renewed("mine", 100), renewed("other", 200)
    read = {"certificates": [mine, other, held("b.example")], "listeners": [{"Port": 443, "Further": ["mine"]}]}
    wanted = found.Certificates("", ["b.example"], ["a.example"])
    assert found.further_arns(read, wanted, NOW) == ["mine"]


def test_each_listener_by_https_has_them_and_they_are_compared():
    known = {"certificate_arn": "arn:cert", "certificates": ["arn:b"], "zones": {}}
    made = desired.resources({**INPUTS, "records": [], "test_ports": [8443]}, NETWORK, known)
    of_port = {one["values"]["port"]: one for one in made if one["type"] == "listener"}
    has = {port: one["values"].get("certificates") for port, one in of_port.items()}
    assert has == {80: None, 443: ["arn:b"], 8443: ["arn:b"]}
    there = raw()
    there["listeners"][0]["Further"] = ["arn:b", "arn:by-hand"]
    listeners = [one for one in found.resources(there, ALB) if one["name"] == f"{ALB}:443"]
    (change,) = compare.changes([of_port[443]], listeners)
    assert {"path": "certificates", "before": ["arn:b", "arn:by-hand"], "after": ["arn:b"]} in change["fields"]


def test_zones():
    read = {"zone_of": {"a.example.com": ZONES[0], "b.org": None}}
    assert found.zones(read) == {"a.example.com": "example.com", "b.org": None}
    assert found.zone_ids(read) == {"example.com": "Z1"}


@pytest.mark.parametrize(
    ("names", "tags"),
    [
        pytest.param([], {}, id="none"),
        pytest.param(["www.Example.com.", "*.example.com"], {"Records": "+.example.com www.example.com"}, id="two"),
        pytest.param(["\\052.example.com"], {"Records": "+.example.com"}, id="as Route 53 writes an asterisk"),
        pytest.param(
            [f"{letter * 60}.example.com" for letter in "abcd"],
            {
                "Records": " ".join(f"{letter * 60}.example.com" for letter in "abc"),
                "Records2": f"{'d' * 60}.example.com",
            },
            id="more than a tag holds",
        ),
    ],
)
def test_names_of_records_are_kept_in_tags(names, tags):
    assert remembered.tags(names) == tags
    assert sorted(remembered.names({**tags, "Recordsets": "no", "Name": "no"})) == sorted(map(domains.canonical, names))


def test_a_tag_that_kept_names_is_emptied_when_no_name_is_left():
    has = {"Records": "a.example.com", "Records2": "b.example.com", "Name": ALB}
    entry = {"type": "load_balancer", "name": ALB, "values": {"tags": has}}

    def tags(*records):
        read = {"certificate_arn": "arn:cert", "zones": {}, "resources": [entry]}
        listed = desired.resources({**INPUTS, "records": list(records)}, NETWORK, read)
        found = next(item["values"]["tags"] for item in listed if item["type"] == "load_balancer")
        return {key: value for key, value in found.items() if key.startswith("Records")}

    assert tags() == {"Records": "", "Records2": ""}
    assert tags("a.example.com") == {"Records": "a.example.com", "Records2": ""}


def test_facts():
    there = facts.of_resources(P, "ap-northeast-2", found.resources(raw(), ALB), "example.com")
    assert (there["exists"], there["planned"], there["ready"]) == (True, True, False)
    assert there["load_balancer"] == {
        "name": ALB,
        "arn": ARN,
        "arn_suffix": f"app/{ALB}/50dc6c495c0c9188",
        "dns_name": DNS,
        "hosted_zone_id": "ZELB",
        "state": "provisioning",
    }
    assert there["security_group"] == {"name": f"{ALB}-sg", "id": "sg-1"}
    assert there["listeners"] == {"80": "arn:80", "443": "arn:443"}
    assert there["service_listener"] == {"port": 443, "arn": "arn:443", "protocol": "HTTPS"}
    assert there["domain"] == "example.com"


def test_facts_of_a_plan():
    made = desired.resources({**INPUTS, "https": False}, NETWORK, {})
    planned = facts.of_resources(P, "ap-northeast-2", compare.expected(made, []))
    assert (planned["exists"], planned["planned"], planned["ready"]) == (False, True, False)
    assert planned["load_balancer"]["arn"] is None
    assert planned["service_listener"] == {"port": 80, "arn": None, "protocol": "HTTP"}
    assert facts.of_resources(P, "ap-northeast-2", [])["service_listener"] is None


@pytest.mark.parametrize(("state", "ready"), [("active", True), ("active_impaired", True), ("failed", False)])
def test_ready(state, ready):
    balancer = {"type": "load_balancer", "name": ALB, "id": ARN, "state": state, "values": {}}
    assert facts.of_resources(P, "ap-northeast-2", [balancer])["ready"] is ready
