# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the things of a service are named."""

from __future__ import annotations

from dataclasses import dataclass

# By the name of a service, what of it would have the name of something of another layer.
TAKEN = {
    "default": "security group {}-sg",
    "ecs": "role {}-execution",
    "endpoints": "security group {}-sg",
    "pub-alb": "security group {}-sg",
}


@dataclass(frozen=True)
class Names:
    """The names of what a service has, from the name prefix and its own name."""

    prefix: str
    app: str

    @property
    def full(self) -> str:
        """Name of the ECS service, its task definition family, first target group and listener rule."""
        return f"{self.prefix}-{self.app}"

    @property
    def alternate(self) -> str:
        """Name of the second target group, between which and the first ECS shifts requests."""
        return f"{self.full}-alt"

    @property
    def test_rule(self) -> str:
        """Name of the rule by which test requests reach the new tasks of a deployment."""
        return f"{self.full}-test"

    @property
    def shift_role(self) -> str:
        """Name of the role that ECS shifts requests with."""
        return f"{self.full}-shift"

    @property
    def cluster(self) -> str:
        """Name of the cluster."""
        return f"{self.prefix}-ecs"

    @property
    def repository(self) -> str:
        """Name of the ECR repository of a service that is built from source."""
        return self.full

    @property
    def log_group(self) -> str:
        """Name of the log group."""
        return f"/ecs/{self.full}"

    @property
    def task_role(self) -> str:
        """Name of the role that the application acts as."""
        return f"{self.full}-task"

    @property
    def execution_role(self) -> str:
        """Name of the role that ECS starts the tasks with, for a service with secrets."""
        return f"{self.full}-execution"

    @property
    def security_group(self) -> str:
        """Name of the security group of the tasks."""
        return f"{self.full}-sg"

    @property
    def scaled(self) -> str:
        """What Application Auto Scaling knows the service by."""
        return f"service/{self.cluster}/{self.full}"

    def discovery(self, namespace: str) -> str:
        """DNS name of the tasks."""
        return f"{self.app}.{namespace}"
