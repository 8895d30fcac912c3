# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the inputs of the role ecr_push."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..._aws import region as regions
from ..._aws.refused import RefusedError
from ..._resources.ecr import buildkit, decide, options
from ..inputs import spec

Inputs = t.Mapping[str, t.Any]


def ecr_push(inputs: Inputs) -> list[str]:
    """Return the problems with the inputs of the role ecr_push."""
    return [
        *regions.problems(inputs["region"]),
        *_source(inputs["build"], inputs["image"]),
        *([] if inputs["image"] else decide.repository_problems(dict(inputs["repository"]))),
        *([] if inputs["image"] else _lifecycle(inputs["repository"].get("lifecycle_policy"))),
    ]


# https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
ACTIONS = ("expire", "transition")
TAG_STATUS = ("tagged", "untagged", "any")
TAG_LISTS = ("tagPatternList", "tagPrefixList")


def _lifecycle(policy: t.Any) -> t.Iterator[str]:
    rules = policy.get("rules") if isinstance(policy, t.Mapping) else None
    known = [rule if isinstance(rule, t.Mapping) else {} for rule in rules] if isinstance(rules, list) else []
    highest = max((str(rule.get("rulePriority")) for rule in known), key=lambda one: (len(one), one), default="")
    for number, rule in enumerate(known, 1):
        for sentence in _rule(rule, str(rule.get("rulePriority")) == highest):
            yield f"ecr_push_repository.lifecycle_policy: rule {number} has {sentence} Change it."


def _rule(rule: Inputs, last: bool) -> t.Iterator[str]:
    action = rule.get("action")
    kind = action.get("type") if isinstance(action, t.Mapping) else None
    if kind not in ACTIONS:
        yield f"action {action!r}. ECR takes {{'type': …}} with one of {', '.join(ACTIONS)}."
    selection = rule.get("selection")
    if not isinstance(selection, t.Mapping) or selection.get("tagStatus") not in TAG_STATUS:
        yield f"selection {selection!r}. ECR takes {{'tagStatus': …}} with one of {', '.join(TAG_STATUS)}."
        return
    status, count = selection["tagStatus"], selection.get("countNumber")
    lists = [key for key in TAG_LISTS if selection.get(key)]
    if len(lists) != (status == "tagged"):
        yield f"tagStatus {status} and {' and '.join(lists) or 'no tags'}. Only tagged takes {' or '.join(TAG_LISTS)}."
    if status == "any" and not last:
        yield "tagStatus any, which goes with the highest rulePriority."
    if not str(count).isdecimal() or int(str(count)) < 1:
        yield f"countNumber {count}. ECR takes 1 or more."
    if str(selection.get("countType")).startswith("since") != (selection.get("countUnit") == "days"):
        yield "countUnit days without a countType since…, or such a countType without it."


def _source(build: Inputs, image: str) -> t.Iterator[str]:
    if image:
        yield from _reference(image)
        return
    if not build:
        yield "ecr_push_build and ecr_push_image: neither is set. Set one: what to build, or which image to take."
        return
    if not build.get("path"):
        yield "ecr_push_build has no path. Set it to the folder that is the build context."
        return
    if wrong := list(spec.problems(build, options.BUILD, "ecr_push_build.", known=True)):
        yield from wrong
        return
    if build.get("platform", "linux/amd64") not in decide.BUILT_FOR:
        yield (
            f"ecr_push_build.platform: '{build['platform']}' does not run on Fargate."
            f" Set one of {' or '.join(decide.BUILT_FOR)}."
        )
        return
    yield from buildkit.secret_problems(map(str, build.get("secrets") or {}))
    checked = ArgumentSpecValidator({"ecr_push_build": options.IMAGE["build"]}).validate({"ecr_push_build": build})
    yield from checked.error_messages


def _reference(image: str) -> t.Iterator[str]:
    try:
        decide.parse_reference(image)
    except RefusedError as error:
        yield f"ecr_push_image: {error}"
