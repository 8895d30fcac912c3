# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import inputs, validate

from tests.unit.plugins.module_utils.service_definitions import PREFIX, SPEC, service

DIGEST = "sha256:" + "0" * 64
HEALTHY = {"command": ["CMD", "true"]}
ULIMIT = {"name": "nofile", "soft": 2048, "hard": 1024}
EXEC = (
    "enable_execute_command needs a root file system that can be written to, as AWS's agent in the container"
    " writes there. Set readonly_root to false, also that of sidecars."
)
SOURCE = (
    "allow_from '{}' is not a CIDR block (10.0.0.0/16), security group (sg-…) or prefix list (pl-…)."
    " Change it; the load balancer needs no entry."
)
ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BOTH_FULL = {"minimum_healthy_percent": 100, "maximum_percent": 100}


def problems(**given):
    return validate.service(
        {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2", "services": [service(**given)]}
    )


A, B = {"paths": ["/a"]}, {"paths": ["/b"]}
PROXY = [{"name": "proxy", "image": "p:1", "port": 9090}]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("", []),
        ("arn:aws:iam::123456789012:policy/boundary", []),
        (
            "boundary",
            [
                "fargate_service_permissions_boundary: 'boundary' is not an ARN of a policy."
                " Write one as in arn:aws:iam::123456789012:policy/name."
            ],
        ),
    ],
)
def test_a_boundary_is_the_arn_of_a_policy(boundary, expected):
    assert validate.service({"name_prefix": PREFIX, "permissions_boundary": boundary, "services": []}) == expected


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"image": "nginx"},
        {"image": "localhost:4566/123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/a/b_c__d-e.f:v1.2"},
        {"image": f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/lotto@{DIGEST}"},
        {"image": f"lotto:1@{DIGEST}"},
        {"image": "(known after build)"},
        {"name": "a-b2"},
        {"name": "a" * 18},
        {"cpu": 16384, "memory": 122880},
        {"ephemeral_storage": 21},
        {"ephemeral_storage": 200},
        {"port": 1},
        {"port": 65535},
        {"rule": {"hosts": ["*.example.com"]}},
        {"rule": {"paths": ["/a", "/b?", "/c/*"], "hosts": ["a.b", "c.d"], "priority": 50000}},
        {"rule": {"paths": ["/"], "priority": 1}},
        {"allow_from": ["172.25.0.0/16", "fd00::/8", "sg-0a1b", "pl-0a1b"]},
        {"secrets": {"A": "/app/a", "B": "name", "C": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/x"}},
        {"secrets": {"A": "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:x-AbCdEf:key::"}},
        {"secrets_kms_keys": ["arn:aws:kms:ap-northeast-2:123456789012:key/1"]},
        {"task_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/own"]},
        {"task_policies": {"own": {"Version": "2012-10-17", "Statement": [ALL]}}},
        {"health_check": {"interval": 5, "timeout": 2, "healthy_threshold": 10, "unhealthy_threshold": 2}},
        {"health_check": {"matcher": "200,204"}},
        {"health_check": {"matcher": "200-299,301"}},
        {"ulimits": [{"name": "nofile", "soft": 1024, "hard": -1}]},
        {"container_health_check": {**HEALTHY, "interval": 5, "timeout": 2, "retries": 10, "start_period": 300}},
        {"slow_start": 30},
        {"slow_start": 900},
        {"stickiness_duration": 604800},
        {"stop_timeout": 120},
        {"desired_count": 0},
        {"minimum_healthy_percent": 0, "maximum_percent": 100, "availability_zone_rebalancing": False},
        {"autoscaling": {"min": 0, "max": 0, "requests": 0.5}},
        {"autoscaling": {"min": 1, "max": 2, "cpu": 100}},
        {"sidecars": [{"name": "s", "image": "t", "port": 9090}], "depends_on": [{"container": "s"}]},
        {"volumes": [{"name": "v"}], "mounts": [{"volume": "v", "path": "/v"}]},
        {"cpu_architecture": "ARM64", "image_architectures": ["X86_64", "ARM64"]},
    ],
)
def test_right_inputs_have_no_problem(given):
    assert problems(**given) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"name": "Web"},
            (
                "the name has to be lower-case letters, digits and single inner hyphens, a letter first,"
                " because its target group is named by it. Change name."
            ),
        ),
        (
            {"name": "a--b"},
            (
                "the name has to be lower-case letters, digits and single inner hyphens, a letter first,"
                " because its target group is named by it. Change name."
            ),
        ),
        (
            {"name": "ecs"},
            (
                "its role magiclub-an2p-ecs-execution would be that of another layer, which has the same name."
                " Change name."
            ),
        ),
        (
            {"name": "pub-alb"},
            (
                "its security group magiclub-an2p-pub-alb-sg would be that of another layer, which has the same name."
                " Change name."
            ),
        ),
        (
            {"name": "a" * 19},
            (
                f"its target group would be named magiclub-an2p-{'a' * 19}, which has 33 characters: at most 32."
                " Shorten name by 1."
            ),
        ),
        (
            {"cpu": 300},
            (
                "cpu: Fargate has no tasks of 300 CPU units; it has 256, 512, 1024, 2048, 4096, 8192, 16384"
                " (1024 is one vCPU)."
            ),
        ),
        (
            {"cpu": 256, "memory": 4096},
            "memory: Fargate has no task of 256 CPU units with 4096 MiB; it has 512 to 2048 by doubling.",
        ),
        (
            {"ephemeral_storage": 20},
            "ephemeral_storage 20 is out of range: 21 to 200 GiB; 20 come without it.",
        ),
        (
            {"ephemeral_storage": 201},
            "ephemeral_storage 201 is out of range: 21 to 200 GiB; 20 come without it.",
        ),
        (
            {"cpu_architecture": "ARM64", "image_architectures": ["X86_64"]},
            (
                "cpu_architecture ARM64 is none of its image, which has X86_64: a task would not start."
                " Change cpu_architecture, or build the image for it."
            ),
        ),
        (
            {"image": "Registry/Web"},
            (
                "container 'web': image 'Registry/Web' is not an image reference: registry/name:tag or"
                " registry/name@sha256:digest, the name in lower case. Change image."
            ),
        ),
        (
            {"image": "web@sha256:12"},
            (
                "container 'web': image 'web@sha256:12' is not an image reference: registry/name:tag or"
                " registry/name@sha256:digest, the name in lower case. Change image."
            ),
        ),
        ({"port": 0}, "container 'web': port 0 is out of range: 1 to 65535. Change port."),
        ({"port": 65536}, "container 'web': port 65536 is out of range: 1 to 65535. Change port."),
        (
            {"environment": {"A": "1"}, "secrets": {"A": "a"}},
            "container 'web': A is in environment and in secrets: a variable has one source. Take it out of one.",
        ),
        (
            {"environment": {"1A": "1"}},
            (
                "container 'web': '1A' is not a name of an environment variable: letters, digits and underscores,"
                " no digit first."
            ),
        ),
        (
            {"secrets": {"A": "pass word"}},
            (
                "container 'web': secret A has to be the ARN of an SSM parameter or of a Secrets Manager secret,"
                " or an SSM parameter's name. Change secrets; a secret's value does not belong here."
            ),
        ),
        (
            {"secrets": {"A": "arn:aws:s3:::bucket"}},
            (
                "container 'web': secret A has to be the ARN of an SSM parameter or of a Secrets Manager secret,"
                " or an SSM parameter's name. Change secrets; a secret's value does not belong here."
            ),
        ),
        (
            {"depends_on": [{"container": "db"}]},
            "container 'web': it depends on container 'db', and has only web. Change depends_on.",
        ),
        (
            {"smoke": {"path": "lucky"}},
            "smoke.path 'lucky' has to be absolute. Begin it with a slash.",
        ),
        (
            {"ulimits": [ULIMIT]},
            "container 'web': ulimit nofile has soft 2048 over hard 1024. Change one.",
        ),
        (
            {"container_health_check": {**HEALTHY, "interval": 4}},
            "container 'web': container_health_check.interval 4 is out of range: 5 to 300.",
        ),
        (
            {"container_health_check": {**HEALTHY, "retries": 11}},
            "container 'web': container_health_check.retries 11 is out of range: 1 to 10.",
        ),
        (
            {"sidecars": [{"name": "web", "image": "t"}]},
            "2 of its containers are named 'web': a name is used once a task. Rename a sidecar.",
        ),
        (
            {"sidecars": [{"name": "s", "image": "t", "port": 8080}]},
            "2 of its containers listen on port 8080, and share one network. Change a sidecar's port.",
        ),
        (
            {"sidecars": [{"name": "s", "image": "T"}]},
            (
                "container 's': image 'T' is not an image reference: registry/name:tag or registry/name@sha256:digest,"
                " the name in lower case. Change image."
            ),
        ),
        (
            {"before": {"command": []}},
            "before.command is empty. Give the command and its arguments, as in [python, manage.py, migrate].",
        ),
        (
            {"before": {"command": ["x"], "container": "db"}},
            "before.container 'db' is not one of its containers: web. Change it.",
        ),
        ({"before": {"command": ["x"], "timeout": 0}}, "before.timeout 0 is out of range: 1 to 86400."),
        (
            {"mounts": [{"volume": "v", "path": "/v"}]},
            "volume 'v' is mounted and not there: none is given. Add it to volumes.",
        ),
        (
            {"volumes": [{"name": "v"}], "mounts": [{"volume": "v", "path": "v"}]},
            "mount path 'v' has to be absolute. Begin it with a slash.",
        ),
        (
            {"task_managed_policies": ["ReadOnlyAccess"]},
            "'ReadOnlyAccess' in task_managed_policies is not a policy ARN: arn:aws:iam::aws:policy/NAME. Change it.",
        ),
        (
            {"secrets_kms_keys": ["alias/x"]},
            "'alias/x' in secrets_kms_keys is not a key ARN: arn:aws:kms:REGION:ACCOUNT:key/ID. Change it.",
        ),
        (
            {"task_policies": {"own": {"Version": "2012-10-17"}}},
            "policy own in task_policies is not a policy document: a dictionary with a Statement. Change it.",
        ),
        ({"health_check": {"interval": 301}}, "health_check.interval 301 is out of range: 5 to 300."),
        (
            {"health_check": {"healthy_threshold": 1}},
            "health_check.healthy_threshold 1 is out of range: 2 to 10.",
        ),
        (
            {"health_check": {"interval": 5, "timeout": 5}},
            (
                "health_check.timeout 5 has to be under health_check.interval 5, or checks would overlap."
                " Lower the timeout or raise the interval."
            ),
        ),
        (
            {"health_check": {"path": "health"}},
            "health_check.path 'health' has to be absolute. Begin it with a slash.",
        ),
        (
            {"health_check": {"matcher": "2xx"}},
            "health_check.matcher '2xx' is not a list of HTTP codes: 200, 200,202 or 200-299.",
        ),
        (
            {"rule": {}},
            "rule: no condition: a rule needs one, or no request reaches its target group. Set paths, hosts, methods,"
            " source_ips, headers or query.",
        ),
        (
            {"rule": {"paths": ["/a", "/b", "/c", "/d"], "hosts": ["a.b", "c.d"]}},
            "rule: 6 paths and hosts: a rule takes 5 in all. Join some by a wildcard, or make them several rules.",
        ),
        (
            {"rule": {"paths": ["a b"]}},
            "rule path 'a b' is not a path pattern: a slash first, 128 characters at most, * and ?.",
        ),
        (
            {"rule": {"hosts": ["a_b.c"]}},
            (
                "rule host 'a_b.c' is not a host pattern: at most 128 letters, digits, . - * and ?,"
                " with a dot, and letters alone after the last."
            ),
        ),
        (
            {"rule": {"hosts": ["*"]}},
            (
                "rule host '*' is not a host pattern: at most 128 letters, digits, . - * and ?,"
                " with a dot, and letters alone after the last."
            ),
        ),
        ({"enable_execute_command": True, "readonly_root": True}, EXEC),
        ({"allow_from": ["hello"]}, SOURCE.format("hello")),
        ({"allow_from": ["172.25.0.1/16"]}, SOURCE.format("172.25.0.1/16")),
        ({"allow_from": ["172.25.0.1"]}, SOURCE.format("172.25.0.1")),
        ({"enable_execute_command": True, "sidecars": [{"name": "p", "image": "p:1", "readonly_root": True}]}, EXEC),
        (
            {"rule": {"paths": ["/"], "priority": 0}},
            "rule.priority 0 is out of range: 1 to 50000, the lowest first. Change it, or leave it out.",
        ),
        (
            {"rule": {"paths": ["/"], "priority": 50001}},
            "rule.priority 50001 is out of range: 1 to 50000, the lowest first. Change it, or leave it out.",
        ),
        ({"deregistration_delay": 3601}, "deregistration_delay 3601 is out of range: 0 to 3600."),
        ({"desired_count": -1}, "desired_count -1 is out of range: 0 to 5000."),
        ({"stop_timeout": 121}, "container 'web': stop_timeout 121 is out of range: 2 to 120."),
        ({"slow_start": 29}, "slow_start 29 is out of range: 30 to 900 seconds, or 0 for none."),
        (
            {"stickiness_duration": 604801},
            "stickiness_duration 604801 is out of range: 1 to 604800 seconds, or 0 for no stickiness.",
        ),
        ({"maximum_percent": 201}, "maximum_percent 201 is out of range: 100 to 200."),
        (
            {"minimum_healthy_percent": 0, "maximum_percent": 100},
            (
                "maximum_percent is 100, and availability_zone_rebalancing needs more: ECS starts a task in another"
                " zone before it stops one. Raise the first, or set the second to false."
            ),
        ),
        (
            BOTH_FULL,
            (
                "minimum_healthy_percent and maximum_percent are both 100, so a deployment may neither stop nor start a"
                " task. Lower the first or raise the second."
            ),
        ),
        (
            {"capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 0}]},
            "no capacity provider has a weight over 0, so no task would be placed. Give one a weight of 1.",
        ),
        (
            {
                "capacity_provider_strategy": [
                    {"capacity_provider": "FARGATE", "base": 1},
                    {"capacity_provider": "FARGATE_SPOT", "base": 1},
                ]
            },
            "two capacity providers have a base: one may (API_CapacityProviderStrategyItem). Take one away.",
        ),
        (
            {"autoscaling": {"min": 3, "max": 2, "cpu": 50}},
            "autoscaling.min 3 is over autoscaling.max 2. Lower min or raise max.",
        ),
        ({"autoscaling": {"min": -1, "max": 2, "cpu": 50}}, "autoscaling.min -1 is below 0. Raise it."),
        (
            {"autoscaling": {"min": 1, "max": 2}},
            "autoscaling has no target. Set cpu or memory (per cent), requests (a task and minute), backlog_per_task"
            " (messages of the queue), metrics or schedules.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "memory": 101}},
            "autoscaling.memory 101.0 is out of range: over 0 to 100 per cent.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "requests": 0}},
            "autoscaling.requests 0.0 has to be a number over 0.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "requests": float("nan")}},
            "autoscaling.requests nan has to be a number over 0.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "cpu": 50, "scale_in_cooldown": -1}},
            "autoscaling.scale_in_cooldown -1 is below 0 seconds. Raise it.",
        ),
        (
            {"image": "(known after lunch)"},
            (
                "container 'web': image '(known after lunch)' is not an image reference: registry/name:tag or"
                " registry/name@sha256:digest, the name in lower case. Change image."
            ),
        ),
        (
            {"ulimits": [{"name": "nofile", "soft": -5, "hard": 1024}]},
            "container 'web': ulimit nofile has -5: 0 or more, or -1 for no limit. Change it.",
        ),
        (
            {"health_check": {"matcher": "200,299-201"}},
            "health_check.matcher '200,299-201' has 299-201: the lower code comes first. Turn them round.",
        ),
        (
            {"health_check": {"path": "/a\nb"}},
            (
                "health_check.path '/a\\nb' has blanks or characters beyond visible ASCII."
                " Write these as in %20, as a request has them."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}}},
            "policy own in task_policies: statement 1 has Effect 'allow': Allow or Deny, spelt so. Change it.",
        ),
        (
            {"task_policies": {"own": {"Statement": [{**ALL, "Sid": "a b"}]}}},
            "policy own in task_policies: statement 1 has Sid 'a b': letters A-Z, a-z and digits 0-9 alone. Change it.",
        ),
        (
            {"task_policies": {"own": {"Statement": [{**ALL, "Sid": "a"}, {**ALL, "Sid": "a"}]}}},
            "policy own in task_policies: 2 statements have the Sid 'a': it is used once a policy. Change the others.",
        ),
        (
            {"task_policies": {"own": {"Statement": ["s3"]}}},
            "policy own in task_policies: statement 1 is 's3', which is not a dictionary. Change it.",
        ),
        (
            {"task_policies": {"own": {"Statement": ALL, "Statements": []}}},
            "policy own in task_policies: it has Statements, and a policy has Version, Id, Statement. Change it.",
        ),
        (
            {"task_policies": {"own": {"Version": "2012-10-18", "Statement": ALL}}},
            "policy own in task_policies: it has Version '2012-10-18': 2012-10-17 or 2008-10-17. Change it.",
        ),
        (
            {"task_policies": {"own": {"Statement": {**ALL, "Principal": "*"}}}},
            (
                "policy own in task_policies: statement 1 has Principal, and a statement of a role's policy has"
                " Sid, Effect, Action, NotAction, Resource, NotResource, Condition. Change it."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {"Effect": "Deny", "Action": "*"}}}},
            (
                "policy own in task_policies: statement 1 has neither Resource nor NotResource:"
                " a statement has one of the two. Change it."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {**ALL, "NotAction": "s3:*"}}}},
            (
                "policy own in task_policies: statement 1 has Action and NotAction: a statement has one of the two."
                " Change it."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {**ALL, "Action": ["s3:*", "GetObject"]}}}},
            (
                "policy own in task_policies: statement 1 has Action 'GetObject': SERVICE:ACTION, as s3:GetObject."
                " Change it."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {**ALL, "Resource": "bucket"}}}},
            (
                "policy own in task_policies: statement 1 has Resource 'bucket':"
                " an ARN, as arn:aws:s3:::bucket/*, or *. Change it."
            ),
        ),
        (
            {"task_policies": {"own": {"Statement": {**ALL, "Condition": {"StringEquals": "x"}}}}},
            (
                "policy own in task_policies: statement 1 has Condition {'StringEquals': 'x'}:"
                " a dictionary of dictionaries, as StringEquals of a key and its values. Change it."
            ),
        ),
        (
            {"task_managed_policies": [READ_ONLY, READ_ONLY]},
            f"'{READ_ONLY}' is in task_managed_policies 2 times: a role has each once. Take the others out.",
        ),
        (
            {"sidecars": [{"name": "a", "image": "a:1", "stop_timeout": 121}]},
            "container 'a': stop_timeout 121 is out of range: 2 to 120.",
        ),
        (
            {"rule": {"paths": ["/a", "/b", "/a"]}},
            "rule: paths has '/a' more than once: a rule takes each once. Take one out.",
        ),
        (
            {"rule": {"hosts": ["a.example", "A.example"]}},
            "rule: hosts has 'a.example' more than once: a rule takes each once. Take one out.",
        ),
        (
            {"rule": {"paths": ["/*a*b*", "/*c*d*e*"]}},
            "rule: 7 wildcards: a rule takes 6 in all. Use fewer * and ?.",
        ),
        ({"rules": [A, {**B, "port": 0}]}, "rules[1].port 0 is out of range: 1 to 65535."),
        (
            {"rules": [A, {**B, "port": 81, "container": "other"}], "sidecars": PROXY},
            "rules[1].container 'other' is not one of its containers: web, proxy. Change it.",
        ),
        (
            {"rules": [A, {**B, "port": 9090, "container": "web"}], "sidecars": PROXY},
            "2 of its containers listen on port 9090, and share one network. Change a sidecar's port.",
        ),
        (
            {"rules": [A, {**B, "health_check": {"path": "/b"}}]},
            "rules to port 8080 have another health_check each, and a port has one target group. Give them the same, or"
            " ports of their own.",
        ),
        (
            {"rules": [{**A, "protocol_version": "HTTP2"}, B]},
            "rules to port 8080 have another protocol_version each, and a port has one target group. Give them the"
            " same, or ports of their own.",
        ),
        (
            {"rules": [{"paths": [f"/{port}"], "port": port} for port in range(8080, 8086)]},
            "rules lead to 6 ports, and ECS takes 5 target groups of a service. Join some behind one port, or make them"
            " another service.",
        ),
        (
            {"rules": [A, {**B, "port": 50051, "health_check": {"interval": 301}}]},
            "rules[1].health_check.interval 301 is out of range: 5 to 300.",
        ),
        (
            {"rules": [A, {**B, "port": 50051, "protocol_version": "GRPC", "health_check": {"path": "/health"}}]},
            "rules[1].health_check.path '/health' is not a method of gRPC: /package.Service/Method, as in"
            " /grpc.health.v1.Health/Check. Change it.",
        ),
        (
            {"protocol_version": "GRPC", "health_check": {"matcher": "200"}},
            "health_check.matcher '200' is not a list of codes of gRPC: 0, 0,12 or 0-99.",
        ),
        (
            {"protocol_version": "GRPC", "health_check": {"matcher": "12-9"}},
            "health_check.matcher '12-9' has 12-9: the lower code comes first. Turn them round.",
        ),
        (
            {"protocol_version": "GRPC", "smoke": {"path": "/x"}},
            "smoke is a request of HTTP/1.1, which a target group of protocol_version GRPC does not take. Take smoke"
            " out.",
        ),
        (
            {
                "protocol_version": "HTTP2",
                "smoke": {"path": "/x"},
                "deployment": {"strategy": "blue_green", "gate": "smoke", "test": {"port": 8443}},
            },
            "smoke is a request of HTTP/1.1, which a target group of protocol_version HTTP2 does not take. Take smoke"
            " out, and have deployment.gate approval in place of smoke.",
        ),
        (
            {"rules": [{**A, "protocol_version": "GRPC"}, {**B, "port": 81}], "smoke": {"path": "/a"}},
            'smoke asks for /a, which none of its own rules ({"paths": ["/a"]}, {"paths": ["/b"]}) takes, so that'
            " another rule or the load balancer would answer. It is made by HTTP/1.1, which HTTP2 and GRPC do not take."
            " Set smoke.path (and smoke.host) to what the rule takes.",
        ),
        (
            {"rules": [{**A, "methods": ["POST"]}, B], "smoke": {"path": "/a"}},
            'smoke asks for /a, which none of its own rules ({"paths": ["/a"], "methods": ["POST"]}, {"paths": ["/b"]})'
            " takes, so that another rule or the load balancer would answer. Set smoke.path (and smoke.host) to what"
            " the rule takes.",
        ),
        (
            {"rules": [A, B], "deployment": {"strategy": "canary"}},
            'deployment.strategy canary shifts the requests of one rule, and rules[1] {"paths": ["/b"]} is another.'
            " Join its paths and hosts with those of the first, make it another service, or deploy by rolling.",
        ),
        (
            {"rules": [A, {**B, "methods": ["get"]}]},
            "rules[1]: methods has 'get', which is not a method: capital letters, - and _, as in GET. Change it.",
        ),
    ],
)
def test_each_wrong_input_has_one_sentence(given, sentence):
    assert problems(**given) == [f"Service '{given.get('name', 'web')}': {sentence}"]


THE_GROUP_S = "{} needs a rule: it is the target group's. Set rule, or take {} away."


@pytest.mark.parametrize("port", [8080, None])
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, None),
        ({"container_health_check": HEALTHY, "autoscaling": {"min": 1, "max": 2, "cpu": 50}}, None),
        ({"smoke": None, "autoscaling": None}, None),
        (
            {"health_check": {"path": "/health"}},
            'health_check {"path": "/health", "matcher": "200", "interval": 15, "timeout": 5, "healthy_threshold": 2,'
            ' "unhealthy_threshold": 3} needs a rule: it is the target group\'s. Set rule, or take health_check away;'
            " container_health_check looks at the container itself.",
        ),
        ({"deregistration_delay": 30}, THE_GROUP_S.format("deregistration_delay 30", "deregistration_delay")),
        ({"slow_start": 0}, THE_GROUP_S.format("slow_start 0", "slow_start")),
        ({"stickiness_duration": 60}, THE_GROUP_S.format("stickiness_duration 60", "stickiness_duration")),
        (
            {"health_check_grace_period": 30},
            "health_check_grace_period 30 needs a rule: ECS takes it for services behind a load balancer only."
            " Set rule, or take health_check_grace_period away; container_health_check.start_period is the container's"
            " own.",
        ),
        (
            {"smoke": {"path": "/"}},
            'smoke {"path": "/", "status": 200} needs a rule: the request goes through the load balancer.'
            " Set rule, or take smoke away.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "requests": 100}},
            "autoscaling.requests 100 needs a rule: the load balancer counts the requests."
            " Set rule, or scale by autoscaling.cpu or autoscaling.memory.",
        ),
    ],
)
def test_what_is_the_load_balancer_s_is_refused_without_a_rule(given, sentence, port):
    expected = [f"Service 'web': {sentence}"] if sentence else []
    assert problems(rule=None, port=port, **given) == expected
    assert problems(**given) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            'rule {"paths": ["/*"]} needs a port: the load balancer sends requests to that of a task.'
            " Set port, or take rule away from a service that nobody connects to.",
        ),
        (
            {"rule": None, "allow_from": ["sg-0a1b", "10.0.0.0/8"]},
            "allow_from sg-0a1b, 10.0.0.0/8 needs a port to let in on, and without one nobody connects to the service."
            " Set port, or take allow_from away.",
        ),
    ],
)
def test_what_needs_a_port_is_refused_without_one(given, sentence):
    assert problems(port=None, **given) == [f"Service 'web': {sentence}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"port": 80}, True),
        ({"port": 80, "service_discovery": False}, False),
        ({}, False),
        ({"service_discovery": True}, True),
    ],
)
def test_a_service_with_a_port_has_a_name_unless_told_otherwise(given, expected):
    (made,) = inputs.complete([{"name": "web", "image": "i", **given}], SPEC)
    assert (made["service_discovery"], made["given"]) == (expected, sorted(["name", "image", *given]))


def test_a_name_or_priority_is_used_once():
    rule = {"paths": ["/"], "priority": 7}
    services = [service(rule=rule), service(), service(name="other", rule={**rule, "paths": ["/other"]})]

    values = {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2", "services": services}
    assert validate.service(values) == [
        "Service name 'web' is given 2 times: it names everything that a service has. Rename the others.",
        (
            "Rule priority 7 is given to services web and other: a listener has each once."
            " Give each another, or leave rule.priority out to get the next free."
        ),
    ]


def test_a_priority_is_used_once_within_a_service_too():
    rules = [{"paths": ["/a"], "priority": 7}, {"paths": ["/b"], "priority": 7}]
    values = {
        "name_prefix": PREFIX,
        "permissions_boundary": "",
        "region": "ap-northeast-2",
        "services": [service(rules=rules)],
    }
    assert validate.service(values) == [
        "Rule priority 7 is given to 2 rules of service 'web': a listener has each once. Give each another, or leave"
        " rule.priority out to get the next free."
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"paths": ["/*"]}, {"paths": ["/*"]}, True),
        ({"paths": ["/a", "/b"]}, {"paths": ["/b", "/a"]}, True),
        ({"paths": ["/a*"]}, {"paths": ["/a*", "/ab"]}, True),
        ({"hosts": ["A.io"]}, {"hosts": ["a.io"]}, True),
        ({"hosts": ["a.io"]}, {"hosts": ["b.io"]}, False),
        ({"paths": ["/a"]}, {"paths": ["/a", "/b"]}, False),
        ({"paths": ["/a"]}, {"paths": ["/A"]}, False),
    ],
)
def test_two_services_that_ask_for_the_same_requests_are_refused(one, other, same):
    services = [service(name="one", rule=one), service(name="other", rule=other)]
    sentences = validate.service(
        {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2", "services": services}
    )
    assert [text.startswith("Services 'one' and 'other' ask for the same requests, ") for text in sentences] == [
        True
    ] * same


@pytest.mark.parametrize(
    ("rule", "smoke", "reached"),
    [
        ({"paths": ["/shop/*"]}, {"path": "/shop/health?full=1"}, True),
        ({"paths": ["/shop/*"]}, {"path": "/"}, False),
        ({"paths": ["/shop/*"]}, {"path": "/shop"}, False),
        ({"hosts": ["shop.io"]}, {"path": "/"}, True),
        ({"hosts": ["shop.io"]}, {"path": "/", "host": "SHOP.io"}, True),
        ({"hosts": ["shop.io"]}, {"path": "/", "host": "other.io"}, False),
        ({"hosts": ["*.shop.io"]}, {"path": "/"}, True),
        ({"hosts": ["*.shop.io"], "paths": ["/x"]}, {"path": "/y"}, False),
    ],
)
def test_a_smoke_request_that_its_own_rule_does_not_take_is_refused(rule, smoke, reached):
    given = inputs.complete([{"name": "web", "image": "i", "port": 80, "rule": rule, "smoke": smoke}], SPEC)
    sentences = validate.service(
        {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2", "services": given}
    )
    assert [text.startswith("Service 'web': smoke asks for ") for text in sentences] == [True] * (not reached)


def test_a_definition_is_completed_with_the_types_and_defaults_of_the_argument_spec():
    made = inputs.complete([{"name": "web", "image": "i", "port": "8080", "rule": {"priority": "5"}}], SPEC)[0]

    assert (made["port"], made["rule"]["priority"]) == (8080, 5)
    assert made["container_name"] == "web"
    assert made["health_check"] == {
        "path": "/",
        "matcher": "200",
        "interval": 15,
        "timeout": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 3,
    }
    assert made["circuit_breaker"] == {
        "enable": True,
        "rollback": True,
        "reset_on_healthy_task": True,
        "threshold": None,
    }
    assert (made["deployment"]["strategy"], made["deployment"]["canary"]) == ("rolling", None)
    assert made["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}]
    assert made["autoscaling"] is None


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({"name": "web"}, "Service 'web' has neither image nor build. Set the one or the other."),
        ({"name": "web", "image": ""}, "Service 'web' has neither image nor build."),
        ({"name": "web", "image": "i", "build": {"path": "."}}, "Service 'web' has both image and build."),
        (
            {"name": "web", "build": {"dockerfile": "D"}},
            "Service 'web': missing required arguments: path found in build",
        ),
        (
            {"name": "web", "build": {"path": ".", "paht": "."}},
            "Service 'web': unknown option build.paht. Did you mean path?",
        ),
        (
            {"name": "web", "build": {"path": ".", "platform": "linux/s390x"}},
            "Service 'web': value of platform must be one of: linux/amd64, linux/arm64",
        ),
        ({}, "Service number 1: missing required arguments: name"),
        (
            {"name": "web", "image": "i", "port": 1, "rule": {"pths": []}},
            "Service 'web': unknown option rule.pths. Did you mean paths?",
        ),
        (
            {"name": "web", "image": "i", "port": "x", "rule": {}},
            "Service 'web': port is the text 'x', and has to be a whole number. Change port.",
        ),
        (
            {"name": "web", "image": "i", "port": 1, "rule": {}, "log_retention": 1095},
            "Service 'web': value of log_retention must be one of: 1, 3, 5, 7, 14",
        ),
    ],
)
def test_an_unknown_missing_or_wrong_option_is_named_with_its_service(given, begins):
    with pytest.raises(ValueError, match="Service") as caught:
        inputs.complete([given], SPEC)

    assert str(caught.value).startswith(begins)


@pytest.mark.parametrize(
    ("platform", "given", "runs_on"),
    [("linux/amd64", None, "X86_64"), ("linux/arm64", None, "ARM64"), ("linux/arm64", "X86_64", "X86_64")],
)
def test_a_build_says_what_the_tasks_run_on(platform, given, runs_on):
    wanted = {"name": "web", "build": {"path": "~/app", "platform": platform}}
    [made] = inputs.complete([{**wanted, "cpu_architecture": given} if given else wanted], SPEC)
    built_for = {"linux/amd64": "X86_64", "linux/arm64": "ARM64"}[platform]
    assert (made["image"], made["image_architectures"]) == ("(known after build)", [built_for])
    assert (made["cpu_architecture"], made["build"]) == (runs_on, wanted["build"])
    wrong = validate.service(
        {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2", "services": [made]}
    )
    assert [sentence for sentence in wrong if "cpu_architecture" in sentence] == (
        [] if runs_on == built_for else [sentence for sentence in wrong if "none of its image" in sentence]
    )


@pytest.mark.parametrize(("kept", "refused"), [(f"{PREFIX}-web", 1), (f"{PREFIX}-lotto", 0), ("", 0)])
def test_no_service_is_built_into_the_repository_of_lotto(kept, refused):
    services = inputs.complete([{"name": "web", "build": {"path": "."}}, {"name": "lotto", "image": "i"}], SPEC)
    values = {"name_prefix": PREFIX, "permissions_boundary": "", "region": "ap-northeast-2"}
    values |= {"repository_of_lotto": kept, "services": services}
    assert sum("set ecr_push_app to another name" in sentence for sentence in validate.service(values)) == refused


@pytest.mark.parametrize(("option", "value"), [("rule", 5), ("autoscaling", True), ("health_check", 1.5)])
def test_a_number_in_place_of_a_dictionary_is_refused_by_the_name_of_the_service(option, value):
    with pytest.raises(ValueError, match=rf"^Service 'web': {option} is read as .* and has to be a dictionary\."):
        inputs.complete([{"name": "web", "image": "i", option: value}], SPEC)
