# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inputs of roles as a plan of several layers needs them: their defaults and variables, without running a role."""

from __future__ import annotations

import datetime
import functools
import typing as t
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._layers import platform, prune
from ..module_utils._layers.inputs import misspelt as names
from ..module_utils._layers.inputs.checks import wrong
from ..module_utils._layers.inputs.texts import texts
from ..module_utils._layers.model import Asked
from ..module_utils._layers.services import inputs as services

if t.TYPE_CHECKING:
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

Data = t.Mapping[str, t.Any]

ROLES = Path(__file__).resolve().parents[2] / "roles"
LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service", "services", "fargate_service", prune.LAYER)
BESIDE: dict[str, dict[str, t.Any]] = {
    "fargate_lotto": {"type": "bool"},
    "fargate_services": {"type": "list", "elements": "dict"},
}
"""What no role has as an option of its own, and a plan reads."""
TAGS_OF_ALL = frozenset({"all", "tagged"})


def chosen(layers: t.Iterable[str], run_tags: t.Collection[str], skip_tags: t.Collection[str]) -> list[str]:
    """Return the layers that C(--tags) and C(--skip-tags) choose, as Ansible does for tasks with their names."""
    wanted, left_out = set(run_tags), set(skip_tags)
    if left_out & TAGS_OF_ALL:
        return []
    return [name for name in layers if (name in wanted or wanted & TAGS_OF_ALL) and name not in left_out]


def options_of(role: Path, door: str = "main") -> dict[str, t.Any]:
    """Return the options of a role's entry point, of its argument spec; none for what has no argument spec."""
    return (_specs(role).get(door) or {}).get("options") or {}


def inputs_of(*roles: Path) -> dict[str, t.Any]:
    """Return the options of all entry points of these roles by name."""
    return {name: one for role in roles for door in _specs(role) for name, one in options_of(role, door).items()}


@functools.cache
def _specs(role: Path) -> dict[str, t.Any]:
    file = role / "meta" / "argument_specs.yml"
    if not file.is_file():
        return {}
    # The filter from_yaml takes half a second for the longest, as it has no parser in C.
    return t.cast("dict[str, t.Any]", yaml_load(file.read_text(encoding="utf-8"))["argument_specs"])


def plain(value: t.Any) -> t.Any:
    """Return I(value) without lazy containers, which hold all variables: it is copied deeply, and kept.

    A date is text, as the Version of a policy is that YAML takes for one.
    """
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, t.Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


class Inputs:
    """The inputs of layers by the variables of a host."""

    def __init__(self, templar: Templar, loader: DataLoader, variables: Data) -> None:
        self._templar, self._loader, self._variables = templar, loader, variables

    def of(self, role: str, name: str, **more: t.Any) -> t.Any:
        """Return a variable as it is inside of a role, with I(more) variables."""
        known = {**self._own(role), **self._variables, **more}
        return plain(self._templar.copy_with_new_env(available_variables=known).template(known[name]))

    def _own(self, role: str) -> dict[str, t.Any]:
        """Return a role's defaults and variables, which Ansible's loader reads once."""
        found: dict[str, t.Any] = {}
        for folder in ("defaults", "vars"):
            path = ROLES / role / folder / "main.yml"
            found |= self._loader.load_from_file(str(path), trusted_as_template=True) or {}
        return found

    @property
    def has_lotto(self) -> bool:
        """Return whether lotto, the example, is asked for: C(fargate_lotto), true by default."""
        return bool(boolean(self._wide("fargate_lotto", True), strict=False))

    def is_asked_for(self, layer: Asked) -> bool:
        """Return whether a layer asks for anything: services for one, and without lotto an image for one to run."""
        if layer.kind == platform.SERVICES:
            return bool(layer.inputs["services"])
        if layer.kind == "ecr_push" and layer.is_present and not self.has_lotto:
            return bool(layer.inputs["build"] or layer.inputs["image"])
        return True

    def asked(self, name: str, read_image: Data | None = None) -> Asked:
        """Return a layer with its inputs; I(read_image) is C(ecr_push_info), once it is read.

        Raises ValueError with a sentence for each option of a service that is unknown, missing or wrong.
        """
        if name in platform.KINDS:
            return Asked(name, name, {**self.of(name, f"__{name}_inputs"), "below": {}})
        return self._services(name, read_image)

    def pruned(self, names_of_services: t.Iterable[str]) -> Asked:
        """Return the layer of services that are to go."""
        return Asked(prune.LAYER, platform.SERVICES, self._layer(prune.services(names_of_services), "absent"))

    def _services(self, name: str, read_image: Data | None) -> Asked:
        more: dict[str, t.Any] = {"ecr_push_info": read_image} if read_image else {}
        image = None
        if name == "lotto_service":
            given = self.of("lotto_service", "__lotto_service_services", **more) if self.has_lotto else []
            state = self.of("lotto_service", "lotto_service_state")
            if state == "present" and not self.of("lotto_service", "lotto_service_image"):
                image = self.of("ecr_push", "__ecr_push_inputs")
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
            **self.own_of_services(),
            "state": state,
            "services": services.complete(given, spec),
            "image_inputs": image,
            "needs_image": bool(image) and self.of("lotto_service", "lotto_service_image_policy") == "managed",
            "below": {
                "alb": {"domain": self.of("alb", "alb_domain")},
                "ecs_cluster": {"used_namespaces": self.of("ecs_cluster", "__ecs_cluster_used_namespaces")},
                "ecr_push": image,
            },
        }

    def own_of_services(self) -> dict[str, t.Any]:
        """Return where services are, and their tags."""
        return t.cast("dict[str, t.Any]", self.of("fargate_service", "__fargate_service_own"))

    def of_other_hosts(self, name: str) -> set[str]:
        """Return what a variable is of the other hosts of the play, as far as it is defined."""
        own = self._variables.get("inventory_hostname")
        others = [host for host in self._variables.get("ansible_play_hosts_all") or [] if host != own]
        found = (self._variables["hostvars"][host].get(name) for host in others)
        return {str(one) for one in found if one}

    def _wide(self, name: str, default: t.Any, **more: t.Any) -> t.Any:
        """Return a collection-wide variable."""
        known = {name: default, **self._variables, **more}
        return plain(self._templar.copy_with_new_env(available_variables=known).template(known[name]))

    def wrong_options(self, layers: t.Iterable[str]) -> list[str]:
        """Return what is wrong with the options of these layers' roles by themselves: their types, their names."""
        checked = [name for name in layers if name != "lotto_service" or self.has_lotto]
        roles = dict.fromkeys(name if (ROLES / name).is_dir() else "fargate_service" for name in checked)
        return [
            *names.collection_wide(self._variables),
            *_wrong_types(
                {"fargate_lotto": BESIDE["fargate_lotto"]}, {"fargate_lotto": self._wide("fargate_lotto", True)}
            ),
            *(sentence for role in roles for sentence in self._wrong_options(role)),
        ]

    def _wrong_options(self, role: str) -> list[str]:
        options = inputs_of(ROLES / role)
        variables = {**self._own(role), **self._variables}
        templar = self._templar.copy_with_new_env(available_variables=variables)
        if found := texts(variables, {**options, **BESIDE}, templar.template):
            return found
        # services have sentences of their own
        spec = {key: value for key, value in options_of(ROLES / role).items() if key != "fargate_service_services"}
        given = {key: plain(templar.template(variables[key])) for key in spec if key in variables}
        return [*_wrong_types(spec, given), *names.misspelt(role, self._variables, options)]


def _wrong_types(spec: Data, given: Data) -> list[str]:
    checked = ArgumentSpecValidator(dict(spec)).validate(dict(given), validate_role_argument_spec=True)
    return t.cast("list[str]", checked.error_messages)


def problems(layers: t.Iterable[Asked]) -> list[str]:
    """Return what AWS or we would refuse of the inputs of the layers that are to be present, a sentence each."""
    present = [layer for layer in layers if layer.is_present]
    checked = [(layer.kind, layer.inputs) for layer in present if layer.kind != platform.SERVICES]
    if beside := [layer.inputs for layer in present if layer.kind == platform.SERVICES]:
        every = [service for inputs in beside for service in inputs["services"]]
        checked.append(("service", {**beside[0], "services": every}))
    return [sentence for kind, inputs in checked for sentence in wrong(kind, inputs)]
