# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The layers ecs_cluster and ecr_push: planned, created, changed by hand, fixed, removed."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import shutil
import typing as t
from pathlib import Path

import docker
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import buildkit

from tests.support.account import REGION, Account
from tests.support.ansible_run import Run

from .conftest import BASE

PREFIX = "drift-an2t"
DOMAIN = "drift.internal"
Playbook = t.Callable[..., Run]
Boto = t.Callable[[str], t.Any]
Drift = t.Callable[[Boto, str], None]

CLUSTER = f"{PREFIX}-ecs"
ROLE = f"{PREFIX}-ecs-execution"
POLICY = f"{PREFIX}-ecs-exec"
BOUNDARY = f"{PREFIX}-boundary"
REPOSITORY = f"{PREFIX}-app"
ROLE_OF_IMAGE = {"name": "magiclub.fargate.ecr_push"}


def shared_vars(account: Account) -> dict[str, t.Any]:
    return {
        "fargate_project": "drift",
        "fargate_region": REGION,
        "fargate_environment": "Trial",
        "fargate_private_domain": DOMAIN,
        "fargate_endpoint_url": account.endpoint,
        "fargate_name_prefix": PREFIX,
        "fargate_tags": {"Project": "drift", "ManagedBy": "ansible"},
    }


@dataclasses.dataclass
class Layer:
    """One role in one account: C(run) runs it, C(planned) is its plan."""

    playbook: Playbook
    account: Account
    role: str
    extra: dict[str, t.Any]

    def run(self, check: bool = False, **extra: t.Any) -> Run:
        role = {"name": f"magiclub.fargate.{self.role}"}
        tasks = [{"ansible.builtin.include_role": role}]
        if not check and extra.get(f"{self.role}_state") != "absent":
            tasks.append({"ansible.builtin.include_role": {**role, "tasks_from": "ready"}})
        play = {"vars": {**shared_vars(self.account), **self.extra}, "tasks": tasks}
        return self.playbook([play], check=check, extra_vars=extra)


def changes(run: Run) -> list[str]:
    assert run.rc == 0, run.text
    plans = [item["result"] for item in run.results if item["action"] == "magiclub.fargate.plan"]
    found = [layer["changes"] for plan in plans if "plan_id" in plan for layer in plan["layers"].values()]
    return [
        f"{change['action']} {change['type']} {change['name']}"
        + "".join(f" {field['path']}" for field in change["fields"])
        for change in found[-1]
    ]


def failure(run: Run) -> str:
    """Return the message of the failed task; of a loop, those of its items."""
    assert run.rc != 0, run.text
    failed = next(item["result"] for item in run.results if item["event"] == "failed")
    return "".join(one["msg"] for one in failed.get("results", [failed]) if one.get("failed", True))


def arn(account: str, service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def exec_actions(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


def namespace(boto: Boto) -> dict[str, t.Any]:
    (found,) = boto("servicediscovery").list_namespaces()["Namespaces"]
    return t.cast("dict[str, t.Any]", found)


CLUSTER_DRIFTS: dict[str, tuple[Drift, list[str]]] = {
    "container insights": (
        lambda boto, _id: boto("ecs").update_cluster_settings(
            cluster=CLUSTER, settings=[{"name": "containerInsights", "value": "enabled"}]
        ),
        [f"change ecs_cluster {CLUSTER} settings.containerInsights"],
    ),
    "a capacity provider": (
        lambda boto, _id: boto("ecs").put_cluster_capacity_providers(
            cluster=CLUSTER,
            capacityProviders=["FARGATE"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1, "base": 1}],
        ),
        [f"change ecs_cluster {CLUSTER} capacity_providers"],
    ),
    "the default strategy": (
        lambda boto, _id: boto("ecs").put_cluster_capacity_providers(
            cluster=CLUSTER,
            capacityProviders=["FARGATE", "FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}],
        ),
        [f"change ecs_cluster {CLUSTER} default_capacity_provider_strategy"],
    ),
    "a tag of the cluster": (
        lambda boto, account: boto("ecs").untag_resource(
            resourceArn=arn(account, "ecs", f"cluster/{CLUSTER}"), tagKeys=["Project"]
        ),
        [f"change ecs_cluster {CLUSTER} tags.Project"],
    ),
    "who may take the role": (
        lambda boto, _id: boto("iam").update_assume_role_policy(
            RoleName=ROLE, PolicyDocument=trust("ec2.amazonaws.com")
        ),
        [f"change iam_role {ROLE} trust_policy.Statement"],
    ),
    "a policy of the role": (
        lambda boto, _id: boto("iam").detach_role_policy(
            RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
        ),
        [f"change iam_role {ROLE} managed_policies"],
    ),
    "one policy too many": (
        lambda boto, _id: boto("iam").attach_role_policy(
            RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        ),
        [f"change iam_role {ROLE} managed_policies"],
    ),
    "a boundary of the role": (
        lambda boto, _id: boto("iam").put_role_permissions_boundary(
            RoleName=ROLE, PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        ),
        [f"change iam_role {ROLE} permissions_boundary"],
    ),
    "a role without its boundary": (
        lambda boto, _id: boto("iam").delete_role_permissions_boundary(RoleName=ROLE),
        [f"change iam_role {ROLE} permissions_boundary"],
    ),
    "what the boundary allows": (
        lambda boto, account: boto("iam").create_policy_version(
            PolicyArn=arn(account, "iam", f"policy/fargate-boundary/{BOUNDARY}", region=""),
            PolicyDocument=exec_actions("ssmmessages:CreateControlChannel"),
            SetAsDefault=True,
        ),
        [f"change iam_policy {BOUNDARY} policy.Statement"],
    ),
    "a tag of the role": (
        lambda boto, _id: boto("iam").untag_role(RoleName=ROLE, TagKeys=["ManagedBy"]),
        [f"change iam_role {ROLE} tags.ManagedBy"],
    ),
    "the role": (
        lambda boto, _id: delete_role(boto("iam")),
        [f"add iam_role {ROLE}"],
    ),
    "an action of ECS Exec": (
        lambda boto, account: boto("iam").create_policy_version(
            PolicyArn=arn(account, "iam", f"policy/{POLICY}", region=""),
            PolicyDocument=exec_actions("ssmmessages:CreateControlChannel"),
            SetAsDefault=True,
        ),
        [f"change iam_policy {POLICY} policy.Statement"],
    ),
    "a tag of the policy": (
        lambda boto, account: boto("iam").untag_policy(
            PolicyArn=arn(account, "iam", f"policy/{POLICY}", region=""), TagKeys=["Project"]
        ),
        [f"change iam_policy {POLICY} tags.Project"],
    ),
    "a tag of the namespace": (
        lambda boto, _id: boto("servicediscovery").tag_resource(
            ResourceARN=namespace(boto)["Arn"], Tags=[{"Key": "Project", "Value": "other"}]
        ),
        [f"change namespace {DOMAIN} tags.Project"],
    ),
    "the namespace": (
        lambda boto, _id: boto("servicediscovery").delete_namespace(Id=namespace(boto)["Id"]),
        [f"add namespace {DOMAIN}"],
    ),
    "the cluster": (
        lambda boto, _id: boto("ecs").delete_cluster(cluster=CLUSTER),
        [f"add ecs_cluster {CLUSTER}"],
    ),
}


def delete_role(iam: t.Any) -> None:
    for policy in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=ROLE, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=ROLE)


EXPIRE_UNTAGGED = {
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
    "action": {"type": "expire"},
}
REPOSITORY_DRIFTS: dict[str, tuple[Drift, list[str]]] = {
    "mutability": (
        lambda boto, _id: boto("ecr").put_image_tag_mutability(repositoryName=REPOSITORY, imageTagMutability="MUTABLE"),
        [f"change ecr_repository {REPOSITORY} image_tag_mutability"],
    ),
    "scanning": (
        lambda boto, _id: boto("ecr").put_image_scanning_configuration(
            repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": False}
        ),
        [f"change ecr_repository {REPOSITORY} scan_on_push"],
    ),
    "another lifecycle policy": (
        lambda boto, _id: boto("ecr").put_lifecycle_policy(
            repositoryName=REPOSITORY,
            lifecyclePolicyText=json.dumps({"rules": [{"rulePriority": 7, **EXPIRE_UNTAGGED}]}),
        ),
        [f"change ecr_repository {REPOSITORY} lifecycle_policy.rules"],
    ),
    "no lifecycle policy": (
        lambda boto, _id: boto("ecr").delete_lifecycle_policy(repositoryName=REPOSITORY),
        [f"change ecr_repository {REPOSITORY} lifecycle_policy.rules"],
    ),
    "a repository policy": (
        lambda boto, _id: boto("ecr").set_repository_policy(
            repositoryName=REPOSITORY,
            policyText=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "ecr:BatchGetImage"}
                    ],
                }
            ),
        ),
        [f"change ecr_repository {REPOSITORY} repository_policy"],
    ),
    "a tag": (
        lambda boto, account: boto("ecr").untag_resource(
            resourceArn=arn(account, "ecr", f"repository/{REPOSITORY}"), tagKeys=["Project"]
        ),
        [f"change ecr_repository {REPOSITORY} tags.Project"],
    ),
}


@pytest.fixture
def cluster(account: Account, playbook: Playbook) -> Layer:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="172.25.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": f"{PREFIX}-vpc"}])
    return Layer(playbook, account, "ecs_cluster", {})


@pytest.fixture
def image(account: Account, playbook: Playbook, tmp_path: Path) -> Layer:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY hello /hello\nARG REVISION\nLABEL revision=$REVISION\n")
    (context / "hello").write_text("hello\n")
    build = {"path": str(context), "provenance_args": {"REVISION": "one"}}
    extra = {"ecr_push_build": build, "ecr_push_force_delete": True}
    return Layer(playbook, account, "ecr_push", extra)


NEEDS_BUILDKIT = (
    "FROM scratch AS made\nCOPY hello /hello\n"
    "FROM {base}\n"
    "RUN --mount=type=secret,id=token --mount=type=cache,target=/cache"
    ' python3 -c "import hashlib, pathlib;'
    " pathlib.Path('/seen').write_text(hashlib.sha256(pathlib.Path('/run/secrets/token').read_bytes()).hexdigest())\"\n"
    "COPY --from=made --chmod=600 /hello /hello\n"
)
SECRET = "hunter2-of-the-build"


def pushed(account: Account) -> str:
    """Return the content-tagged image of an account, by digest, without a platform's part."""
    ecr = account.client("ecr")
    [repository] = ecr.describe_repositories(repositoryNames=[REPOSITORY])["repositories"]
    details = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    [digest] = [one["imageDigest"] for one in details if any("-" not in tag for tag in one.get("imageTags", []))]
    return f"{repository['repositoryUri']}@{digest}"


def docker_clis() -> dict[bool, str]:
    """Return folders of Docker CLIs on the PATH: with and without BuildKit."""
    folders = [folder for folder in os.environ["PATH"].split(":") if shutil.which("docker", path=folder)]
    return {not buildkit.lacking({"PATH": folder}): folder for folder in reversed(folders)}


def test_a_dockerfile_that_needs_buildkit_is_built_with_it_and_refused_without_it(image: Layer, tmp_path: Path) -> None:
    clis = docker_clis()
    (tmp_path / "context" / "Dockerfile").write_text(NEEDS_BUILDKIT.format(base=BASE), encoding="utf-8")
    image.extra["ecr_push_build"]["secrets"] = {"token": SECRET}

    def run(path: str) -> Run:
        plays = [
            {
                "vars": {**shared_vars(image.account), **image.extra},
                "tasks": [{"ansible.builtin.include_role": ROLE_OF_IMAGE}],
            }
        ]
        return image.playbook(plays, env={"PATH": f"{path}:{os.environ['PATH']}"})

    before = len(image.account.writes())
    if False in clis:
        refused = run(clis[False])
        assert re.search("has 'RUN --mount=type=secret,id=token .*', which needs BuildKit", refused.message)
        assert len(image.account.writes()) == before
    if True not in clis:
        pytest.skip("no Docker CLI on the PATH has BuildKit")
    made = run(clis[True])
    assert made.rc == 0, made.text
    assert SECRET not in made.text
    with contextlib.closing(docker.from_env()) as engine:
        uri = pushed(image.account)
        seen = engine.containers.run(uri, ["cat", "/seen"], remove=True)
        layers = b"".join(engine.images.get(uri).save())
    assert seen.decode() == hashlib.sha256(SECRET.encode()).hexdigest()
    assert SECRET.encode() not in layers


def test_an_image_for_both_platforms_is_one_index_that_the_engine_pulls(
    image: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clis = docker_clis()
    if True not in clis:
        pytest.skip("no Docker CLI on the PATH has BuildKit")
    monkeypatch.setenv("PATH", f"{clis[True]}:{os.environ['PATH']}")
    image.extra["ecr_push_build"]["platform"] = "linux/amd64,linux/arm64"
    made = image.run()
    assert made.rc == 0, made.text
    assert image.run().changed == 0
    uri = pushed(image.account)
    details = image.account.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    tags = [tag for one in details for tag in one["imageTags"] if "-" in tag]
    assert len(tags) == 2
    with contextlib.closing(docker.from_env()) as engine:
        assert engine.images.pull(uri.partition("@")[0], tag=uri.partition("@")[2]).attrs["Architecture"] in (
            "amd64",
            "arm64",
        )
        for name in tags:
            of_one = engine.images.pull(uri.partition("@")[0], tag=name).attrs["Architecture"]
            assert name.endswith(f"-{of_one}"), name


def test_cluster_from_nothing_to_nothing(cluster: Layer) -> None:
    before = len(cluster.account.writes())
    planned = changes(cluster.run(check=True))
    assert len(cluster.account.writes()) == before
    assert planned == [
        "add service_linked_role AWSServiceRoleForECS",
        f"add iam_policy {PREFIX}-boundary",
        f"add iam_role {ROLE}",
        f"add iam_policy {POLICY}",
        f"add ecs_cluster {CLUSTER}",
        f"add namespace {DOMAIN}",
    ]
    assert changes(cluster.run()) == planned
    assert cluster.run().changed == 0

    failures = []
    for name, (drift, expected) in CLUSTER_DRIFTS.items():
        drift(cluster.account.client, cluster.account.key)
        wait_for_cloud_map(cluster.account)
        named = changes(cluster.run(check=True))
        fixed = cluster.run()
        left = changes(cluster.run(check=True))
        if named != expected or fixed.changed == 0 or left:
            failures.append((name, named, left))
    assert failures == []

    gone = cluster.run(ecs_cluster_state="absent")
    assert sorted(changes(gone)) == sorted(f"remove {line.removeprefix('add ')}" for line in planned[1:])
    assert [entry for entry in cluster.account.left(PREFIX) if "vpc" not in entry] == []
    assert cluster.run(ecs_cluster_state="absent").changed == 0


def wait_for_cloud_map(account: Account) -> None:
    """Return once no operation of Cloud Map is in progress; the local AWS completes them itself."""
    client = account.client("servicediscovery")
    waiting = [{"Name": "STATUS", "Values": ["SUBMITTED", "PENDING"], "Condition": "IN"}]
    for _look in range(2000):
        if not client.list_operations(Filters=waiting)["Operations"]:
            return
    raise AssertionError("Cloud Map operations do not end")


def test_image_from_nothing_to_nothing(image: Layer) -> None:
    planned = changes(image.run(check=True))
    assert image.account.writes() == []
    assert planned[0] == f"add ecr_repository {REPOSITORY}"
    (built,) = planned[1:]
    assert changes(image.run()) == planned
    tag = built.rpartition(":")[2]
    (found,) = image.account.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert found["imageTags"] == [tag]

    image.extra["ecr_push_build"]["provenance_args"] = {"REVISION": "two"}
    assert image.run().changed == 0

    failures = []
    for name, (drift, expected) in REPOSITORY_DRIFTS.items():
        drift(image.account.client, image.account.key)
        named = changes(image.run(check=True))
        fixed = image.run()
        left = changes(image.run(check=True))
        if named != expected or fixed.changed == 0 or left:
            failures.append((name, named, left))
    assert failures == []

    Path(image.extra["ecr_push_build"]["path"], "hello").write_text("hello, world\n")
    (again,) = changes(image.run())
    assert again.startswith(f"add image {REPOSITORY}:")
    assert again != built

    refused = image.run(ecr_push_state="absent", ecr_push_force_delete=False)
    assert f"its images would be lost (2): {REPOSITORY}:" in failure(refused)
    removed = changes(image.run(ecr_push_state="absent"))
    assert sorted(removed) == sorted(
        [f"remove ecr_repository {REPOSITORY}", *(f"remove{one[3:]}" for one in (built, again))]
    )
    assert image.account.left(PREFIX) == []
    assert image.run(ecr_push_state="absent").changed == 0


def test_a_token_of_the_registry_is_never_printed(image: Layer) -> None:
    tasks = [{"ansible.builtin.include_role": {"name": "magiclub.fargate.ecr_push"}}]
    play = {"vars": {**shared_vars(image.account), **image.extra}, "tasks": tasks}
    run = image.playbook([play], "-vvvv")
    assert run.rc == 0, run.text
    token = image.account.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
    assert token not in run.text
    assert "ministack-auth-token" not in run.text


def test_a_failing_step_is_named_with_its_output(image: Layer) -> None:
    dockerfile = Path(image.extra["ecr_push_build"]["path"], "Dockerfile")
    dockerfile.write_text("FROM scratch\nCOPY missing /missing\n")
    message = failure(image.run())
    assert "failed in step 'COPY missing /missing': COPY failed" in message
    assert "run again" in message


def test_no_engine_is_said_before_anything_is_pushed(image: Layer) -> None:
    run = image.run(ecr_push_docker_host="unix:///var/run/no-such-engine.sock")
    assert "No Docker engine answers at unix:///var/run/no-such-engine.sock" in failure(run)
