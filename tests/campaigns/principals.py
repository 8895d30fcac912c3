# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the playbooks as roles with only the permissions of a policy: the deployer and the viewer.

``python -m tests.campaigns.principals`` runs them as roles with all permissions, and writes docs/iam/*.json
from their calls.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import re
import sys
import tempfile
import typing as t
from pathlib import Path

from ..checks import iam
from ..support.account import Account
from ..support.ansible_run import Run
from ..support.certificate import self_signed
from ..support.cloud import Cloud
from ..support.drifts import DRIFTS, Found
from ..support.no_containers import DESTROY, PREFIX, SITE, Bare, bare_cloud

# keys that are not of twelve digits belong to this account, and so do its roles
ACCOUNT = "000000000000"
TRUST: iam.Data = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    ],
}
ALL: iam.Data = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

STATUS, ROLLBACK = "playbooks/status.yml", "playbooks/rollback.yml"
RELEASE = {"DeleteParameter"}

# Unique words: if one is found, it has leaked.
PLANTED = {
    "a secret of Secrets Manager": "planted-managed-secret-c0de",
    "a SecureString of SSM": "planted-secure-string-9b3e",
}
TOKEN = "/lotto/token"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/fargate-boundary/{PREFIX}-boundary"
DOMAIN = "lotto.your.company.com"
ENVIRONMENT_VALUE = "planted-environment-value-41aa"

Calls = list[dict[str, t.Any]]


class Principal(t.NamedTuple):
    """An assumed IAM role: the platform as its session runs it, the session's access key, and its secrets."""

    bare: Bare
    key: str
    name: str
    secrets: dict[str, str]

    @classmethod
    def make(
        cls,
        cloud: Cloud,
        folder: Path,
        name: str,
        policies: t.Sequence[iam.Data],
        environment: t.Mapping[str, str] | None = None,
    ) -> Principal:
        """Return a new role with only the permissions of I(policies); I(environment) is for its runs."""
        account = Account(cloud.endpoint, ACCOUNT, cloud.calls_path, 0)
        role = account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        given = account.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="tests")["Credentials"]
        credentials = {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
        bare = Bare.of(account, folder / name, {**credentials, **(environment or {})})
        secrets = {
            f"the secret access key of the {name}": given["SecretAccessKey"],
            f"the session token of the {name}": given["SessionToken"],
        }
        made = cls(bare, given["AccessKeyId"], name, secrets)
        made.may(policies)
        return made

    def may(self, policies: t.Sequence[iam.Data]) -> None:
        """Replace its permissions with those of I(policies)."""
        client = self.bare.account.client("iam")
        for number, policy in enumerate(policies):
            document = json.dumps(policy)
            client.put_role_policy(RoleName=self.name, PolicyName=f"part-{number}", PolicyDocument=document)

    def calls(self) -> Calls:
        """Return the calls of this session; requests to the registry have no key, and only one role pushes."""
        return [call for call in self.bare.account.calls() if call["key"] == self.key or call["service"] == "registry"]


AT_A_GATE = {
    "strategy": "blue_green",
    "bake_time": 0,
    "test": {"header": {"name": "X-Release", "values": ["green"]}},
    "gate": "approval",
}
"""A deployment that shifts requests and waits for an answer, which is the rollback."""


class Exercise(t.NamedTuple):
    """The runs of both roles by name, their calls, the words that must not leak, and the remaining resources.

    C(secrets) is by kind; the runs print and leave in C(folder) all that Ansible can.
    """

    runs: dict[str, Run]
    deployer: Calls
    viewer: Calls
    secrets: dict[str, str]
    folder: Path


def exercise(
    cloud: Cloud,
    folder: Path,
    deployer_may: t.Sequence[iam.Data],
    viewer_may: t.Sequence[iam.Data],
    meanwhile: t.Callable[[Bare], None] = lambda _bare: None,
) -> Exercise:
    """Plan, create, fix every drift, plan again, read, deploy another revision, roll it back, and remove.

    Stop at the first failed run. I(meanwhile) gets the platform while it exists.
    """
    deployer = Principal.make(cloud, folder, "deployer", deployer_may, telling(folder / "deployer"))
    viewer = Principal.make(cloud, folder, "viewer", viewer_may, telling(folder / "viewer"))
    make_boundary(deployer.bare.account)
    variables = as_in_poc(deployer.bare.account)
    made, seen = (
        dataclasses.replace(one.bare, variables={**one.bare.variables, **variables}) for one in (deployer, viewer)
    )
    shifting = {"lotto_service_options": {**variables["lotto_service_options"], "deployment": AT_A_GATE}}
    later = dataclasses.replace(made, variables={**made.variables, "lotto_service_environment": {}, **shifting})
    steps = [
        ("plan of nothing", seen, SITE, True),
        ("site", made, SITE, False),
        ("update", made, SITE, False),
        ("plan of all", seen, SITE, True),
        ("status", seen, STATUS, False),
        ("deployment", later, SITE, False),
        ("rollback", made, ROLLBACK, False),
        ("destroy", made, DESTROY, False),
    ]
    before: dict[str, t.Callable[[Bare], None]] = {"update": meddle, "deployment": meanwhile}
    runs: dict[str, Run] = {}
    for name, bare, playbook, check in steps:
        if name in before:
            before[name](bare)
        kept = {"plan_file": str(folder / f"{name}.json")} if playbook in (SITE, DESTROY) else {}
        confirmed = {"confirm": bare.prefix} if playbook == DESTROY else {}
        given = bare.options(check=check, **kept, **confirmed)
        runs[name] = bare.run(playbook, **given)
        if runs[name].rc != 0:
            break
    viewed = [call for call in viewer.calls() if call["service"] != "registry"]
    return Exercise(runs, deployer.calls(), viewed, {**deployer.secrets, **viewer.secrets, **PLANTED}, folder)


def make_boundary(account: Account) -> None:
    """Create the permissions boundary as an administrator does by docs/iam/README.md."""
    document = json.dumps(iam.for_account(iam.committed(iam.BOUNDS), ACCOUNT))
    account.client("iam").create_policy(
        Path="/fargate-boundary/", PolicyName=f"{PREFIX}-boundary", PolicyDocument=document
    )


def name_default_group(account: Account) -> None:
    """Name the default security group, as the first run asks an administrator to."""
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-vpc"]}])["Vpcs"]
    filters = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    ec2.create_tags(Resources=[group["GroupId"]], Tags=[{"Key": "Name", "Value": f"{PREFIX}-default-sg"}])


def as_in_poc(account: Account) -> dict[str, t.Any]:
    """Create the resources that inventories/poc expects; return its variables, and a service with all options."""
    certificate, key = self_signed(DOMAIN)
    account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    account.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="tests")
    bucket = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::draws/*"}
    options = {
        "smoke": None,
        "secrets": plant(account),
        "task_policies": {"draws": {"Version": "2012-10-17", "Statement": [bucket]}},
        "enable_execute_command": True,
        "readonly_root": False,
    }
    return {
        "alb_https": True,
        "fargate_domain": DOMAIN,
        "lotto_service_autoscaling": {"min": 1, "max": 4, "cpu": 60},
        "lotto_service_environment": {"WORD": ENVIRONMENT_VALUE},
        "lotto_service_options": options,
    }


def telling(folder: Path) -> dict[str, str]:
    """Return the settings with which a run prints and leaves all it can: every result, its log, and its facts."""
    return {
        "ANSIBLE_VERBOSITY": "4",
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_SHOW_CUSTOM_STATS": "true",
    }


def plant(account: Account) -> dict[str, str]:
    """Create a secret of each kind; return the references for a service."""
    managed = account.client("secretsmanager").create_secret(
        Name="lotto/key", SecretString=PLANTED["a secret of Secrets Manager"]
    )
    account.client("ssm").put_parameter(Name=TOKEN, Type="SecureString", Value=PLANTED["a SecureString of SSM"])
    return {"KEY": managed["ARN"], "TOKEN": TOKEN}


def flaws_of_refusal(lacking: Principal, playbook: str, action: str) -> list[str]:
    """Remove an action from the deployer's policies and run a playbook.

    Return a message for each way in which it did not stop at that call with the statement to add.
    """
    before = len(lacking.calls())
    documents = deployers()
    lacking.may([iam.without(document, action) for document in documents])
    run = lacking.bare.destroy() if playbook == DESTROY else lacking.bare.site()
    message = next((item["result"]["msg"] for item in reversed(run.results) if item["event"] == "failed"), "")
    found = re.search(r"Add to its policy: (\{.*\})$", message)
    if run.rc == 0 or not found:
        return [f"it ended with {run.rc} and said: {message or run.text}"]
    statement = json.loads(found[1])
    allowed = iam.resources_of(documents, action)
    wrong = [] if statement["Action"] == action else [f"it named {statement['Action']}"]
    wide = not any(fnmatch.fnmatchcase(statement["Resource"], resource) for resource in allowed)
    wrong += [f"the policies allow it on {allowed}, and it named {statement['Resource']}"] if wide else []
    # the lock is released
    return wrong + sorted(f"it went on to {done}" for done in writes_after_refusal(lacking.calls()[before:]) - RELEASE)


def writes_after_refusal(calls: Calls) -> set[str]:
    """Return the actions that changed something after the first refused call, which must exist.

    The name of the default security group, set by an administrator, does not count.
    """
    refused = [number for number, call in enumerate(calls) if is_denied(call) and call["action"] != "CreateTags"]
    assert refused, "Nothing was refused."
    return {call["action"] for call in calls[refused[0] :] if call["write"] and not call["error"]}


def is_denied(call: t.Mapping[str, t.Any]) -> bool:
    """Whether IAM refused a call."""
    return str(call["error"]).startswith(("AccessDenied", "UnauthorizedOperation"))


def deployers() -> list[iam.Data]:
    """Return the deployer's policies for the account of the tests."""
    return [iam.for_account(iam.committed(name), ACCOUNT) for name in iam.DEPLOYER]


def viewers() -> list[iam.Data]:
    """Return the viewer's policy for the account of the tests."""
    return [iam.for_account(iam.committed(name), ACCOUNT) for name in iam.VIEWER]


def meddle(bare: Bare) -> None:
    """Make the manual change that the first run asks for, and all those of tests/support/drifts.py."""
    name_default_group(bare.account)
    for change, _name in DRIFTS:
        change(Found(bare.account))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="iam-") as folder, bare_cloud(Path(folder) / "aws", "--auth") as cloud:
        done = exercise(cloud, Path(folder), [ALL], [ALL])
    failed = {name: run for name, run in done.runs.items() if run.rc != 0}
    for name, run in failed.items():
        print(f"{name} failed, so no policy was written: {run.message or run.text}", file=sys.stderr)
    if not failed:
        for name in iam.DEPLOYER:
            iam.write(name, iam.expected(name, done.deployer))
        for name in iam.VIEWER:
            iam.write(name, iam.expected(name, done.viewer))
        iam.write(iam.BOUNDS, iam.bounds())
        iam.write(iam.IDS, iam.ids())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
