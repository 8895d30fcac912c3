# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that others made, from recorded answers: what is said of them, what can't be, and which are refused."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import inputs, validate
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt import (
    around,
    compare,
    compose,
    describe,
    refuse,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt import read as reading
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt import take as taking
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.read import Query

from tests.support.ground import CLUSTER
from tests.support.recorded import INPUTS, Player, answers_of
from tests.support.refused_ways import REFUSED as OF_OTHERS
from tests.support.ten_ways import SERVICES
from tests.unit.plugins.module_utils.service_definitions import SPEC

API = "prod-api-svc"
TOOLS = "CdkStack-ToolsService-1ABC"
BILLING = "Billing_Service_of_the_Platform_Team_which_has_a_very_long_name"


def client(name, change=None):
    """Return what makes clients that answer as recorded of a service, after I(change) of the answers."""
    answers = copy.deepcopy(answers_of(name))
    if change:
        change(answers)
    return lambda service: Player(service, answers)


def taken(name, change=None):
    return taking.take(client(name, change), Query(CLUSTER, [name]), INPUTS)


def live(name):
    return reading.live(client(name), Query(CLUSTER, [name]))


def definition(name, change=None):
    read = taken(name, change)
    assert read["refused"] == []
    return next(one for one in read["definitions"] if one["names"]["service"] == name)


def sentences(read):
    complete = inputs.complete(read["definitions"], SPEC)
    return compare.sentences(compare.changes(complete, read["platform"], read["info"]))


def changes(name, change=None):
    return sentences(taken(name, change))


def answers(of, operation):
    """Return a change that applies a function to every answer to an operation, page by page."""

    def to_all(function):
        def change(recorded):
            for key, answer in recorded.items():
                if key.startswith(f"{of} {operation} "):
                    for page in answer if isinstance(answer, list) else [answer]:
                        function(page)

        return change

    return to_all


def service(**fields):
    """Return a change of the service."""

    def change(page):
        for one in page["services"]:
            one.update(fields)

    return answers("ecs", "describe_services")(change)


def container(**fields):
    """Return a change of the first container of the task definition."""
    return answers("ecs", "describe_task_definition")(
        lambda page: page["taskDefinition"]["containerDefinitions"][0].update(fields)
    )


@pytest.mark.parametrize("name", SERVICES)
def test_the_plan_of_what_is_said_of_a_service_is_empty_but_for_tags(name):
    assert changes(name) == []


@pytest.mark.parametrize("name", SERVICES)
def test_the_role_takes_what_is_said_of_a_service(name):
    (complete,) = inputs.complete([definition(name)], SPEC)
    values = {
        "name_prefix": INPUTS["name_prefix"],
        "permissions_boundary": "",
        "region": "ap-northeast-2",
        "services": [complete],
    }
    assert validate.service(values) == []


def test_what_terraform_made_is_said_field_by_field():
    said = definition(API)
    assert said["name"] == "prod-api-svc"
    assert said["names"] == {
        "service": API,
        "task_family": "prod-api-td",
        "target_group": "prod-api-tg",
        "log_group": "/aws/ecs/prod/api",
        "security_group": "prod-api-sg",
    }
    assert (said["container_name"], said["port"], said["user"]) == ("api", 8080, "1000")
    assert said["environment"] == {"STAGE": "prod"}
    assert said["rules"] == [
        {"paths": ["/api", "/api/*"], "hosts": ["api.example.com"], "priority": 20},
        {"paths": ["/status"], "methods": ["GET", "HEAD"], "priority": 21},
    ]
    assert definition("cli-service")["rule"] == {"paths": ["/cli/*"], "priority": 10}
    assert said["health_check"]["matcher"] == "200-399"
    assert (said["deregistration_delay"], said["log_retention"]) == (60, 90)
    assert said["autoscaling"] == {"min": 1, "max": 4, "cpu": 60.0, "scale_in_cooldown": 120, "scale_out_cooldown": 30}
    assert said["circuit_breaker"] == {"enable": True, "rollback": True}
    assert said["capacity_provider_strategy"] == []
    assert said["task_role_arn"].endswith(":role/prod-api-task-role")


def test_what_others_share_is_used_and_not_taken():
    said = definition(BILLING)
    assert said["log_group_name"] == "everything" and "log_group" not in said["names"]
    assert len(said["security_group_ids"]) == 1 and "security_group" not in said["names"]
    assert (said["name"], said["task_role_arn"]) == ("billing-service-of-the", "none")


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        (["api", "api"], ({"log_stream_prefix": "s", "log_retention": 30}, {"log_group": "g"})),
        (["api", "jobs"], ({"log_stream_prefix": "s", "log_group_name": "g"}, {})),
    ],
)
def test_a_log_group_that_another_family_logs_into_is_not_taken_whatever_its_retention(families, expected):
    logs = {"awslogs-group": "g", "awslogs-stream-prefix": "s"}
    logging_to = [{"logConfiguration": {"logDriver": "awslogs", "options": logs}}]
    made = {str(one): {"family": family, "containerDefinitions": logging_to} for one, family in enumerate(families)}
    names = {}
    live = {"log_groups": {"g": {"retentionInDays": 30}}, "definitions": made}
    assert (describe._logs({"log_configuration": {"options": logs}}, names, live), names) == expected


def test_a_worker_and_a_pair_and_a_mix_with_spot():
    assert {key: definition("queue-worker")[key] for key in ("subnets", "command")} == {
        "subnets": "public",
        "command": ["work", "--forever"],
    }
    assert not {"rule", "health_check", "port"} & definition("queue-worker").keys()
    pair = definition("pair")
    assert pair["depends_on"] == [{"container": "proxy", "condition": "HEALTHY"}]
    assert [one["name"] for one in pair["sidecars"]] == ["proxy"]
    assert {one["name"] for one in pair["volumes"]} == {"shared", "files"}
    blog = definition("blog")
    assert {one["capacity_provider"] for one in blog["capacity_provider_strategy"]} == {"FARGATE", "FARGATE_SPOT"}
    assert (blog["cpu_architecture"], blog["init_process"], blog["platform_version"]) == ("ARM64", True, "1.4.0")


REGEX = {"RegexValues": ["^/api/v[0-9]+$"]}
DEPLOYING = {"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "taskDefinition": "x/a:2"}

# What the inventory has no words for, and what the next run would do to it.
LEFT = [
    (
        container(portMappings=[{"containerPort": 8080}, {"containerPort": 8125, "protocol": "udp"}]),
        "ecs_task_definition prod-api-td: container_definitions.api.port_mappings.8125/udp is"
        ' {"container_port": 8125, "host_port": 8125}, and would be removed.',
    ),
    (
        answers("ecs", "describe_task_definition")(
            lambda page: page["taskDefinition"].update(pidMode="task", inferenceAccelerators=[])
        ),
        'ecs_task_definition prod-api-td: pid_mode is "task", and would be removed.',
    ),
    (
        answers("elbv2", "describe_target_groups")(
            lambda page: [one.update(HealthCheckPort="9000") for one in page["TargetGroups"]]
        ),
        'target_group prod-api-tg: health_check.port is "9000", and would become "traffic-port".',
    ),
    (
        answers("elbv2", "describe_rules")(
            lambda page: [
                one["Conditions"].append({"Field": "path-pattern", "PathPatternConfig": REGEX})
                for one in page["Rules"]
                if one["Priority"] == "20"
            ]
        ),
        'listener_rule shop-an2p-prod-api-svc: other_conditions is ["path-pattern"], and would be removed.',
    ),
    (
        answers("application-autoscaling", "describe_scaling_policies")(
            lambda page: page["ScalingPolicies"].append(
                {**page["ScalingPolicies"][0], "PolicyName": "steps", "PolicyType": "StepScaling"}
                | {"TargetTrackingScalingPolicyConfiguration": {}}
            )
        ),
        "scaling_policy steps: can't be expressed in an inventory, and would be removed.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), LEFT)
def test_what_can_not_be_said_is_told_with_what_would_happen_to_it(change, sentence):
    assert sentence in changes(API, change)


COMMON = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid email",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
POOL = "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_a1"


def login(kind, **config):
    """Return a change that has users of every rule log in first."""
    action = {"Type": f"authenticate-{kind}", "Order": 1, f"Authenticate{kind.title()}Config": {**config, **COMMON}}
    return answers("elbv2", "describe_rules")(
        lambda page: [one["Actions"].insert(0, action) for one in page["Rules"] if not one.get("IsDefault")]
    )


def test_a_login_by_cognito_is_said():
    by_cognito = login("cognito", UserPoolArn=POOL, UserPoolClientId="1", UserPoolDomain="cli")
    assert definition("cli-service", by_cognito)["rule"]["authenticate"] == {
        "cognito": {
            "user_pool_arn": POOL,
            "user_pool_client_id": "1",
            "user_pool_domain": "cli",
            "scope": "openid email",
        }
    }
    assert changes("cli-service", by_cognito) == []


def test_a_login_by_openid_connect_is_said_with_where_its_secret_is_to_be():
    ends = {f"{name}Endpoint": f"https://login.example/{name}" for name in ("Authorization", "Token", "UserInfo")}
    by_oidc = login("oidc", Issuer="https://login.example", ClientId="cli@example", **ends)
    said = definition("cli-service", by_oidc)["rule"]["authenticate"]["oidc"]
    assert (said["client_id"], said["client_secret_from"]) == ("cli@example", "/cli-service/cli-example/client-secret")
    read = taken("cli-service", by_oidc)
    assert sentences(read) == []
    assert [note for note in read["notes"] if "client secret" in note] == [
        "service cli-service has users log in with OpenID Connect, and AWS does not return the client secret: put it"
        " into the SSM parameter /cli-service/cli-example/client-secret before the first run, or set"
        " client_secret_from to its location."
    ]


def test_the_value_of_a_variable_is_in_no_sentence():
    read = taken(API)
    read["definitions"][0]["environment"] = {"STAGE": "of-another"}
    assert 'container_definitions.api.environment.STAGE is "(sensitive)"' in " ".join(sentences(read))


def weighted(page):
    for rule in page["Rules"]:
        for action in rule["Actions"]:
            if action["Type"] == "forward":
                own = action.get("TargetGroupArn") or action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
                groups = [{"TargetGroupArn": own, "Weight": 9}, {"TargetGroupArn": f"{own[:-4]}beef", "Weight": 1}]
                action.pop("TargetGroupArn", None)
                action["ForwardConfig"] = {"TargetGroups": groups}


def by_default(page):
    for rule in page["Rules"]:
        rule.update(Priority="default", IsDefault=True, Conditions=[])


def second_service(page):
    page["services"].append({**page["services"][0], "serviceName": "twin", "serviceArn": "arn:twin"})


def without_target_group(recorded):
    answers("elbv2", "describe_target_groups")(lambda page: page["TargetGroups"].clear())(recorded)
    # the load balancer is found by it, so that its security group is not asked for
    ((key, pages),) = [pair for pair in recorded.items() if '"GroupIds": ["sg-' in pair[0]]
    for group in pages[0]["SecurityGroups"]:
        arguments = json.dumps({"GroupIds": [group["GroupId"]]})
        recorded[f"{key.partition('{')[0]}{arguments}"] = [{"SecurityGroups": [group]}]


def of_a_stack(recorded):
    for page in (one for key, one in recorded.items() if key.startswith("ecs describe_services ")):
        for one in page["services"]:
            one["tags"] = [{"key": "aws:cloudformation:stack-name", "value": "prod-stack"}]
            arn = one["serviceArn"]
    held = [{"StackName": "prod-stack", "PhysicalResourceId": arn}]
    recorded[f'cloudformation describe_stack_resources {{"PhysicalResourceId": "{arn}"}}'] = {"StackResources": held}


def of_a_stack_that_let_go(recorded):
    of_a_stack(recorded)
    for key in recorded:
        if key.startswith("cloudformation "):
            recorded[key] = {"StackResources": []}


REFUSED = [
    (service(deploymentController={"type": "CODE_DEPLOY"}), "CodeDeploy deploys it"),
    (service(deploymentController={"type": "EXTERNAL"}), "an external controller deploys it"),
    (service(launchType="EC2"), "its tasks run on EC2"),
    (
        service(deploymentConfiguration={"strategy": "CANARY"}),
        "ECS shifts its requests with something other than a listener rule",
    ),
    (
        service(deployments=[DEPLOYING]),
        "a deployment is in progress",
    ),
    (answers("elbv2", "describe_rules")(weighted), "sends a share of its requests to"),
    (answers("elbv2", "describe_rules")(by_default), "the default action of a listener forwards to it"),
    (answers("elbv2", "describe_rules")(lambda page: page["Rules"].clear()), "no rule of a listener forwards to"),
    (answers("ecs", "describe_services")(second_service), "has the tasks of prod-api-svc and twin"),
    (
        answers("elbv2", "describe_target_groups")(
            lambda page: [one.update(Protocol="HTTPS") for one in page["TargetGroups"]]
        ),
        "has protocol HTTPS",
    ),
    (without_target_group, "is gone"),
    (of_a_stack, "the stack prod-stack of CloudFormation keeps service prod-api-svc"),
]


@pytest.mark.parametrize(("change", "says"), REFUSED)
def test_what_can_not_be_taken_over_is_refused_with_the_way(change, says):
    refused = taken(API, change)["refused"]
    assert [sentence for sentence in refused if says in sentence], refused
    assert all(sentence.startswith("Service ") for sentence in refused)


@pytest.mark.parametrize(("name", "why"), [(name, why) for name, (_make, why) in OF_OTHERS.items()])
def test_what_others_made_and_can_not_be_taken_over_is_refused(name, why):
    refused = taken(name)["refused"]
    assert [sentence for sentence in refused if sentence.startswith(f"Service {name}: ") and why in sentence], refused


def test_target_groups_behind_different_listeners_are_refused():
    found = live(TOOLS)
    ((listener, rules),) = found["rules"].items()
    admin = [rule for rule in rules if rule["Priority"] == "71"]
    found["rules"] = {listener: admin, f"{listener}-2": [rule for rule in rules if rule not in admin]}
    (refused,) = refuse.problems(found["services"][0], found)
    assert "CdkSt-ECSTar-1ABC and CdkSt-ECSTar-2DEF get their requests from different listeners" in refused


def test_what_a_stack_has_let_go_of_is_taken_though_it_has_its_tags():
    assert taken(API, of_a_stack_that_let_go)["refused"] == []


def no_schedules(recorded):
    recorded['scheduler list_schedules {"GroupName": "default", "NamePrefix": "gone"}'] = [{"Schedules": []}]


def test_what_is_asked_for_and_not_there_is_refused():
    with pytest.raises(RefusedError, match=r"has no service or job gone: it has prod-api-svc\."):
        reading.live(client(API, no_schedules), Query(CLUSTER, ["gone"]))
    with pytest.raises(RefusedError, match="is behind load balancer arn:other"):
        reading.live(client(API), Query(CLUSTER, load_balancer_arn="arn:other"))


def test_a_service_behind_a_load_balancer_is_found_by_it():
    arn = live(API)["load_balancers"][0]["LoadBalancerArn"]
    found = reading.live(client(API), Query(CLUSTER, load_balancer_arn=arn))
    assert [one["serviceName"] for one in found["services"]] == [API]


def test_services_of_two_networks_are_refused():
    def moved(page):
        page["Vpcs"].append({**page["Vpcs"][0], "VpcId": "vpc-other"})

    with pytest.raises(RefusedError, match="The services are in 2 VPCs"):
        taken(API, answers("ec2", "describe_vpcs")(moved))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["shop-an2p-lotto"], ["lotto"]),
        (["Shop_API"], ["api"]),
        (["shop"], ["shop"]),
        (["1-two"], ["app-1-two"]),
        (["a" * 40, "a" * 41], ["a" * 22, f"{'a' * 20}-2"]),
        (["Web", "web", "WEB"], ["web", "web-2", "web-3"]),
    ],
)
def test_every_service_gets_a_name_of_its_own(names, expected):
    assert list(taking.own_names(names, "shop-an2p").values()) == expected


def further(**fields):
    """Return a change that adds a rule of the listener which forwards as the service's does."""

    def more(page):
        own = next(one for one in page["Rules"] if one["Priority"] == "20")
        page["Rules"].append({**own, "RuleArn": "arn:another", **fields})

    return answers("elbv2", "describe_rules")(more)


def test_what_stays_beside_a_service_is_told():
    notes = taken(API, further(Priority="default", IsDefault=True, Conditions=[]))["notes"]
    assert "listener rule arn:another (the default one) forwards to service prod-api-svc, too: it stays," in notes[0]
    scheduled = answers("application-autoscaling", "describe_scheduled_actions")(
        lambda page: page["ScheduledActions"].append({"ScheduledActionName": "night"})
    )
    assert "scheduled action night of service prod-api-svc stays" in taken(API, scheduled)["notes"][0]


CONSOLE = {
    "name": "web",
    "cpu": 0,
    "portMappings": [{"containerPort": 80, "name": "web-80-tcp", "appProtocol": "http"}],
    "environmentFiles": [],
    "linuxParameters": {"initProcessEnabled": True},
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/ecs/shop", "awslogs-create-group": "true", "mode": "non-blocking"},
    },
    "interactive": True,
}
OF_CONSOLE = {
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-create-group": "true", "mode": "non-blocking"},
    },
    "interactive": True,
}


def logging(driver, **options):
    """Return a change of what the container of cli logs by, which is in no log group."""

    def change(recorded):
        container(logConfiguration={"logDriver": driver, "options": options})(recorded)
        recorded['logs describe_log_groups {"logGroupNamePrefix": "/ecs/shop-an2p-cli-service"}'] = [{"logGroups": []}]

    return change


def test_what_else_a_container_has_is_said_in_the_spelling_of_aws():
    said = definition("shop", container(**{**CONSOLE, "name": "shop"}))["container_options"]
    assert said == OF_CONSOLE
    assert "container_options" not in definition("cli-service")


def test_a_log_driver_of_another_kind_has_no_options_of_cloudwatch_logs():
    options = {"splunk-url": "https://s:8088", "splunk-token": "t0k3n"}
    read = taken("cli-service", logging("splunk", **options))
    assert sentences(read) == ["log_group /ecs/shop-an2p-cli-service: does not exist, and would be created."]
    written = compose.compose(read, "shop-an2p")
    assert written.secrets == {"vault_cli_service_logs_splunk_token": "t0k3n"}
    said = written.services[0]["container_options"]["logConfiguration"]
    referring = {**options, "splunk-token": "{{ vault_cli_service_logs_splunk_token }}"}
    assert said == {"logDriver": "splunk", "options": referring}


def test_what_several_target_groups_serve_is_said_by_rules():
    said = definition(TOOLS)
    assert said["names"]["target_group"] == "CdkSt-ECSTar-1ABC"
    assert said["names"]["target_groups"] == {"9090": "CdkSt-ECSTar-2DEF"}
    assert (said["container_name"], said["port"]) == ("web", 8080)
    first, second, third = said["rules"]
    assert first == {"paths": ["/tools", "/tools/*"], "priority": 70} and third["priority"] == 72
    assert (second["port"], second["container"]) == (9090, "admin")
    assert (second["health_check"]["path"], second["health_check"]["interval"]) == ("/ready", 60)
    assert "allow_from" not in said and said["names"]["security_group"].startswith("CdkStack-Tools")


def test_what_a_container_has_options_for_is_said_by_them():
    said = definition(TOOLS)
    assert said["docker_labels"] == {"team": "tools"}
    assert said["repository_credentials"].endswith(":secret:registry-a1b2c3")
    assert said["container_options"] == {"cpu": 128, "memory": 256}
    (sidecar,) = said["sidecars"]
    assert sidecar["restart_policy"] == {"enabled": True, "ignored_exit_codes": [0], "attempt_period": 120}
    file = {"type": "s3", "value": "arn:aws:s3:::shop/prod.env"}
    assert definition("cli-service", container(environmentFiles=[file]))["environment_files"] == [file["value"]]


def test_what_express_mode_goes_on_changing_is_told():
    notes = taken("mode", service(resourceManagementType="ECS"))["notes"]
    assert [one for one in notes if one.startswith("service mode is one of Express Mode")]
    assert not [one for one in taken("mode")["notes"] if "Express" in one]


def test_what_ecs_shifts_the_requests_with_is_said():
    said = definition("shop")
    assert said["deployment"] == {"strategy": "blue_green", "bake_time": 10}
    assert said["names"]["target_group"] == "shop-tg-1" and said["names"]["alternate_target_group"] == "shop-tg-2"
    assert said["shift_role_arn"].endswith(":role/ecsInfrastructureRoleOf-shop")
    shares = {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 3}}
    canary = definition("shop", service(deploymentConfiguration=shares))["deployment"]
    assert canary == {"strategy": "canary", "bake_time": 0, "canary": {"percent": 10.0, "bake_time": 3}}


def test_a_rule_for_tests_of_somebody_else_is_refused():
    def with_test(page):
        for one in page["services"]:
            one["loadBalancers"][0]["advancedConfiguration"]["testListenerRule"] = "arn:test"

    (refused,) = taken("shop", answers("ecs", "describe_services")(with_test))["refused"]
    assert "its deployments use an existing test listener rule." in refused


def test_secret_values_become_variables_of_the_inventory():
    read = taken("shop-prod-front-Service-1ABCDEFGH")
    written = compose.compose(read, "shop-an2p")
    (said,) = written.services
    assert written.secrets == {"vault_prod_front_service_1ab_api_token": "s3cr3t-t0ken"}
    assert said["environment"] == {
        "COPILOT_ENVIRONMENT_NAME": "prod",
        "API_TOKEN": "{{ vault_prod_front_service_1ab_api_token }}",
        "TEMPLATE": "{{ not_ours }}",
    }
    assert written.vpc["vpc_id"].startswith("vpc-")
    assert written.alb["alb_arn"].endswith(written.alb["alb_arn"].rpartition("/")[2])
    assert written.ecs_cluster == {"ecs_cluster_name": CLUSTER}


def test_what_the_platform_has_itself_is_not_named_again():
    read = taken("cli-service")
    read["around"] |= {"cluster": "shop-an2p-ecs"}
    read["around"]["vpc"]["name"] = "shop-an2p-vpc"
    read["around"]["load_balancer"]["name"] = "shop-an2p-pub-alb"
    written = compose.compose(read, "shop-an2p")
    assert (written.vpc, written.alb, written.ecs_cluster) == ({}, {}, {})


def test_every_refusal_of_a_deployer_has_a_way():
    assert all("." in way for way in refuse.CONTROLLERS.values())


def scaling_by(**specification):
    """Return a change of the one policy to a metric of CloudWatch."""

    def change(page):
        (policy,) = page["ScalingPolicies"]
        tracking = policy["TargetTrackingScalingPolicyConfiguration"]
        del tracking["PredefinedMetricSpecification"]
        tracking["CustomizedMetricSpecification"] = specification

    return answers("application-autoscaling", "describe_scaling_policies")(change)


OF_QUEUE = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Dimensions": [{"Name": "QueueName", "Value": "prod-jobs"}],
    "Statistic": "Sum",
}


def test_a_policy_by_any_metric_is_said_and_keeps_its_name():
    change = scaling_by(**OF_QUEUE)
    assert definition(API, change)["autoscaling"]["metrics"] == [
        {
            "name": "cpu-scaling",
            "namespace": "AWS/SQS",
            "metric": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": "prod-jobs"},
            "statistic": "Sum",
            "target": 60.0,
        }
    ]
    assert changes(API, change) == []


def test_a_policy_by_a_percentile_has_no_words():
    change = scaling_by(**{**OF_QUEUE, "Statistic": "p90"})
    assert "metrics" not in definition(API, change)["autoscaling"]
    assert "scaling_policy cpu-scaling: can't be expressed in an inventory, and would be removed." in changes(
        API, change
    )


FRONT = "shop-prod-front-Service-1ABCDEFGH"


def connected(**fields):
    """Return a change of the Service Connect of the service that runs."""

    def change(page):
        for deployment in page["services"][0]["deployments"]:
            deployment["serviceConnectConfiguration"].update(fields)

    return answers("ecs", "describe_services")(change)


def test_service_connect_is_said():
    said = definition(FRONT)
    assert said["service_connect"]["namespace"].startswith("arn:aws:servicediscovery:")
    rest = {key: value for key, value in said["service_connect"].items() if key != "namespace"}
    assert rest == {
        "port_name": "target",
        "client_aliases": [{"name": "front", "port": 8080}],
        "log": {"driver": "awslogs", "options": {"awslogs-stream-prefix": "copilot"}},
    }
    assert said["names"]["connect"] == "target"


OFFERED = {
    "portName": "target",
    "discoveryName": "front-sc",
    "clientAliases": [
        {"port": 80, "dnsName": "front", "testTrafficRules": {"header": {"name": "X-Green", "value": {"exact": "1"}}}}
    ],
    "ingressPortOverride": 15000,
    "timeout": {"idleTimeoutSeconds": 60, "perRequestTimeoutSeconds": 5},
    "tls": {"issuerCertificateAuthority": {"awsPcaAuthorityArn": "arn:ca"}, "roleArn": "arn:aws:iam::1:role/tls"},
}


def test_all_of_what_service_connect_offers_is_said():
    access = {"format": "JSON", "includeQueryParameters": "ENABLED"}
    said = definition(FRONT, connected(services=[OFFERED], logConfiguration=None, accessLogConfiguration=access))
    assert {key: value for key, value in said["service_connect"].items() if key != "namespace"} == {
        "port_name": "target",
        "client_aliases": [{"name": "front", "port": 80, "test_header": {"name": "X-Green", "value": "1"}}],
        "ingress_port": 15000,
        "timeout": {"idle": 60, "per_request": 5},
        "tls": {"issuing_ca": "arn:ca", "role_arn": "arn:aws:iam::1:role/tls"},
        "log": {"driver": "none"},
        "access_log": {"format": "json", "query_parameters": True},
    }
    assert said["names"]["connect"] == "front-sc"


def test_one_that_only_reaches_others_says_so():
    said = definition(FRONT, connected(services=[]))
    assert said["service_connect"]["client_only"] and "connect" not in said["names"]


@pytest.mark.parametrize("services", [[OFFERED, OFFERED], [{**OFFERED, "portName": "another"}]])
def test_what_service_connect_offers_by_other_ports_is_told(services):
    read = taken(FRONT, connected(services=services))
    assert "service_connect" not in read["definitions"][0]
    assert [one for one in sentences(read) if "service_connect" in one]


def test_when_the_circuit_breaker_ends_a_deployment_is_said():
    breaker = {
        "enable": True,
        "rollback": False,
        "resetOnHealthyTask": False,
        "thresholdConfiguration": {"type": "COUNT", "value": 7},
    }
    configuration = {"maximumPercent": 200, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": breaker}
    change = service(deploymentConfiguration=configuration)
    assert definition(API, change)["circuit_breaker"] == {
        "enable": True,
        "rollback": False,
        "reset_on_healthy_task": False,
        "threshold": {"type": "count", "value": 7},
    }
    assert changes(API, change) == []


def test_a_listener_whose_default_action_alone_leads_to_a_service_is_not_the_one_of_its_rules():
    found = live(API)
    ((listener, rules),) = found["rules"].items()
    forwarding = next(rule for rule in rules if rule["Priority"] == "20")
    default = {**forwarding, "RuleArn": "arn:default", "Priority": "default", "IsDefault": True, "Conditions": []}
    # one of HTTPS would come first
    found["rules"][f"{listener}-2"] = [default]
    found["listeners"] = {
        arn: [*some, {**some[0], "ListenerArn": f"{listener}-2", "Protocol": "HTTPS"}]
        for arn, some in found["listeners"].items()
    }
    assert around.of(found["services"], found).listener["ListenerArn"] == listener


JOB = "nightly-report"


def test_a_job_is_said_with_its_schedule():
    said = definition(JOB)
    assert said["names"] == {"service": JOB, "task_family": "nightly-td", "log_group": "/ecs/nightly"}
    assert said["schedule"] == {
        "cron": "30 2 ? * MON-FRI *",
        "timezone": "Asia/Seoul",
        "window": 15,
        "retries": 3,
        "enabled": True,
    }
    assert (said["command"], said["log_retention"], len(said["security_group_ids"])) == (["nightly"], 14, 1)
    (complete,) = inputs.complete([said], SPEC)
    values = {
        "name_prefix": INPUTS["name_prefix"],
        "permissions_boundary": "",
        "region": "ap-northeast-2",
        "services": [complete],
    }
    assert validate.service(values) == []


def test_the_plan_of_a_job_has_a_role_of_its_own_alone():
    """Scheduler starts it by a role that may start just its task, and which takes the place of the one it had."""
    assert changes(JOB) == [
        "iam_role shop-an2p-nightly-report-schedule: does not exist, and would be created.",
        'schedule nightly-report: role is "nightly-scheduler", and would become "shop-an2p-nightly-report-schedule".',
        # it was written without a revision
        'schedule nightly-report: task_definition is "nightly-td", and would become "nightly-td:1".',
    ]
    assert "is started with role arn:aws:iam::123456789012:role/nightly-scheduler" in taken(JOB)["notes"][0]


def schedule(**fields):
    """Return a change of the schedule."""
    return answers("scheduler", "get_schedule")(lambda found: found.update(fields))


def test_what_has_no_words_of_a_job_is_told():
    from_input = schedule(Target={**live_target(), "Input": '{"containerOverrides": []}'})
    assert any("input is" in sentence for sentence in changes(JOB, from_input))
    ecs = {**live_target()["EcsParameters"], "Group": "nightly", "Tags": [{"key": "a", "value": "b"}]}
    more = schedule(Description="of finance", Target={**live_target(), "EcsParameters": ecs})
    assert taken(JOB, more)["notes"][1:4] == [
        f"schedule {JOB}: {field} can't be expressed in an inventory, and would be removed."
        for field in ('Description "of finance"', 'Group "nightly"', 'Tags [{"key": "a", "value": "b"}]')
    ]


def live_target():
    (found,) = [answer for key, answer in answers_of(JOB).items() if key.startswith("scheduler get_schedule ")]
    return found["Target"]


@pytest.mark.parametrize(
    "fields",
    [
        {"ScheduleExpression": "at(2030-01-01T00:00:00)"},
        {"Target": {"Arn": "arn:aws:lambda:ap-northeast-2:123456789012:function:x"}},
        {"Target": {"Arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/other", "EcsParameters": {}}},
    ],
)
def test_what_is_no_job_of_the_cluster_is_none(fields):
    with pytest.raises(RefusedError, match="has no service or job"):
        taken(JOB, schedule(**fields))


def test_a_whole_cluster_is_taken_over_with_its_jobs():
    def every(recorded):
        prefixed = next(key for key in recorded if key.startswith("scheduler list_schedules "))
        recorded['scheduler list_schedules {"GroupName": "default"}'] = recorded[prefixed]

    read = taking.take(client(JOB, every), Query(CLUSTER), INPUTS)
    assert [one["names"]["service"] for one in read["definitions"]] == [JOB]


@pytest.mark.parametrize("namespace", ["ns-1", None])
def test_a_registry_has_its_namespace(monkeypatch, namespace):
    answers = {
        "get_service": {"Service": {"Id": "srv-1", **({"NamespaceId": namespace} if namespace else {})}},
        "get_namespace": {"Namespace": {"Id": "ns-1", "Name": "magiclub.internal"}},
    }
    asked = []
    monkeypatch.setattr(reading, "call", lambda _client, name, **given: asked.append((name, given)) or answers[name])
    found = reading._registry(None, "arn:aws:servicediscovery:ap-northeast-2:123456789012:service/srv-1")
    assert found["Namespace"] == (answers["get_namespace"]["Namespace"] if namespace else None)
    of_namespace = [("get_namespace", {"Id": "ns-1"})] if namespace else []
    assert asked == [("get_service", {"Id": "srv-1"}), *of_namespace]
