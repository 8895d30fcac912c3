# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Service Connect with real containers: one service reaches another by its alias, at the alias's port."""

from __future__ import annotations

import socket
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from local_aws import base_image
from tests.local_aws.cloud import Account, Network, eventually
from tests.support.server import program

SERVER = program('200, os.environ["HOSTNAME"]')
ASK = """
def ask(url):
    try:
        return 200, urllib.request.urlopen(url, timeout=3).read().decode()
    except OSError as error:
        return 502, str(error)
"""
CLIENT = program('ask("http:/" + self.path)', first=ASK)


class Namespace:
    """A cluster, and a namespace whose services connect."""

    def __init__(self, port: int, image: str) -> None:
        self.aws, self.image = Account(port), image
        self.network = Network(self.aws)
        self.aws.ecs.create_cluster(clusterName="c")
        made = self.aws.servicediscovery.create_http_namespace(Name="inner")["OperationId"]
        done = self.aws.servicediscovery.get_operation
        assert eventually(lambda: done(OperationId=made)["Operation"]["Status"], "SUCCESS") == "SUCCESS"

    def serve(self, name: str, program: str, connect: dict[str, Any] | None, count: int = 1) -> None:
        mapping = {"containerPort": 8080, "name": "web", "appProtocol": "http"}
        container = {
            "name": name,
            "image": self.image,
            "command": ["python3", "-c", program],
            "portMappings": [mapping],
        }
        self.aws.ecs.register_task_definition(
            family=name,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )
        self.aws.ecs.create_service(
            cluster="c",
            serviceName=name,
            taskDefinition=name,
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration=self.network.configuration,
            **({"serviceConnectConfiguration": connect} if connect else {}),
        )
        assert eventually(lambda: len([one for one in self.addresses(name) if _listens(one)]), count, 60) == count

    def addresses(self, name: str) -> list[str]:
        arns = self.aws.ecs.list_tasks(cluster="c", serviceName=name)["taskArns"]
        tasks = self.aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []
        running = [task for task in tasks if task["lastStatus"] == "RUNNING"]
        return [one["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for one in running]

    def asks(self, client: str, target: str) -> str:
        """Return what a task of a service gets from ``target``, a host:port/path."""
        try:
            answer = urlopen(f"http://{self.addresses(client)[0]}:8080/{target}", timeout=10)
        except HTTPError as error:
            return str(error.code)
        return str(answer.read().decode())


def _listens(address: str) -> bool:
    """Return whether the program of a task accepts connections yet."""
    try:
        socket.create_connection((address, 8080), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def namespace(containers: int, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Namespace(containers, base_image.ensure(tmp_path_factory.mktemp("image")))
    yield made
    for arn in made.aws.ecs.list_services(cluster="c")["serviceArns"]:
        made.aws.ecs.delete_service(cluster="c", service=arn, force=True)


def test_a_service_reaches_another_by_its_alias(namespace: Namespace) -> None:
    offered = {"portName": "web", "clientAliases": [{"dnsName": "backend", "port": 80}]}
    namespace.serve("backend", SERVER, {"enabled": True, "namespace": "inner", "services": [offered]}, count=2)
    namespace.serve("client", CLIENT, {"enabled": True, "namespace": "inner"})
    namespace.serve("stranger", CLIENT, None)
    answers = {namespace.asks("client", "backend:80/") for _turn in range(4)}
    assert len(answers) == 2 and "502" not in answers, answers
    assert namespace.asks("stranger", "backend:80/") == "502"
    assert namespace.asks("client", "backend:8080/") == "502"
    (made,) = namespace.aws.servicediscovery.list_services()["Services"]
    assert made["Name"] == "web"
