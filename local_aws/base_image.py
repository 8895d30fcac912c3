# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Provide the base image of app builds under one name: the public one, or without a registry one built here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from docker.errors import DockerException

from local_aws import engine
from local_aws.process import say

PUBLIC_REGISTRY = "https://public.ecr.aws/v2/"
PYTHON, RELEASE = "3.11", "bookworm"
REPOSITORY, TAG = "magiclub.local/python", f"{PYTHON}-slim-{RELEASE}"
# The base image of inventories/local, wherever it comes from.
IMAGE = f"{REPOSITORY}:{TAG}"
PUBLIC_REPOSITORY = "public.ecr.aws/docker/library/python"
PACKAGES = ("python3", "ca-certificates", "tzdata")
RECIPE_LABEL = "local.magiclub.recipe"
EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*")
HOOKS = (
    'ln -sf /usr/bin/python3 "$1/usr/local/bin/python"',
    'ln -sf /usr/bin/python3 "$1/usr/local/bin/python3"',
    'rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/var/log/*',
)


class BaseImageError(RuntimeError):
    """There is no base image; the text has the cause."""


def registry_is_reachable(url: str = PUBLIC_REGISTRY, timeout: float = 4.0) -> bool:
    """Return whether the public registry answers at all (401 counts)."""
    try:
        urllib.request.urlopen(url, timeout=timeout).close()  # noqa: S310 - a constant https address
    except urllib.error.HTTPError as error:
        return error.code in (200, 401)
    except OSError:
        return False
    return True


def codename(os_release: str) -> str:
    facts = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    return facts.get("VERSION_CODENAME", "").strip('"')


def apt_options() -> list[str]:
    """Return the host's proxy settings for apt, which mmdebstrap does not read itself."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    wanted = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::http::Pipeline-Depth")
    return [f"--aptopt={line.rstrip(';')}" for line in dump.splitlines() if line.startswith(wanted)]


def sources(name: str, folder: Path = Path("/etc/apt")) -> list[str]:
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    return [str(f) for f in files if f.suffix in (".list", ".sources") and f.is_file() and name in f.read_text()]


def recipe() -> str:
    text = json.dumps([RELEASE, PACKAGES, EXCLUDED, HOOKS, 1])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def ensure(state: Path) -> str:
    """Return the name of the base image for app builds, after pulling or building it if the engine lacks it."""
    docker = engine.client(timeout=300)
    # An image of an earlier recipe is replaced; pulled images, and those put there by hand, have no recipe.
    if any(image.labels.get(RECIPE_LABEL, recipe()) == recipe() for image in docker.images.list(name=IMAGE)):
        return IMAGE
    if registry_is_reachable():
        return pull(docker)
    try:
        release = codename(Path("/etc/os-release").read_text())
    except OSError:
        release = ""
    if release != RELEASE or not engine.may_install():
        raise BaseImageError(
            f"{PUBLIC_REGISTRY} is not reachable, and without it a base image can be made only by root on Debian"
            f" {RELEASE}. Give the engine one with Python {PYTHON}: docker tag YOUR-IMAGE {IMAGE}"
        )
    return make(docker, state)


def pull(docker: Any) -> str:
    public = f"{PUBLIC_REPOSITORY}:{TAG}"
    say(f"pulling the base image {public}")
    try:
        docker.images.pull(PUBLIC_REPOSITORY, tag=TAG).tag(REPOSITORY, tag=TAG)
    except DockerException as error:
        raise BaseImageError(f"The base image {public} can't be pulled: {error}") from error
    return IMAGE


def make(docker: Any, state: Path) -> str:
    if shutil.which("mmdebstrap") is None:
        say("no public registry is reachable; installing mmdebstrap to make a base image")
        engine.install("mmdebstrap")
    say(f"making the base image {IMAGE} from Debian's packages (about half a minute)")
    state.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=state, prefix="base-image-", suffix=".tar") as tar:
        bootstrap(tar.name)
        changes = [
            "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8",
            f"ENV PYTHON_VERSION={PYTHON}",
            f"LABEL {RECIPE_LABEL}={recipe()} org.opencontainers.image.version={TAG}",
            'CMD ["python3"]',
        ]
        docker.api.import_image_from_file(tar.name, repository=REPOSITORY, tag=TAG, changes=changes)
    return IMAGE


def bootstrap(target: str) -> None:
    """Write a minimal Debian with Python into a tar file."""
    mode = "root" if os.geteuid() == 0 else "unshare"
    command = [
        "mmdebstrap",
        f"--mode={mode}",
        "--variant=essential",
        "--quiet",
        f"--include={','.join(PACKAGES)}",
        *[f"--dpkgopt=path-exclude={path}" for path in EXCLUDED],
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        *apt_options(),
        *[f"--customize-hook={hook}" for hook in HOOKS],
        RELEASE,
        target,
        *sources(RELEASE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BaseImageError(f"mmdebstrap failed: {engine.last_line(done.stderr)}")
