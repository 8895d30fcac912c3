# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform with every definition of docs/workloads.md, exported to Terraform and removed; and AWS's answers.

All calls of the playbooks, their modules and Terraform's provider pass a proxy, which records each answer: it is
compared with botocore's model of its operation, lists are read again page by page, and after the removal all calls are
repeated.  Containers don't run.  Terraform has to be on the PATH, and its provider for AWS where the user's settings
say, for instance as a mirror in a .terraformrc; without them that part is skipped.

The tests are the life of one platform, in order.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.checks import iam
from tests.support import answers, asked_again, workloads
from tests.support.ansible_run import Run
from tests.support.certificate import self_signed
from tests.support.cloud import ROOT, Cloud
from tests.support.no_containers import PREFIX, SITE, Bare, plan_of

PROVIDER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

provider "aws" {
  skip_requesting_account_id = true
}
"""
DOMAIN, SECOND_DOMAIN = "your.company.com", "other.company.com"
SECRET = f"/{PREFIX}/office/client-secret"
FAILED = "failed-reports"
# options that need containers: tests/e2e/test_workloads.py
OF_CONTAINERS = ("before", "smoke", "container_health_check")
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::magiclub-in/*"}],
}
OUTSIDE = {
    "name": "outside",
    "image": "registry.example/outside:1",
    "subnets": "public",
    "task_policies": {"read": READ},
}
SERVICES = [
    {key: value for key, value in one.items() if key not in OF_CONTAINERS}
    # clients of Service Connect are deployed after the services that they call, whatever their order
    for listed in workloads.definitions().values()
    for one in reversed(listed)
] + [OUTSIDE]


class Terraform(t.NamedTuple):
    """Terraform in a folder of its own."""

    folder: Path
    environment: t.Mapping[str, str]

    def __call__(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", command, "-input=false", "-no-color", *arguments],
            cwd=self.folder,
            env={**self.environment, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )


class Platform(t.NamedTuple):
    """The platform, whose calls pass the proxy, and the options of its runs."""

    bare: Bare
    asked: answers.Recorder
    given: dict[str, t.Any]

    def run(self, playbook: str, check: bool = False, **more: t.Any) -> Run:
        options = self.bare.options(endpoint=self.asked.endpoint, check=check, **{**self.given, **more})
        run = self.bare.run(playbook, **options)
        assert run.failed == 0, run.text
        return run


def made_before(client: t.Callable[[str], t.Any]) -> str:
    """Create the resources that an inventory names and no playbook creates; return the ARN of the web ACL."""
    for domain in (DOMAIN, SECOND_DOMAIN):
        certificate, key = self_signed(domain)
        client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="tests")
    client("sqs").create_queue(QueueName=FAILED)
    client("ssm").put_parameter(Name=SECRET, Value="not to be seen", Type="SecureString")
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "front"}
    made = client("wafv2").create_web_acl(
        Name="front", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
    )
    return str(made["Summary"]["ARN"])


@pytest.fixture(scope="module")
def everything(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    folder = tmp_path_factory.mktemp("everything")
    with answers.recorder(cloud.endpoint) as asked:
        bare = Bare.fresh(cloud, folder / "run")
        given = {
            "fargate_domain": DOMAIN,
            "alb_https": True,
            **workloads.variables("Redirects and answers of the load balancer"),
            "alb_certificates": [SECOND_DOMAIN],
            "alb_web_acl_arn": made_before(bare.account.client),
            "ecs_cluster_http_namespace": "magiclub",
            "vpc_flow_logs": True,
            "vpc_gateway_endpoints": ["s3"],
            "vpc_interface_endpoints": ["ecr.api"],
            "fargate_services": SERVICES,
        }
        platform = Platform(bare, asked, given)
        platform.run(SITE)
        yield platform


def test_each_definition_of_the_document_is_deployed(everything: Platform, tmp_path: Path) -> None:
    client = everything.bare.account.client
    listed = client("ecs").get_paginator("list_services").paginate(cluster=f"{PREFIX}-ecs")
    services = {arn.rpartition("/")[2] for page in listed for arn in page["serviceArns"]}
    jobs = {one["Name"] for one in client("scheduler").list_schedules()["Schedules"]}
    named = {f"{PREFIX}-{one['name']}" for one in SERVICES}
    assert (services | jobs) - {f"{PREFIX}-lotto"} == named
    assert jobs == {f"{PREFIX}-{one['name']}" for one in SERVICES if "schedule" in one}
    everything.run(SITE, check=True, plan_file=str(tmp_path / "plan.json"))
    assert plan_of(tmp_path / "plan.json") == []


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Terraform has its provider."""
    if not shutil.which("terraform"):
        pytest.skip("There is no terraform on the PATH.")
    folder = tmp_path_factory.mktemp("terraform")
    (folder / "provider.tf").write_text(PROVIDER, encoding="utf-8")
    done = Terraform(folder, os.environ)("init")
    if done.returncode:
        pytest.skip(f"terraform init has no provider for AWS: {done.stderr[-400:]}")
    return folder


# Types of the platform that Terraform can't import, or has no resource for.
LEFT = {"image", "scheduled_action", "service_linked_role"}


def test_terraform_imports_all_of_it_and_changes_nothing(everything: Platform, terraform: Path) -> None:
    account = everything.bare.account
    environment = {**os.environ, **account.environment, "AWS_ENDPOINT_URL": everything.asked.endpoint}
    run_terraform = Terraform(terraform, environment)

    told = everything.run("playbooks/export.yml", terraform_file=str(terraform / "imports.tf")).text
    blocks = (terraform / "imports.tf").read_text(encoding="utf-8").count("import {")
    assert f"{blocks} import blocks are in" in told
    assert set(re.findall(r"^  - (\w+) ", told, re.MULTILINE)) == LEFT
    # it may end with errors of the provider about its own generated configuration
    run_terraform("plan", "-generate-config-out=generated.tf")
    everything.run("playbooks/export.yml", generated=str(terraform / "generated.tf"))
    planned = run_terraform("plan")
    summary = re.search(r"Plan: .*", planned.stdout)
    assert summary, planned.stdout[-4000:] + planned.stderr[-4000:]
    assert summary[0] == f"Plan: {blocks} to import, 0 to add, 0 to change, 0 to destroy.", planned.stdout
    assert blocks > 150


def test_lists_come_in_pages(everything: Platform) -> None:
    reads = [one for one in asked_again.once(everything.asked.exchanges) if asked_again.is_read(one)]
    unlike = {
        str(answers.name_of(one)): found
        for one in reads
        if (found := asked_again.unlike_in_pages(one, everything.asked.upstream.geturl()))
    }
    assert unlike == {}
    assert sum(asked_again.is_paged(one) for one in reads) > 20


def test_it_is_removed_without_a_rest(everything: Platform) -> None:
    everything.run("playbooks/destroy.yml", confirm=PREFIX)
    # it existed before
    assert everything.bare.account.left(PREFIX) == [f"lock {SECRET}"]


def test_each_answer_is_as_the_model_of_its_operation_has_it(everything: Platform) -> None:
    found = {str(one) for each in everything.asked.exchanges for one in answers.differences(each)}
    assert found - answers.RIGHT == set()


def test_what_is_gone_is_told_as_aws_tells_it(everything: Platform) -> None:
    endpoint = everything.asked.upstream.geturl()
    again = [asked_again.as_it_was(one, endpoint) for one in asked_again.of_what_is_gone(everything.asked.exchanges)]
    assert {str(one) for each in again for one in answers.differences(each)} - answers.RIGHT == set()
    assert {str(found) for each in again if (found := asked_again.found_though_gone(each))} == set()
    assert sum(one.status >= 400 for one in again) > 40


# Actions of the deployer and the viewer that this platform's life does not call: those of changes and failures, of a
# push, and those that AWS requires in addition to a call.
NOT_ASKED = {
    "application-autoscaling": "DeleteScalingPolicy DeleteScheduledAction TagResource",
    "cloudformation": "DescribeStackResources",
    "cloudwatch": "DeleteAlarms DescribeAlarms PutMetricAlarm",
    "ec2": (
        "DeleteRoute DescribeAccountAttributes DescribeRegions DescribeVpcEndpointServices "
        "GetSecurityGroupsForVpc ModifySubnetAttribute ReplaceRoute ReplaceRouteTableAssociation "
        "RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
        "UpdateSecurityGroupRuleDescriptionsIngress"
    ),
    "ecr": (
        "BatchCheckLayerAvailability BatchDeleteImage BatchGetRepositoryScanningConfiguration "
        "CompleteLayerUpload InitiateLayerUpload PutImageScanningConfiguration PutImageTagMutability "
        "TagResource UploadLayerPart"
    ),
    "ecs": (
        "ContinueServiceDeployment DescribeServiceDeployments DescribeServiceRevisions "
        "PutClusterCapacityProviders RunTask StopServiceDeployment StopTask TagResource UpdateCluster"
    ),
    "elasticloadbalancing": (
        "ModifyListener ModifyRule ModifyTargetGroup RemoveListenerCertificates SetIpAddressType "
        "SetRulePriorities SetSecurityGroups SetSubnets"
    ),
    "iam": (
        "CreatePolicyVersion DeletePolicyVersion PassRole PutRolePermissionsBoundary SetDefaultPolicyVersion "
        "TagPolicy TagRole UpdateAssumeRolePolicy"
    ),
    "logs": "DeleteRetentionPolicy GetLogEvents TagLogGroup TagResource",
    "route53": "CreateHostedZone ListHostedZonesByName",
    "scheduler": "UpdateSchedule",
    "servicediscovery": "DeregisterInstance TagResource UpdateService",
    "ssm": "GetParameterHistory",
}


def test_the_actions_of_docs_iam_are_asked(everything: Platform) -> None:
    policies = [
        json.loads((ROOT / "docs" / "iam" / f"{name}-policy.json").read_text(encoding="utf-8"))
        for name in (*iam.DEPLOYER, *iam.VIEWER)
    ]
    allowed = {
        action
        for policy in policies
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    asked = {answers.iam_action(one) for one in everything.asked.exchanges}
    not_asked = {f"{service}:{action}" for service, actions in NOT_ASKED.items() for action in actions.split()}
    assert allowed - asked - not_asked == set()
    assert not_asked - allowed == set()
