# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import redact

from .test_ecs_decide import change


@pytest.mark.parametrize(
    ("path", "before", "after", "show", "expected"),
    [
        ("container_definitions.a.environment.A", "1", "2", False, ("(sensitive)", "(sensitive, changed)")),
        ("container_definitions.a.environment.A", None, "2", False, (None, "(sensitive)")),
        ("container_definitions.a.environment.A", "1", None, False, ("(sensitive)", None)),
        ("container_definitions.a.environment.A", "1", "2", True, ("1", "2")),
        ("container_definitions.a.secrets.A", "arn:1", "arn:2", False, ("arn:1", "arn:2")),
        (
            "container_definitions.a.log_configuration.options.splunk-token",
            "x",
            "y",
            True,
            ("(sensitive)", "(sensitive, changed)"),
        ),
        ("container_definitions.a.log_configuration.options.Header", "x", None, True, ("(sensitive)", None)),
        ("container_definitions.a.log_configuration.options.auth", "x", None, True, ("(sensitive)", None)),
        ("container_definitions.a.log_configuration.options.credentials", "x", None, True, ("(sensitive)", None)),
        ("container_definitions.a.log_configuration.options.awslogs-group", "x", "y", False, ("x", "y")),
    ],
)
def test_presented(path, before, after, show, expected):
    shown = redact.presented([change(path, before, after)], show_environment=show)[0]
    assert (shown["before"], shown["after"]) == expected


def test_environment_values_are_hidden_by_default():
    path = "container_definitions.a.environment.A"
    assert redact.presented([change(path, None, "2")]) == [{"path": path, "before": None, "after": "(sensitive)"}]


def test_presented_changes_keep_their_path():
    assert redact.presented([change("cpu")]) == [change("cpu")]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"A": "s3cret"}, {"A": "(sensitive)"}),
        ([{"name": "A", "value": "s3cret"}], [{"name": "A", "value": "(sensitive)"}]),
        ("A=s3cret", "(sensitive)"),
        (["A=s3cret"], ["(sensitive)"]),
    ],
)
def test_without_environment(environment, expected):
    shown = redact.without_environment({"container_definitions": [{"name": "a", "environment": environment}]})
    assert shown["container_definitions"][0] == {"name": "a", "environment": expected}


def test_everything_but_the_environment_is_shown():
    shown = {"family": "f", "container_definitions": [{"name": "a", "image": "i"}, {"name": "b", "environment": {}}]}
    assert redact.without_environment(shown) == shown
    assert redact.without_environment({"family": "f"}) == {"family": "f", "container_definitions": []}


SPLUNK = {"splunk-token": "s3cret", "splunk-url": "u"}


def test_secret_options_are_hidden_wherever_they_are():
    value = {"a": [{"options": SPLUNK, "b": None}], "options": "none"}
    assert redact.without_secret_options(value) == {
        "a": [{"options": {"splunk-token": "(sensitive)", "splunk-url": "u"}, "b": None}],
        "options": "none",
    }


def test_names_of_secrets_outside_of_options_are_shown():
    value = {"secrets": {"DB_PASSWORD": "arn"}, "environment": {"KEY": "1"}}
    assert redact.without_secret_options(value) == value


def test_secret_options_are_hidden_in_a_change_of_all_options():
    shown = redact.presented([change("service_connect_configuration.log_configuration.options", None, SPLUNK)])
    assert shown[0]["after"] == {"splunk-token": "(sensitive)", "splunk-url": "u"}
    assert shown[0]["before"] is None


def test_diff_has_a_line_for_each_value():
    shown = redact.diff([change("a", None, [1, "é"]), change("b", "x", ""), change("c", True, None)], "old", "new")
    assert shown == {
        "before_header": "old",
        "after_header": "new",
        "before": "b: x\nc: true\n",
        "after": 'a: [1, "é"]\nb: ""\n',
    }


@pytest.mark.parametrize(
    "values",
    [
        {"tags": {"environment": "prod", "a.options.auth-token": "x"}},
        {"container_definitions": {"environment": {"image": "app:1", "command": ["run"]}}},
    ],
    ids=["tags", "a container of that name"],
)
def test_only_what_may_be_a_secret_is_private(values):
    assert redact.private_paths(values) == []
