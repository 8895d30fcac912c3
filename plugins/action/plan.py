# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans layers of a platform from the roles' inputs and the current state in AWS, and shows the plan.

Runs on the controller, and so does M(magiclub.fargate.platform_info), which reads AWS, if possible.
"""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.tone import DOUBT
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, wait_until
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import identity, platform, prune
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push import layer as ecr_push
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.model import Asked, Place, place_of
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.pruned import LAYER as PRUNED
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import layer as vpc
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, graph, render
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import as_fact, of_this_run, with_layer
from ansible_collections.magiclub.fargate.plugins.plugin_utils import connection, show
from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import InWorker
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import LAYERS, Inputs, chosen, problems

Result = dict[str, t.Any]
Reads = dict[Place, Result]
Made = tuple[platform.Plan, list[Asked], Reads]
"""A plan, the layers with their inputs, and the results of reading them."""
READ = "magiclub.fargate.platform_info"
NOTHING = (
    "No layer is chosen: --tags and --skip-tags leave none, or just services of which there are none."
    " Nothing was done. Choose a layer, give fargate_services a service, or set fargate_lotto to true."
)
PLAN, AGAIN, PROVE, LOOKUP = "plan", "again", "prove", "lookup"
READ_AGAIN_FOR = 30
"""Seconds to re-read changed resources, as AWS may still return their previous state.

https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
"""


class ReadError(Exception):
    """The reading module has failed with C(result)."""

    def __init__(self, result: Result) -> None:
        super().__init__(str(result.get("msg")))
        self.result = result


class ActionModule(InWorker):
    def act(self, variables: dict[str, t.Any]) -> Result:
        _result, args = self.validate_argument_spec(
            {
                "layers": {"type": "list", "elements": "str", "choices": list(LAYERS), "required": True},
                "mode": {"type": "str", "choices": [PLAN, AGAIN, PROVE, LOOKUP], "default": PLAN},
                "by_tags": {"type": "bool", "default": False},
                "rename": {"type": "bool", "default": False},
                "plan_id": {"type": "str", "default": ""},
                "unasked": {"type": "bool", "default": False},
                "prune": {"type": "bool", "default": False},
                "pruned": {"type": "list", "elements": "dict", "default": []},
                "except_names": {"type": "list", "elements": "str", "default": []},
                **connection.SPEC,
            }
        )
        self._connects_by = connection.given(args)
        names = args["layers"]
        if args["by_tags"]:
            names = chosen(names, variables["ansible_run_tags"], variables["ansible_skip_tags"])
        try:
            return self._plan(args, names, variables)
        except ReadError as error:
            return {"failed": True, **error.result}
        except ValueError as error:
            raise AnsibleActionFail(printable.message(str(error))) from error

    def _plan(self, args: Result, names: list[str], variables: dict[str, t.Any]) -> Result:
        mode = args["mode"]
        if mode == LOOKUP:
            facts, sentences = platform.lookup(*self._looked(names, variables))
            self._refuse(sentences)
            return {"changed": False, "facts": facts, "_ansible_verbose_override": True}
        plan, layers, reads = (self._proven if mode == PROVE else self._made)(args, names, variables)
        result = self._result(plan, layers, reads, names)
        if mode == PLAN:
            refused = [*plan.refused, *self._dependents(plan, layers, variables)]
            read = prune.read(reads)
            lines, further = prune.told(read, args["prune"], refused)
            self._refuse([*refused, *further])
            result |= prune.result(plan, read, args["prune"])
            return self._shown(args, plan, result, lines, variables)
        return result

    def _looked(self, names: list[str], variables: dict[str, t.Any]) -> tuple[list[Asked], Reads]:
        layers = self._asked(Inputs(self._templar, self._loader, variables), names)
        return layers, self._read(platform.lookups(layers), variables)

    def _made(self, args: Result, names: list[str], variables: dict[str, t.Any]) -> Made:
        """Return the plan, the layers with their inputs, and the results of reading them."""
        inputs = Inputs(self._templar, self._loader, variables)
        first = args["mode"] == PLAN
        names = inputs.of_platform(names) if args["by_tags"] else names
        self._refuse(inputs.wrong_options(names) if first else [])
        if args["prune"] and "services" not in names:
            self._refuse([prune.NOT_ASKED])
        layers = self._asked(inputs, [name for name in names if name != PRUNED])
        if args["by_tags"] and not layers and not args["prune"]:
            self._refuse([NOTHING])
        unplanned = self._unplanned_services(inputs, names) if first else []
        every = [*layers, *unplanned]
        self._refuse([*problems(every), *inputs.wrong_conditions(_present(every))] if first else [])
        pruned = [inputs.pruned(args["pruned"])] if args["pruned"] else []
        queries = platform.queries([*layers, *pruned])
        if args["unasked"] and "services" in names:
            self._query_unasked(args, inputs, [*layers, *unplanned], queries)
        reads = self._read(queries, variables)
        if args["prune"] and (gone := prune.services(prune.read(reads))):
            pruned = [inputs.pruned(gone)]
        layers = [*self._with_image(inputs, layers, reads), *pruned]
        rename = args["rename"] or args["mode"] != PLAN
        return platform.plan(layers, reads, variables, rename=rename), layers, reads

    def _proven(self, args: Result, names: list[str], variables: dict[str, t.Any]) -> Made:
        """Return C(_made) when nothing is left to do; raises AnsibleActionFail with the remaining differences."""

        def left(made: Made) -> list[str]:
            return platform.left(made[0], args["except_names"])

        try:
            return wait_until(
                lambda: self._made(args, names, variables),
                lambda made: not left(made),
                READ_AGAIN_FOR,
                clock=time.monotonic,
                sleep=time.sleep,
            )
        except WaitTimeoutError as error:
            self._refuse(left(error.last))
            raise

    def _query_unasked(
        self, args: Result, inputs: Inputs, layers: t.Sequence[Asked], queries: dict[Place, Result]
    ) -> None:
        """Add a query for resources that are in no inventory to I(queries)."""
        own = inputs.own_of_services
        place = place_of(own)
        named = [one["name"] for layer in layers if layer.kind == platform.SERVICES for one in layer.inputs["services"]]
        query = queries.setdefault(place, {})
        query.setdefault(platform.SERVICES, {"names": []})
        prefixes = {other.name_prefix for other in queries} | inputs.of_other_hosts("fargate_name_prefix")
        query["unasked"] = prune.query(
            place, own["tags"], named, prefixes, prune=args["prune"], repository=inputs.repository_of_lotto()
        )

    def _asked(self, inputs: Inputs, names: t.Iterable[str]) -> list[Asked]:
        asked, wrong = [], []
        for name in names:
            try:
                asked.append(inputs.asked(name))
            except ValueError as error:
                wrong.append(str(error))
        self._refuse(wrong)
        return [layer for layer in asked if layer.kind != platform.SERVICES or layer.inputs["services"]]

    def _unplanned_services(self, inputs: Inputs, names: t.Sequence[str]) -> list[Asked]:
        """Return the unplanned services, with which the planned ones must not collide."""
        pair = inputs.of_platform(("lotto_service", "services"))
        if not set(pair) & set(names):
            return []
        return self._asked(inputs, [name for name in pair if name not in names])

    def _with_image(self, inputs: Inputs, layers: list[Asked], reads: Reads) -> list[Asked]:
        """Return the layers with the image as read, in place of its placeholder."""

        pushed = next((layer.inputs for layer in layers if layer.kind == "ecr_push"), None)

        def with_image(layer: Asked) -> Asked:
            image = layer.inputs.get("image_inputs") or (
                pushed if layer.kind == platform.SERVICES and layer.is_present else None
            )
            if not image:
                return layer
            place = place_of(image)
            read = reads[place]["ecr_push"]
            if read["wrong"]:
                return layer
            known = ecr_push.info(place, read["resources"], read, image)
            return inputs.asked(layer.name, known)

        return [with_image(layer) for layer in layers]

    def _read(self, queries: t.Mapping[Place, Result], variables: dict[str, t.Any]) -> Reads:
        return {place: self._read_place(place, query, variables) for place, query in queries.items()}

    def _read_place(self, place: Place, query: Result, variables: dict[str, t.Any]) -> Result:
        arguments = {**self._connects_by, "name_prefix": place.name_prefix, "region": place.region, **query}
        if place.endpoint_url:
            arguments["endpoint_url"] = place.endpoint_url
        found: Result = self._execute_module(module_name=READ, module_args=arguments, task_vars=variables)
        if found.get("failed"):
            raise ReadError(found)
        return found

    def _dependents(self, plan: platform.Plan, layers: t.Sequence[Asked], variables: dict[str, t.Any]) -> list[str]:
        """Return messages about resources that would prevent the removal of the network."""
        layer = next((one for one in layers if one.kind == "vpc"), None)
        of = vpc.removed_ids(plan.changes.get("vpc", [])) if layer else []
        if not of or not layer:
            return []
        try:
            found = self._read_place(layer.place, {"vpc": {"holders_of": of}}, variables)
        except ReadError:
            # a plan may be made without this permission
            if self._task.check_mode:
                return []
            raise
        every = [change for changes in plan.changes.values() for change in changes]
        return vpc.held(layer.inputs, found["vpc"]["holders"], every)

    def _refuse(self, sentences: t.Sequence[str]) -> None:
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))

    def _result(
        self,
        plan: platform.Plan,
        layers: t.Sequence[Asked],
        reads: Reads,
        names: t.Sequence[str],
    ) -> Result:
        check = self._task.check_mode
        return {
            "changed": False,
            "layers": {
                name: {
                    "changes": changes,
                    "carry_out": bool(changes) and not check,
                    **compare.count(changes),
                    # services' values include their environment
                    "desired": [] if name not in platform.KINDS else plan.parts[name].desired,
                }
                for name, changes in plan.changes.items()
            },
            "carry_out": {name: bool(plan.changes.get(name)) and not check for name in LAYERS},
            "to_do": any(plan.changes.values()) and not check,
            "names": list(names),
            "facts": plan.facts,
            "reads": {layer.kind: reads[layer.place][layer.kind] for layer in layers if layer.kind in platform.KINDS},
            "graph": graph.graph({name: part.desired for name, part in plan.parts.items()}, plan.changes),
            "ready": all(fact.get("ready", True) for fact in plan.facts.values()),
            "_ansible_verbose_override": True,
        }

    def _shown(
        self, args: Result, plan: platform.Plan, result: Result, lines: t.Sequence[str], variables: dict[str, t.Any]
    ) -> Result:
        check = self._task.check_mode
        changes = [change for some in plan.changes.values() for change in some]
        if not (check and self._task.diff):
            for change in changes:
                line = printable.one_line(render.change_line(change))
                show.line(self._display, f"  {line}", variables, change["action"])
        for sentence in plan.warnings:
            show.line(self._display, f"  ! {printable.one_line(sentence)}", variables, DOUBT)
        for sentence in lines:
            show.line(self._display, f"  ? {printable.one_line(sentence)}", variables, DOUBT)
        # destroy.yml shows the totals by layer
        if not check and any(change["action"] != "remove" for change in changes):
            show.line(self._display, f"Plan: {render.totals(changes)}.", variables)
        if args["plan_id"]:
            artifact = show.artifact_of(variables.get("fargate_plan"), str(variables.get("inventory_hostname")))
            revision = variables.get("awx_project_revision")
            self._refuse(identity.stale(args["plan_id"], plan.id, list(plan.changes), artifact, revision))
        # the plan of a whole platform starts a new run, as a playbook may import several
        label = show.host_label(variables)
        title = f"{label.rstrip()}\n" if label else ""
        run = None if args["by_tags"] else of_this_run(variables, self._task._uuid)
        for name, some in plan.changes.items():
            run = with_layer(run, name, some, check=check, now=time.time())
        if run:
            run["unasked"] = result["unasked"]
        return {
            **result,
            "changed": check and bool(changes),
            "msg": render.totals(changes) if changes else "no change",
            "plan_id": plan.id,
            "warned": plan.warnings,
            "diff": [{"prepared": f"{title}{render.plan_text(changes)}"}] if check and changes else [],
            "ansible_facts": as_fact(run, self._task._uuid) if run else {},
            **compare.count(changes),
        }


def _present(layers: t.Iterable[Asked]) -> list[Result]:
    """Return the services of these layers whose state is present."""
    return [
        service
        for layer in layers
        if layer.kind == platform.SERVICES and layer.is_present
        for service in layer.inputs["services"]
    ]
