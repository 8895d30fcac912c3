# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was read after it was written, and left nothing, is proven; anything else is read back at the end of a run."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.proof import is_proven

NOTHING = {"changes": []}
FIELD = {"changes": [{"action": "change", "type": "ecs_service", "name": "magiclub-an2p-lotto", "fields": []}]}
REMOVAL = {"changes": [{"action": "remove", "type": "iam_role", "name": "magiclub-an2p-lotto-task", "fields": []}]}


@pytest.mark.parametrize(
    ("carried_out", "left", "later", "expected"),
    [
        (["lotto_service"], {"lotto_service": NOTHING}, [], True),
        (["ecr_push", "lotto_service"], {"ecr_push": NOTHING, "lotto_service": NOTHING}, [], True),
        # a field that AWS did not take, or an answer from before the change
        (["lotto_service"], {"lotto_service": FIELD}, [], False),
        # what goes once the new tasks serve
        (["lotto_service"], {"lotto_service": REMOVAL}, [], False),
        # written and not read, as a layer that was removed or the network
        (["vpc", "lotto_service"], {"lotto_service": NOTHING}, [], False),
        (["lotto_service"], {}, [], False),
        # services of two layers, read once more together in the name of the role
        (["lotto_service"], {"lotto_service": NOTHING, "fargate_service": FIELD}, [], False),
        (["lotto_service", "services"], {"lotto_service": NOTHING, "services": NOTHING}, [], True),
        # something was written after these reads
        (["ecs_cluster"], {"ecs_cluster": NOTHING}, ["vpc"], False),
        (["lotto_service"], {"lotto_service": NOTHING}, ["prune"], False),
    ],
)
def test_what_is_proven(carried_out, left, later, expected):
    assert is_proven(carried_out, left, later) is expected
