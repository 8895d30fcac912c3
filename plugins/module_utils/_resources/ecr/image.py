# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An image in ECR: its tag from its inputs, and the build and push where ECR does not have it."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ..._aws.refused import RefusedError
from . import api, buildkit, content, decide, ignored, log, wheels
from .log import EngineError

if t.TYPE_CHECKING:
    from .engine import Engine

Values = dict[str, t.Any]
Login = t.Callable[[], Values]


def engine(options: Values) -> Engine:
    """Return the Docker engine that the options name.  Raises EngineError if none answers."""
    # Docker's SDK takes as long to import as boto3, and is needed only where there is something to build.
    from .engine import Engine  # noqa: PLC0415

    return Engine(options["docker_host"], options["timeout"])


def obstacle(options: Values) -> str | None:
    """Return why this image can't be built here, None if an engine answers and has the builder that it needs."""
    try:
        engine(options).close()
    except EngineError as error:
        return str(error)
    return _lacking(options) or None


def _lacking(options: Values) -> str:
    return buildkit.obstacle(_dockerfile(options), options["secrets"], several="," in options["platform"])


def _dockerfile(options: Values) -> str:
    """Return the text of the Dockerfile, which may be one of the extra files; empty if it can't be read as text."""
    extra = next((one for one in options["extra_files"] if one["path"] == options["dockerfile"]), None)
    if extra and extra["content"] is not None:
        return str(extra["content"])
    path = extra["src"] if extra else Path(options["path"], options["dockerfile"])
    return Path(path).read_text(encoding="utf-8", errors="replace")


def inputs(options: Values) -> list[content.Entry]:
    """Return the files of the build context, without fetched wheels. Raises RefusedError if they can't be read."""
    root, dockerfile = options["path"], options["dockerfile"]
    if not Path(root).is_dir():
        raise RefusedError(f"The build context {root} is not a directory. Set path to the folder that is built.")
    ignore = Path(root, ".dockerignore")
    patterns = []
    try:
        if ignore.is_file():
            patterns = ignored.patterns(ignore.read_text(encoding="utf-8"))
        found = content.entries(root, ignored.kept(root, patterns, dockerfile))
        extra = [_extra(one) for one in options["extra_files"]]
    except (OSError, ValueError) as error:
        raise RefusedError(f"The build context {root} can't be read: {error}") from error
    replaced = {entry.path for entry in extra} | {".dockerignore"}
    folder = options["python_wheels"]["folder"] if options["python_wheels"] else None
    kept = [
        entry for entry in found if entry.path not in replaced and not (folder and content.below(entry.path, folder))
    ]
    result = [*kept, *extra]
    if dockerfile not in {entry.path for entry in result}:
        raise RefusedError(f"No {dockerfile} in {root}. Set dockerfile to its path in the build context.")
    return result


def tag(options: Values, files: t.Iterable[content.Entry]) -> str:
    """Return the tag of the image that these options and files make. Raises RefusedError if one can't be read."""
    build: Values = {
        "dockerfile": options["dockerfile"],
        "build_args": {key: str(value) for key, value in options["build_args"].items()},
        "platform": options["platform"],
        "target": options["target"],
    }
    wanted = options["python_wheels"]
    if wanted:
        build["wheels"] = wheels.inputs(_text(_requirements(options)), wanted, options["platform"])
    try:
        return content.content_tag(files, **build)
    except OSError as error:
        raise RefusedError(
            f"A file of the image can't be read: {error}. Correct the src of extra_files, or name it in .dockerignore."
        ) from error


def described(uri: str | None, options: Values, image_tag: str, digest: str | None) -> Values:
    """Return what the modules say of an image that is in ECR, or is to be."""
    return {
        "repository": options["repository"],
        "tag": image_tag,
        "digest": digest,
        "uri": f"{uri}@{digest}" if uri and digest else None,
        "architectures": decide.built_for(options["platform"]),
    }


def lookup(client: t.Any, repository: Values | None, options: Values) -> Values:
    """Return the image that the options make, with digest and URI where the repository has it."""
    image_tag = tag(options, inputs(options))
    if repository is None:
        return described(None, options, image_tag, None)
    found = api.describe_image(client, options["repository"], tag=image_tag)
    return described(repository["uri"], options, image_tag, found["imageDigest"] if found else None)


def ensure(client: t.Any, options: Values, check: bool, login: Login) -> Values:
    """Return the module's result after ECR has the image; builds and pushes only if it has not."""
    files = inputs(options)
    image_tag = tag(options, files)
    repository = api.describe_repository(client, options["repository"])
    uri = repository["repositoryUri"] if repository else None
    found = api.describe_image(client, options["repository"], tag=image_tag) if repository else None
    if found:
        return {"changed": False, "image": described(uri, options, image_tag, found["imageDigest"])}
    if check:
        return {"changed": True, "image": described(uri, options, image_tag, None)}
    if uri is None:
        raise RefusedError(
            f"No ECR repository is named {options['repository']}. Create it with magiclub.fargate.ecr_repository first."
        )
    if lacking := _lacking(options):
        raise EngineError(lacking)
    docker = engine(options)
    platforms = options["platform"].split(",")
    if len(platforms) == 1:
        digest, pushed = _made(client, docker, options, files, uri=uri, image_tag=image_tag, login=login)
        return {"changed": pushed, "image": described(uri, options, image_tag, digest)}
    images: dict[str, Values] = {}
    for platform in platforms:
        one = {**options, "platform": platform}
        suffix = platform.partition("/")[2]
        digest, _pushed = _made(client, docker, one, files, uri=uri, image_tag=f"{image_tag}-{suffix}", login=login)
        images[platform] = {"digest": digest, **api.image_manifest(client, options["repository"], digest)}
    digest = api.put_index(client, options["repository"], decide.index(images), image_tag)
    return {"changed": True, "image": described(uri, options, image_tag, digest)}


def _made(
    client: t.Any,
    docker: Engine,
    options: Values,
    files: list[content.Entry],
    *,
    uri: str,
    image_tag: str,
    login: Login,
) -> tuple[str, bool]:
    """Build the image for one platform, push it, and return its digest, and whether it was this run that did."""
    build(docker, options, files, f"{uri}:{image_tag}")
    made = push(client, docker, options["repository"], uri=uri, image_tag=image_tag, auth=login())
    if not options["keep_local"]:
        docker.remove(f"{uri}:{image_tag}")
    return made


def build(docker: Engine, options: Values, files: list[content.Entry], reference: str) -> None:
    """Build the image under this reference; wheels are fetched into a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="ecr_image_") as folder:
        if options["python_wheels"]:
            fetched = wheels.fetch(_requirements(options), options["python_wheels"], options["platform"], folder)
            files = [*files, *fetched]
        given = {**options["build_args"], **options["provenance_args"]}
        asked: Values = {
            "dockerfile": options["dockerfile"],
            "buildargs": {key: str(one) for key, one in given.items()},
            "platform": options["platform"],
            "target": options["target"],
        }
        if buildkit.lacking():
            docker.build(files, reference, **asked)
        else:
            secrets = {key: str(one) for key, one in options["secrets"].items()}
            kit = buildkit.BuildKit(options["docker_host"], options["timeout"])
            kit.build(files, reference, secrets=secrets, **asked)


def push(client: t.Any, docker: Engine, repository: str, *, uri: str, image_tag: str, auth: Values) -> tuple[str, bool]:
    """Push the image and return its digest, and whether it was this run that brought it there."""
    pushed = docker.push(uri, image_tag, auth)
    if not pushed.error and pushed.aux.get("Digest"):
        return str(pushed.aux["Digest"]), True
    # Another run may have pushed the same inputs in the meantime, whose image then holds the immutable tag.
    found = api.describe_image(client, repository, tag=image_tag)
    if found and (not pushed.error or log.tag_taken(pushed)):
        return str(found["imageDigest"]), not pushed.error
    raise EngineError(log.push_failure(f"{uri}:{image_tag}", pushed))


def existing(client_of: t.Callable[[str], t.Any], options: Values) -> tuple[Values, list[str]]:
    """Return an image that exists elsewhere, and warnings. Raises RefusedError if it does not exist.

    I(client_of) returns an ECR client for a region.
    """
    reference = decide.parse_reference(options["image"])
    registry = decide.ecr_registry(reference.host)
    if registry:
        return _in_ecr(client_of(registry[1]), registry[0], reference, options), []
    return _elsewhere(reference, options)


def _in_ecr(client: t.Any, account: str, reference: decide.Reference, options: Values) -> Values:
    found = api.describe_image(
        client, reference.repository, tag=reference.tag, digest=reference.digest, registry=account
    )
    if found is None:
        raise RefusedError(
            f"No image {options['image']} in ECR of account {account}."
            " Check repository, tag and digest, and that the caller has ecr:DescribeImages there."
        )
    digest = found["imageDigest"]
    architectures = api.image_architectures(client, reference.repository, digest, registry=account)
    return _reference_result(reference, digest, architectures)


def _elsewhere(reference: decide.Reference, options: Values) -> tuple[Values, list[str]]:
    try:
        found = engine(options).distribution(options["image"])
    except EngineError as error:
        if reference.digest:
            unchecked = f"Image {options['image']} was taken as it is, its registry could not be asked: {error}"
            return _reference_result(reference, reference.digest, []), [unchecked]
        raise RefusedError(
            f"Image {options['image']} can't be looked up: {error}"
            " Check its name and the engine's way to its registry, or name the image by digest, which needs no look-up."
        ) from None
    architectures = [
        decide.PLATFORMS.get(f"{one.get('os')}/{one.get('architecture')}") for one in found.get("Platforms") or []
    ]
    digest = found["Descriptor"]["digest"]
    return _reference_result(reference, digest, sorted({name for name in architectures if name})), []


def _reference_result(reference: decide.Reference, digest: str, architectures: list[str]) -> Values:
    return {
        "repository": reference.repository,
        "tag": reference.tag,
        "digest": digest,
        "uri": f"{reference.name}@{digest}",
        "architectures": architectures,
    }


def _requirements(options: Values) -> str:
    return str(Path(options["path"], options["python_wheels"]["requirements"]))


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"The requirements of the Python wheels can't be read: {error}") from error


def _extra(one: Values) -> content.Entry:
    if one["src"]:
        executable = os.access(one["src"], os.X_OK)
        return content.Entry(one["path"], executable=executable, source=one["src"])
    return content.Entry(one["path"], content=(one["content"] or "").encode())
