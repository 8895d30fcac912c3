# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the files of an inventory from adopted or imported services.  Plain data in, YAML out."""

from __future__ import annotations

import posixpath
import re
import typing as t
from pathlib import Path

import yaml

from ..module_utils._operations.adopt.compose import Written
from ..module_utils._operations.init.model import Service, Taken

TEMPLATES = ("{{ vpc_cidr_block }}",)
"""Expressions that this collection writes; any other is foreign text."""
HERE = "{{ inventory_dir }}"
SECRETS = "group_vars/all/secrets.yml"
"""The file of secret values, readable by its owner only."""


LOCAL = "{{ lookup('ansible.builtin.env', 'MAGICLUB_ENDPOINT') | default('http://127.0.0.1:4566', true) }}"
"""Endpoint of the local AWS, as in inventories/local."""


class Platform(t.NamedTuple):
    """Variables of all layers."""

    project: str
    region: str
    environment: str
    team: str
    owner: str
    domain: str = ""
    endpoint_url: str = ""
    local: bool = False
    arm: bool = False
    """Build for ARM, whatever the source says: for the local AWS on an ARM machine."""
    zones: t.Sequence[str] = ()
    """Ids or names of two zones for the subnets; by default the first two of the region."""
    source: str = "."
    """The folder that build paths are relative to, relative to the inventory's folder."""


class _Unsafe(str):
    """Foreign text, which Ansible must not evaluate."""


class _Dumper(yaml.SafeDumper):
    """Indents lists, as yamllint and ansible-lint require."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


_Dumper.add_representer(_Unsafe, lambda dumper, value: dumper.represent_scalar("!unsafe", str(value), style='"'))


def _text(dumper: t.Any, value: str) -> t.Any:
    style = '"' if "{{" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style=style)


# subclasses of str with which Ansible records the origin of text
_Dumper.add_multi_representer(str, _text)
_Dumper.add_representer(str, _text)


def files(platform: Platform, taken: Taken) -> dict[str, str]:
    """Return the content of each file, by path in the inventory."""
    return {
        **_base(platform),
        "group_vars/all/vpc.yml": _file(
            "The network. One NAT gateway for all zones: about half the cost of one in each.",
            {
                "vpc_zones": list(platform.zones) or zone_ids(platform.region),
                "vpc_cidr_block": "172.25.0.0/16",
                "vpc_nat": "single",
            },
        ),
        "group_vars/all/alb.yml": _file(
            (
                "The load balancer. HTTPS needs fargate_domain, its hosted zone in Route 53 and an issued"
                " certificate in ACM."
            ),
            {"alb_https": bool(platform.domain)},
        ),
        **_services(taken.services, lambda one: _service(platform, one)),
    }


def adopted(platform: Platform, found: Written) -> dict[str, str]:
    """Return the content of each file for adopted services, with the existing resources of the layers below."""
    kept = {
        "group_vars/all/vpc.yml": ("The existing network.", found.vpc),
        "group_vars/all/alb.yml": ("The existing load balancer.", found.alb),
        "group_vars/all/ecs_cluster.yml": ("The existing cluster.", found.ecs_cluster),
        SECRETS: ("Encrypt this file: ansible-vault encrypt", _safe(found.secrets)),
    }
    # adopted roles have no boundary, and tasks only find existing names
    own = {"fargate_private_domain": found.private_domain, "fargate_permissions_boundary": ""}
    references = frozenset(f"{{{{ {name} }}}}" for name in found.secrets)
    return {
        **_base(platform, own),
        **{path: _file(comment, values) for path, (comment, values) in kept.items() if values},
        **_services(found.services, lambda one: _safe(one, references)),
    }


def write(target: Path, files: t.Mapping[str, str]) -> None:
    """Write files to a folder; secrets are readable by their owner only."""
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600 if name == SECRETS else 0o666)
        path.write_text(text, encoding="utf-8")


def _base(platform: Platform, own: t.Mapping[str, t.Any] | None = None) -> dict[str, str]:
    """Return the files of the host and of the variables of all layers, with the inventory's I(own)."""
    return {
        "hosts.yml": _file("One host per platform: this machine, which calls AWS.", _hosts(platform)),
        "group_vars/all/main.yml": _file("Variables of all layers.", {**_main(platform), **(own or {})}) + _DERIVED,
    }


def _services(services: t.Sequence[Service], written: t.Callable[[Service], t.Any]) -> dict[str, str]:
    return {
        "group_vars/all/services.yml": _file(
            "The services, each in a file of services/. lotto is the collection's example.",
            {"fargate_lotto": False, "fargate_services": [f"{{{{ {variable(one)} }}}}" for one in services]},
        ),
        **{
            f"group_vars/all/services/{one['name']}.yml": _file(
                f"The service {one['name']}.", {variable(one): written(one)}
            )
            for one in services
        },
    }


def zone_ids(region: str) -> list[str]:
    """Return the ids of the first two zones of a region, as C(apne2-az1) in C(ap-northeast-2)."""
    first, *words, number = region.split("-")
    short = "".join("".join(part[0] for part in re.findall("north|south|east|west|central|.+", word)) for word in words)
    return [f"{first}{short}{number}-az{zone}" for zone in (1, 2)]


def variable(service: Service) -> str:
    """Return the variable of a service."""
    return f"{service['name'].replace('-', '_')}_service"


def _hosts(platform: Platform) -> dict[str, t.Any]:
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"all": {"hosts": {f"{platform.project}-{platform.environment.lower()}": host}}}


def _main(platform: Platform) -> dict[str, t.Any]:
    return {
        "fargate_project": platform.project,
        "fargate_region": platform.region,
        "fargate_environment": platform.environment,
        "fargate_team": platform.team,
        "fargate_owner": platform.owner,
        "fargate_domain": platform.domain,
        "fargate_private_domain": f"{platform.project}.internal",
        "fargate_permissions_boundary": "platform",
        "fargate_endpoint_url": LOCAL if platform.local else platform.endpoint_url,
    }


_DERIVED = """
# The prefix of all names, and the tags of all resources.
fargate_name_prefix: "{{ fargate_project | magiclub.fargate.name_prefix(fargate_region, fargate_environment) }}"
fargate_tags: "{{ fargate_project | magiclub.fargate.tags(fargate_environment, fargate_team, fargate_owner) }}"
"""


def _service(platform: Platform, service: Service) -> dict[str, t.Any]:
    """Return a service for the inventory, with a build path relative to its folder."""
    safe: dict[str, t.Any] = _safe(service)
    if "build" not in service:
        return safe
    path = posixpath.normpath(posixpath.join(platform.source, service["build"]["path"]))
    arm = {"platform": "linux/arm64"} if platform.arm or service.get("cpu_architecture") == "ARM64" else {}
    return {**safe, "build": {**safe["build"], "path": f"{HERE}/{path}", **arm}}


def _safe(value: t.Any, templates: t.Container[str] = TEMPLATES) -> t.Any:
    """Return a value in which foreign expressions are marked as unsafe; I(templates) are kept."""
    if isinstance(value, dict):
        return {key: _safe(one, templates) for key, one in value.items()}
    if isinstance(value, list):
        return [_safe(one, templates) for one in value]
    has_expression = isinstance(value, str) and ("{{" in value or "{%" in value or "{#" in value)
    return _Unsafe(value) if has_expression and value not in templates else value


def _file(comment: str, values: t.Mapping[str, t.Any]) -> str:
    text = yaml.dump(
        dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )
    return f"---\n# {comment}\n{text}"
