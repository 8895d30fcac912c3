# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Constraints that AWS documents but botocore's shapes lack, each with a quotation.

A unit test looks for each quotation in botocore's documentation of the member or of its parent; if botocore has none,
the page is given.  Another test fails once the shape has a constraint that is added here.
"""

from __future__ import annotations

import typing as t


class Documented(t.NamedTuple):
    """A constraint, with AWS's words and the page that has them.

    C(entries) in a rule is the maximum length of a list or map; the rest applies to strings or numbers.
    """

    rule: dict[str, t.Any]
    says: str
    page: str = ""


_ECS_NAME = Documented(
    {"max": 255, "pattern": "[a-zA-Z0-9_-]+"},
    "Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.",
)
_GROUP_CHARACTERS = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"
_GROUP_SAYS = "Valid characters: a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*"
# For services whose shapes have only lengths; the shapes with a pattern have this one.
_TAGGING = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html"
_TAG_SAYS = (
    "Generally allowed characters are: letters, numbers, and spaces representable in UTF-8, and the following"
    " characters: + - = . _ : / @. Do not use aws:, AWS:, or any upper or lowercase combination of such as a prefix"
)
_TAG_KEY = Documented(
    {"max": 128, "pattern": r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", "reserved": ["aws:"]}, _TAG_SAYS, _TAGGING
)
_TAG_VALUE = Documented({"max": 256, "pattern": r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"}, _TAG_SAYS, _TAGGING)
_PATH = Documented({"max": 128}, "The maximum length of each string is 128 characters.")

_TAGS = Documented(
    {"entries": 50},
    "Each resource can have up to 50 user created tags.",
    "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
_PROVIDER = Documented(
    {"max": 255, "pattern": "FARGATE|FARGATE_SPOT|(?!(?i:aws|ecs|fargate))[a-zA-Z0-9_-]+"},
    "The name of the capacity provider. Up to 255 characters are allowed. They include letters (both upper and"
    ' lowercase letters), numbers, underscores (_), and hyphens (-). The name can\'t be prefixed with "aws", "ecs", or'
    ' "fargate".',
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html",
)
_STRATEGY = Documented(
    {"entries": 20},
    "A capacity provider strategy can contain a maximum of 20 capacity providers.",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
)

DOCUMENTED: dict[str, Documented] = {
    "application-autoscaling.TagResource.Tags": _TAGS,
    "application-autoscaling.TagResource.Tags.(key)": _TAG_KEY,
    "application-autoscaling.TagResource.Tags.(value)": _TAG_VALUE,
    "ec2.AuthorizeSecurityGroupIngress.IpPermissions.FromPort": Documented(
        {"min": -1, "max": 65535},
        "If the protocol is TCP or UDP, this is the start of the port range. If the protocol is ICMP or ICMPv6, this"
        " is the ICMP type or -1 (all ICMP types).",
    ),
    "ec2.AuthorizeSecurityGroupIngress.IpPermissions.ToPort": Documented(
        {"min": -1, "max": 65535},
        "If the protocol is TCP or UDP, this is the end of the port range. If the protocol is ICMP or ICMPv6, this is"
        " the ICMP code or -1 (all ICMP codes).",
    ),
    "ec2.CreateSecurityGroup.Description": Documented({"max": 255, "pattern": _GROUP_CHARACTERS}, _GROUP_SAYS),
    "ec2.CreateSecurityGroup.GroupName": Documented(
        {"max": 255, "pattern": _GROUP_CHARACTERS, "reserved": ["sg-"]},
        f"Constraints: Up to 255 characters in length. Can't start with sg-. {_GROUP_SAYS}",
    ),
    "ec2.CreateTags.Tags.Key": Documented(
        {"min": 1, "max": 127, "reserved": ["aws:"]},
        "Constraints: Tag keys are case-sensitive and accept a maximum of 127 Unicode characters."
        " May not begin with aws:.",
    ),
    "ec2.CreateTags.Tags.Value": Documented(
        {"max": 256},
        "Constraints: Tag values are case-sensitive and accept a maximum of 256 Unicode characters.",
    ),
    "ecr.PutImage.imageTag": Documented(
        {"max": 128, "pattern": r"[a-zA-Z0-9_][a-zA-Z0-9_.\-]*"},
        "A tag must be valid ASCII and can contain lowercase and uppercase letters, digits, underscores, periods, and"
        " hyphens. It can't start with a period or hyphen and must be no longer than 128 characters.",
        "https://docs.docker.com/reference/cli/docker/image/tag/",
    ),
    "ec2.CreateTags.Tags": _TAGS,
    "ec2.CreateVpcEndpoint.ServiceName": Documented(
        {"pattern": "[a-zA-Z0-9._-]+"},
        "com.amazonaws.region.service_code",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    ),
    "ecr.TagResource.tags": _TAGS,
    "ecr.TagResource.tags.Key": _TAG_KEY,
    "ecr.TagResource.tags.Value": _TAG_VALUE,
    "ecs.CreateCluster.clusterName": _ECS_NAME,
    "ecs.CreateCluster.capacityProviders": _PROVIDER,
    "ecs.CreateCluster.defaultCapacityProviderStrategy.capacityProvider": _PROVIDER,
    "ecs.CreateService.capacityProviderStrategy.capacityProvider": _PROVIDER,
    "ecs.CreateCluster.defaultCapacityProviderStrategy": _STRATEGY,
    "ecs.CreateService.capacityProviderStrategy": _STRATEGY,
    "ecs.CreateService.platformVersion": Documented(
        {"pattern": r"LATEST|[0-9]+\.[0-9]+\.[0-9]+"},
        "1.4.0",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html",
    ),
    "ecs.CreateService.serviceName": _ECS_NAME,
    "ecs.RegisterTaskDefinition.containerDefinitions": Documented(
        {"entries": 10},
        "Task definition max containers: 10",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.healthCheck.interval": Documented(
        {"min": 5, "max": 300}, "You may specify between 5 and 300 seconds."
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.healthCheck.retries": Documented(
        {"min": 1, "max": 10}, "You may specify between 1 and 10 retries."
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.healthCheck.startPeriod": Documented(
        {"min": 0, "max": 300}, "You can specify between 0 and 300 seconds."
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.healthCheck.timeout": Documented(
        {"min": 2, "max": 60}, "You may specify between 2 and 60 seconds."
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.memoryReservation": Documented(
        {"min": 6}, "So, don't specify less than 6 MiB of memory for your containers."
    ),
    "ecs.RegisterTaskDefinition.containerDefinitions.name": _ECS_NAME,
    "ecs.RegisterTaskDefinition.containerDefinitions.stopTimeout": Documented(
        {"min": 0, "max": 120},
        "For tasks that use the Fargate launch type, the max stop timeout value is 120 seconds",
    ),
    "ecs.RegisterTaskDefinition.ephemeralStorage.sizeInGiB": Documented(
        {"min": 21, "max": 200},
        "The minimum supported value is 21 GiB and the maximum supported value is 200 GiB.",
    ),
    "ecs.RegisterTaskDefinition.family": _ECS_NAME,
    "ecs.RegisterTaskDefinition.volumes.efsVolumeConfiguration.authorizationConfig.accessPointId": Documented(
        {"pattern": "fsap-[0-9a-f]{8,40}"},
        "^(arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:access-point/fsap-[0-9a-f]{8,40}|fsap-[0-9a-f]{8,40})$",
        "https://docs.aws.amazon.com/efs/latest/ug/API_AccessPointDescription.html",
    ),
    "ecs.RegisterTaskDefinition.volumes.efsVolumeConfiguration.fileSystemId": Documented(
        {"pattern": "fs-[0-9a-f]{8,40}"},
        "^(arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:file-system/fs-[0-9a-f]{8,40}|fs-[0-9a-f]{8,40})$",
        "https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html",
    ),
    "ecs.RegisterTaskDefinition.volumes.name": _ECS_NAME,
    "ecs.TagResource.tags.key": Documented(
        {"reserved": ["aws:"]},
        "Do not use aws:, AWS:, or any upper or lowercase combination of such as a prefix for either keys or values as"
        " it is reserved for Amazon Web Services use.",
    ),
    "ecs.TagResource.tags.value": Documented(
        {"reserved": ["aws:"]},
        "Do not use aws:, AWS:, or any upper or lowercase combination of such as a prefix for either keys or values as"
        " it is reserved for Amazon Web Services use.",
    ),
    "elbv2.AddTags.Tags": _TAGS,
    "elbv2.CreateListener.Certificates.CertificateArn": Documented(
        {
            "pattern": "arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-zA-Z0-9-]+"
            "|iam::[0-9]{12}:server-certificate/[!-~]+)"
        },
        "arn:${Partition}:acm:${Region}:${Account}:certificate/${CertificateId}",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html",
    ),
    "elbv2.CreateLoadBalancer.Name": Documented(
        {"max": 32, "pattern": "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", "reserved": ["internal-"]},
        "This name must be unique per region per account, can have a maximum of 32 characters, must contain only"
        " alphanumeric characters or hyphens, must not begin or end with a hyphen, and must not begin with"
        ' "internal-".',
    ),
    "elbv2.CreateRule.Conditions.HostHeaderConfig.Values": Documented(
        {"max": 128, "pattern": r"[^.]*\.[\s\S]*"},
        "The maximum length of each string is 128 characters. The comparison is case insensitive. The following"
        " wildcard characters are supported: * (matches 0 or more characters) and ? (matches exactly 1 character). You"
        ' must include at least one "." character.',
    ),
    "elbv2.CreateRule.Conditions.PathPatternConfig.Values": _PATH,
    "elbv2.CreateTargetGroup.Name": Documented(
        {"max": 32, "pattern": "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"},
        "This name must be unique per region per account, can have a maximum of 32 characters, must contain only"
        " alphanumeric characters or hyphens, and must not begin or end with a hyphen.",
    ),
    "logs.CreateLogGroup.logGroupName": Documented(
        {"reserved": ["aws/"]}, "Log group names can't start with the string aws/"
    ),
    "logs.PutRetentionPolicy.retentionInDays": Documented(
        {
            "enum": [
                *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
                *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
            ]
        },
        "Possible values are: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,"
        " 2922, 3288, and 3653.",
    ),
    "logs.TagResource.tags": _TAGS,
    "servicediscovery.TagResource.Tags": _TAGS,
    "servicediscovery.TagResource.Tags.Key": _TAG_KEY,
    "servicediscovery.TagResource.Tags.Value": _TAG_VALUE,
    "sqs.CreateQueue.QueueName": Documented(
        {"max": 80, "pattern": "[a-zA-Z0-9_-]+"}, "A queue name can have up to 80 characters."
    ),
    "sqs.TagQueue.Tags": _TAGS,
    "sqs.TagQueue.Tags.(key)": _TAG_KEY,
    "sqs.TagQueue.Tags.(value)": _TAG_VALUE,
    "ssm.PutParameter.Name": Documented(
        {"max": 1011, "pattern": r"[a-zA-Z0-9_./\-]+", "reserved": ["aws", "ssm", "/aws", "/ssm"]},
        'A parameter name can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    ),
}
