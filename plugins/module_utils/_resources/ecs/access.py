# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How modules that wait reach AWS and pass time."""

from __future__ import annotations

import typing as t

from ..._aws.retry import IsNew
from ..._aws.until import wait_until


class Calls(t.NamedTuple):
    """Access to AWS: an ECS client, and a function that returns the name of a namespace by its ARN."""

    client: t.Any
    namespace_name: t.Callable[[str], str]
    wait: t.Callable[..., t.Any] = wait_until
    is_new: IsNew | None = None
    """Returns whether a role was just created, so that ECS may not see it yet."""
