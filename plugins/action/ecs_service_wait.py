# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows what magiclub.fargate.ecs_service_wait sees, while it waits."""

from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.plugin_utils.progress import Showing


class ActionModule(Showing):
    pass
