# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An image in ECR: its tag, computed from its inputs, and its build and push if ECR does not have it."""

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
    """Return the Docker engine of the options.  Raises EngineError if none answers."""
    # Docker's SDK takes as long to import as boto3, and is needed only for a build
    from .engine import Engine  # noqa: PLC0415

    return Engine(options["docker_host"], options["timeout"])


def obstacle(options: Values) -> str | None:
    """Return why this image can't be built here, None if an engine answers that has the necessary builder."""
    try:
        engine(options).close()
    except EngineError as error:
        return str(error)
    return _lacking(options) or None


def _lacking(options: Values) -> str:
    return buildkit.obstacle(_dockerfile(options), options["secrets"], several="," in options["platform"])


def _dockerfile(options: Values) -> str:
    """Return the text of the Dockerfile, which may be one of the extra files."""
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
    """Return the tag of the image for these options and files. Raises RefusedError if a file can't be read."""
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
    """Return the modules' description of an image that is or will be in ECR."""
    return {
        "repository": options["repository"],
        "tag": image_tag,
        "digest": digest,
        "uri": f"{uri}@{digest}" if uri and digest else None,
        "architectures": decide.built_for(options["platform"]),
    }


def lookup(client: t.Any, repository: Values | None, options: Values) -> Values:
    """Return the image of the options, with digest and URI if the repository has it."""
    image_tag = tag(options, inputs(options))
    if repository is None:
        return described(None, options, image_tag, None)
    found = api.describe_image(client, options["repository"], tag=image_tag)
    return described(repository["uri"], options, image_tag, found["imageDigest"] if found else None)


def ensure(client: t.Any, options: Values, check: bool, login: Login) -> Values:
    """Build and push the image unless ECR has it, and return the module's result."""
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
        digest, pushed = _build_and_push(client, docker, options, files, uri=uri, image_tag=image_tag, login=login)
        return {"changed": pushed, "image": described(uri, options, image_tag, digest)}
    images: dict[str, Values] = {}
    for platform in platforms:
        one = {**options, "platform": platform}
        its_tag = f"{image_tag}-{platform.partition('/')[2]}"
        digest, _pushed = _build_and_push(client, docker, one, files, uri=uri, image_tag=its_tag, login=login)
        images[platform] = {"digest": digest, **api.image_manifest(client, options["repository"], digest)}
    digest = api.put_index(client, options["repository"], decide.index(images), image_tag)
    return {"changed": True, "image": described(uri, options, image_tag, digest)}


def _build_and_push(
    client: t.Any,
    docker: Engine,
    options: Values,
    files: list[content.Entry],
    *,
    uri: str,
    image_tag: str,
    login: Login,
) -> tuple[str, bool]:
    """Build and push the image for one platform; return its digest, and whether this run pushed it."""
    build(docker, options, files, f"{uri}:{image_tag}")
    pushed = push(client, docker, options["repository"], uri=uri, image_tag=image_tag, auth=login())
    if not options["keep_local"]:
        docker.remove(f"{uri}:{image_tag}")
    return pushed


def build(docker: Engine, options: Values, files: list[content.Entry], reference: str) -> None:
    """Build the image and tag it I(reference), after fetching its wheels into a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ecr_image_") as folder:
        if options["python_wheels"]:
            fetched = wheels.fetch(_requirements(options), options["python_wheels"], options["platform"], folder)
            files = [*files, *fetched]
        given = {**options["build_args"], **options["provenance_args"]}
        arguments: Values = {
            "dockerfile": options["dockerfile"],
            "buildargs": {key: str(one) for key, one in given.items()},
            "platform": options["platform"],
            "target": options["target"],
        }
        if buildkit.lacking():
            docker.build(files, reference, **arguments)
        else:
            secrets = {key: str(one) for key, one in options["secrets"].items()}
            kit = buildkit.BuildKit(options["docker_host"], options["timeout"])
            kit.build(files, reference, secrets=secrets, **arguments)


def push(client: t.Any, docker: Engine, repository: str, *, uri: str, image_tag: str, auth: Values) -> tuple[str, bool]:
    """Push the image; return its digest, and whether this run pushed it."""
    pushed = docker.push(uri, image_tag, auth)
    if not pushed.error and pushed.aux.get("Digest"):
        return str(pushed.aux["Digest"]), True
    # another run may have pushed an image of the same inputs, and so with this immutable tag, in the meantime
    found = api.describe_image(client, repository, tag=image_tag)
    if found and (not pushed.error or log.tag_taken(pushed)):
        return str(found["imageDigest"]), not pushed.error
    raise EngineError(log.push_failure(f"{uri}:{image_tag}", pushed))


def existing(client_of: t.Callable[[str], t.Any], options: Values) -> tuple[Values, list[str]]:
    """Return the existing image that the option I(image) names, and warnings. Raises RefusedError if there is none.

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
            unchecked = f"Image {options['image']} was not checked, as its registry could not be queried: {error}"
            return _reference_result(reference, reference.digest, []), [unchecked]
        raise RefusedError(
            f"Image {options['image']} can't be looked up: {error}"
            " Check its name and the engine's access to its registry, or name the image by digest, which needs no"
            " look-up."
        ) from None
    architectures = decide.architectures_of(found.get("Platforms") or [])
    return _reference_result(reference, found["Descriptor"]["digest"], architectures), []


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
