# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The local AWS: MiniStack on loopback, corrected where AWS differs, with real containers for ECS tasks."""

from __future__ import annotations

MINISTACK_VERSION = "1.5.33"
