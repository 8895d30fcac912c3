# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The services of MiniStack that are enabled: those that the collection uses, and others by ``up --services``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from local_aws import clock
from local_aws.access import error
from local_aws.corrections._patch import part, replace

# By MiniStack's names: 'monitoring' is CloudWatch, 'tagging' the Resource Groups Tagging API.
USED = frozenset(
    {
        "acm",
        "application-autoscaling",
        "ec2",
        "ecr",
        "ecs",
        "elasticloadbalancing",
        "iam",
        "logs",
        "monitoring",
        "route53",
        "s3",
        "scheduler",
        "secretsmanager",
        "servicediscovery",
        "sqs",
        "ssm",
        "sts",
        "tagging",
        "wafv2",
    }
)
FUNCTIONS = "it runs functions as processes of this machine"
NEVER = {
    "cloudformation": "it makes and runs functions as processes of this machine",
    "codebuild": "its builds get the Docker engine's socket",
    "eks": "its clusters are privileged containers",
    "glue": "it runs scripts as processes of this machine",
    "lambda": FUNCTIONS,
    "lambda-core": FUNCTIONS,
    "lambda-microvms": "its containers have all capabilities",
}


class ServicesError(Exception):
    """A service of --services can't be enabled; the text has the reason."""


def parse(text: str, known: Collection[str], aliases: dict[str, str]) -> str:
    """Return the services of ``--services`` by MiniStack's own names, sorted and joined by commas.

    :raises ServicesError: for an unknown name, or a service that runs code outside a container.
    """
    names = {aliases.get(name, name) for name in (word.strip().lower() for word in text.split(",")) if name}
    for name in sorted(names):
        if name in NEVER:
            raise ServicesError(
                f"--services: '{name}' stays off: {NEVER[name]}, where whatever reaches the port could use it."
            )
        if name not in known and name not in USED:
            raise ServicesError(
                f"--services: MiniStack has no service '{name}'. It has: {', '.join(sorted(set(known) - set(NEVER)))}."
            )
    return ",".join(sorted(names - USED))


def check(text: str) -> str:
    """Run ``parse`` with the installed MiniStack, which is not loaded if there are no names."""
    if not text.strip(" ,"):
        return ""
    app = part("app")
    return parse(text, app.SERVICE_REGISTRY, app.SERVICE_NAME_ALIASES)


def why_off(name: str) -> str:
    """Return why a call of a service is not answered, and the next step."""
    if name in NEVER:
        return f"{name} stays off in the local AWS: {NEVER[name]}."
    return f"{name} is off in the local AWS. 'python -m local_aws up --services {name}' starts it with this one, too."


def switch_off_others(more: Iterable[str]) -> None:
    """Enable only the services of the collection and ``more``."""
    app, router = part("app"), part("core.router")
    on = USED | set(more)
    for name in [name for name in app.SERVICE_HANDLERS if name not in on]:
        del app.SERVICE_HANDLERS[name]

    def only_those(original: Any) -> Any:
        async def call(method: str, path: str, headers: dict[str, str], body: bytes, query: Any, *rest: Any) -> Any:
            routing = app._routing_params(method, path, headers, body, query)
            name = router.detect_service(method, path, headers, routing)
            if name in app.SERVICE_REGISTRY and name not in app.SERVICE_HANDLERS:
                return error(400, "ServiceIsOff", why_off(name), headers)
            return await original(method, path, headers, body, query, *rest)

        return call

    replace(app, "_dispatch_service_request", only_those)


def close_side_doors() -> None:
    """Disable what MiniStack serves by path or host whatever is enabled, except load balancers and the registry.

    These are functions, user pools, buckets, sent messages and its own configuration.
    """
    app = part("app")

    def only_control(original: Any) -> Any:
        async def call(method: str, path: str, headers: dict[str, str], query: Any, request_id: str) -> Any:
            if (method, path) == ("POST", clock.PATH):
                return clock.answer(query)
            if path not in ("/_ministack/health", "/_ministack/ready", "/_ministack/reset"):
                return None
            return await original(method, path, headers, query, request_id)

        return call

    async def nothing(*_request: Any) -> None:
        return None

    async def balancer_or_registry(
        *request: Any, raw_path: Any = None, raw_query_string: str = "", **_more: Any
    ) -> Any:
        method, path, headers, body, query, request_id = request
        answer = await app._handle_ecr_registry_request(method, path, headers, body, query)
        if answer is not None:
            return app._with_data_plane_headers(answer, request_id, wildcard_cors=False)
        host = headers.get("host", "")
        return await app._handle_alb_request(host, path, method, headers, body, query, raw_query_string, raw_path)

    replace(app, "_handle_pre_body_request", only_control)
    replace(app, "_handle_post_body_shortcuts", lambda _original: nothing)
    replace(app, "_handle_special_data_plane_request", lambda _original: balancer_or_registry)
