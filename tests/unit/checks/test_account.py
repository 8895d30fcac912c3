# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

from tests.support.account import Account

NOWHERE = "http://127.0.0.1:9"


def call(number, account, **more):
    return json.dumps({"seq": number, "account": account, "write": False, **more})


def test_calls_are_those_of_the_account_from_now_on_and_each_line_is_read_once(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text(call(1, "of nobody") + "\n")
    account = Account.fresh(NOWHERE, path)
    assert account.calls() == []
    half = len(call(3, account.key)) // 2
    with path.open("a") as log:
        log.write("\n".join([call(2, account.key, write=True), call(3, account.key)[:half]]))
    assert [one["seq"] for one in account.calls()] == [2]
    with path.open("a") as log:
        log.write(call(3, account.key)[half:] + "\n" + call(4, "of nobody") + "\n")
    assert [one["seq"] for one in account.calls()] == [2, 3]
    assert [one["seq"] for one in account.writes()] == [2]
    path.write_text(call(9, account.key) + "\n")
    assert [one["seq"] for one in account.calls()] == [9]


def test_an_account_has_one_client_of_a_service_and_another_account_another():
    one, other = Account.fresh(NOWHERE, None), Account.fresh(NOWHERE, None)
    assert one.client("ecs") is one.client("ecs")
    assert one.client("ecs") is not other.client("ecs")
