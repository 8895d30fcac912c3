# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


from __future__ import annotations

import pytest

from local_aws import __main__, settings


@pytest.mark.parametrize(
    ("endpoint", "port"), [(None, 4566), ("", 4566), ("http://127.0.0.1:4600", 4600), ("http://localhost:4600/", 4600)]
)
def test_up_serves_where_the_local_inventory_looks(monkeypatch, endpoint, port):
    monkeypatch.delenv("MAGICLUB_ENDPOINT", raising=False)
    if endpoint is not None:
        monkeypatch.setenv("MAGICLUB_ENDPOINT", endpoint)
    assert settings.port() == port


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("LOCAL_AWS_TIME_SCALE", "fast", "a number from 0"),
        ("LOCAL_AWS_TIME_SCALE", "-1", "a number from 0"),
        ("LOCAL_AWS_TIME_SCALE", "nan", "a number from 0"),
        ("MAGICLUB_ENDPOINT", "http://127.0.0.1:99999", "a port from 1 to 65535"),
        ("MAGICLUB_ENDPOINT", "http://127.0.0.1:http", "a port from 1 to 65535"),
    ],
)
def test_what_the_environment_says_wrong_is_said_with_its_rule(monkeypatch, capsys, variable, value, rule):
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.argv", ["local_aws", "status"])

    assert __main__.main() == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {variable} '{value}' is not ")
    assert rule in error
