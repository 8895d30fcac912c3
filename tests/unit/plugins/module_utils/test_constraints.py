# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every string that a plan sends, beside AWS's own constraints."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._constraints import (
    documented,
    patterns,
    resources,
    sent,
    shapes,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import checks, planned
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import desired as alb_desired
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push import resources as ecr
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import desired as service_desired

from tests.checks import constraints
from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.service_definitions import PLATFORM, PREFIX, service
from tests.unit.plugins.module_utils.whole_platform import LAYERS, RULE, SERVICE, TAGS, changed, left_out

MODELS = constraints.Models()
REGENERATE = (
    "botocore's constraints have changed: run python -m tests.checks.constraints, and look what the change means"
)


SHIFTING = {
    **SERVICE["deployment"],
    "strategy": "canary",
    "test": {"header": {"name": "X-Release", "values": ["green"]}},
}


def every_resource() -> list[dict[str, t.Any]]:
    made = [entry for kind, inputs in LAYERS.items() for entry in planned.RESOURCES[kind](inputs)]
    rollback = service_desired.resources(
        service(**SERVICE), {**PLATFORM, "exec_policy": "p"}, {"deployment": {"given_up": True}}
    )
    shifting = service(**{**SERVICE, "rules": [RULE], "autoscaling": None, "deployment": SHIFTING})
    shifting["rules"][0]["test_priority"] = 1
    shifted = service_desired.resources(shifting, PLATFORM, {})
    network = {"vpc": {"name": "v", "cidr_block": "10.0.0.0/16"}, "public_subnets": []}
    read = {"certificate_arn": "arn:aws:acm:x", "zones": {"lotto.example.com": "example.com"}}
    found = alb_desired.resources(LAYERS["alb"], network, read)
    pushed = ecr.desired(LAYERS["ecr_push"]["repository"], "2f7c1d9e")
    besides = [
        {"type": "lock", "name": f"/{PREFIX}/lock", "values": {}},
        {"type": "description", "name": "", "values": dict.fromkeys(sent.KINDS["description"], "To the tasks of web")},
    ]
    return [*made, *rollback, *shifted, *found, *pushed, *besides]


def leaves(value: t.Any, path: str = "") -> t.Iterator[str]:
    """Yield the path of each string and number; of a list, its own."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield from ([path] if value else [])
    elif value is not None and not isinstance(value, bool):
        yield path


def test_the_extract_is_what_the_installed_botocore_has():
    assert constraints.FILE.read_text(encoding="utf-8") == constraints.text(sent.members()), REGENERATE


def test_the_platform_sets_every_option_of_a_service():
    assert left_out() == []


def test_no_kind_and_no_string_or_number_of_a_plan_is_left_out():
    missing = set()
    for resource in every_resource():
        fields = sent.KINDS.get(resources.kind(resource))
        if fields is None:
            missing.add(resources.kind(resource))
            continue
        for path in leaves(resource["values"]):
            if not any(f"{path}.".startswith(f"{field}.") for field in fields if field):
                missing.add(f"{resource['type']}.{path}")
        if sent.NAME not in fields and resource["name"]:
            missing.add(f"{resource['type']}: its name")
    assert missing == set()


def test_nothing_in_the_table_is_sent_by_no_plan():
    seen = {(resources.kind(one), sent.NAME) for one in every_resource()}
    for one in every_resource():
        seen |= {
            (resources.kind(one), field)
            for field in sent.KINDS[resources.kind(one)]
            if field and resources.value_at(one["values"], field) is not None
        }
    assert {(kind, field) for kind, fields in sent.KINDS.items() for field in fields} - seen == set()


@pytest.mark.parametrize("kind", LAYERS)
def test_a_right_platform_has_nothing_that_aws_refuses(kind):
    assert planned.wrong(kind, LAYERS[kind]) == []


@pytest.mark.parametrize("member", documented.DOCUMENTED)
def test_what_is_added_to_the_shapes_is_what_aws_says(member):
    entry = documented.DOCUMENTED[member]
    assert MODELS.path(member)
    if not entry.page:
        said, quoted = (re.sub(r"\s+", "", text) for text in (MODELS.says(member), entry.says))
        assert quoted in said


@pytest.mark.parametrize("member", documented.DOCUMENTED)
def test_what_a_shape_holds_is_not_added_to_it(member):
    name = MODELS.path(member)[-1][0]
    model = MODELS.of(member.partition(".")[0])["shapes"]
    while model[name]["type"] == "list":
        name = model[name]["member"]["shape"]
    has = {key: model[name][key] for key in constraints.LIMITS if key in model[name]}
    added = documented.DOCUMENTED[member].rule
    assert not {key for key in added if key in has and has[key] == added[key] and key not in ("max", "min")}


KOREAN = "플랫폼 팀 (서울)"


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "플랫폼 팀_1", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "R&D", False),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", KOREAN, False),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "a\tb", False),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "a\u00a0b\u3000c", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Ⅷ½²", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "e\u0301", False),
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$", "", False),
        (r"^([\p{L}]*)$", "a\n", False),
        (r"\p{L}+", "가나다", True),
        (r"\p{L}+", "1", False),
        (r"\p{M}", "\u0301", True),
        (r"\p{M}", "a", False),
        (r"[\p{M}]", "a", False),
        (r"\p{Print}+", "a b", True),
        (r"\p{Print}+", "é", False),
        (r"[\w+=,.@-]+", "a-b_c", True),
        (r"[\w+=,.@-]+", "가", False),
        (r"\d", "٣", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a\U0001f600", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "\x1b", False),
        (r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", "é", True),
        (r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", "가", False),
        (r"^(?!arn:)[!-~]{1,253}$", "arn:x", False),
        (r"^(?!arn:)[!-~]{1,253}$", "magiclub.internal", True),
    ],
)
def test_a_pattern_of_java_is_read_as_java_reads_it(pattern, value, expected):
    assert patterns.matches(pattern, value) is expected


@pytest.mark.parametrize("pattern", [r"[a[bc]]", r"[a-z&&[^b]]", r"\p{IsHangul}"])
def test_a_pattern_that_is_not_translated_is_an_error(pattern):
    with pytest.raises(ValueError, match="not translated"):
        patterns.matches(pattern, "a")


@pytest.mark.parametrize("service", shapes.extract()["shapes"])
def test_every_pattern_that_is_checked_is_translated(service):
    for shape in shapes.extract()["shapes"][service].values():
        if "pattern" in shape:
            patterns.matches(shape["pattern"], "가a\U0001f600")


CHARACTERS = "allowed are letters, digits, spaces and _ . : / = + - @"


@pytest.mark.parametrize(
    ("kind", "path", "value", "sentence"),
    [
        ("alb", "tags.Team", "R&D", f"Tag Team: 'R&D' has '&'; {CHARACTERS} (Elastic Load Balancing"),
        ("alb", "tags.Owner", "Kim, Lee", f"Tag Owner: 'Kim, Lee' has ','; {CHARACTERS}"),
        ("ecs_cluster", "tags.Team", "Ops (Seoul)",
         f"Tag Team: 'Ops (Seoul)' has '(' ')'; {CHARACTERS} (IAM, ECS, Cloud"),
        ("service", "tags.Team", "R&D", "(CloudWatch Logs, IAM, Elastic Load Balancing, Cloud Map, ECS, Application"),
        ("ecr_push", "repository.tags.Team", "R&D", f"has '&'; {CHARACTERS} (ECR"),
        ("vpc", "tags.Team", "R&D",
         f"{CHARACTERS} (CloudWatch Logs, IAM; a tag of log_group /vpc/{PREFIX}-flow-log"),
        ("alb", "tags.Team", "x" * 300, "has 300 characters; 256 at most (EC2, Elastic Load Balancing"),
        ("vpc", "tags.Team", "x" * 257, "has 257 characters; 256 at most"),
        ("vpc", "tags", {"x" * 128: "1"}, f"Tag {'x' * 128}: '{'x' * 60}…' has 128 characters; 127 at most (EC2;"),
        ("alb", "tags", {"aws:team": "1"}, "Tag aws:team: 'aws:team' begins with 'aws:', which AWS reserves"),
        ("ecs_cluster", "tags", {"AWS:team": "1"}, "'AWS:team' begins with 'aws:'"),
        ("ecs_cluster", "tags", {f"k{number}": "1" for number in range(60)}, "with 61 entries has to have 0 to 50"),
        ("service", "services.0.tags", {"Cost center": "a;b"}, "Tag Cost center: 'a;b' has ';'"),
        ("vpc", "name_prefix", "sg-shop-an2p",
         "begins with 'sg-', which AWS reserves (EC2, CreateSecurityGroup)"),
        ("alb", "name_prefix", "internal-shop", "begins with 'internal-'"),
        ("alb", "name_prefix", "x" * 30, "has 38 characters; 32 at most (Elastic Load Balancing, CreateLoadBalancer)"),
        ("service", "name_prefix", "x" * 30,
         "has 34 characters; 32 at most (Elastic Load Balancing, CreateTargetGroup)"),
        ("ecs_cluster", "name_prefix", "a b",
         "has ' '; allowed are letters, digits and _ + = , . @ - (IAM, CreateRole)"),
        ("ecs_cluster", "private_domain", "arn:x",
         "does not match ^(?!arn:)[!-~]{1,253}$ (Cloud Map, CreatePrivateDnsN"),
        ("ecr_push", "repository.name", "Lotto", "(ECR, CreateRepository)"),
        ("ecr_push", "repository.image_tag_mutability", "NEVER", "must be one of MUTABLE, IMMUTABLE"),
        ("ecr_push", "repository.lifecycle_policy", {"rules": []},
         "has 13 characters; 100 at least (ECR, PutLifecyclePol"),
        ("service", "services.0.rules.0.health_check.path", "/" * 1025, "has 1025 characters; 1024 at most"),
        ("service", "services.0.rules.0.health_check.interval", 301,
         "health_check.interval '301' is out of range: 5 to 300"),
        ("service", "services.0.rule.priority", 50001, "priority '50001' is out of range: 1 to 50000"),
        ("service", "services.0.rule.paths", ["/" + "x" * 128],
         "has 129 characters; 128 at most (Elastic Load Balanci"),
        ("service", "services.0.rule.hosts", ["localhost"], "hosts 'localhost' does not match"),
        ("service", "services.0.log_retention", 31, "retention '31' must be one of 1, 3, 5, 7"),
        ("service", "services.0.ulimits", [{"name": "files", "soft": 1, "hard": 1}], "must be one of core, cpu, data"),
        ("service", "services.0.container_name", "my app",
         "name 'my app' has ' '; allowed are letters, digits, _ and - (E"),
        ("service", "services.0.volumes.0.name", "my/data",
         "has '/'; allowed are letters, digits, _ and - (ECS, Regis"),
        ("service", "services.0.task_policies", {"my policy": SERVICE["task_policies"]["own"]}, "(IAM, PutRolePolicy)"),
        ("service", "services.0.task_managed_policies", ["x"], "has 1 character; 20 at least (IAM, AttachRolePolicy)"),
        ("service", "services.0.sidecars.0.depends_on", [{"container": "app", "condition": "UP"}],
         "must be one of START, COMP"),
        ("vpc", "flow_logs_traffic", "SOME", "traffic 'SOME' must be one of ACCEPT, REJECT, ALL (EC2, CreateFlowLogs)"),
        ("alb", "ip_address_type", "ipv6", "must be one of ipv4, dualstack"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused_before_anything_is_sent(kind, path, value, sentence):
    refused = planned.wrong(kind, changed(kind, path, value))
    assert any(sentence in one for one in refused), refused
    assert all(one.endswith(".") for one in refused)


def test_what_many_resources_have_is_said_once_with_its_variable():
    refused = planned.wrong("ecs_cluster", changed("ecs_cluster", "tags.Team", "R&D"))
    assert refused == [
        f"Tag Team: 'R&D' has '&'; {CHARACTERS} (IAM, ECS, Cloud Map;"
        f" a tag of iam_role {PREFIX}-ecs-execution and 4 more). Change fargate_team."
    ]


@pytest.mark.parametrize(
    ("name", "fine"), [("/magiclub-an2p/lock", True), ("/aws-x/lock", False), ("/SSM1/lock", False)]
)
def test_the_name_of_the_lock(name, fine):
    assert (resources.name_refusal("lock", name) == "") is fine


def test_a_secret_value_is_not_shown():
    entry = {
        "type": "ecs_task_definition",
        "name": "f",
        "values": {"tags": {}, "volumes": {"hunter 2": {}}},
        "sensitive": ["volumes"],
    }
    assert resources.refusals([entry])[0] == (
        "ecs_task_definition f: volumes.hunter 2.name (sensitive) has ' '; allowed are letters, digits, _ and -"
        " (ECS, RegisterTaskDefinition). Change volumes.hunter 2.name."
    )


LONG = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "x" * 5000}]}
MANY = {f"k{number}": "1" for number in range(50)}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize("text", ["(none) R&D", "(known after build) R&D", "(new revision) R&D", "(known after build)"])
@pytest.mark.parametrize("kind", ["vpc", "alb", "ecs_cluster", "service"])
def test_no_text_that_a_user_writes_is_left_unchecked(kind, text):
    assert any(f"Tag Team: '{text}' has" in one for one in planned.wrong(kind, changed(kind, "tags.Team", text)))


@pytest.mark.parametrize(
    ("kind", "path", "value", "sentence"),
    [
        ("vpc", "tags", {"Team": "1", "team": "2"},
         "Tag team: 'team' differs from 'Team' in case only, and a role has"),
        ("service", "services.0.tags", {"OWNER": "x"}, "'OWNER' differs from 'Owner' in case only"),
        ("service", "services.0.tags", MANY, "entries has to have 1 to 50 (Elastic Load Balancing, AddTags)"),
        ("service", "services.0.tags", MANY, "entries has to have 0 to 50 (Cloud Map, TagResource)"),
        ("service", "services.0.tags", MANY, "entries has to have 1 to 50 (CloudWatch Logs, TagResource)"),
        ("service", "services.0.tags", MANY, "entries has to have 0 to 50 (Application Auto Scaling, TagResource)"),
        ("alb", "tags", MANY, "with 51 entries has to have 1 to 50 (Elastic Load Balancing, AddTags)"),
        ("vpc", "tags", MANY, "with 51 entries has to have 0 to 50 (EC2, CreateTags)"),
        ("ecr_push", "repository.tags", {**MANY, "Name": "x"}, "has to have 0 to 50 (ECR, TagResource)"),
        ("service", "services.0.task_policies", {"a": LONG, "b": LONG, "c": LONG},
         "inline_policies a, b, c have 15261 characters in all; 10240 at most"),
        ("service", "services.0.secrets",
         {f"S{number}": f"/a/long/name/of/a/parameter/{number}" for number in range(160)},
         "inline_policies read-secrets, read-files have "),
        ("service", "services.0.task_managed_policies", [READ_ONLY] * 26,
         "managed_policies with 26 entries are too many for a role; 25 at most"),
        ("service", "services.0.environment", {f"E{number}": "가" * 500 for number in range(50)},
         "bytes with all else in the task definition; 65536 at most"),
        ("service", "services.0.environment", {f"E{number}": "_" * 1400 for number in range(50)},
         "bytes with all else in the task definition; 65536 at most"),
        ("service", "services.0.autoscaling.requests", float("nan"), "target_value 'nan' must be a number"),
        ("service", "services.0.autoscaling.requests", float("inf"), "target_value 'inf' must be a number"),
        ("service", "services.0.rules.0.health_check.interval", 10.5, "interval '10.5' must be a whole number"),
        ("service", "services.0.autoscaling.scale_in_cooldown", 1.5, "'1.5' must be a whole number"),
        ("service", "services.0.volumes.0.efs.file_system_id", "nonsense",
         "'nonsense' does not match the id of a file"),
        ("service", "services.0.volumes.0.efs.access_point_id", "fsap-", "does not match the id of an access point"),
        ("service", "services.0.platform_version", "9.9", "'9.9' does not match LATEST or a version such as 1.4.0"),
        ("service", "services.0.capacity_provider_strategy.0.capacity_provider", "Fargate-of-mine",
         "does not match FARGATE, FARGATE_SPOT or a name"),
        ("ecs_cluster", "capacity_providers", ["aws-x y"], "'aws-x y' does not match FARGATE, FARGATE_SPOT or a name"),
        ("alb", "certificate_arn", "nonsense", "'nonsense' does not match the ARN of a certificate"),
        ("vpc", "interface_endpoints", ["ecr api"], "has ' '; allowed are letters, digits, . _ and - (EC2, CreateVpc"),
    ],
)  # fmt: skip
def test_what_aws_refuses_together_or_by_its_form(kind, path, value, sentence):
    refused = planned.wrong(kind, changed(kind, path, value))
    assert any(sentence in one for one in refused), refused
    assert all(one.endswith(".") for one in refused)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        # EC2 and the rest tell these apart, a role does not: the load balancer has no role.
        ("alb", "tags", {"Team": "1", "team": "2"}),
        ("alb", "tags", {f"k{number}": "1" for number in range(48)}),
        ("service", "services.0.task_policies", {"a": LONG, "b": LONG}),
        ("service", "services.0.task_managed_policies", [READ_ONLY] * 25),
        ("service", "services.0.capacity_provider_strategy.0.capacity_provider", "FARGATE_SPOT"),
        ("ecs_cluster", "capacity_providers", ["FARGATE", "own_1"]),
        ("service", "services.0.platform_version", "1.4.0"),
        ("alb", "certificate_arn", "arn:aws-cn:iam::123456789012:server-certificate/a/b"),
        ("vpc", "interface_endpoints", ["ecr.api", "ecr.dkr", "secretsmanager"]),
        ("service", "services.0.autoscaling.cpu", 60.5),
    ],
)
def test_what_aws_takes_is_taken(kind, path, value):
    assert planned.wrong(kind, changed(kind, path, value)) == []


def test_a_long_managed_policy():
    policy = {"Version": "2012-10-17", "Statement": ["x" * 6200]}
    refused = resources.refusals([{"type": "iam_policy", "name": "p", "values": {"policy": policy}}])
    assert any("characters; 6144 at most (IAM, CreatePolicy)" in one for one in refused), refused


def test_what_is_known_only_in_the_run_is_left_alone():
    assert planned.wrong("service", changed("service", "services.0.image", "(known after build)")) == []


def descriptions() -> list[tuple[str, str]]:
    """Return the kind and text of each description that a role's tasks give."""
    kinds = {
        "amazon.aws.ec2_security_group": "security_group",
        "amazon.aws.iam_role": "iam_role",
        "amazon.aws.iam_managed_policy": "iam_policy",
    }
    result = []
    for path in sorted(ROOT.glob("roles/*/tasks/*.yml")):
        for task in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            for module, kind in kinds.items():
                if text := (task.get(module) or {}).get("description"):
                    result.append((kind, re.sub(r"\{\{.*?\}\}", f"To the tasks of {PREFIX}-web", text)))
    return result


def test_the_descriptions_that_tasks_give_are_taken():
    assert len(descriptions()) >= 5
    for kind, text in descriptions():
        assert resources.refusals([{"type": "description", "name": "", "values": {kind: text}}]) == []
    assert resources.refusals([{"type": "description", "name": "x", "values": {"security_group": "주소"}}]) != []


def test_the_constraints_are_counted_by_service():
    counted = constraints.counts()
    assert set(counted) == set(resources.SERVICES)
    assert min(counted.values()) > 0
    assert sum(counted.values()) > 200


def test_what_is_checked_of_each_layer_is_planned_too():
    assert set(planned.RESOURCES) == set(checks.CHECKS)


def test_the_tags_of_the_platform_are_those_that_sentences_know():
    assert set(TAGS) >= {"Project", "Environment", "Team", "Owner"}
