# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import blocks for Terraform: addresses, and ids in the form that the provider's documentation gives."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.filter.terraform import terraform_imports
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import export

ELB = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012"
CLUSTER = {"type": "ecs_cluster", "name": "prod", "id": "arn:aws:ecs:r:1:cluster/prod", "values": {}}
VPC = {"type": "vpc", "name": "p-vpc", "id": "vpc-1", "values": {}}
SUBNET = {"type": "subnet", "name": "p-apps-a1", "id": "subnet-1", "values": {}}


def one(kind, name, found, **values):
    return {"type": kind, "name": name, "id": found, "values": values}


# As in the section Import of each resource of the provider's documentation.
RESOURCES = [
    (one("vpc", "p-vpc", "vpc-1"), ["aws_vpc.p-vpc vpc-1"]),
    (one("elastic_ip", "p-nat-eip", "eipalloc-1"), ["aws_eip.p-nat-eip eipalloc-1"]),
    (
        one("route_table", "p-apps-rt", "rtb-1", subnets=["p-apps-a1", "gone"]),
        ["aws_route_table.p-apps-rt rtb-1", "aws_route_table_association.p-apps-a1 subnet-1/rtb-1"],
    ),
    (one("security_group", "p-web-sg", "sg-1"), ["aws_security_group.p-web-sg sg-1"]),
    (one("security_group", "p-default-sg", "sg-2"), ["aws_default_security_group.p-default-sg sg-2"]),
    (
        one("load_balancer", "p-alb", f"{ELB}:loadbalancer/app/p-alb/1"),
        [f"aws_lb.p-alb {ELB}:loadbalancer/app/p-alb/1"],
    ),
    (
        one("load_balancer", "p-alb", f"{ELB}:loadbalancer/1", web_acl="arn:acl"),
        [
            f"aws_lb.p-alb {ELB}:loadbalancer/1",
            f"aws_wafv2_web_acl_association.p-alb arn:acl,{ELB}:loadbalancer/1",
        ],
    ),
    (one("listener", "p-alb:443", f"{ELB}:listener/1"), [f"aws_lb_listener.p-alb_443 {ELB}:listener/1"]),
    (
        one("listener", "p-alb:443", f"{ELB}:listener/1", certificates=["arn:aws:acm:r:1:certificate/c-1"]),
        [
            f"aws_lb_listener.p-alb_443 {ELB}:listener/1",
            f"aws_lb_listener_certificate.p-alb_443_c-1 {ELB}:listener/1_arn:aws:acm:r:1:certificate/c-1",
        ],
    ),
    (
        one("sqs_queue", "p-mail", "arn:aws-cn:sqs:cn-north-1:123456789012:p-mail"),
        ["aws_sqs_queue.p-mail https://sqs.cn-north-1.amazonaws.com.cn/123456789012/p-mail"],
    ),
    (
        one("schedule", "p-report", "arn:aws:scheduler:r:1:schedule/default/p-report"),
        ["aws_scheduler_schedule.p-report default/p-report"],
    ),
    (one("log_group", "/ecs/p-web", "arn:logs"), ["aws_cloudwatch_log_group.ecs_p-web /ecs/p-web"]),
    (
        one(
            "iam_role",
            "p-task",
            "arn:role",
            inline_policies={"own": {}},
            managed_policies=["arn:aws:iam::aws:policy/A"],
        ),
        [
            "aws_iam_role.p-task p-task",
            "aws_iam_role_policy.p-task_own p-task:own",
            "aws_iam_role_policy_attachment.p-task_A p-task/arn:aws:iam::aws:policy/A",
        ],
    ),
    (
        one("ecs_cluster", "prod", "arn:aws:ecs:r:1:cluster/prod", capacity_providers=["FARGATE"]),
        ["aws_ecs_cluster.prod prod", "aws_ecs_cluster_capacity_providers.prod prod"],
    ),
    (
        one("ecr_repository", "p/web", "arn:repo", lifecycle_policy={"rules": []}, repository_policy={"Statement": []}),
        [
            "aws_ecr_repository.p_web p/web",
            "aws_ecr_lifecycle_policy.p_web p/web",
            "aws_ecr_repository_policy.p_web p/web",
        ],
    ),
    (
        one("namespace", "p.internal", "ns-1", type="DNS_PRIVATE"),
        ["aws_service_discovery_private_dns_namespace.p_internal ns-1:vpc-1"],
    ),
    (one("namespace", "p", "ns-2", type="HTTP"), ["aws_service_discovery_http_namespace.p ns-2"]),
    (
        one("cloud_map_service", "web.p.internal", "arn:aws:servicediscovery:r:1:service/srv-1"),
        ["aws_service_discovery_service.web_p_internal srv-1"],
    ),
    (one("ecs_service", "web", "arn:svc", cluster="other"), ["aws_ecs_service.web other/web"]),
    (one("ecs_service", "web", "arn:svc"), ["aws_ecs_service.web prod/web"]),
    (
        one("scalable_target", "web", "service/prod/web"),
        ["aws_appautoscaling_target.web ecs/service/prod/web/ecs:service:DesiredCount"],
    ),
    (
        one(
            "scaling_policy",
            "web-cpu",
            "arn:aws:autoscaling:r:1:scalingPolicy:u-u:resource/ecs/service/prod/web:policyName/web-cpu",
        ),
        ["aws_appautoscaling_policy.web-cpu ecs/service/prod/web/ecs:service:DesiredCount/web-cpu"],
    ),
    (
        {
            **one("record_set", "www.example.com A", "Z1/www.example.com/A"),
            "record": {"name": "www.example.com", "type": "A"},
            "zone_id": "Z1",
        },
        ["aws_route53_record.www_example_com_A Z1_www.example.com_A"],
    ),
    (one("image", "p-web:1", "sha256:1"), []),
]


@pytest.mark.parametrize(("resource", "expected"), RESOURCES, ids=[entry["type"] for entry, _ in RESOURCES])
def test_a_resource_is_imported_by_its_address_and_id(resource, expected):
    around = [entry for entry in (VPC, CLUSTER, SUBNET) if entry["type"] != resource["type"]]
    known = {one.address for one in export.imports(around)}
    found = export.imports([*around, resource])
    assert [f"{one.address} {one.id}" for one in found if one.address not in known] == expected


def test_what_is_not_there_or_is_others_is_not_imported():
    planned, foreign = one("vpc", "p-vpc", None), {**one("record_set", "x A", "Z1/x/A"), "foreign": True}
    assert export.imports([planned, foreign]) == []


def test_two_of_one_label_get_two():
    twins = [one("log_group", "/a/b", "arn:1"), one("log_group", "/a_b", "arn:2"), one("log_group", "9", "arn:3")]
    assert [entry.label for entry in export.imports(twins)] == ["a_b", "a_b_2", "_9"]


def test_the_file_is_of_import_blocks_and_what_has_none_is_told():
    found = terraform_imports(
        {
            "vpc_info": {"resources": [VPC]},
            "ecr_push_info": {"resources": [one("image", "p:1", "sha")]},
            "alb_info": None,
        }
    )
    assert found["text"] == 'import {\n  to = aws_vpc.p-vpc\n  id = "vpc-1"\n}\n'
    assert found["addresses"] == {"aws_vpc.p-vpc": "vpc-1"}
    assert found["left"] == [
        "image p:1: images are pushed by whoever builds them, and are no resource of the provider's."
    ]


GENERATED = """resource "aws_lb_listener_rule" "web" {
  priority     = 20
  action {
    order            = 0
    type             = "forward"
    forward {
      stickiness {
        duration = 0
        enabled  = false
      }
    }
  }
}
resource "aws_lb_target_group" "web" {
  stickiness {
    cookie_duration = 86400
    enabled         = false
  }
  target_failover {
  }
  target_health_state {
    enable_unhealthy_connection_termination = null
  }
}
"""
ACCEPTED = """resource "aws_lb_listener_rule" "web" {
  priority     = 20
  action {
    type             = "forward"
    forward {
    }
  }
}
resource "aws_lb_target_group" "web" {
  stickiness {
    cookie_duration = 86400
    enabled         = false
  }
}
"""


def test_what_the_provider_refuses_of_what_is_generated_is_taken_out():
    assert export.accepted(GENERATED) == ACCEPTED
    assert export.accepted(ACCEPTED) == ACCEPTED


# By the kind of a resource, lines that Terraform 1.11 generates with the provider 5.100, and what it takes of them.
REFUSED = [
    ("aws_subnet", '  availability_zone_id = "apne2-az1"\n', ""),
    ("aws_subnet", "  enable_lni_at_device_index = 0\n", ""),
    ("aws_subnet", "  map_customer_owned_ip_on_launch = false\n", ""),
    ("aws_subnet", "  map_public_ip_on_launch = false\n", "  map_public_ip_on_launch = false\n"),
    ("aws_nat_gateway", "  secondary_private_ip_address_count = 0\n", ""),
    ("aws_nat_gateway", "  secondary_private_ip_addresses     = []\n", ""),
    ("aws_vpc", "  ipv6_netmask_length = 0\n", ""),
    ("aws_route_table", '    ipv6_cidr_block = ""\n', "    ipv6_cidr_block = null\n"),
    ("aws_lb", '  subnet_mapping {\n    subnet_id = "subnet-1"\n  }\n', ""),
    ("aws_lb", '  subnets = ["subnet-1"]\n', '  subnets = ["subnet-1"]\n'),
    ("aws_other", '    ipv6_cidr_block = ""\n', '    ipv6_cidr_block = ""\n'),
    (
        "aws_sqs_queue",
        "  max_message_size = 1048576\n",
        "  lifecycle {\n    ignore_changes = [max_message_size]\n  }\n",
    ),
    ("aws_sqs_queue", "  max_message_size = 262144\n", "  max_message_size = 262144\n"),
]


@pytest.mark.parametrize(("kind", "line", "expected"), REFUSED)
def test_what_is_refused_of_one_kind_is_taken_out_of_that_alone(kind, line, expected):
    def written(text):
        return f'resource "aws_first" "x" {{\n  a = 1\n}}\n\nresource "{kind}" "x" {{\n  b = 2\n{text}  c = 3\n}}\n'

    assert export.accepted(written(line)) == written(expected)


WITH_LOGIN = """resource "aws_lb_listener_rule" "office" {
  action {
    order = 1
    authenticate_oidc {
      client_id     = "office"
      client_secret = null # sensitive
    }
  }

  priority = 21
}

# __generated__ by Terraform
resource "aws_lb_listener_rule" "web" {
  priority = 20
}
"""


def test_a_client_secret_which_aws_returns_to_nobody_has_a_place_and_is_not_written():
    accepted = export.accepted(WITH_LOGIN)
    told = 'client_secret = "put it here, and take ignore_changes out, as AWS returns it to nobody"'
    ignored = "\n  lifecycle {\n    ignore_changes = [action[0].authenticate_oidc[0].client_secret]\n  }\n}\n"
    first, _comment, second = accepted.partition("\n# __generated__")
    assert (told in first, first.endswith(ignored)) == (True, True)
    assert second == WITH_LOGIN.partition("\n# __generated__")[2]
    assert export.accepted(accepted) == accepted
