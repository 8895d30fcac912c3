# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls, errors, retries, tags, waiting.  Whatever a module of ours imports of the collection, this comes first."""

from __future__ import annotations

import zipimport

from .garbage import look_rarely

# packed by Ansible: the process is this module's alone, and what it imports next is boto3
if isinstance(getattr(__spec__, "loader", None), zipimport.zipimporter):
    look_rarely()
