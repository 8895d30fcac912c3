# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mistake of ours in a filter is told as one, without a value; what is refused, or undefined, is told as it is."""

from __future__ import annotations

import importlib

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.filter import names
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run, told
from jinja2.exceptions import UndefinedError

from tests.support.cloud import ROOT

FILES = sorted(path.stem for path in (ROOT / "plugins" / "filter").glob("*.py"))


def of_file(name):
    found = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.filter.{name}")
    return found.FilterModule().filters()


@pytest.mark.parametrize("name", FILES)
def test_every_filter_tells_a_mistake_of_ours(name, monkeypatch):
    asked = []
    monkeypatch.setattr(told, "filters", lambda every: asked.append(every) or {})
    assert of_file(name) == {}
    assert asked[0]


def raising(error):
    def broken(_value):
        raise error

    return told.filters({"broken": broken})["broken"]


def test_the_value_is_not_told():
    with pytest.raises(AnsibleFilterError) as error:
        raising(KeyError("s3cret"))(1)
    assert "KeyError at " in error.value.message
    assert "s3cret" not in error.value.message
    # Ansible prints what an error was caused by
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


@pytest.mark.parametrize(
    "error", [AnsibleFilterError("No name prefix"), UndefinedError("no such variable"), OSError(2, "x")]
)
def test_what_ansible_tells_by_itself_stays(error):
    with pytest.raises(type(error)) as found:
        raising(error)(1)
    assert found.value is error


def test_a_filter_keeps_its_name_and_arguments():
    def service_names(service, name_prefix="a"):
        """Return names."""
        return [service, name_prefix]

    (one,) = told.filters({"service_names": service_names}).values()
    assert one("web", name_prefix="b") == ["web", "b"]
    assert (one.__name__, one.__doc__) == ("service_names", "Return names.")


def test_what_is_made_one_by_one_is_made_inside():
    def numbers(count):
        yield from range(count)
        raise KeyError("s3cret")

    with pytest.raises(AnsibleFilterError, match="KeyError"):
        told.filters({"numbers": numbers})["numbers"](2)


SENTENCE = "No name prefix: region 'x' is not an AWS region."


@pytest.mark.parametrize(
    ("message", "ours"),
    [
        (SENTENCE, SENTENCE),
        (f"Task failed: The filter plugin 'magiclub.fargate.name_prefix' failed: {SENTENCE}", SENTENCE),
        (
            "Task failed: Finalization of task args for 'ansible.builtin.debug' failed: Error while resolving value for"
            f" 'msg': The filter plugin 'magiclub.fargate.name_prefix' failed: {SENTENCE}\nMore.",
            f"{SENTENCE}\nMore.",
        ),
        (
            f"Task failed: The filter plugin 'ansible.builtin.mandatory' failed: {SENTENCE}",
            f"Task failed: The filter plugin 'ansible.builtin.mandatory' failed: {SENTENCE}",
        ),
    ],
)
def test_a_sentence_of_ours_is_told_without_what_ansible_puts_before_it(message, ours):
    assert told.ours(message) == ours
    assert names.failure_reason({"msg": message}) == printable.message(ours)


STARTS = ["Acquire the platform's lock", "Read the platform and plan every layer"]


@pytest.mark.parametrize(
    ("given", "starts", "refused"),
    [
        (None, [], False),
        (None, STARTS, False),
        (STARTS[1], STARTS, False),
        ("Show what was done", STARTS, True),
        ("Show the status", [], True),
        # in a playbook of somebody's own
        ("Show the status", None, False),
    ],
)
def test_a_start_in_the_middle_of_a_playbook_is_refused(monkeypatch, given, starts, refused):
    monkeypatch.setattr(run.context, "CLIARGS", {"start_at_task": given})
    if not refused:
        assert names.aws_environment("us-east-1", None, starts)["AWS_REGION"] == "us-east-1"
        return
    with pytest.raises(AnsibleFilterError) as error:
        names.aws_environment("us-east-1", None, starts)
    assert error.value.message == (
        f"--start-at-task '{given}' leaves out what this task needs, so nothing was done. Run the playbook without it:"
        " what is done already is not done again."
    )
