# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the environment says."""

from __future__ import annotations

import pytest

from local_aws import settings


@pytest.mark.parametrize(
    ("endpoint", "port"), [(None, 4566), ("", 4566), ("http://127.0.0.1:4600", 4600), ("http://localhost:4600/", 4600)]
)
def test_up_serves_where_the_local_inventory_looks(monkeypatch, endpoint, port):
    monkeypatch.delenv("MAGICLUB_ENDPOINT", raising=False)
    if endpoint is not None:
        monkeypatch.setenv("MAGICLUB_ENDPOINT", endpoint)
    assert settings.port() == port
