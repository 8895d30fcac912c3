#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: plan
version_added: 1.0.0
short_description: Plan layers of a platform before anything is written
description:
  - Compares the inputs of the roles of these layers with what M(magiclub.fargate.platform_info) reads of all of them
    in one process. All errors are reported together, those of inputs before anything is read.
  - In check mode it reports C(changed) if something is to be done, with a diff like Terraform's plan.
    In a run it prints a line for each change that the tasks after it make.
  - A role uses it to plan its own layer, unless a play gives it the plan of several layers in the variable
    C(fargate_planned).
  - It writes nothing. Plans are made in the controller, and kept in the fact C(fargate_run) for
    M(magiclub.fargate.summary).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  layers:
    description:
      - The layers to plan, in the order in which they are shown. Layers below that are not among them are read, and have to be
        there.
      - V(fargate_service) are the services of C(fargate_service_services), V(services) those of C(fargate_services).
      - V(prune) are the services of O(pruned). It is for the modes V(again) and V(prove); a plan has it by O(prune).
    type: list
    elements: str
    choices: [vpc, alb, ecs_cluster, ecr_push, lotto_service, services, fargate_service, prune]
    required: true
  mode:
    description:
      - V(plan) refuses, shows and keeps the plan. V(again) reads and compares again, shows nothing and refuses nothing.
      - V(prove) fails if anything is left to be done, with a sentence for each resource and field.
      - V(lookup) reads the layers and compares nothing.
    type: str
    choices: [plan, again, prove, lookup]
    default: plan
  by_tags:
    description: Whether to leave out the layers that C(--tags) and C(--skip-tags) leave out.
    type: bool
    default: false
  plan_id:
    description:
      - The RV(plan_id) of the plan to carry out. The task fails if its own plan is another one, and says what is different.
      - The artifact C(fargate_plan) of the run that showed it, which AWX hands on in a workflow, lets it name each line.
        It also has the revision of the project that was planned; a job that runs another one is refused.
    type: str
    default: ""
  rename:
    description: Whether resources with another C(Project) or C(Environment) are this platform's, and get its tags.
    type: bool
    default: false
  unasked:
    description:
      - Whether to tell what has the platform's C(ManagedBy), C(Project) and C(Environment), and is in no layer and no service of
        the inventory, with what removes it. It is told if V(services) are planned.
    type: bool
    default: false
  prune:
    description:
      - Whether the services that are not in the inventory are removed, by a further layer V(prune) of the plan. Needs O(unasked).
      - A service of which something has other tags is refused.
    type: bool
    default: false
  pruned:
    description: Definitions of the services that went in this run, to read them again.
    type: list
    elements: dict
    default: []
  except_names:
    description: Names of resources that V(prove) leaves out, as what is left of them is known and told.
    type: list
    elements: str
    default: []
notes:
  - How it connects is for M(magiclub.fargate.platform_info), which reads. Region, and the endpoint if there is one, are those of the
    layers' inputs.
  - Fails if an input is wrong, AWS would refuse a value or can't change a field, what is found has the tags of another
    platform, or something that the layers need is not there.
seealso:
  - module: magiclub.fargate.platform_info
  - module: magiclub.fargate.summary
attributes:
  check_mode:
    description: Changes nothing, ever; says in check mode what a run would change.
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
- name: Plan network and load balancer
  magiclub.fargate.plan:
    layers: [vpc, alb]
  register: both

- name: Say where the load balancer is, or is going to be
  ansible.builtin.debug:
    var: both.facts.alb_info.load_balancer.name
"""

RETURN = r"""
layers:
  description:
    - By name of each layer, its I(changes), each with I(action) (C(add), C(change), C(remove)), I(type), I(name), I(id),
      I(fields) and I(values), and how many they are by action.
    - I(carry_out) tells whether a role has anything to do. I(desired) are the resources to have; not of services, whose
      environment may hold secrets.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": {"changes": [], "carry_out": false, "add": 0, "change": 0, "remove": 0, "desired": []}}
facts:
  description:
    - C(vpc_info), C(alb_info), C(ecs_cluster_info), C(ecr_push_info) and C(fargate_service_info) as far as they were read,
      as the run will leave them. An id is null if a resource is only planned.
  returned: success
  type: dict
  sample: {"vpc_info": {"name_prefix": "magiclub-an2p", "exists": true}}
reads:
  description: What M(magiclub.fargate.platform_info) returned of each layer.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": {"resources": [], "zones": {"apne2-az1": "ap-northeast-2a"}}}
carry_out:
  description: Whether each layer has anything to do.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"vpc": true, "alb": false}
to_do:
  description: Whether any layer has. Never in check mode.
  returned: if I(mode) is not C(lookup)
  type: bool
  sample: true
ready:
  description: Whether all that was read is usable already.
  returned: if I(mode) is not C(lookup)
  type: bool
  sample: true
names:
  description: The layers that were chosen.
  returned: if I(mode) is not C(lookup)
  type: list
  elements: str
  sample: [vpc, alb]
graph:
  description:
    - What depends on what, by name - I(nodes), each with I(id), I(type), I(name), I(layer) and I(action), and I(edges), pairs of ids of
      which the first needs the second. What follows from other edges is left out.
  returned: if I(mode) is not C(lookup)
  type: dict
  sample: {"nodes": [{"id": "n0", "type": "vpc", "name": "magiclub-an2p-vpc", "layer": "vpc", "action": "add"}], "edges": []}
unasked:
  description:
    - What is no longer in the inventory, each with I(kind) (C(service), C(platform) for another name prefix, C(resource), or
      C(former), of a service that has one of another name now), I(name),
      I(resources) and I(remove), which says what removes it.
  returned: if I(mode) is C(plan)
  type: list
  elements: dict
  sample: [{"kind": "service", "name": "shop", "resources": [], "remove": "-e prune=true removes it"}]
pruned:
  description: I(services) that go by O(prune), as the role fargate_service takes them, and C(fargate_service_info) of them in I(info).
  returned: if I(mode) is C(plan)
  type: dict
  sample: {"services": [{"name": "shop", "image": "none", "names": {}}], "info": {}}
plan_id:
  description: What O(plan_id) takes to bind another run to this plan.
  returned: if I(mode) is C(plan)
  type: str
  sample: 3f2a9c1e.-.-.77d0b1aa.0c9e4d52
msg:
  description: The totals.
  returned: if I(mode) is C(plan)
  type: str
  sample: 31 to add, 0 to change, 0 to remove
warned:
  description: What is worth a look before the plan is carried out.
  returned: if I(mode) is C(plan)
  type: list
  elements: str
  sample: []
add:
  description: How many resources are to be added; C(change) and C(remove) likewise.
  returned: if I(mode) is C(plan)
  type: int
  sample: 31
"""
