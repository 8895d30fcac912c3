# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows the progress of magiclub.fargate.ecs_service_wait."""

from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.plugin_utils.progress import Showing


class ActionModule(Showing):
    pass
