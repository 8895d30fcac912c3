# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""inventories/poc with only the endpoint set: HTTPS, certificate and records included."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.support.ansible_run import Run
from tests.support.certificate import self_signed

from .conftest import PREFIX, SITE, Platform, is_lucky

DOMAIN = "your.company.com"
# no registry can be reached from here, so the image is built as in the local inventory
POC = ("--inventory", "inventories/poc", "--extra-vars", "@inventories/local/group_vars/all/ecr_push.yml")

# limits of a first run: printed lines with this ansible.cfg, tasks, and started processes (a loop counts once)
LINES, TASKS, PROCESSES = 130, 170, 22


def site(platform: Platform, *arguments: str, **options: t.Any) -> Run:
    endpoint = {"fargate_endpoint_url": platform.account.endpoint}
    return platform.run(SITE, *POC, *arguments, extra_vars=endpoint, **options)


def test_without_zone_or_certificate_nothing_is_made(empty_platform: Platform) -> None:
    run = site(empty_platform)
    assert run.rc != 0
    assert "certificate" in run.message, run.text
    assert DOMAIN in run.message
    made = [call["action"] for call in empty_platform.account.writes() if call["service"] not in ("ssm", "ec2")]
    assert made == []


@pytest.fixture(scope="module")
def poc(empty_platform: Platform) -> Platform:
    """The platform of inventories/poc, in an account with a zone and a certificate."""
    cert, key = self_signed(DOMAIN)
    empty_platform.account.client("acm").import_certificate(Certificate=cert, PrivateKey=key)
    empty_platform.account.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="tests")
    run = site(empty_platform)
    assert run.rc == 0, run.text
    assert run.lines <= LINES, run.text
    assert (len(run.results) <= TASKS, len(run.processes) <= PROCESSES) == (True, True), run.text
    return empty_platform


def test_https_serves_and_http_redirects(poc: Platform) -> None:
    answer = poc.get("/api/lotto/lucky", port=443)
    assert answer.status == 200, answer
    assert is_lucky(json.loads(answer.body))
    redirect = poc.get("/api/lotto/lucky", port=80)
    assert redirect.status == 301
    assert redirect.headers["Location"].startswith("https://")


def test_the_listener_has_the_certificate_and_tls_1_3(poc: Platform) -> None:
    elbv2 = poc.account.client("elbv2")
    [balancer] = elbv2.describe_load_balancers(Names=[f"{PREFIX}-pub-alb"])["LoadBalancers"]
    listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    [https] = [listener for listener in listeners if listener["Protocol"] == "HTTPS"]
    assert "TLS13" in https["SslPolicy"]
    assert len(https["Certificates"]) == 1


def test_the_record_points_at_the_load_balancer(poc: Platform) -> None:
    route53 = poc.account.client("route53")
    [zone] = [zone for zone in route53.list_hosted_zones()["HostedZones"] if zone["Name"] == f"{DOMAIN}."]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    aliases = {record["Name"]: record["AliasTarget"]["DNSName"] for record in records if record["Type"] == "A"}
    balancer = poc.account.client("elbv2").describe_load_balancers(Names=[f"{PREFIX}-pub-alb"])["LoadBalancers"][0]
    assert aliases
    assert {target.rstrip(".").removeprefix("dualstack.") for target in aliases.values()} == {
        balancer["DNSName"].lower()
    }


def test_nothing_is_left_to_plan(poc: Platform) -> None:
    run = site(poc, "--extra-vars", "plan_must_be_empty=true", check=True)
    assert (run.rc, run.changed_tasks) == (0, []), run.text


def test_removing_leaves_the_zone_and_the_certificate_only(poc: Platform) -> None:
    extra = {"fargate_endpoint_url": poc.account.endpoint, "confirm": PREFIX}
    run = poc.run("playbooks/destroy.yml", *POC, extra_vars=extra)
    assert run.rc == 0, run.text
    assert poc.account.left(PREFIX) == []
    assert len(poc.account.client("acm").list_certificates()["CertificateSummaryList"]) == 1
