# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Corrections patch MiniStack, and report if they can't."""

from __future__ import annotations

import types
from importlib.metadata import version

import pytest

from local_aws import MINISTACK_VERSION
from local_aws.corrections import CORRECTIONS, CorrectionError
from local_aws.corrections._patch import instead, replace, then, unless


def module() -> types.ModuleType:
    made = types.ModuleType("ministack.services.made_up")
    made.greet = lambda name: f"hello {name}"  # type: ignore[attr-defined]
    made._TABLE = {"Greet": made.greet, "Other": print}  # type: ignore[attr-defined]
    return made


def test_a_function_is_replaced_in_the_tables_too() -> None:
    made = module()
    replace(made, "greet", instead(lambda name: f"bye {name}"))
    assert made.greet("a") == made._TABLE["Greet"]("a") == "bye a"
    assert made._TABLE["Other"] is print


def test_a_missing_function_is_named_with_the_version_to_install() -> None:
    with pytest.raises(CorrectionError, match=rf"no function 'gone'.*Install ministack=={MINISTACK_VERSION}\."):
        replace(module(), "gone", instead(print))


def test_unless_refused_the_original_answers() -> None:
    made = module()
    replace(made, "greet", unless(lambda name: "no" if name == "b" else None))
    assert (made.greet("a"), made.greet("b")) == ("hello a", "no")


def test_then_runs_after_the_original() -> None:
    order: list[str] = []
    then(lambda: order.append("after"))(lambda: order.append("original"))()
    assert order == ["original", "after"]


def test_the_installed_release_is_the_one_that_is_corrected() -> None:
    assert version("ministack") == MINISTACK_VERSION


def test_each_correction_has_a_name_of_its_own_and_its_evidence() -> None:
    names = [correction.name for correction in CORRECTIONS]
    assert len(names) == len(set(names))
    # Smithy is AWS's own description of its protocols
    words_of_aws = ("https://docs.aws.amazon.com/", "https://smithy.io/2.0/aws/", "botocore model")
    assert [c.name for c in CORRECTIONS if not c.evidence.startswith(words_of_aws)] == []
