# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of an image's options, which are documented in the fragment C(image)."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback

from .decide import BUILT_FOR

EXTRA_FILE = {
    "path": {"required": True},
    "src": {"type": "path"},
    "content": {},
}
PYTHON_WHEELS = {
    "requirements": {"default": "requirements.txt"},
    "packages": {"type": "list", "elements": "str", "default": []},
    "python_version": {"required": True},
    "folder": {"default": "wheels"},
}
BUILD: dict[str, dict[str, t.Any]] = {
    "path": {"type": "path", "required": True},
    "dockerfile": {"default": "Dockerfile"},
    "build_args": {"type": "dict", "default": {}},
    "provenance_args": {"type": "dict", "default": {}},
    "platform": {"choices": list(BUILT_FOR), "default": "linux/amd64"},
    "target": {},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "extra_files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": EXTRA_FILE,
        "required_one_of": [("src", "content")],
        "mutually_exclusive": [("src", "content")],
    },
    "python_wheels": {"type": "dict", "options": PYTHON_WHEELS},
}
IMAGE = {
    "build": {"type": "dict", "options": BUILD},
    "image": {},
    "docker_host": {"fallback": (env_fallback, ["DOCKER_HOST"])},
    "timeout": {"type": "int", "default": 600},
}

REPOSITORY = {"name": {"required": True}, "all_images": {"type": "bool", "default": False}, **IMAGE}
"""The options of a repository with its image."""


def flat(params: dict[str, t.Any], repository: str) -> dict[str, t.Any]:
    """Return the options of a build and of the engine in one dictionary, as the functions of image.py take them."""
    shared = {key: params[key] for key in ("image", "docker_host", "timeout")}
    return {**(params["build"] or {}), **shared, "repository": repository}
