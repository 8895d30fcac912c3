# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that say which image is meant, for the modules that build or look one up."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  build:
    description:
      - What the image is built of. Its tag follows from that and is the same on every machine.
      - It is built with BuildKit if the Docker CLI on the C(PATH) has it, as one with the buildx component, and by the
        engine's classic builder else. A Dockerfile that needs BuildKit is refused without it, before anything is built.
        E(DOCKER_BUILDKIT=0) asks for the classic builder.
      - Files and links that C(.dockerignore) does not exclude count with their path, bytes and whether they are
        executable, further O(build.dockerfile), O(build.build_args), O(build.platform), O(build.target) and
        O(build.python_wheels).
      - A base image counts by the name that it is given. Name it by digest to have every change of it seen.
    type: dict
    suboptions:
      path:
        description: Folder that is the build context.
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
          - Build arguments that only say where the image comes from, as revision, version and source for its labels.
          - They are given to the build and do not count for the tag, or every commit would make a new image. The image
            has those of the first build of its content.
        type: dict
        default: {}
      platform:
        description:
          - Platform of the image, one of the two that Fargate runs, or both.
          - For both, an image of each is pushed, whose tags end in C(-amd64) and C(-arm64), and an index of them. It
            needs BuildKit, and an emulator for the one that it is not (C(qemu-user-static)), unless the Dockerfile runs
            nothing.
        type: str
        choices: [linux/amd64, linux/arm64, "linux/amd64,linux/arm64"]
        default: linux/amd64
      target:
        description: Stage of the Dockerfile to build, the last if left out.
        type: str
      secrets:
        description:
          - Secrets of the build by their ids, for C(RUN --mount=type=secret,id=ID). They get into no layer, and do not
            count for the tag.
          - Take them from Ansible Vault, or by a lookup from a file or the environment.
        type: dict
        default: {}
      extra_files:
        description: Files to put into the build context beside what is in its folder, or in the place of it.
        type: list
        elements: dict
        default: []
        suboptions:
          path:
            description: Path in the build context, with slashes.
            type: str
            required: true
          src:
            description: File to take. One of O(build.extra_files[].src) and O(build.extra_files[].content) is required.
            type: path
          content:
            description: Text to take.
            type: str
      python_wheels:
        description:
          - Python wheels that are fetched into the build context before a build, so that the build needs no network.
          - What lies in that folder of the context already is left out.
          - The requirements count for the tag, the fetched files do not. Pin exact versions.
        type: dict
        suboptions:
          requirements:
            description: Requirements file, an absolute path or one in the build context.
            type: str
            default: requirements.txt
          packages:
            description:
              - Packages to fetch beside the requirements, as V(pip==25.3) for a base image without pip.
              - Lines of a requirements file, so with hashes where the requirements have them, as
                V(pip==25.3 --hash=sha256:…).
            type: list
            elements: str
            default: []
          python_version:
            description: Python version of the base image, as in V("3.13").
            type: str
            required: true
          folder:
            description: Folder of the build context that the wheels are put into.
            type: str
            default: wheels
  image:
    description:
      - Reference of an image that exists already, by tag or digest, instead of a build.
      - One in ECR, of any account, is looked up there, another by the Docker engine in its registry. Where the engine
        can't, an image named by digest is taken with a warning, one named by tag is an error.
    type: str
  docker_host:
    description:
      - Address of the Docker engine. If omitted, the engine that the Docker CLI would use - the environment variable
        E(DOCKER_HOST), else the Docker context that E(DOCKER_CONTEXT) or Docker's C(config.json) names, else the local
        socket.
      - E(DOCKER_TLS_VERIFY) and E(DOCKER_CERT_PATH) are honoured as the CLI does.
    type: str
  timeout:
    description: Seconds to wait for each answer of the Docker engine.
    type: int
    default: 600
"""
