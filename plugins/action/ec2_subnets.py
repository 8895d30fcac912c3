# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs magiclub.fargate.ec2_subnets in the worker process if possible."""

from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import OfModule


class ActionModule(OfModule):
    pass
