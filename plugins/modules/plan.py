#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: plan
version_added: 1.0.0
short_description: Plan the changes of a platform's layers
description:
  - Compares the inputs of the layers' roles with the current resources, which M(magiclub.fargate.platform_info) reads for all
    layers in one process. All errors are reported together, those of the inputs before anything is read.
  - In check mode, reports C(changed) if there are changes, with a diff like Terraform's plan. Otherwise prints a line for
    each change that later tasks make.
  - A role uses it to plan its own layer, unless the play provides the plan of several layers in the variable
    C(fargate_planned).
  - Writes nothing to AWS. Plans are computed on the controller, and kept in the fact C(fargate_run) for
    M(magiclub.fargate.summary).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  layers:
    description:
      - The layers to plan, in the order in which they are shown. Other layers that these depend on are read, and have to exist.
      - V(fargate_service) means the services in C(fargate_service_services), V(services) those in C(fargate_services).
      - V(prune) means the services in O(pruned), for the modes V(again) and V(prove). In a plan, use O(prune).
    type: list
    elements: str
    choices: [vpc, alb, ecs_cluster, ecr_push, lotto_service, services, fargate_service, prune]
    required: true
  mode:
    description:
      - V(plan) validates, shows and keeps the plan. V(again) reads and compares again, without validation and output.
      - V(prove) fails if any change is left, with one message for each resource and field.
      - V(lookup) reads the layers without a comparison.
    type: str
    choices: [plan, again, prove, lookup]
    default: plan
  by_tags:
    description: Whether to skip the layers that C(--tags) and C(--skip-tags) exclude.
    type: bool
    default: false
  plan_id:
    description:
      - The RV(plan_id) of an approved plan. The task fails if its own plan differs, with the differences.
      - With the artifact C(fargate_plan) of the run that showed the plan, which AWX passes on in a workflow, the error lists
        each differing line. The artifact also has the revision of the planned project. A job of another revision fails.
    type: str
    default: ""
  rename:
    description: Whether resources with another C(Project) or C(Environment) belong to this platform, and get its tags.
    type: bool
    default: false
  unasked:
    description:
      - Whether to report resources that have the platform's C(ManagedBy), C(Project) and C(Environment) but are in no layer or
        service of the inventory, and how to remove them. They are reported if V(services) are planned.
    type: bool
    default: false
  prune:
    description:
      - Whether to remove services that are not in the inventory, as an additional layer V(prune) of the plan. Needs O(unasked).
      - A service with resources that have other tags is an error.
    type: bool
    default: false
  pruned:
    description: Definitions of the services that this run has removed, to read them again.
    type: list
    elements: dict
    default: []
  except_names:
    description: Names of resources that V(prove) ignores, as their remaining changes are reported elsewhere.
    type: list
    elements: str
    default: []
notes:
  - Connection options are for M(magiclub.fargate.platform_info), which reads AWS. Region and endpoint are those of the layers'
    inputs.
  - Fails if an input is invalid, AWS would refuse a value or can't change a field, resources have the tags of another
    platform, or a dependency does not exist.
seealso:
  - module: magiclub.fargate.platform_info
  - module: magiclub.fargate.summary
attributes:
  check_mode:
    description: Never changes anything. In check mode, reports what would change.
    support: full
  diff_mode:
    description: Shows each change field by field.
    support: full
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
"""

EXAMPLES = r"""
- name: Plan the network and the load balancer
  magiclub.fargate.plan:
    layers: [vpc, alb]
  register: both

- name: Show the name of the existing or planned load balancer
  ansible.builtin.debug:
    var: both.facts.alb_info.load_balancer.name
"""

RETURN = r"""
layers:
  description:
    - The layers by name, each with its I(changes), which have I(action) (C(add), C(change), C(remove)), I(type), I(name), I(id),
      I(fields) and I(values), and their numbers by action.
    - I(carry_out) is whether the role has anything to do. I(desired) are the desired resources, except for services, whose
      environment may contain secrets.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": {"changes": [], "carry_out": false, "add": 0, "change": 0, "remove": 0, "desired": []}}
facts:
  description:
    - C(vpc_info), C(alb_info), C(ecs_cluster_info), C(ecr_push_info) and C(fargate_service_info) of the layers that were read, as
      they will be after the run. The id of a resource is null if it is only planned.
  returned: success
  type: dict
  sample: {"vpc_info": {"name_prefix": "magiclub-an2p", "exists": true}}
reads:
  description: The results of M(magiclub.fargate.platform_info) by layer.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": {"resources": [], "zones": {"apne2-az1": "ap-northeast-2a"}}}
carry_out:
  description: Whether each layer has changes to carry out.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": true, "alb": false}
to_do:
  description: Whether any layer has changes to carry out. False in check mode.
  returned: if I(mode) is not C(lookup)
  type: bool
  sample: true
ready:
  description: Whether all resources that were read are ready for use.
  returned: if I(mode) is not C(lookup)
  type: bool
  sample: true
names:
  description: The selected layers.
  returned: if I(mode) is not C(lookup)
  type: list
  elements: str
  sample: [vpc, alb]
graph:
  description:
    - The dependency graph, with I(nodes), each with I(id), I(type), I(name), I(layer) and I(action), and I(edges), pairs of ids of which
      the first depends on the second. Edges that follow from others are left out.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"nodes": [{"id": "n0", "type": "vpc", "name": "magiclub-an2p-vpc", "layer": "vpc", "action": "add"}], "edges": []}
unasked:
  description:
    - What is no longer in the inventory, each with I(kind) (C(service), C(platform) for another name prefix, C(resource), or
      C(former) for a resource that its service has replaced by one with another name), I(name), I(resources) and I(remove), which
      is how to remove it.
  returned: if I(mode) is C(plan)
  type: list
  elements: dict
  sample: [{"kind": "service", "name": "shop", "resources": [], "remove": "-e prune=true removes it"}]
pruned:
  description: The I(services) that O(prune) removes, as input of the role fargate_service, and their C(fargate_service_info) in I(info).
  returned: if I(mode) is C(plan)
  type: dict
  sample: {"services": [{"name": "shop", "image": "none", "names": {}}], "info": {}}
plan_id:
  description: Value for O(plan_id) to bind another run to this plan.
  returned: if I(mode) is C(plan)
  type: str
  sample: 3f2a9c1e.-.-.77d0b1aa.0c9e4d52
msg:
  description: The numbers of changes.
  returned: if I(mode) is C(plan)
  type: str
  sample: 31 to add, 0 to change, 0 to remove
warned:
  description: Warnings to check before the plan is carried out.
  returned: if I(mode) is C(plan)
  type: list
  elements: str
  sample: []
add:
  description: Number of resources to add. C(change) and C(remove) likewise.
  returned: if I(mode) is C(plan)
  type: int
  sample: 31
"""
