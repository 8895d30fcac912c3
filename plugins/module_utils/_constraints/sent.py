# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Map the fields of planned resources to the members of AWS's API operations.

A unit test walks a platform with every option set: exactly its kinds of resources, and the strings and numbers of their
values, have to be here.
"""

from __future__ import annotations

import typing as t

from . import forms
from .forms import Form

NAME = ""
"""Stands for the name of the resource itself."""


class Sent(t.NamedTuple):
    """The member of a request that a field is sent as, and the conversion of its value."""

    member: str
    form: Form = forms.unchanged


class NotSent(t.NamedTuple):
    """A field that is not sent with its own value, and why."""

    why: str


Fields = t.Mapping[str, "tuple[Sent | NotSent, ...]"]


def _sent(member: str, form: Form | None = None) -> tuple[Sent | NotSent, ...]:
    return (Sent(member, form or forms.unchanged),)


HTTP_NAMESPACE = "HTTP namespace"
"""The kind of a namespace without a hosted zone, which another operation creates."""

REFERENCE = (NotSent("the name of another resource of the plan; AWS gets its id"),)
FOUND = (NotSent("a value that AWS chose"),)
FIXED = (NotSent("a word of the collection, which AWS gets as a flag or another word"),)
BY_TAG = (NotSent("EC2 has no names other than the tag Name"),)
ADDRESS = (NotSent("a CIDR block, which the inputs' validation parses"),)

_PORTS = (
    Sent("ec2.AuthorizeSecurityGroupIngress.IpPermissions.FromPort", forms.ports),
    Sent("ec2.AuthorizeSecurityGroupIngress.IpPermissions.ToPort", forms.ports),
)
_TAGS = {
    "ec2": _sent("ec2.CreateTags.Tags"),
    "iam": _sent("iam.TagRole.Tags"),
    "logs": _sent("logs.TagResource.tags"),
    "elbv2": _sent("elbv2.AddTags.Tags"),
    "ecs": _sent("ecs.TagResource.tags"),
    "ecr": _sent("ecr.TagResource.tags"),
    "cloud_map": _sent("servicediscovery.TagResource.Tags"),
    "autoscaling": _sent("application-autoscaling.TagResource.Tags"),
    "sqs": _sent("sqs.TagQueue.Tags"),
}
_ROLE: Fields = {
    NAME: _sent("iam.CreateRole.RoleName"),
    "trust_policy": _sent("iam.CreateRole.AssumeRolePolicyDocument", forms.document),
    "inline_policies": (
        Sent("iam.PutRolePolicy.PolicyName", list),
        Sent("iam.PutRolePolicy.PolicyDocument", forms.documents),
    ),
    "managed_policies": _sent("iam.AttachRolePolicy.PolicyArn"),
    "permissions_boundary": _sent("iam.CreateRole.PermissionsBoundary", forms.given),
    "tags": _TAGS["iam"],
}
_EC2: Fields = {NAME: BY_TAG, "tags": _TAGS["ec2"]}
_OIDC = "elbv2.CreateRule.Actions.AuthenticateOidcConfig"
_COGNITO = "elbv2.CreateRule.Actions.AuthenticateCognitoConfig"
_HEALTH = "elbv2.CreateTargetGroup"
_SCHEDULED = "scheduler.CreateSchedule.Target"
_SCALING = "application-autoscaling.PutScalingPolicy.TargetTrackingScalingPolicyConfiguration"

KINDS: t.Mapping[str, Fields] = {
    "vpc": {**_EC2, "cidr_block": ADDRESS},
    "internet_gateway": {**_EC2, "vpc": REFERENCE},
    "subnet": {**_EC2, "cidr_block": ADDRESS, "zone": FOUND},
    "elastic_ip": _EC2,
    "nat_gateway": {**_EC2, "subnet": REFERENCE, "elastic_ip": REFERENCE},
    "route_table": {**_EC2, "routes": REFERENCE, "subnets": REFERENCE},
    "security_group": {
        NAME: _sent("ec2.CreateSecurityGroup.GroupName"),
        "ingress": _PORTS,
        "egress": _PORTS,
        "tags": _TAGS["ec2"],
    },
    "vpc_endpoint": {
        **_EC2,
        "service": _sent("ec2.CreateVpcEndpoint.ServiceName"),
        "endpoint_type": _sent("ec2.CreateVpcEndpoint.VpcEndpointType"),
        "route_tables": REFERENCE,
        "subnets": REFERENCE,
        "security_groups": REFERENCE,
    },
    "log_group": {
        NAME: _sent("logs.CreateLogGroup.logGroupName"),
        "retention": _sent("logs.PutRetentionPolicy.retentionInDays", forms.days),
        "tags": _TAGS["logs"],
    },
    "iam_role": _ROLE,
    "iam_policy": {
        NAME: _sent("iam.CreatePolicy.PolicyName"),
        "policy": _sent("iam.CreatePolicy.PolicyDocument", forms.document),
        "tags": _sent("iam.TagPolicy.Tags"),
    },
    "service_linked_role": {NAME: FIXED},
    "flow_log": {
        **_EC2,
        "vpc": REFERENCE,
        "traffic": _sent("ec2.CreateFlowLogs.TrafficType"),
        "log_group": _sent("ec2.CreateFlowLogs.LogGroupName"),
        "role": REFERENCE,
    },
    "load_balancer": {
        NAME: _sent("elbv2.CreateLoadBalancer.Name"),
        "vpc": REFERENCE,
        "scheme": _sent("elbv2.CreateLoadBalancer.Scheme"),
        "ip_address_type": _sent("elbv2.CreateLoadBalancer.IpAddressType"),
        "subnets": REFERENCE,
        "security_groups": REFERENCE,
        "idle_timeout": _sent("elbv2.ModifyLoadBalancerAttributes.Attributes.Value"),
        "access_logs.bucket": _sent("elbv2.ModifyLoadBalancerAttributes.Attributes.Value"),
        "access_logs.prefix": _sent("elbv2.ModifyLoadBalancerAttributes.Attributes.Value"),
        "web_acl": _sent("wafv2.AssociateWebACL.WebACLArn", forms.given),
        "tags": _TAGS["elbv2"],
    },
    "listener": {
        NAME: REFERENCE,
        "port": _sent("elbv2.CreateListener.Port"),
        "protocol": _sent("elbv2.CreateListener.Protocol"),
        "certificate": _sent("elbv2.CreateListener.Certificates.CertificateArn"),
        "certificates": _sent("elbv2.AddListenerCertificates.Certificates.CertificateArn"),
        "tls_policy": _sent("elbv2.CreateListener.SslPolicy"),
        "default_actions": FIXED,
        "tags": _TAGS["elbv2"],
    },
    "record_set": {
        NAME: (
            Sent("route53.ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.Name", lambda v: v.split()[0]),
            Sent(
                "route53.ChangeResourceRecordSets.ChangeBatch.Changes.ResourceRecordSet.Type", lambda v: v.split()[-1]
            ),
        ),
        "zone": FOUND,
        "alias": REFERENCE,
    },
    "ecs_cluster": {
        NAME: _sent("ecs.CreateCluster.clusterName"),
        "settings": _sent("ecs.CreateCluster.settings"),
        "configuration": _sent("ecs.CreateCluster.configuration"),
        "capacity_providers": _sent("ecs.CreateCluster.capacityProviders"),
        "default_capacity_provider_strategy": _sent("ecs.CreateCluster.defaultCapacityProviderStrategy"),
        "tags": _TAGS["ecs"],
    },
    "namespace": {
        NAME: _sent("servicediscovery.CreatePrivateDnsNamespace.Name"),
        "type": FIXED,
        "vpc": REFERENCE,
        "tags": _TAGS["cloud_map"],
    },
    HTTP_NAMESPACE: {
        NAME: _sent("servicediscovery.CreateHttpNamespace.Name"),
        "type": FIXED,
        "tags": _TAGS["cloud_map"],
    },
    "ecr_repository": {
        NAME: _sent("ecr.CreateRepository.repositoryName"),
        "image_tag_mutability": _sent("ecr.CreateRepository.imageTagMutability"),
        "image_tag_mutability_exclusion_filters": _sent(
            "ecr.CreateRepository.imageTagMutabilityExclusionFilters", forms.filters
        ),
        "encryption_type": _sent("ecr.CreateRepository.encryptionConfiguration.encryptionType"),
        "kms_key": _sent("ecr.CreateRepository.encryptionConfiguration.kmsKey", forms.given),
        "lifecycle_policy": _sent("ecr.PutLifecyclePolicy.lifecyclePolicyText", forms.document),
        "repository_policy": _sent("ecr.SetRepositoryPolicy.policyText", forms.document),
        "tags": _TAGS["ecr"],
    },
    "image": {NAME: _sent("ecr.PutImage.imageTag", lambda name: name.rpartition(":")[2])},
    "target_group": {
        NAME: _sent("elbv2.CreateTargetGroup.Name"),
        "protocol": _sent("elbv2.CreateTargetGroup.Protocol"),
        "protocol_version": _sent("elbv2.CreateTargetGroup.ProtocolVersion"),
        "target_type": _sent("elbv2.CreateTargetGroup.TargetType"),
        "vpc": REFERENCE,
        "health_check.path": _sent(f"{_HEALTH}.HealthCheckPath"),
        "health_check.protocol": _sent(f"{_HEALTH}.HealthCheckProtocol"),
        "health_check.port": _sent(f"{_HEALTH}.HealthCheckPort"),
        "health_check.interval": _sent(f"{_HEALTH}.HealthCheckIntervalSeconds"),
        "health_check.timeout": _sent(f"{_HEALTH}.HealthCheckTimeoutSeconds"),
        "health_check.healthy_threshold": _sent(f"{_HEALTH}.HealthyThresholdCount"),
        "health_check.unhealthy_threshold": _sent(f"{_HEALTH}.UnhealthyThresholdCount"),
        "health_check.matcher": _sent(f"{_HEALTH}.Matcher.HttpCode"),
        "attributes": _sent("elbv2.ModifyTargetGroupAttributes.Attributes"),
        "tags": _TAGS["elbv2"],
    },
    "listener_rule": {
        NAME: REFERENCE,
        "listener": REFERENCE,
        "priority": _sent("elbv2.CreateRule.Priority"),
        "paths": _sent("elbv2.CreateRule.Conditions.PathPatternConfig.Values"),
        "hosts": _sent("elbv2.CreateRule.Conditions.HostHeaderConfig.Values"),
        "methods": _sent("elbv2.CreateRule.Conditions.HttpRequestMethodConfig.Values"),
        "source_ips": _sent("elbv2.CreateRule.Conditions.SourceIpConfig.Values"),
        "headers": (
            Sent("elbv2.CreateRule.Conditions.HttpHeaderConfig.HttpHeaderName", forms.each("name")),
            Sent("elbv2.CreateRule.Conditions.HttpHeaderConfig.Values", forms.values),
        ),
        "query": (
            Sent("elbv2.CreateRule.Conditions.QueryStringConfig.Values.Key", forms.each("key")),
            Sent("elbv2.CreateRule.Conditions.QueryStringConfig.Values.Value", forms.values),
        ),
        "other_conditions": FIXED,
        "transforms": FIXED,
        "authenticate.type": FIXED,
        "authenticate.issuer": _sent(f"{_OIDC}.Issuer"),
        "authenticate.authorization_endpoint": _sent(f"{_OIDC}.AuthorizationEndpoint"),
        "authenticate.token_endpoint": _sent(f"{_OIDC}.TokenEndpoint"),
        "authenticate.user_info_endpoint": _sent(f"{_OIDC}.UserInfoEndpoint"),
        "authenticate.client_id": _sent(f"{_OIDC}.ClientId"),
        "authenticate.user_pool_arn": _sent(f"{_COGNITO}.UserPoolArn"),
        "authenticate.user_pool_client_id": _sent(f"{_COGNITO}.UserPoolClientId"),
        "authenticate.user_pool_domain": _sent(f"{_COGNITO}.UserPoolDomain"),
        # the same for OIDC and Cognito
        "authenticate.session_cookie_name": _sent(f"{_OIDC}.SessionCookieName"),
        "authenticate.scope": _sent(f"{_OIDC}.Scope"),
        "authenticate.session_timeout": _sent(f"{_OIDC}.SessionTimeout"),
        "authenticate.on_unauthenticated_request": _sent(f"{_OIDC}.OnUnauthenticatedRequest"),
        "authenticate.authentication_request_extra_params": FIXED,
        "action": FIXED,
        "target_group": REFERENCE,
        "tags": _TAGS["elbv2"],
    },
    "cloud_map_service": {
        NAME: _sent("servicediscovery.CreateService.Name", forms.first),
        "dns_records": _sent("servicediscovery.CreateService.DnsConfig.DnsRecords"),
        "routing_policy": _sent("servicediscovery.CreateService.DnsConfig.RoutingPolicy"),
        "tags": _TAGS["cloud_map"],
    },
    "ecs_task_definition": {
        NAME: _sent("ecs.RegisterTaskDefinition.family"),
        "family": _sent("ecs.RegisterTaskDefinition.family"),
        "cpu": _sent("ecs.RegisterTaskDefinition.cpu"),
        "memory": _sent("ecs.RegisterTaskDefinition.memory"),
        "network_mode": _sent("ecs.RegisterTaskDefinition.networkMode"),
        "requires_compatibilities": _sent("ecs.RegisterTaskDefinition.requiresCompatibilities"),
        "runtime_platform": _sent("ecs.RegisterTaskDefinition.runtimePlatform"),
        "ephemeral_storage": _sent("ecs.RegisterTaskDefinition.ephemeralStorage"),
        "volumes": _sent("ecs.RegisterTaskDefinition.volumes"),
        "container_definitions": _sent("ecs.RegisterTaskDefinition.containerDefinitions"),
        "task_role": REFERENCE,
        "execution_role": REFERENCE,
        "tags": _TAGS["ecs"],
    },
    "ecs_service": {
        NAME: _sent("ecs.CreateService.serviceName"),
        "cluster": REFERENCE,
        "task_definition": REFERENCE,
        "desired_count": _sent("ecs.CreateService.desiredCount"),
        "capacity_provider_strategy": _sent("ecs.CreateService.capacityProviderStrategy"),
        "launch_type": _sent("ecs.CreateService.launchType"),
        "deployment_configuration": _sent("ecs.CreateService.deploymentConfiguration"),
        "network": REFERENCE,
        "load_balancers": _sent("ecs.CreateService.loadBalancers", forms.containers),
        "service_registries": REFERENCE,
        "service_connect": _sent("ecs.CreateService.serviceConnectConfiguration", forms.connect),
        "health_check_grace_period_seconds": _sent("ecs.CreateService.healthCheckGracePeriodSeconds"),
        "availability_zone_rebalancing": _sent("ecs.CreateService.availabilityZoneRebalancing"),
        "propagate_tags": _sent("ecs.CreateService.propagateTags"),
        "platform_version": _sent("ecs.CreateService.platformVersion"),
        "rollout_state": FIXED,
        "tags": _TAGS["ecs"],
    },
    "schedule": {
        NAME: _sent("scheduler.CreateSchedule.Name"),
        "expression": _sent("scheduler.CreateSchedule.ScheduleExpression"),
        "timezone": _sent("scheduler.CreateSchedule.ScheduleExpressionTimezone"),
        "window": _sent("scheduler.CreateSchedule.FlexibleTimeWindow.MaximumWindowInMinutes", forms.given),
        "retries": _sent(f"{_SCHEDULED}.RetryPolicy.MaximumRetryAttempts"),
        "retried_for": _sent(f"{_SCHEDULED}.RetryPolicy.MaximumEventAgeInSeconds"),
        "dead_letter": _sent(f"{_SCHEDULED}.DeadLetterConfig.Arn", forms.given),
        "role": REFERENCE,
        "cluster": REFERENCE,
        "task_definition": REFERENCE,
        "task_count": _sent(f"{_SCHEDULED}.EcsParameters.TaskCount"),
        "input": FIXED,
        "propagate_tags": _sent(f"{_SCHEDULED}.EcsParameters.PropagateTags"),
        "capacity_provider_strategy": _sent(f"{_SCHEDULED}.EcsParameters.CapacityProviderStrategy"),
        "network": REFERENCE,
        "platform_version": _sent(f"{_SCHEDULED}.EcsParameters.PlatformVersion"),
    },
    "sqs_queue": {
        NAME: _sent("sqs.CreateQueue.QueueName"),
        # text in the API; their ranges are checked with the inputs
        "visibility": FIXED,
        "retention": FIXED,
        "redrive": REFERENCE,
        "tags": _TAGS["sqs"],
    },
    "scalable_target": {
        NAME: _sent("application-autoscaling.RegisterScalableTarget.ResourceId"),
        "min_capacity": _sent("application-autoscaling.RegisterScalableTarget.MinCapacity"),
        "max_capacity": _sent("application-autoscaling.RegisterScalableTarget.MaxCapacity"),
        "tags": _TAGS["autoscaling"],
    },
    "scheduled_action": {
        NAME: _sent("application-autoscaling.PutScheduledAction.ScheduledActionName"),
        "schedule": _sent("application-autoscaling.PutScheduledAction.Schedule"),
        "timezone": _sent("application-autoscaling.PutScheduledAction.Timezone"),
        "capacity.min_capacity": _sent("application-autoscaling.PutScheduledAction.ScalableTargetAction.MinCapacity"),
        "capacity.max_capacity": _sent("application-autoscaling.PutScheduledAction.ScalableTargetAction.MaxCapacity"),
    },
    "scaling_policy": {
        NAME: _sent("application-autoscaling.PutScalingPolicy.PolicyName"),
        "metric": (Sent(f"{_SCALING}.PredefinedMetricSpecification.PredefinedMetricType", forms.predefined),),
        "metrics": _sent(f"{_SCALING}.CustomizedMetricSpecification.Metrics", forms.metrics),
        "requests_of": _sent(f"{_SCALING}.PredefinedMetricSpecification.ResourceLabel"),
        "target_value": _sent(f"{_SCALING}.TargetValue"),
        "scale_in_cooldown": _sent(f"{_SCALING}.ScaleInCooldown"),
        "scale_out_cooldown": _sent(f"{_SCALING}.ScaleOutCooldown"),
    },
    "lock": {NAME: _sent("ssm.PutParameter.Name")},
    "description": {
        "security_group": _sent("ec2.CreateSecurityGroup.Description"),
        "iam_role": _sent("iam.CreateRole.Description"),
        "iam_policy": _sent("iam.CreatePolicy.Description"),
    },
}
"""The members of each field by kind of planned resource; C(lock) and C(description) are sent, too, but in no plan."""


def members() -> list[str]:
    """Return all members that are sent, without duplicates."""
    every = (target for fields in KINDS.values() for targets in fields.values() for target in targets)
    return sorted({target.member for target in every if isinstance(target, Sent)})
