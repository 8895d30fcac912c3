# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Answer tasks: at the metadata and credentials endpoints, and at the API as far as their role allows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from local_aws.access import Application, Receive, Scope, Send, error, headers_of
from local_aws.corrections import task_endpoints
from local_aws.corrections._patch import part, service
from local_aws.relay import ADDRESS, API_PORT


async def endpoint(path: str) -> tuple[int, Any]:
    """Return the status and document for a request to the endpoints."""
    match path.strip("/").split("/"):
        case ["v2", "credentials", identity]:
            found = task_endpoints.credentials(identity)
            missing = {"code": "InvalidIdInRequest", "message": "CredentialsV2Request: ID not found"}
            return (200, found) if found else (400, missing)
        case ["v3" | "v4", token, *rest]:
            found = await asyncio.get_running_loop().run_in_executor(
                None, task_endpoints.metadata, token, "/".join(rest)
            )
            return (200, found) if found is not None else (404, "unable to generate metadata for this container")
    return 404, "404 page not found"


def api_refusal(headers: Mapping[str, str], query: str) -> tuple[int, dict[str, str], bytes] | None:
    """Return why the API refuses a task, '' if it does not: a task may only use the credentials of its role."""
    key = part("core.router").extract_access_key_id(dict(headers), parse_qs(query))
    if key and key not in service("sts")._sessions:
        text = "The security token included in the request is invalid."
        code = "UnrecognizedClientException" if "x-amz-target" in headers else "InvalidClientTokenId"
        return error(403, code, text, headers)
    if not key:
        return error(403, "MissingAuthenticationToken", "Missing Authentication Token", headers)
    return None


async def reply(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    fields += [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def beside_tasks(outside: Application, application: Application) -> Application:
    """Answer tasks at their listener, and everybody else with ``outside``."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or tuple(scope.get("server") or ()) != task_endpoints.LISTENER:
            await outside(scope, receive, send)
            return
        hosts, headers = headers_of(scope)
        if hosts in ([ADDRESS], [f"{ADDRESS}:80"]):
            status, document = await endpoint(scope.get("path", ""))
            await reply(send, status, {"content-type": "application/json"}, json.dumps(document, default=str).encode())
            return
        refused = api_refusal(headers, scope.get("query_string", b"").decode("latin-1"))
        if refused or hosts != [f"{ADDRESS}:{API_PORT}"]:
            text = f"A task reaches the API as {ADDRESS}:{API_PORT} alone."
            await reply(send, *(refused or error(403, "RequestRefused", text, headers)))
            return
        task_endpoints.FROM_A_TASK.set(True)
        await application(scope, receive, send)

    return call
