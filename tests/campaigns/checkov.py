# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run checkov on the planned platform, the IAM policies, the Dockerfile, roles and playbooks.

``python -m tests.campaigns.checkov CHECKOV`` plans the platform on a local AWS, writes it as a CloudFormation template,
runs the program CHECKOV on all of it, and fails on every finding without a reason in checkov.yml, and
on every unused reason. checkov pins its own boto3, so it has a separate environment:
``make tight``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import yaml

from ..checks import iam
from ..support.ansible_run import Run
from ..support.cloud import ROOT
from ..support.no_containers import Bare, bare_cloud

REASONS = Path(__file__).with_name("checkov.yml")

Data = dict[str, t.Any]
Finding = tuple[str, str]


def resources(run: Run) -> list[Data]:
    """Return the resources that a plan adds, each with its values."""
    plans = [item["result"] for item in run.results if item["action"] == "magiclub.fargate.plan"]
    layers = [layer for plan in plans if "plan_id" in plan for layer in plan["layers"].values()]
    return [change for layer in layers for change in layer["changes"] if change["action"] == "add"]


def template(planned: t.Iterable[Data]) -> Data:
    """Return planned resources and the policies of docs/iam as a CloudFormation template."""
    made = {}
    for item in planned:
        if item["type"] in KINDS:
            made[logical_id(item["type"], item["name"])] = as_cloudformation(item)
    for name in (*iam.DEPLOYER, *iam.VIEWER):
        made[logical_id("policy", name)] = managed_policy(iam.committed(name))
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}


def logical_id(kind: str, name: str) -> str:
    """Return a CloudFormation name for a resource: C(iam_role), C(magiclub-an2p-x) give C(IamRoleMagiclubAn2pX)."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", f"{kind} {name}"))


def as_cloudformation(item: Data) -> Data:
    """Return a planned resource in CloudFormation's format, if checkov has checks for its type."""
    kind, properties = KINDS[item["type"]]
    return {"Type": kind, "Properties": properties(item["values"])}


def managed_policy(document: Data) -> Data:
    """Return a policy document as a managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


def _rules(rules: t.Iterable[Data]) -> list[Data]:
    made = []
    for rule in rules:
        first, _dash, last = str(rule["ports"]).partition("-")
        ports = {} if first == "all" else {"FromPort": int(first), "ToPort": int(last or first)}
        source = {"CidrIp" if "/" in rule["source"] else "SourceSecurityGroupId": rule["source"]}
        made.append({"IpProtocol": "-1" if rule["protocol"] == "all" else rule["protocol"], **ports, **source})
    return made


def _security_group(values: Data) -> Data:
    return {
        "GroupDescription": "as planned",
        "SecurityGroupIngress": _rules(values["ingress"]),
        "SecurityGroupEgress": _rules(values["egress"]),
    }


def _load_balancer(values: Data) -> Data:
    attributes = {
        "routing.http.drop_invalid_header_fields.enabled": values["drop_invalid_headers"],
        "deletion_protection.enabled": values["deletion_protection"],
        "access_logs.s3.enabled": values["access_logs"]["enabled"],
    }
    return {
        "Type": "application",
        "Scheme": values["scheme"],
        "LoadBalancerAttributes": [{"Key": key, "Value": str(value).lower()} for key, value in attributes.items()],
    }


def _listener(values: Data) -> Data:
    actions = [{"Type": action["type"], **_redirect(action)} for action in values["default_actions"]]
    policy = {"SslPolicy": values["ssl_policy"]} if values.get("ssl_policy") else {}
    return {"Port": values["port"], "Protocol": values["protocol"], "DefaultActions": actions, **policy}


def _redirect(action: Data) -> Data:
    return {"RedirectConfig": {"Protocol": action.get("protocol")}} if action["type"] == "redirect" else {}


def _repository(values: Data) -> Data:
    return {
        "ImageTagMutability": values["image_tag_mutability"],
        "ImageScanningConfiguration": {"ScanOnPush": values["scan_on_push"]},
        "EncryptionConfiguration": {"EncryptionType": values["encryption_type"]},
    }


def _role(values: Data) -> Data:
    inline = (values.get("inline_policies") or {}).items()
    return {
        "AssumeRolePolicyDocument": values["trust_policy"],
        "ManagedPolicyArns": values["managed_policies"],
        "Policies": [{"PolicyName": name, "PolicyDocument": document} for name, document in inline],
    }


def _task_definition(values: Data) -> Data:
    containers = values["container_definitions"].items()
    return {
        "NetworkMode": values["network_mode"],
        "RequiresCompatibilities": values["requires_compatibilities"],
        "ContainerDefinitions": [_container(name, container) for name, container in containers],
        "Volumes": values.get("volumes") or [],
    }


def _container(name: str, values: Data) -> Data:
    environment = (values.get("environment") or {}).items()
    return {
        "Name": name,
        "Image": values["image"],
        "Privileged": values.get("privileged", False),
        "ReadonlyRootFilesystem": values.get("readonly_root_filesystem", False),
        "Environment": [{"Name": key, "Value": value} for key, value in environment],
        "LogConfiguration": {"LogDriver": values["log_configuration"]["log_driver"]},
    }


def _service(values: Data) -> Data:
    public = "ENABLED" if values["network"]["assign_public_ip"] else "DISABLED"
    return {
        "LaunchType": "FARGATE",
        "PlatformVersion": values["platform_version"],
        "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": public}},
    }


KINDS: dict[str, tuple[str, t.Callable[[Data], Data]]] = {
    "vpc": ("AWS::EC2::VPC", lambda values: {"CidrBlock": values["cidr_block"]}),
    "subnet": ("AWS::EC2::Subnet", lambda values: {"MapPublicIpOnLaunch": values["public_addresses"]}),
    "security_group": ("AWS::EC2::SecurityGroup", _security_group),
    "load_balancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", _load_balancer),
    "listener": ("AWS::ElasticLoadBalancingV2::Listener", _listener),
    "target_group": ("AWS::ElasticLoadBalancingV2::TargetGroup", lambda values: {"Protocol": values["protocol"]}),
    "ecr_repository": ("AWS::ECR::Repository", _repository),
    "log_group": ("AWS::Logs::LogGroup", lambda values: {"RetentionInDays": values["retention"]}),
    "ecs_cluster": (
        "AWS::ECS::Cluster",
        lambda values: {"ClusterSettings": [{"Name": key, "Value": to} for key, to in values["settings"].items()]},
    ),
    "iam_role": ("AWS::IAM::Role", _role),
    "iam_policy": ("AWS::IAM::ManagedPolicy", lambda values: {"PolicyDocument": values["policy"]}),
    "ecs_task_definition": ("AWS::ECS::TaskDefinition", _task_definition),
    "ecs_service": ("AWS::ECS::Service", _service),
}


def findings(program: str, folder: Path) -> tuple[int, dict[Finding, str]]:
    """Return the number of passed checks, and the failed ones with their messages: by id and resource or file."""
    scans = [
        ["--directory", str(folder), "--framework", "cloudformation"],
        ["--file", str(ROOT / "lotto_app" / "Dockerfile"), "--framework", "dockerfile"],
        ["--directory", str(ROOT / ".github"), "--framework", "github_actions"],
        *(["--directory", str(ROOT / name), "--framework", "ansible"] for name in ("playbooks", "roles")),
    ]
    passed, failed = 0, dict[Finding, str]()
    for scan in scans:
        command = [program, *scan, "--output", "json", "--compact", "--quiet", "--skip-path", "collections"]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        reports = json.loads(output)
        for report in reports if isinstance(reports, list) else [reports]:
            passed += report.get("summary", report)["passed"]
            for found in report.get("results", {}).get("failed_checks", []):
                failed[found["check_id"], _place(found)] = found["check_name"]
    return passed, failed


def _place(found: Data) -> str:
    path = Path(str(found["file_path"]).lstrip("/"))
    if str(found["check_id"]).startswith("CKV_AWS"):
        return str(found["resource"]).rsplit(".", 1)[-1]
    return path.name if path.name == "Dockerfile" else str(path)


def judge(failed: t.Mapping[Finding, str], reasons: t.Mapping[str, Data]) -> list[str]:
    """Return a message for each finding without a reason, and for each unused reason."""
    unexplained = [
        f"{check} at {place}: {says}"
        for (check, place), says in sorted(failed.items())
        if not (check in reasons and re.fullmatch(reasons[check]["where"], place))
    ]
    found = {check for check, _place in failed}
    idle = [f"checkov.yml gives a reason for {check}, which finds nothing" for check in reasons if check not in found]
    return unexplained + idle


def plan() -> Run:
    """Return the plan of the whole platform in an empty account."""
    with tempfile.TemporaryDirectory(prefix="tight-") as folder, bare_cloud(Path(folder) / "aws") as cloud:
        run = Bare.fresh(cloud, Path(folder) / "run").site(check=True)
    if run.rc != 0:
        raise SystemExit(f"The plan failed: {run.message}")
    return run


def main() -> int:
    reasons = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="tight-") as folder:
        (Path(folder) / "platform.json").write_text(json.dumps(template(resources(plan())), indent=2), encoding="utf-8")
        passed, failed = findings(sys.argv[1], Path(folder))
    flaws = judge(failed, reasons)
    print("\n".join([*flaws, f"{passed} checks passed, {len(failed)} findings with a reason, {len(flaws)} flaws"]))
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
