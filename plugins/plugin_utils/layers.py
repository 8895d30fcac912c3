# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inputs of roles for a plan of several layers: from their defaults and variables, without running a role."""

from __future__ import annotations

import datetime
import functools
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail, AnsibleUndefinedVariable
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.vars import load_extra_vars

from ..module_utils._layers import common, platform
from ..module_utils._layers.checks import wrong
from ..module_utils._layers.inputs import misspelt, spec
from ..module_utils._layers.model import Asked
from ..module_utils._layers.services import inputs as services
from ..module_utils._layers.services import pruned
from . import conditions

if t.TYPE_CHECKING:
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

Data = t.Mapping[str, t.Any]

ROLES = Path(__file__).resolve().parents[2] / "roles"
LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service", "services", "fargate_service", pruned.LAYER)
ONCE = ("fargate_endpoint_url", "fargate_name_prefix", "fargate_region", "fargate_tags", "ecr_push_build")
"""Variables that most options refer to, templated once."""
_LIST: spec.Option = {"type": "list", "elements": "dict", "default": []}
SERVICES: t.Mapping[str, spec.Option] = {"fargate_services": _LIST, "fargate_service_services": _LIST}
"""Lists of services, which C(_layers.services.inputs) checks."""
Variables = t.Mapping[str, t.Mapping[str, str]]
EXISTING: Variables = {
    "vpc": {
        "vpc_id": "vpc_id",
        "public_subnet_ids": "vpc_public_subnet_ids",
        "apps_subnet_ids": "vpc_apps_subnet_ids",
    },
    "alb": {"arn": "alb_arn", "listener_arn": "alb_listener_arn"},
    "ecs_cluster": {"cluster_name": "ecs_cluster_name"},
}
"""By layer, the inputs that name existing resources to use instead of new ones, and their variables."""
COMPUTED: Variables = {
    "ecs_cluster": {"used_namespaces": "__ecs_cluster_used_namespaces"},
    "ecr_push": {"check_mode": "ansible_check_mode", "key": "__ecr_push_key", "repository": "__ecr_push_repository"},
}
"""By layer, the inputs that are not just an option of its role, and their variables."""
OF_BOTH = frozenset(
    {
        *("state", "cleanup", "lookup_fresh", "lookup_required", "wait_timeout"),
        # the cluster's role and namespaces are created beside an existing cluster, too
        *("execution_role_policies", "http_namespace"),
    }
)
"""Options with a constant default that apply beside existing resources, too."""
TAGS_OF_ALL = frozenset({"all", "tagged"})


def chosen(layers: t.Iterable[str], run_tags: t.Collection[str], skip_tags: t.Collection[str]) -> list[str]:
    """Return the layers that C(--tags) and C(--skip-tags) select, as Ansible does for tasks with these tags."""
    wanted, left_out = set(run_tags), set(skip_tags)
    if left_out & TAGS_OF_ALL:
        return []
    return [name for name in layers if (name in wanted or wanted & TAGS_OF_ALL) and name not in left_out]


def roles_of(layer: str) -> tuple[str, ...]:
    """Return the roles whose options configure a layer."""
    if layer == "lotto_service":
        return layer, "fargate_service"
    return (layer if (ROLES / layer).is_dir() else "fargate_service",)


def options_of(role: Path, door: str = "main") -> dict[str, t.Any]:
    """Return the options in the argument spec of a role's entry point, empty if it has none."""
    return (_specs(role).get(door) or {}).get("options") or {}


def inputs_of(*roles: Path) -> dict[str, t.Any]:
    """Return the options of all entry points of these roles, by name."""
    return {name: one for role in roles for door in _specs(role) for name, one in options_of(role, door).items()}


@functools.cache
def defaults_of_new(layer: str) -> dict[str, t.Any]:
    """Return the options that configure only what a layer creates, not an existing one, with their defaults.

    An option whose default is a template, or that has none, follows from other options and applies to both.
    """
    options = options_of(ROLES / layer)
    constant = {name.removeprefix(f"{layer}_"): one["default"] for name, one in options.items() if "default" in one}
    both = {*OF_BOTH, *(name.removeprefix(f"{layer}_") for name in EXISTING.get(layer, {}).values())}
    return {name: default for name, default in constant.items() if name not in both and "{{" not in str(default)}


@functools.cache
def every_input() -> frozenset[str]:
    """Return the names of all inputs of an inventory: those of every role, and the collection-wide ones."""
    return frozenset((*inputs_of(*ROLES.iterdir()), *common.OPTIONS, *common.DERIVED, *SERVICES))


@functools.cache
def _specs(role: Path) -> dict[str, t.Any]:
    file = role / "meta" / "argument_specs.yml"
    if not file.is_file():
        return {}
    # the filter from_yaml takes half a second for the longest, as it does not use the C parser
    return t.cast("dict[str, t.Any]", yaml_load(file.read_text(encoding="utf-8"))["argument_specs"])


def plain(value: t.Any) -> t.Any:
    """Return I(value) without lazy containers, which reference all variables and would be copied deeply.

    A date becomes text as it was written, such as the Version of a policy.
    """
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, t.Mapping):
        return {str(key) if isinstance(key, str) else key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


class Inputs:
    """The inputs of layers, from the variables of a host."""

    def __init__(self, templar: Templar, loader: DataLoader, variables: Data) -> None:
        self._templar, self._loader, self._given = templar, loader, variables
        self._roles: dict[str, dict[str, t.Any]] = {}
        self._values: dict[tuple[str, str], t.Any] = {}
        self._origin = spec.Origin(variables, load_extra_vars(loader))

    def of(self, role: str, name: str, **more: t.Any) -> t.Any:
        """Return the templated value of a variable in the scope of a role, with I(more) variables."""
        if more:
            return self._worked_out({**self._own(role), **self._variables, **more}, name)
        return plain(self._of_role(role, [name])[name])

    def _of_role(self, role: str, names: t.Iterable[str]) -> dict[str, t.Any]:
        """Return the templated values of those of the variables that are defined in the scope of a role, each once."""
        variables = {**self._own(role), **self._variables}
        there = [name for name in names if name in variables]
        lacking = [name for name in there if (role, name) not in self._values]
        self._values |= {(role, name): value for name, value in self.templated(lacking, variables).items()}
        return {name: self._values[role, name] for name in there}

    def _worked_out(self, known: Data, name: str) -> t.Any:
        templar = self._templar.copy_with_new_env(available_variables=known)
        return plain(_templated(templar, name, known[name]))

    @functools.cached_property
    def _variables(self) -> dict[str, t.Any]:
        """The variables of the host, with those templated that many others refer to."""
        return {**self._given, **{name: self._worked_out(self._given, name) for name in ONCE if name in self._given}}

    def _own(self, role: str) -> dict[str, t.Any]:
        """Return a role's defaults and variables, which Ansible's loader would copy each time."""
        if role not in self._roles:
            paths = [str(ROLES / role / folder / "main.yml") for folder in ("defaults", "vars")]
            read = [self._loader.load_from_file(path, unsafe=True, trusted_as_template=True) or {} for path in paths]
            self._roles[role] = {**read[0], **read[1]}
        return self._roles[role]

    @property
    def has_lotto(self) -> bool:
        """Return whether the platform has lotto, the example: C(fargate_lotto), true by default."""
        return bool(boolean(self._wide("fargate_lotto", True), strict=False))

    def of_platform(self, names_of_layers: t.Iterable[str]) -> list[str]:
        """Return the layers of a whole platform: without lotto, neither itself nor its image, unless it is removed."""
        absent = self.of("ecr_push", "ecr_push_state") == "absent"
        left_out = set() if self.has_lotto else {"lotto_service", *([] if absent else ["ecr_push"])}
        return [name for name in names_of_layers if name not in left_out]

    def asked(self, name: str, read_image: Data | None = None) -> Asked:
        """Return a layer with its inputs; I(read_image) is C(ecr_push_info), once it was read.

        Raises ValueError with an error for each option of a service that is unknown, missing or wrong.
        """
        if name in platform.KINDS:
            return Asked(name, name, self.of_layer(name))
        return self._services(name, read_image)

    def of_layer(self, layer: str) -> dict[str, t.Any]:
        """Return the inputs of a layer below the services: the options of its role, without the role's name in front.

        C(defaults) are those of what it creates, C(below) what of the network exists already.
        """
        options = options_of(ROLES / layer)
        given = {
            name.removeprefix(f"{layer}_"): spec.converted(plain(value), options[name])
            for name, value in self._of_role(layer, options).items()
        }
        return {
            **given,
            **{name: self.of(layer, variable) for name, variable in COMPUTED.get(layer, {}).items()},
            "vpc_id": self._existing["vpc"]["vpc_id"],
            **self._existing.get(layer, {}),
            "defaults": defaults_of_new(layer),
            "below": {"vpc": self._existing["vpc"]},
        }

    def pruned(self, definitions: t.Sequence[Data]) -> Asked:
        """Return the layer of the services to remove, C(prune.services)."""
        return Asked(pruned.LAYER, platform.SERVICES, self._layer(definitions, "absent"))

    def _services(self, name: str, read_image: Data | None) -> Asked:
        more: dict[str, t.Any] = {"ecr_push_info": read_image} if read_image else {}
        image = None
        if name == "lotto_service":
            given = self.of("lotto_service", "__lotto_service_services", **more)
            state = self.of("lotto_service", "lotto_service_state")
            if state == "present" and not self.of("lotto_service", "lotto_service_image"):
                image = self._image
        elif name == "services":
            given, state = (
                self._wide("fargate_services", [], **more) or [],
                self.of("fargate_service", "fargate_service_state"),
            )
        else:
            given = self.of("fargate_service", "fargate_service_services", **more)
            state = self.of("fargate_service", "fargate_service_state")
        layer = self._layer(given, state, image)
        title = self.of("fargate_service", "fargate_service_layer") if name == "fargate_service" else name
        return Asked(title, platform.SERVICES, layer)

    def _layer(self, given: t.Any, state: str, image: t.Any = None) -> dict[str, t.Any]:
        spec = options_of(ROLES / "fargate_service")["fargate_service_services"]["options"]
        return {
            **self.own_of_services,
            **self._of_repositories,
            "state": state,
            "services": services.complete(given, spec),
            "cluster": self._existing["ecs_cluster"]["cluster_name"],
            "image_inputs": image,
            "needs_image": bool(image) and self.of("lotto_service", "lotto_service_image_policy") == "managed",
            "below": {**self._below_services, "ecr_push": image},
        }

    @functools.cached_property
    def _of_repositories(self) -> dict[str, t.Any]:
        """The inputs of all layers of services for the repositories of services that are built."""
        return {
            "repository": self._repository(),
            "repository_of_lotto": self.repository_of_lotto(),
            "docker_host": self.of("ecr_push", "ecr_push_docker_host"),
            "force_delete": boolean(self.of("ecr_push", "ecr_push_force_delete"), strict=False),
        }

    @functools.cached_property
    def _below_services(self) -> dict[str, dict[str, t.Any]]:
        """By layer below, its inputs that all layers of services need."""
        return {
            "vpc": self._existing["vpc"],
            "alb": {
                "domain": self.of("alb", "alb_domain"),
                "vpc_id": self._existing["vpc"]["vpc_id"],
                "vpc_name_prefix": self.of("alb", "alb_vpc_name_prefix"),
                **self._existing["alb"],
            },
            "ecs_cluster": {
                "used_namespaces": self.of("ecs_cluster", "__ecs_cluster_used_namespaces"),
                "vpc_id": self._existing["vpc"]["vpc_id"],
                **self._existing["ecs_cluster"],
            },
        }

    @functools.cached_property
    def _existing(self) -> dict[str, dict[str, t.Any]]:
        """By layer, the existing resources that its inputs name."""
        return {layer: {key: self.of(layer, name) for key, name in keys.items()} for layer, keys in EXISTING.items()}

    @functools.cached_property
    def _image(self) -> dict[str, t.Any]:
        """The inputs of the image's layer."""
        return self.of_layer("ecr_push")

    def _repository(self) -> dict[str, t.Any]:
        """Return the options of repositories of services: those of ecr_push, without its name and tags."""
        more = {"ecr_push_repository": "", "ecr_push_tags": {}}
        return t.cast("dict[str, t.Any]", self.of("ecr_push", "__ecr_push_repository", **more))

    def repository_of_lotto(self) -> str:
        """Return the name of the layer ecr_push's repository, which belongs to no service; empty without lotto."""
        if not self.has_lotto:
            return ""
        prefix = self._variables.get("fargate_name_prefix", self.own_of_services["name_prefix"])
        return str(self.of("ecr_push", "ecr_push_repository", fargate_name_prefix=prefix))

    @functools.cached_property
    def own_of_services(self) -> dict[str, t.Any]:
        """The place of services, and their tags."""
        return t.cast("dict[str, t.Any]", self.of("fargate_service", "__fargate_service_own"))

    def of_other_hosts(self, name: str) -> set[str]:
        """Return the values of a variable of the other hosts of the play, if they are defined."""
        own = self._variables.get("inventory_hostname")
        others = [host for host in self._variables.get("ansible_play_hosts_all") or [] if host != own]
        found = (self._variables["hostvars"][host].get(name) for host in others)
        return {str(one) for one in found if one}

    def _wide(self, name: str, default: t.Any, **more: t.Any) -> t.Any:
        """Return a collection-wide variable."""
        return self._worked_out({name: default, **self._variables, **more}, name)

    def wrong_options(self, layers: t.Iterable[str]) -> list[str]:
        """Return the errors in the types and names of the options of these layers' roles."""
        if found := [*self.wrong_common(), *self.nearly()]:
            return found
        roles = dict.fromkeys(role for name in layers for role in roles_of(name))
        # roles may share options
        return list(dict.fromkeys(sentence for role in roles for sentence in self._wrong_options(role)))

    def _wrong_options(self, role: str) -> list[str]:
        options = inputs_of(ROLES / role)
        typed = {**options, **SERVICES}
        values = self._of_role(role, typed)
        if found := list(spec.inputs(values, typed, self._origin)):
            return found
        own = {key: value for key, value in options_of(ROLES / role).items() if key not in SERVICES}
        given = plain({key: values[key] for key in own if key in values})
        checked = ArgumentSpecValidator(own).validate(given, validate_role_argument_spec=True)
        return [*checked.error_messages, *misspelt.misspelt(role, self._given, options)]

    def nearly(self) -> list[str]:
        """Return an error for each variable that is similar to an input of the inventory."""
        known = every_input()
        roles = [role.name for role in ROLES.iterdir()]
        return [*misspelt.collection_wide(self._given, known), *misspelt.nearly(self._given, known, roles)]

    def wrong_conditions(self, services: t.Iterable[Data]) -> list[str]:
        """Return the errors in the conditions of the smoke requests of I(services), which a run evaluates last."""
        return [
            f"Service '{service['name']}': smoke.that '{text}' {sentence}"
            for service in services
            for text in (service.get("smoke") or {}).get("that") or []
            for sentence in conditions.wrong(text, self._given)
        ]

    def missing(self) -> list[str]:
        """Return an error if the inventory lacks a variable that every platform needs."""
        sources = [Path(source) for source in self._given.get("ansible_inventory_sources") or []]
        inside = [str(path) for source in sources for path in _inventories_in(source)]
        return common.missing(self._given, str(self._given.get("inventory_hostname")), inside)

    def wrong_common(self) -> list[str]:
        """Return the errors in the collection-wide variables."""
        given = self.templated(common.OPTIONS, self._given)
        if found := common.problems(given, self._origin):
            return found
        return common.derived_problems(self.templated(common.DERIVED, self._given), self._origin)

    def wrong_types(self, role: Path) -> list[str]:
        """Return an error for each of a role's inputs that is not of the type in its argument spec."""
        options = {**inputs_of(role), **SERVICES}
        return list(spec.inputs(self.templated(options, self._given), options, self._origin))

    def templated(self, options: t.Iterable[str], variables: Data) -> dict[str, t.Any]:
        """Return the templated values of those of the I(variables) that are I(options)."""
        templar = self._templar.copy_with_new_env(available_variables=variables)
        return {key: _templated(templar, key, variables[key]) for key in options if key in variables}


def _templated(templar: Templar, name: str, value: t.Any) -> t.Any:
    """Return a variable's templated value; raises AnsibleActionFail if it refers to an undefined one."""
    try:
        return templar.template(value)
    except AnsibleUndefinedVariable as error:
        if name.startswith("__"):
            raise
        said = str(error.message).rstrip(".")
        raise AnsibleActionFail(
            f"{name}: {said}. Define that variable in the inventory, or correct what refers to it."
        ) from None


def _inventories_in(folder: Path) -> list[Path]:
    """Return the inventories in I(folder), which have group variables."""
    if not folder.is_dir() or (folder / "group_vars").is_dir():
        return []
    return sorted(path.parent for path in folder.glob("*/group_vars"))


def problems(layers: t.Iterable[Asked]) -> list[str]:
    """Return the errors in the inputs of the layers whose desired state is present."""
    present = [layer for layer in layers if layer.is_present]
    checked = [(layer.kind, layer.inputs) for layer in present if layer.kind != platform.SERVICES]
    if with_services := [layer.inputs for layer in present if layer.kind == platform.SERVICES]:
        every = [service for inputs in with_services for service in inputs["services"]]
        checked.append(("service", {**with_services[0], "services": every}))
    return [sentence for kind, inputs in checked for sentence in wrong(kind, inputs)]
