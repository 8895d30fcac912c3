# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stateful fake of AWX: the part of its REST API that the awx.awx modules use, over a socket.

It refuses unknown fields, keeps secrets encrypted as AWX does, accepts one credential of a type per template
(except vaults), and records each call.  It runs no jobs: a launch is answered as by AWX, with the ignored fields.
"""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
import typing as t
from urllib.parse import parse_qsl, urlsplit

import pytest

Item = dict[str, t.Any]

API = "/api/v2/"
LISTS = (
    "organizations",
    "execution_environments",
    "credential_types",
    "credentials",
    "projects",
    "inventories",
    "inventory_sources",
    "job_templates",
    "workflow_job_templates",
    "workflow_job_template_nodes",
    "workflow_approval_templates",
    "schedules",
    "notification_templates",
    "jobs",
    "workflow_jobs",
)
TYPES = {name: name.removesuffix("s") for name in LISTS} | {"inventories": "inventory"}
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
NOTIFIED = tuple(f"notification_templates_{event}" for event in ("started", "success", "error", "approvals"))
ASSOCIATIONS = (
    "credentials",
    "labels",
    "instance_groups",
    "success_nodes",
    "failure_nodes",
    "always_nodes",
    *NOTIFIED,
)
# by the type of credential
NAMESPACES = {"Amazon Web Services": "aws", "Vault": "vault", "Container Registry": "registry"}
ENCRYPTED = "$encrypted$"
NEEDS_MODULES = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import ansible_collections.awx.awx"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="the collection awx.awx is not installed (the ansible package has it up to 12)",
)
# AWX fills these in itself.
ASKS = ("inventory", "labels", "limit", "skip_tags", "tags", "variables")
DEFAULTS: dict[str, Item] = {
    "projects": {"scm_revision": "0" * 40, "status": "successful"},
    **{kind: {f"ask_{name}_on_launch": False for name in ASKS} for kind in ("job_templates", "workflow_job_templates")},
}


class Controller:
    """The objects by list and id, and the recorded calls."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, Item]] = {name: {} for name in LISTS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Item] = {}
        self.calls: list[tuple[str, str]] = []
        self.launches: list[tuple[str, Item]] = []
        self.launched = threading.Semaphore(0)
        self._last = 0
        for name, kind in (("Amazon Web Services", "cloud"), ("Vault", "vault"), ("Container Registry", "registry")):
            self.create("credential_types", {"name": name, "kind": kind, "managed": True})

    def named(self, kind: str, name: str) -> Item:
        [found] = [item for item in self.objects[kind].values() if item["name"] == name]
        return found

    def names(self, kind: str) -> list[str]:
        return sorted(item["name"] for item in self.objects[kind].values())

    def create(self, kind: str, fields: Item) -> Item:
        self._last += 1
        item = {
            **DEFAULTS.get(kind, {}),
            **fields,
            "id": self._last,
            "type": TYPES[kind],
            "url": f"{API}{kind}/{self._last}/",
            "summary_fields": {},
            "related": self._related(kind, self._last),
        }
        self.objects[kind][self._last] = _encrypted(item)
        return self.objects[kind][self._last]

    def delete(self, kind: str, key: int) -> None:
        del self.objects[kind][key]
        self.surveys.pop((kind, key), None)
        for link in [link for link in self.links if link[:2] == (kind, key)]:
            del self.links[link]
        owned = {"workflow_job_templates": "workflow_job_template_nodes", "inventories": "inventory_sources"}.get(kind)
        field = TYPES[kind]
        for child in [child for child in self.objects.get(owned or "", {}).values() if child.get(field) == key]:
            self.delete(t.cast("str", owned), child["id"])

    def find(self, kind: str, query: t.Mapping[str, str]) -> list[Item]:
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        items = [item for name in kinds for item in self.objects[name].values()]
        either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
        every = {key: value for key, value in query.items() if not key.startswith("or__")}
        return [
            self._shown(item)
            for item in items
            if all(self._matches(item, key, value) for key, value in every.items())
            and (not either or any(self._matches(item, key, value) for key, value in either.items()))
        ]

    def _shown(self, item: Item) -> Item:
        """Return an object with AWX's summary of the objects that it refers to."""
        kind = next(name for name, single in TYPES.items() if single == item["type"])
        summary: Item = {
            field: {"id": item[field], "name": self.objects[name][item[field]]["name"]}
            for name, field in TYPES.items()
            if isinstance(item.get(field), int) and "name" in self.objects[name].get(item[field], {})
        }
        if kind == "job_templates":
            given = (self.objects["credentials"][key] for key in self.links.get((kind, item["id"], "credentials"), []))
            summary["credentials"] = [
                {"id": one["id"], "name": one["name"], "kind": NAMESPACES.get(self._type_of(one))} for one in given
            ]
        return {**item, "summary_fields": summary}

    def _type_of(self, credential: Item) -> str:
        return str(self.objects["credential_types"][credential["credential_type"]]["name"])

    def _matches(self, item: Item, key: str, value: str) -> bool:
        if key in ("page_size", "order_by", "page"):
            return True
        if key == "id__in":
            return str(item["id"]) in value.split(",")
        field, _, inner = key.partition("__")
        has = item.get(field)
        if inner and inner != "exact":
            kind = next((name for name, single in TYPES.items() if single == field), "")
            return self._matches(self.objects.get(kind, {}).get(has or 0, {}), inner, value)
        return str(has) == value

    def _related(self, kind: str, key: int) -> Item:
        base = f"{API}{kind}/{key}/"
        related = {name: f"{base}{name}/" for name in ASSOCIATIONS}
        if kind in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{base}survey_spec/"
            related["launch"] = f"{base}launch/"
        if kind == "workflow_job_templates":
            related["workflow_nodes"] = f"{base}workflow_nodes/"
        if kind == "workflow_job_template_nodes":
            related["create_approval_template"] = f"{base}create_approval_template/"
        return related

    def answer(self, method: str, path: str, query: t.Mapping[str, str], body: Item) -> tuple[int, t.Any]:
        if path in ("/api/", "/api"):
            return 200, {"current_version": API, "available_versions": {"v2": API}}
        match = re.fullmatch(r"/api/v2/(?:(\w+)/)?(?:([^/]+)/)?(?:(\w+)/)?", path)
        if not match:
            return 404, {"detail": "Not found."}
        kind, key, sub = match.groups()
        if kind in ("ping", "config", "me", None):
            return 200, {"version": "24.6.1"}
        if kind != "unified_job_templates" and kind not in self.objects:
            return 404, {"detail": f"Not found: {kind}"}
        if key is None:
            return self._list(method, kind, query, body)
        if not key.isdigit() or int(key) not in self.objects[kind]:
            return 404, {"detail": "Not found."}
        if sub:
            return self._sub(method, kind, int(key), sub, body)
        return self._item(method, kind, int(key), body)

    def _list(self, method: str, kind: str, query: t.Mapping[str, str], body: Item) -> tuple[int, t.Any]:
        if method == "POST":
            return 201, self.create(kind, body)
        return 200, _page(self.find(kind, query))

    def _item(self, method: str, kind: str, key: int, body: Item) -> tuple[int, t.Any]:
        if method == "DELETE":
            self.delete(kind, key)
            return 204, None
        if method == "PATCH":
            self.objects[kind][key].update(_encrypted(body))
        return 200, self._shown(self.objects[kind][key])

    def _sub(self, method: str, kind: str, key: int, sub: str, body: Item) -> tuple[int, t.Any]:
        if sub == "survey_spec":
            if method == "POST":
                self.surveys[kind, key] = body
            return 200, self.surveys.get((kind, key), {})
        if sub == "create_approval_template":
            approval = self.create("workflow_approval_templates", body)
            self.objects[kind][key]["unified_job_template"] = approval["id"]
            return 201, approval
        if sub == "launch":
            return 201, self._launched(kind, key, body)
        if sub == "workflow_nodes":
            return 200, _page(self.find("workflow_job_template_nodes", {"workflow_job_template": str(key)}))
        return self._linked(method, kind, key, sub, body)

    def _linked(self, method: str, kind: str, key: int, sub: str, body: Item) -> tuple[int, t.Any]:
        if sub not in ASSOCIATIONS:
            return 404, {"detail": f"Not found: {sub}"}
        linked = self.links.setdefault((kind, key, sub), [])
        if method == "GET":
            targets = dict.fromkeys(NOTIFIED, "notification_templates")
            target = targets.get(sub) or ("workflow_job_template_nodes" if sub.endswith("_nodes") else sub)
            return 200, _page([self.objects[target][identifier] for identifier in linked])
        if body.get("disassociate"):
            linked.remove(body["id"])
            return 204, None
        if sub == "credentials" and (refused := self._second_of_a_type(linked, body["id"])):
            return 400, {"error": refused}
        linked.append(body["id"])
        return 204, None

    def _second_of_a_type(self, linked: list[int], key: int) -> str:
        """Return how AWX refuses it (JobTemplateCredentialsList); it accepts several vaults."""
        name = self._type_of(self.objects["credentials"][key])
        held = [self._type_of(self.objects["credentials"][one]) for one in linked]
        return f"Cannot assign multiple {name} credentials." if name in held and name != "Vault" else ""

    def _launched(self, kind: str, key: int, body: Item) -> Item:
        """Return a job as AWX answers a launch: options that the template does not ask for are reported, no error."""
        template, spec = self.objects[kind][key], self.surveys.get((kind, key), {}).get("spec", [])
        asked = {question["variable"] for question in spec}
        given = body.get("extra_vars") or {}
        given = json.loads(given) if isinstance(given, str) else given
        ignored: Item = {"extra_vars": {name: given[name] for name in given if name not in asked}}
        for field, prompt in (
            ("limit", "limit"),
            ("job_tags", "tags"),
            ("skip_tags", "skip_tags"),
            ("job_type", "job_type"),
        ):
            if field in body and not template.get(f"ask_{prompt}_on_launch"):
                ignored[field] = body[field]
        job = self.create(
            kind.replace("_templates", "s"),
            {"name": template["name"], "status": "successful", "artifacts": {}, "created": "2026-12-01T03:00:00Z"},
        )
        self.launches.append((template["name"], body))
        self.launched.release()
        return {**job, "ignored_fields": ignored}


def _page(items: list[Item]) -> Item:
    return {"count": len(items), "next": None, "previous": None, "results": items}


def _encrypted(item: Item) -> Item:
    inputs = item.get("inputs")
    if isinstance(inputs, dict):
        secret = {name: ENCRYPTED for name in ("password", "secret_access_key") if inputs.get(name)}
        return {**item, "inputs": {**inputs, **secret}}
    return item


class serving:  # noqa: N801 - a context manager reads as a verb
    """Serve a controller on a free port of the loopback; yields its address."""

    def __init__(self, controller: Controller) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or b"{}")
                controller.calls.append((self.command, parts.path))
                status, answer = controller.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
                payload = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - http.server's names

            def log_message(self, *args: t.Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
