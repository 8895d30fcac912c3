# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Least privilege: every run succeeds with its own policy, which allows nothing else; nothing is open; no secret leaks.

test_least_privilege.py removes actions from the policies, one at a time.
"""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest

from tests.campaigns.principals import (
    ACCOUNT,
    ALL,
    BOUNDARY,
    ENVIRONMENT_VALUE,
    PLANTED,
    TOKEN,
    Exercise,
    Principal,
    deployers,
    exercise,
    flaws_of_refusal,
    is_denied,
    telling,
    viewers,
)
from tests.checks import iam
from tests.support.account import Account
from tests.support.ansible_run import Run
from tests.support.cloud import Cloud
from tests.support.no_containers import PREFIX, SITE, Bare

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters of a managed policy, without
# white space
POLICY_SIZE = 6_144
CLOUD_OPTIONS = ("--auth",)
POLICIES = (*iam.DEPLOYER, *iam.VIEWER)
WORLD = {"0.0.0.0/0", "::/0"}
KINDS = [
    *(f"the {what} of the {who}" for who in ("deployer", "viewer") for what in ("secret access key", "session token")),
    *PLANTED,
]


class Held(t.NamedTuple):
    """AWS's descriptions of the platform while it exists."""

    open_to_the_world: set[str]
    services: list[dict[str, t.Any]]
    definitions: list[dict[str, t.Any]]
    repositories: list[dict[str, t.Any]]
    boundaries: dict[str, str]


class Done(t.NamedTuple):
    """All runs, the platform meanwhile, and everything that the runs wrote: each output and each file, by name.

    C(token) is the registry's, in base64 as AWS returns it.
    """

    exercise: Exercise
    verify: Run
    held: Held
    texts: dict[str, str]
    token: str

    def naming(self, word: str) -> list[str]:
        """Return where a word occurs."""
        return [name for name, text in self.texts.items() if word in text]


@pytest.fixture(scope="module")
def done(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("exercise")
    meanwhile: list[tuple[Held, Run]] = []

    def look(bare: Bare) -> None:
        meanwhile.append((_held(bare), _verified(cloud, folder, bare)))

    ended = exercise(cloud, folder, deployers(), viewers(), look)
    assert meanwhile, "\n".join(run.message or run.text for run in ended.runs.values() if run.rc != 0)
    (held, verify) = meanwhile[0]
    runs = {**ended.runs, "verify": verify}
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    texts = {name: path.read_text(encoding="utf-8", errors="replace") for name, path in files.items()}
    token = Principal.make(cloud, folder, "pusher", [ALL]).bare.account.client("ecr").get_authorization_token()
    return Done(
        ended,
        verify,
        held,
        {**{f"output of {name}": run.text for name, run in runs.items()}, **texts},
        token["authorizationData"][0]["authorizationToken"],
    )


def _held(bare: Bare) -> Held:
    ec2, ecs, ecr, aws_iam = (bare.account.client(name) for name in ("ec2", "ecs", "ecr", "iam"))
    groups = ec2.describe_security_groups()["SecurityGroups"]
    services = ecs.describe_services(cluster=f"{PREFIX}-ecs", services=[f"{PREFIX}-lotto"])["services"]
    roles = [aws_iam.get_role(RoleName=role["RoleName"])["Role"] for role in aws_iam.list_roles()["Roles"]]
    definitions = [ecs.describe_task_definition(taskDefinition=one["taskDefinition"]) for one in services]
    return Held(
        {group["GroupName"] for group in groups for rule in group["IpPermissions"] if WORLD & _sources(rule)},
        services,
        [found["taskDefinition"] for found in definitions],
        ecr.describe_repositories()["repositories"],
        {
            role["RoleName"]: role["PermissionsBoundary"]["PermissionsBoundaryArn"]
            for role in roles
            if role["RoleName"].startswith(PREFIX)
        },
    )


def _sources(rule: dict[str, t.Any]) -> set[str]:
    found = [
        (entry, key)
        for entries, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"))
        for entry in rule.get(entries, [])
    ]
    return {entry[key] for entry, key in found}


def _verified(cloud: Cloud, folder: Path, bare: Bare) -> Run:
    """Return a run of verify.yml by somebody with all permissions: its findings are not tested here."""
    auditor = Principal.make(cloud, folder, "auditor", [ALL], telling(folder / "auditor"))
    looking = auditor.bare.options(**bare.variables)
    return auditor.bare.run("playbooks/verify.yml", **looking)


def test_every_run_ends_well_with_just_its_policy(done: Done) -> None:
    runs = done.exercise.runs
    assert {name: run.message for name, run in runs.items() if run.rc != 0} == {}
    assert list(runs)[-3:] == ["deployment", "rollback", "destroy"]
    calls = done.exercise.deployer + done.exercise.viewer
    refused = [(call["action"], call["service"]) for call in calls if is_denied(call)]
    # the default security group has no tags before an administrator names it
    assert refused == [("CreateTags", "ec2")]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_holds_what_was_called_and_no_more(done: Done, name: str) -> None:
    calls = done.exercise.deployer if name in iam.DEPLOYER else done.exercise.viewer
    assert iam.committed(name) == iam.expected(name, calls), "Run 'make iam'."


def test_the_parts_hold_all_that_the_deployer_called(done: Done) -> None:
    parts = {action for name in iam.DEPLOYER for action in iam.allowed(iam.committed(name))}
    assert parts == iam.actions_of(done.exercise.deployer)


def test_a_run_stops_at_an_action_taken_out_and_says_what_to_add(done: Done, cloud: Cloud, tmp_path: Path) -> None:
    assert flaws_of_refusal(Principal.make(cloud, tmp_path, "lacking", deployers()), SITE, "ec2:CreateVpc") == []


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_fits_into_a_managed_one(name: str) -> None:
    assert len("".join(json.dumps(iam.committed(name)).split())) <= POLICY_SIZE


def test_the_viewer_may_change_nothing() -> None:
    assert all(iam.is_read(action) for action in iam.allowed(iam.committed("viewer")))


def test_roles_are_passed_to_tasks_and_schedules_only() -> None:
    allowed = [item for item in iam.committed(iam.ROLES)["Statement"] if item["Effect"] == "Allow"]
    passing = [item for item in allowed if "iam:PassRole" in item["Action"]]
    services = [["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"], ["scheduler.amazonaws.com"]]
    assert [item["Condition"] for item in passing] == [
        {"StringEquals": {"iam:PassedToService": one}} for one in services
    ]
    assert all(":role/magiclub-an2p-" in resource for item in passing for resource in item["Resource"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (iam.NETWORK, {"ReadNetwork", "DiscoveryCreate", "DiscoveryTag", "DiscoveryZone"}),
        (iam.SERVICE, {"RegistryLogin", "Read", "ReadTags", "Deregister"}),
        (iam.ROLES, {"ReadRoles"}),
    ],
)
def test_only_what_takes_no_resource_is_allowed_everywhere(name: str, expected: set[str]) -> None:
    assert {item["Sid"] for item in iam.committed(name)["Statement"] if item["Resource"] == ["*"]} == expected


def test_only_the_load_balancer_is_open_to_the_world(done: Done) -> None:
    assert done.held.open_to_the_world == {f"{PREFIX}-pub-alb-sg"}


def test_every_role_is_bounded(done: Done) -> None:
    names = (f"{PREFIX}-ecs-execution", f"{PREFIX}-lotto-execution", f"{PREFIX}-lotto-task")
    assert done.held.boundaries == dict.fromkeys(names, BOUNDARY)


def test_the_boundary_of_an_administrator_stays(done: Done, cloud: Cloud) -> None:
    assert done.exercise.runs["destroy"].rc == 0
    policies = Account(cloud.endpoint, ACCOUNT, None, 0).client("iam").list_policies(Scope="Local")["Policies"]
    assert [policy["Arn"] for policy in policies] == [BOUNDARY]


def test_the_first_run_says_how_the_default_group_gets_closed(done: Done) -> None:
    assert f"--tags Key=Name,Value={PREFIX}-default-sg" in done.exercise.runs["site"].text
    assert f"--tags Key=Name,Value={PREFIX}-default-sg" not in done.exercise.runs["update"].text


def test_nothing_is_left_to_plan(done: Done) -> None:
    layers = json.loads(done.texts["plan of all.json"])["layers"]
    assert [change for layer in layers.values() for change in layer["changes"]] == []


def test_tasks_have_no_public_address_and_get_secrets_by_reference(done: Done) -> None:
    (service,) = done.held.services
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    (container,) = done.held.definitions[0]["containerDefinitions"]
    references = {entry["name"]: entry["valueFrom"] for entry in container["secrets"]}
    assert references.pop("KEY").startswith("arn:aws:secretsmanager:")
    assert references == {"TOKEN": TOKEN}
    assert {entry["name"] for entry in container["environment"]} == {"WORD"}


def test_images_are_scanned_and_immutable(done: Done) -> None:
    (repository,) = done.held.repositories
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_the_runs_left_everything_that_is_looked_at(done: Done) -> None:
    assert done.verify.ok > 0, done.verify.text
    assert {"plan of nothing.json", "deployer/ansible.log", "viewer/ansible.log"} <= set(done.texts)
    assert any(name.startswith("deployer/facts/") for name in done.texts)
    # all of them have the references, so the runs did search for these secrets
    assert TOKEN in done.texts["output of site"]
    assert done.naming("fargate_plan")


def in_base64(word: str) -> str:
    return base64.b64encode(word.encode()).decode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encode", [str, in_base64])
def test_a_secret_is_found_nowhere(done: Done, kind: str, encode: t.Callable[[str], str]) -> None:
    assert done.naming(encode(done.exercise.secrets[kind])) == []


def test_every_kind_of_secret_is_looked_for(done: Done) -> None:
    assert list(done.exercise.secrets) == KINDS


def test_the_token_of_the_registry_is_found_nowhere(done: Done) -> None:
    pushed = [item for item in done.exercise.runs["site"].results if item["action"] == "magiclub.fargate.ecr_image"]
    assert pushed, "No image was pushed, so no token was asked for."
    _user, _colon, password = base64.b64decode(done.token).decode().partition(":")
    assert done.naming(done.token) + done.naming(password) == []


def test_values_of_environment_variables_are_not_in_a_plan(done: Done) -> None:
    assert ENVIRONMENT_VALUE not in done.texts["plan of nothing.json"]
    assert "(sensitive)" in done.texts["output of plan of nothing"]
