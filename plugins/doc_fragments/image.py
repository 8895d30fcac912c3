# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of modules that build or look up an image."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  build:
    description:
      - How to build the image. Its tag is derived from its content, and is the same on every machine.
      - BuildKit is used if the Docker CLI on the C(PATH) has it, for example with the buildx component, else the
        engine's classic builder. A Dockerfile that needs BuildKit fails without it, before anything is built.
        Set E(DOCKER_BUILDKIT=0) for the classic builder.
      - The content is the path, bytes and executable bit of all files and links that C(.dockerignore) does not exclude,
        and O(build.dockerfile), O(build.build_args), O(build.platform), O(build.target) and O(build.python_wheels).
      - A base image counts by its name only. Use a digest to have a changed base image detected.
    type: dict
    suboptions:
      path:
        description: Path of the build context.
        type: path
        required: true
      dockerfile:
        description: Path of the Dockerfile in the build context.
        type: str
        default: Dockerfile
      build_args:
        description: Build arguments that the image depends on.
        type: dict
        default: {}
      provenance_args:
        description:
          - Build arguments that only record the image's origin, such as revision, version and source for its labels.
          - They do not change the tag, otherwise every commit would result in a new image. An image has those of the
            first build of its content.
        type: dict
        default: {}
      platform:
        description:
          - Platform of the image, one of the two that Fargate supports, or both.
          - For both, one image for each platform is pushed, with tags that end in C(-amd64) and C(-arm64), and an image
            index. This needs BuildKit, and an emulator for the foreign platform (C(qemu-user-static)), unless the
            Dockerfile has no C(RUN).
        type: str
        choices: [linux/amd64, linux/arm64, "linux/amd64,linux/arm64"]
        default: linux/amd64
      target:
        description: Stage of the Dockerfile to build. If omitted, the last one.
        type: str
      secrets:
        description:
          - Secrets of the build by their ids, for C(RUN --mount=type=secret,id=ID). They are not stored in any layer,
            and do not change the tag.
          - Use Ansible Vault, or a lookup of a file or environment variable.
        type: dict
        default: {}
      extra_files:
        description: Files to add to the build context, or to replace in it.
        type: list
        elements: dict
        default: []
        suboptions:
          path:
            description: Path in the build context, with slashes.
            type: str
            required: true
          src:
            description: File to copy. One of O(build.extra_files[].src) and O(build.extra_files[].content) is required.
            type: path
          content:
            description: Content of the file.
            type: str
      python_wheels:
        description:
          - Python wheels to download into the build context before a build, so that the build needs no network.
          - Existing files in that folder of the context are ignored.
          - The tag depends on the requirements, not on the downloaded files. Pin exact versions.
        type: dict
        suboptions:
          requirements:
            description: Path of the requirements file, absolute or relative to the build context.
            type: str
            default: requirements.txt
          packages:
            description:
              - Packages to download in addition to the requirements, such as V(pip==25.3) for a base image without pip.
              - Each is a line of a requirements file. If the requirements have hashes, it needs one, too, such as
                V(pip==25.3 --hash=sha256:…).
            type: list
            elements: str
            default: []
          python_version:
            description: Python version of the base image, such as V("3.13").
            type: str
            required: true
          folder:
            description: Folder of the build context for the wheels.
            type: str
            default: wheels
  image:
    description:
      - Reference of an existing image, by tag or digest, instead of a build.
      - An image in ECR, of any account, is looked up there, others by the Docker engine in their registry. If the
        engine can't look it up, an image by digest is used with a warning, and an image by tag is an error.
    type: str
  docker_host:
    description:
      - Address of the Docker engine. If omitted, the same as for the Docker CLI - the environment variable
        E(DOCKER_HOST), else the Docker context in E(DOCKER_CONTEXT) or Docker's C(config.json), else the local socket.
      - E(DOCKER_TLS_VERIFY) and E(DOCKER_CERT_PATH) are used as by the CLI.
    type: str
  timeout:
    description: Seconds to wait for each response of the Docker engine.
    type: int
    default: 600
"""
