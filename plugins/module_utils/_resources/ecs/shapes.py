# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Types of boto3's answers about a rollout, so that mypy finds a member that AWS does not have.

Each class has the name of its shape in botocore, C(ecs) or C(elbv2), and the members that are read; a test compares
them. Any member may be missing.
"""

from __future__ import annotations

import datetime
import typing as t

# a datetime from boto3; seconds since 1970 or an ISO 8601 string if the answer went through JSON
Timestamp = t.Union[datetime.datetime, float, str]  # noqa: UP007  (pylint of ansible-test knows no other)


class ThresholdConfiguration(t.TypedDict, total=False):
    type: str
    value: int


class DeploymentCircuitBreaker(t.TypedDict, total=False):
    enable: bool
    rollback: bool
    resetOnHealthyTask: bool
    thresholdConfiguration: ThresholdConfiguration


class DeploymentAlarms(t.TypedDict, total=False):
    alarmNames: list[str]
    enable: bool
    rollback: bool


class DeploymentEarlySuccessCriteria(t.TypedDict, total=False):
    enable: bool
    healthyPercent: int
    sourceServiceRevisionCleanup: str


class DeploymentConfiguration(t.TypedDict, total=False):
    deploymentCircuitBreaker: DeploymentCircuitBreaker
    alarms: DeploymentAlarms
    maximumPercent: int
    minimumHealthyPercent: int
    strategy: str
    bakeTimeInMinutes: int
    lifecycleHooks: list[t.Any]
    earlySuccessCriteria: DeploymentEarlySuccessCriteria


class DeploymentController(t.TypedDict, total=False):
    type: str


class AdvancedConfiguration(t.TypedDict, total=False):
    alternateTargetGroupArn: str
    productionListenerRule: str
    testListenerRule: str
    roleArn: str


class Tag(t.TypedDict, total=False):
    key: str
    value: str


class LoadBalancer(t.TypedDict, total=False):
    targetGroupArn: str
    containerName: str
    containerPort: int
    advancedConfiguration: AdvancedConfiguration


class ServiceEvent(t.TypedDict, total=False):
    id: str
    createdAt: Timestamp
    message: str


class Deployment(t.TypedDict, total=False):
    id: str
    status: str
    taskDefinition: str
    desiredCount: int
    pendingCount: int
    runningCount: int
    failedTasks: int
    createdAt: Timestamp
    updatedAt: Timestamp
    rolloutState: str
    rolloutStateReason: str


class TaskSet(t.TypedDict, total=False):
    id: str
    taskSetArn: str
    externalId: str
    status: str
    taskDefinition: str
    computedDesiredCount: int
    pendingCount: int
    runningCount: int
    createdAt: Timestamp
    updatedAt: Timestamp
    loadBalancers: list[LoadBalancer]
    stabilityStatus: str


class Service(t.TypedDict, total=False):
    serviceArn: str
    serviceName: str
    clusterArn: str
    status: str
    desiredCount: int
    runningCount: int
    pendingCount: int
    taskDefinition: str
    loadBalancers: list[LoadBalancer]
    deploymentConfiguration: DeploymentConfiguration
    deploymentController: DeploymentController
    taskSets: list[TaskSet]
    deployments: list[Deployment]
    events: list[ServiceEvent]
    createdAt: Timestamp
    currentServiceDeployment: str
    tags: list[Tag]


class Container(t.TypedDict, total=False):
    name: str
    image: str
    lastStatus: str
    exitCode: int
    reason: str
    healthStatus: str


class Task(t.TypedDict, total=False):
    taskArn: str
    taskDefinitionArn: str
    startedBy: str
    lastStatus: str
    desiredStatus: str
    stopCode: str
    stoppedReason: str
    createdAt: Timestamp
    startedAt: Timestamp
    stoppingAt: Timestamp
    stoppedAt: Timestamp
    containers: list[Container]
    healthStatus: str


class ServiceRevisionSummary(t.TypedDict, total=False):
    arn: str
    requestedTestTrafficWeight: float
    requestedProductionTrafficWeight: float


class DeploymentLifecycleHookDetail(t.TypedDict, total=False):
    hookId: str
    targetType: str
    targetArn: str
    status: str
    expiresAt: Timestamp
    timeoutAction: str


class Rollback(t.TypedDict, total=False):
    reason: str
    startedAt: Timestamp
    serviceRevisionArn: str


class ServiceDeploymentCircuitBreaker(t.TypedDict, total=False):
    status: str
    failureCount: int
    threshold: int


class ServiceDeploymentAlarms(t.TypedDict, total=False):
    status: str
    alarmNames: list[str]
    triggeredAlarmNames: list[str]


class ServiceDeployment(t.TypedDict, total=False):
    """C(ServiceDeployment), with C(targetServiceRevisionArn) of C(ServiceDeploymentBrief)."""

    serviceDeploymentArn: str
    targetServiceRevisionArn: str
    createdAt: Timestamp
    startedAt: Timestamp
    finishedAt: Timestamp
    sourceServiceRevisions: list[ServiceRevisionSummary]
    targetServiceRevision: ServiceRevisionSummary
    status: str
    statusReason: str
    lifecycleStage: str
    lifecycleHookDetails: list[DeploymentLifecycleHookDetail]
    rollback: Rollback
    deploymentCircuitBreaker: ServiceDeploymentCircuitBreaker
    alarms: ServiceDeploymentAlarms


class TargetDescription(t.TypedDict, total=False):
    Id: str
    Port: int


class TargetHealth(t.TypedDict, total=False):
    State: str
    Reason: str
    Description: str


class TargetHealthDescription(t.TypedDict, total=False):
    Target: TargetDescription
    HealthCheckPort: str
    TargetHealth: TargetHealth


class Matcher(t.TypedDict, total=False):
    HttpCode: str
    GrpcCode: str


class TargetGroup(t.TypedDict, total=False):
    TargetGroupArn: str
    HealthCheckProtocol: str
    HealthCheckPort: str
    HealthCheckPath: str
    Matcher: Matcher


Targets = t.Mapping[str, t.Sequence[TargetHealthDescription]]
