# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules of the network and the load balancer, and platform_info, against moto."""

from __future__ import annotations

import json

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import read
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import api as alb_api
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import api as vpc_api
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import route_table
from ansible_collections.magiclub.fargate.plugins.modules import (
    alb_info,
    ec2_flow_log,
    ec2_route_tables,
    ec2_subnets,
    ecs_cluster_info,
    platform_info,
    vpc_info,
)
from botocore import exceptions

from tests.unit.plugins.modules.aws_stub import run_module

REGION = "ap-northeast-2"
P = "magiclub-an2p"


@pytest.fixture
def run(capsys):
    def run(module, **parameters):
        result = run_module(module.main, capsys, **parameters)
        return {key: value for key, value in result.items() if key != "invocation"}

    return run


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": f"{P}-{name}"}]}]


@pytest.fixture
def vpc(moto):
    """A VPC with two public subnets."""
    ec2 = moto("ec2")
    vpc = ec2.create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=named("vpc", "vpc"))["Vpc"]["VpcId"]
    for zone, block in (("a", "172.25.0.0/20"), ("c", "172.25.32.0/20")):
        ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=block,
            AvailabilityZone=f"{REGION}{zone}",
            TagSpecifications=named("subnet", f"pub-{zone}1"),
        )
    return vpc


def test_an_empty_account_has_no_network(moto, run):
    result = run(vpc_info, name_prefix=P, flow_logs=True)
    assert (result["exists"], result["planned"], result["ready"], result["resources"]) == (False, False, False, [])
    assert result["zones"]["ap-northeast-2a"] == "ap-northeast-2a"
    assert result["changed"] is False


def test_a_network_is_found(run, vpc):
    result = run(vpc_info, name_prefix=P)
    assert result["vpc"] == {"name": f"{P}-vpc", "id": vpc, "cidr_block": "172.25.0.0/16"}
    assert [subnet["zone"] for subnet in result["public_subnets"]] == ["ap-northeast-2a", "ap-northeast-2c"]
    assert [resource["type"] for resource in result["resources"]] == ["vpc", "security_group", "subnet", "subnet"]


def test_a_second_network_of_the_same_name_is_an_error(moto, run, vpc):
    moto("ec2").create_vpc(CidrBlock="172.26.0.0/16", TagSpecifications=named("vpc", "vpc"))
    message = run(vpc_info, name_prefix=P)["msg"]
    assert message.startswith(
        f"2 VPCs are tagged Name={P}-vpc, and it is unclear which one is this platform's: {vpc} ("
    )
    assert message.endswith("--tags Key=Name. Then run again; nothing was changed.")


def test_an_empty_network_of_a_late_call_is_found_as_spare(moto, run, vpc):
    ec2 = moto("ec2")
    late = ec2.create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=named("vpc", "vpc"))["Vpc"]["VpcId"]
    result = run(vpc_info, name_prefix=P)
    assert result["vpc"]["id"] == vpc
    assert [resource["id"] for resource in result["resources"] if resource["type"] == "vpc"] == [vpc, late]
    # with contents it may be in use
    ec2.create_subnet(VpcId=late, CidrBlock="172.25.0.0/20")
    assert run(vpc_info, name_prefix=P)["msg"].startswith(f"2 VPCs are tagged Name={P}-vpc, and it is unclear")


def test_an_unknown_zone_is_an_error(moto, run):
    message = run(vpc_info, name_prefix=P, zones=["ap-northeast-2a", "ap-northeast-2x"])["msg"]
    assert message.startswith("No zone ap-northeast-2x that this account may use in the region: it has ")


def test_names_of_endpoint_services_are_read_if_they_are_irregular(moto, run, monkeypatch):
    calls = []

    def pages(client, operation, key, **given):
        if operation != "describe_vpc_endpoint_services":
            return read.pages(client, operation, key, **given)
        calls.append((key, given))
        return [f"cn.com.amazonaws.{REGION}.ecr.api", f"com.amazonaws.{REGION}.s3"]

    monkeypatch.setattr(vpc_api, "pages", pages)
    wanted = {"name_prefix": P, "endpoint_services": ["ecr.api", "logs"]}
    assert (run(vpc_info, **wanted)["endpoint_services"], calls) == ({}, [])
    monkeypatch.setattr(vpc_api, "REGULAR_PARTITIONS", ("aws-us-gov",))
    assert run(vpc_info, name_prefix=P)["endpoint_services"] == {}
    assert run(vpc_info, **wanted)["endpoint_services"] == {"ecr.api": f"cn.com.amazonaws.{REGION}.ecr.api"}
    assert calls == [("ServiceNames", {})]


def test_a_flow_log_that_ec2_does_not_create_fails_with_the_reason(moto, run, vpc, monkeypatch):
    error = {"Code": "400", "Message": "LogDestination: no such group"}
    answer = {"FlowLogIds": [], "Unsuccessful": [{"ResourceId": vpc, "Error": error}]}
    monkeypatch.setattr(
        ec2_flow_log, "call", lambda _client, operation, **_asked: {"create_flow_logs": answer}[operation]
    )

    result = run(ec2_flow_log, vpc_id=vpc, log_group="/vpc/gone", role_arn="arn:aws:iam::123456789012:role/r")

    assert result["msg"] == (
        f"Failed to create the flow log of {vpc} in ap-northeast-2: LogDestination: no such group"
        " (CreateFlowLogs: 400)."
    )


def test_a_flow_log_is_created_tagged_found_and_deleted(moto, run, vpc):
    group, role = f"/vpc/{P}-flow-log", f"{P}-flow-log-role"
    moto("logs").create_log_group(logGroupName=group, tags={"Owner": "ops"})
    iam = moto("iam")
    write = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    service = {"Service": "vpc-flow-logs.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}],
    }
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="write-logs", PolicyDocument=json.dumps(write))
    wanted = {"vpc_id": vpc, "log_group": group, "role_arn": arn, "tags": {"Name": f"{P}-flow-log"}}

    planned = run(ec2_flow_log, check=True, **wanted)
    assert (planned["changed"], planned["flow_log_id"]) == (True, None)
    made = run(ec2_flow_log, **wanted)
    assert made["changed"] is True
    assert run(ec2_flow_log, **wanted) == {**made, "changed": False}
    tagged = run(ec2_flow_log, **{**wanted, "tags": {"Owner": "ops", "CostCenter": 42}})
    assert tagged == {**made, "changed": True}
    assert run(ec2_flow_log, **{**wanted, "tags": {"Owner": "ops", "CostCenter": 42}})["changed"] is False

    (found,) = moto("ec2").describe_flow_logs()["FlowLogs"]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {
        "Name": f"{P}-flow-log",
        "Owner": "ops",
        "CostCenter": "42",
    }
    beside = {
        resource["type"]: resource["values"]
        for resource in run(vpc_info, name_prefix=P, flow_logs=True)["resources"]
        if resource["type"] in ("log_group", "iam_role")
    }
    assert beside["log_group"]["tags"] == {"Owner": "ops"}
    assert beside["iam_role"]["trust_policy"] == trust
    assert beside["iam_role"]["inline_policies"] == {"write-logs": write}

    gone = {"flow_log_id": made["flow_log_id"], "state": "absent"}
    assert run(ec2_flow_log, check=True, **gone)["changed"] is True
    assert run(ec2_flow_log, **gone)["changed"] is True
    assert moto("ec2").describe_flow_logs()["FlowLogs"] == []
    assert run(ec2_flow_log, **gone)["changed"] is False


def test_a_flow_log_that_may_not_be_deleted_is_named_by_its_id(run, monkeypatch):
    def denied(*_arguments, **_named):
        raise exceptions.ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "DescribeFlowLogs")

    monkeypatch.setattr(ec2_flow_log, "pages", denied)
    message = run(ec2_flow_log, flow_log_id="fl-1", state="absent")["msg"]
    assert message.startswith("Failed to delete the flow log fl-1 in ap-northeast-2: ")


def test_a_flow_log_that_aws_refuses_is_an_error(run, vpc):
    message = run(ec2_flow_log, vpc_id="vpc-0", log_group="/vpc/x", role_arn="arn:aws:iam::123456789012:role/x")["msg"]
    assert message.startswith("Failed to create the flow log of vpc-0 in ap-northeast-2: ")
    assert "vpc-0" in message


def load_balancer(moto, vpc, **more):
    found = moto("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    given = {"Name": f"{P}-pub-alb", "Scheme": "internet-facing", "Subnets": [one["SubnetId"] for one in found]}
    return moto("elbv2").create_load_balancer(**given, **more)["LoadBalancers"][0]


REPLY = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}


def listening(moto, balancer, port=80, **more):
    """Create a listener and return its ARN."""
    given = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Port": port, "DefaultActions": [REPLY]}
    return moto("elbv2").create_listener(**given, **{"Protocol": "HTTP", **more})["Listeners"][0]["ListenerArn"]


def complete_load_balancer(moto, vpc):
    group = moto("ec2").create_security_group(GroupName=f"{P}-pub-alb-sg", Description="x", VpcId=vpc)["GroupId"]
    balancer = load_balancer(moto, vpc, SecurityGroups=[group])
    listening(moto, balancer)
    return balancer


def recorded(moto, balancer, *names):
    """Create the zone example.com with records that lead to a load balancer; return its id."""
    route53 = moto("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    alias = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{balancer['DNSName']}.",
        "EvaluateTargetHealth": True,
    }
    for name in names:
        record = {"Name": name, "Type": "A", "AliasTarget": alias}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    return zone


def test_an_empty_account_has_no_load_balancer(moto, run):
    result = run(alb_info, name_prefix=P)
    assert (result["exists"], result["resources"], result["problems"]) == (False, [], [])


def test_a_load_balancer_is_found_with_its_records(moto, run, vpc):
    balancer = complete_load_balancer(moto, vpc)
    zone = recorded(moto, balancer, "lotto.example.com", "other.example.com")

    result = run(alb_info, name_prefix=P, records=["lotto.example.com", "lotto.example.org"])
    by_type = {resource["type"]: resource for resource in result["resources"]}
    assert by_type["load_balancer"]["values"]["subnets"] == [f"{P}-pub-a1", f"{P}-pub-c1"]
    assert by_type["load_balancer"]["values"]["vpc"] == f"{P}-vpc"
    assert result["service_listener"]["protocol"] == "HTTP"
    assert by_type["record_set"]["name"] == "lotto.example.com A"
    assert by_type["record_set"]["values"]["alias"] == f"{P}-pub-alb"
    assert result["zones"] == {"lotto.example.com": "example.com", "lotto.example.org": None}
    assert [problem.split(":")[0] for problem in result["problems"]] == ["No public hosted zone for lotto.example.org"]

    given = run(alb_info, name_prefix=P, records=["lotto.example.com"], hosted_zone_id=zone.rpartition("/")[2])
    assert given["problems"] == []


def test_a_record_of_an_earlier_run_is_found_by_the_tags_of_the_load_balancer(moto, run, vpc):
    balancer = complete_load_balancer(moto, vpc)
    recorded(moto, balancer, "before.example.com", "by-hand.example.com")
    kept = {"Key": "Records", "Value": "before.example.com gone.example.org"}
    moto("elbv2").add_tags(ResourceArns=[balancer["LoadBalancerArn"]], Tags=[kept])

    def records(**options):
        found = run(alb_info, name_prefix=P, **options)
        assert found["problems"] == []
        return [(entry["name"], entry["foreign"]) for entry in found["resources"] if entry["type"] == "record_set"]

    assert records(records=[]) == [("before.example.com A", False)]
    assert records(records=["by-hand.example.com"]) == [
        ("by-hand.example.com A", False),
        ("before.example.com A", False),
    ]
    # the lookup of another role reads no records
    assert records() == []


def test_two_hosted_zones_of_one_name_are_an_error(moto, run):
    for reference in ("1", "2"):
        moto("route53").create_hosted_zone(Name="example.com", CallerReference=reference)
    message = run(alb_info, name_prefix=P, records=["lotto.example.com"])["msg"]
    assert message.startswith("2 public hosted zones are named example.com: ")


def test_all_names_of_a_certificate_are_read(moto):
    acm = moto("acm")
    names = [f"n{number}.example.com" for number in range(3)]
    arn = acm.request_certificate(DomainName="example.com", SubjectAlternativeNames=names)["CertificateArn"]
    cut = {"CertificateArn": arn, "SubjectAlternativeNameSummaries": ["example.com"]}
    more = {**cut, "HasAdditionalSubjectAlternativeNames": True}
    assert alb_api._with_all_names(acm, cut) == cut
    assert set(alb_api._with_all_names(acm, more)["SubjectAlternativeNameSummaries"]) == {"example.com", *names}


def test_only_a_secure_listener_is_asked_for_its_certificates(monkeypatch):
    api = alb_api.elbv2_api
    listeners = [{"ListenerArn": f"arn:{port}", "Protocol": name} for port, name in ((80, "HTTP"), (443, "HTTPS"))]
    monkeypatch.setattr(api, "listeners", lambda _client, _arn: listeners)
    monkeypatch.setattr(api, "rules", lambda _client, _arn: [])
    monkeypatch.setattr(api, "tags", lambda _client, _arns: {})
    monkeypatch.setattr(api, "further_certificates", lambda _client, arn: [f"{arn}:certificate"])
    found = alb_api._listeners(None, "arn:balancer")
    assert [one["Further"] for one in found] == [[], ["arn:443:certificate"]]


def test_a_missing_certificate_is_a_problem(moto, run):
    result = run(alb_info, name_prefix=P, certificate_names=["lotto.example.com"])
    assert result["certificate_arn"] is None
    assert result["problems"][0].startswith("No issued certificate in ACM of this region covers lotto.example.com.")


def test_dependents_of_the_vpc_are_read_on_request(moto, run, vpc):
    ec2 = moto("ec2")
    found = run(vpc_info, name_prefix=P)
    assert "holders" not in found
    subnet = found["public_subnets"][0]["id"]
    interface = ec2.create_network_interface(SubnetId=subnet, Description="a database")["NetworkInterface"]
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    balancer = moto("elbv2").create_load_balancer(
        Name="shared", Type="network", Subnets=[entry["id"] for entry in found["public_subnets"]]
    )["LoadBalancers"][0]
    texts = [holder["text"] for holder in run(vpc_info, name_prefix=P, holders_of=[vpc])["holders"]]
    assert texts[0] == "load balancer shared"
    named = f"network interface {interface['NetworkInterfaceId']} 'a database' of "
    assert [text for text in texts if text.startswith(named)]
    moto("elbv2").delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    assert run(vpc_info, name_prefix=P, holders_of=[subnet])["holders"] == []


@pytest.mark.parametrize(("module", "doing"), [(vpc_info, "read the network"), (alb_info, "read the load balancer")])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            exceptions.NoCredentialsError(),
            "Failed to {doing} in ap-northeast-2: no AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID"
            " and AWS_SECRET_ACCESS_KEY, or run on a machine with a role.",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            "Failed to {doing} in ap-northeast-2: no answer from AWS (Could not connect to the endpoint URL:"
            ' "http://127.0.0.1:1"). Check the region (fargate_region), the endpoint (fargate_endpoint_url) and the'
            " network; 'python -m local_aws up' starts a local AWS, and MAGICLUB_ENDPOINT names one on another port.",
        ),
        (
            exceptions.ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "DescribeVpcs"),
            "Failed to {doing} in ap-northeast-2: this identity may not DescribeVpcs (UnauthorizedOperation: no)."
            " Add it to its policy.",
        ),
    ],
)
def test_error_messages(moto, run, monkeypatch, module, doing, error, message):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr(vpc_api, "read", fail)
    monkeypatch.setattr(alb_api, "read", fail)
    assert run(module, name_prefix=P)["msg"] == message.format(doing=doing)


def test_the_first_error_of_parallel_calls_is_raised():
    def fail():
        raise ValueError("b")

    assert read.in_parallel(a=lambda: 1, c=lambda: 2) == {"a": 1, "c": 2}
    with pytest.raises(ValueError, match="b"):
        read.in_parallel(a=lambda: 1, b=fail)


def test_a_platform_has_the_same_resources_as_its_layers(moto, run, vpc):
    load_balancer(moto, vpc)
    moto("ecs").create_cluster(clusterName=f"{P}-ecs")
    moto("servicediscovery").create_http_namespace(Name="magiclub.http")
    namespaces = ["magiclub.http"]

    result = run(platform_info, name_prefix=P, vpc={}, alb={}, ecs_cluster={"namespaces": namespaces})

    network = run(vpc_info, name_prefix=P)
    balancer = run(alb_info, name_prefix=P)
    cluster = run(ecs_cluster_info, name_prefix=P, namespaces=namespaces)
    assert result["vpc"]["resources"] == network["resources"]
    assert result["alb"]["resources"] == balancer["resources"]
    assert result["ecs_cluster"]["resources"] == cluster["resources"]
    assert [entry["name"] for entry in result["ecs_cluster"]["resources"] if entry["type"] == "namespace"] == namespaces
    assert all(result[layer]["resources"] for layer in ("vpc", "alb", "ecs_cluster"))
    assert not {"ecr_push", "services"} & set(result)


def test_services_of_a_platform_are_read_with_the_ids_of_its_layers(moto, run, vpc):
    moto("elbv2").create_rule(
        ListenerArn=listening(moto, load_balancer(moto, vpc)),
        Priority=7,
        Conditions=[{"Field": "path-pattern", "Values": ["/a/*"]}],
        Actions=[REPLY],
    )
    of_balancer, group = (
        moto("ec2").create_security_group(GroupName=f"{P}-{name}", Description=name, VpcId=vpc)["GroupId"]
        for name in ("pub-alb-sg", "lotto-sg")
    )
    source = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": of_balancer}]}
    moto("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[source])
    moto("ecs").create_cluster(clusterName=f"{P}-ecs")

    result = run(platform_info, name_prefix=P, services={"names": ["lotto"]})["services"]

    assert [rule["priority"] for rule in result["rules"]] == [7]
    assert [entry["name"] for entry in result["resources"] if entry["type"] == "listener_rule"] == []
    [found] = [entry for entry in result["resources"] if entry["type"] == "security_group"]
    assert found["id"] == group
    assert f"{P}-pub-alb-sg" in str(found["values"]["ingress"])
    assert (result["services"]["lotto"]["service"], result["steady"]) == (None, False)


def test_a_rule_that_remained_on_port_80_after_a_switch_to_https_is_found(moto, run, vpc):
    balancer = load_balancer(moto, vpc)
    certificate = moto("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    https = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": certificate}]}
    for port, more in ((80, {}), (443, https)):
        listener = listening(moto, balancer, port, **more)
        for number, name in enumerate((f"{P}-lotto", f"{P}-other"), 1):
            moto("elbv2").create_rule(
                ListenerArn=listener,
                Priority=number,
                Conditions=[{"Field": "path-pattern", "Values": [f"/{name}/*"]}],
                Actions=[REPLY],
                Tags=[{"Key": "Name", "Value": name}],
            )

    result = run(platform_info, name_prefix=P, services={"names": ["lotto"]})["services"]

    rules = {entry["name"]: entry for entry in result["resources"] if entry["type"] == "listener_rule"}
    assert list(rules) == [f"{P}-lotto", f"{P}-lotto ({P}-pub-alb:80)"]
    before = rules[f"{P}-lotto ({P}-pub-alb:80)"]["values"]
    assert before["rule"] == f"{P}-lotto"
    assert before["listener_arn"] != rules[f"{P}-lotto"]["id"].replace("listener-rule", "listener")
    assert [rule["priority"] for rule in result["rules"]] == [1, 2]


def test_a_platform_that_cannot_be_read_is_an_error(run, moto, monkeypatch):
    def refuse(*_arguments, **_options):
        raise exceptions.ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "DescribeVpcs")

    monkeypatch.setattr(vpc_api, "read", refuse)
    assert run(platform_info, name_prefix=P, vpc={})["msg"].startswith(f"Failed to read the platform in {REGION}: ")


def test_a_second_network_is_reported_by_platform_info(moto, run, vpc):
    moto("ec2").create_vpc(CidrBlock="172.26.0.0/16", TagSpecifications=named("vpc", "vpc"))
    [wrong] = run(platform_info, name_prefix=P, vpc={})["vpc"]["wrong"]
    assert wrong.startswith(f"2 VPCs are tagged Name={P}-vpc, and it is unclear")


SUBNETS = [
    {"cidr_block": "172.25.64.0/20", "zone": f"{REGION}a", "tags": {"Name": f"{P}-apps-a1", "Count": 1}},
    {"cidr_block": "172.25.96.0/20", "zone": f"{REGION}c", "public_addresses": True},
]


def test_subnets_are_created_and_kept(moto, run, vpc):
    planned = run(ec2_subnets, check=True, vpc_id=vpc, subnets=SUBNETS)
    assert (planned["changed"], planned["ids"]) == (True, {f"{P}-apps-a1": None, "172.25.96.0/20": None})
    made = run(ec2_subnets, vpc_id=vpc, subnets=SUBNETS)
    assert made["changes"] == ["172.25.64.0/20", "172.25.96.0/20"]
    assert run(ec2_subnets, vpc_id=vpc, subnets=SUBNETS) == {**made, "changed": False, "changes": []}
    there = moto("ec2").describe_subnets(SubnetIds=list(made["ids"].values()))["Subnets"]
    found = {one["CidrBlock"]: (one["AvailabilityZone"], one["MapPublicIpOnLaunch"], one.get("Tags")) for one in there}
    tags = [{"Key": "Name", "Value": f"{P}-apps-a1"}, {"Key": "Count", "Value": "1"}]
    assert found == {
        "172.25.64.0/20": (f"{REGION}a", False, tags),
        "172.25.96.0/20": (f"{REGION}c", True, []),
    }


def test_changes_of_a_subnet_by_hand_are_reverted_and_other_tags_stay(moto, run, vpc):
    ids = list(run(ec2_subnets, vpc_id=vpc, subnets=SUBNETS)["ids"].values())
    ec2 = moto("ec2")
    ec2.create_tags(Resources=ids, Tags=[{"Key": "Count", "Value": "2"}, {"Key": "Owner", "Value": "ops"}])
    ec2.modify_subnet_attribute(SubnetId=ids[1], MapPublicIpOnLaunch={"Value": False})
    assert run(ec2_subnets, check=True, vpc_id=vpc, subnets=SUBNETS)["changes"] == ["172.25.64.0/20", "172.25.96.0/20"]
    assert run(ec2_subnets, vpc_id=vpc, subnets=SUBNETS)["changed"]
    first, second = (ec2.describe_subnets(SubnetIds=[one])["Subnets"][0] for one in ids)
    assert {tag["Key"]: tag["Value"] for tag in first["Tags"]} == {"Name": f"{P}-apps-a1", "Count": "1", "Owner": "ops"}
    assert second["MapPublicIpOnLaunch"]


def test_a_subnet_that_ec2_does_not_create_fails_with_the_reason(run, vpc):
    message = run(ec2_subnets, vpc_id=vpc, subnets=[{"cidr_block": "10.0.0.0/24", "zone": f"{REGION}a"}])["msg"]
    assert message.startswith(f"Failed to set up the subnets of {vpc} in {REGION}: ")
    assert "InvalidSubnet.Range" in message


@pytest.fixture
def routed(moto, run, vpc):
    """A VPC with a gateway and two subnets, and the wanted route table of these."""
    ec2 = moto("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    a, c = sorted(one["SubnetId"] for one in ec2.describe_subnets(Filters=filters)["Subnets"])
    table = {
        "name": f"{P}-rt",
        "routes": [{"destination": "0.0.0.0/0", "target": gateway}],
        "subnets": [a, c],
        "tags": {"Count": 1},
    }
    return {"vpc_id": vpc, "table": table, "subnets": (a, c), "gateway": gateway, "filters": filters}


def tables_of(moto, routed):
    """Return the routes and subnets of each route table, by name."""
    found = moto("ec2").describe_route_tables(Filters=routed["filters"])["RouteTables"]
    return {
        next((tag["Value"] for tag in one["Tags"] if tag["Key"] == "Name"), ""): (
            {route["DestinationCidrBlock"]: route.get("GatewayId") for route in one["Routes"]},
            sorted(entry["SubnetId"] for entry in one["Associations"] if "SubnetId" in entry),
        )
        for one in found
    }


INSIDE = {"172.25.0.0/16": "local"}


def test_route_tables_are_created_and_kept(moto, run, routed):
    given = {"vpc_id": routed["vpc_id"], "route_tables": [routed["table"]]}
    planned = run(ec2_route_tables, check=True, **given)
    assert (planned["changed"], planned["ids"]) == (True, {f"{P}-rt": None})
    made = run(ec2_route_tables, **given)
    assert (made["changes"], list(made["ids"])) == ([f"{P}-rt"], [f"{P}-rt"])
    assert run(ec2_route_tables, **given) == {**made, "changed": False, "changes": []}
    routes = {**INSIDE, "0.0.0.0/0": routed["gateway"]}
    assert tables_of(moto, routed) == {"": (INSIDE, []), f"{P}-rt": (routes, list(routed["subnets"]))}


def test_a_subnet_is_moved_to_another_table_in_one_call(moto, run, routed, monkeypatch):
    a, c = routed["subnets"]
    run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[routed["table"]])
    calls = []
    monkeypatch.setattr(
        route_table, "call", lambda ec2, name, **given: calls.append(name) or read.call(ec2, name, **given)
    )
    tables = [{**routed["table"], "subnets": [a]}, {**routed["table"], "name": f"{P}-c-rt", "subnets": [c]}]
    assert run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=tables)["changes"] == [f"{P}-c-rt"]
    assert calls == ["create_route_table", "create_route", "replace_route_table_association"]
    assert [subnets for _routes, subnets in tables_of(moto, routed).values()] == [[], [a], [c]]


@pytest.mark.parametrize("purge", [True, False])
def test_changes_of_a_route_table_by_hand_are_reverted(moto, run, routed, purge):
    a, c = routed["subnets"]
    table = run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[routed["table"]])["ids"][f"{P}-rt"]
    ec2 = moto("ec2")
    other = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=other)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/8", GatewayId=other)
    ec2.create_tags(Resources=[table], Tags=[{"Key": "Count", "Value": "2"}, {"Key": "Owner", "Value": "ops"}])
    wanted = [{**routed["table"], "route_table_id": table, "subnets": [a]}]
    assert run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=wanted, purge=purge)["changed"]
    assert not run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=wanted, purge=purge)["changed"]
    more = {} if purge else {"10.0.0.0/8": other}
    assert tables_of(moto, routed)[f"{P}-rt"] == (
        {**INSIDE, "0.0.0.0/0": routed["gateway"], **more},
        [a] if purge else [a, c],
    )
    (found,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {"Name": f"{P}-rt", "Count": "1", "Owner": "ops"}


def test_a_destination_is_compared_as_ec2_stores_it(moto, run, routed):
    # "100.68.0.18/18 … we modify it to 100.68.0.0/18" (API_CreateRoute)
    wanted = {**routed["table"], "routes": [{"destination": "10.1.2.3/8", "target": routed["gateway"]}]}
    assert run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[wanted])["changed"]
    assert "10.0.0.0/8" in tables_of(moto, routed)[f"{P}-rt"][0]
    assert not run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[wanted])["changed"]


def test_an_ambiguous_name_of_a_route_table_is_refused(moto, run, routed):
    given = {"vpc_id": routed["vpc_id"], "route_tables": [routed["table"], routed["table"]]}
    assert run(ec2_route_tables, **given)["msg"].startswith(f"route_tables has the name {P}-rt 2 times.")
    ids = [run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[routed["table"]])["ids"][f"{P}-rt"]]
    second = {"VpcId": routed["vpc_id"], "TagSpecifications": named("route-table", "rt")}
    ids.append(moto("ec2").create_route_table(**second)["RouteTable"]["RouteTableId"])
    message = run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[routed["table"]])["msg"]
    assert message.startswith(f"2 route tables of {routed['vpc_id']} are tagged Name={P}-rt: ")
    assert all(one in message for one in ids)
    meant = {**routed["table"], "route_table_id": ids[0]}
    assert not run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[meant])["changed"]
    gone = {**meant, "route_table_id": "rtb-00000000000000000"}
    message = run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[gone])["msg"]
    assert message == f"There is no route table rtb-00000000000000000 in {routed['vpc_id']}. Correct route_table_id."
    assert len(tables_of(moto, routed)) == 2


def test_a_route_table_that_ec2_refuses_fails_with_the_reason(run, routed):
    wanted = {**routed["table"], "subnets": ["subnet-00000000000000000"]}
    message = run(ec2_route_tables, vpc_id=routed["vpc_id"], route_tables=[wanted])["msg"]
    assert message.startswith(f"Failed to set up the route tables of {routed['vpc_id']} in {REGION}: ")
    assert "subnet-00000000000000000" in message
