# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inputs of an image build, and the tag that is computed from them.

The tag is the same on every machine.  Of a file it covers path, executable bit and content; owners, times and other
permissions are the same for every file of the build.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import stat
import tarfile
import typing as t
from pathlib import Path

TAG_LENGTH = 16
FORMAT = 1
# 1980-01-01, the earliest time in a ZIP archive and so in a Python wheel
FIXED_TIME = 315532800


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file or symbolic link of the build context."""

    path: str
    """Path in the context, with slashes."""
    executable: bool = False
    target: str | None = None
    """Target of a symbolic link; None for a file."""
    source: str | None = None
    """Path of the file on this machine; None if I(content) has its bytes."""
    content: bytes = b""

    def digest(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal; reads the file."""
        if self.source is None:
            return hashlib.sha256(self.content).hexdigest()
        with Path(self.source).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def entries(root: str, selected: t.Iterable[str]) -> list[Entry]:
    """Return the files and links at the I(selected) paths below I(root), sorted; directories are implied.

    Raises ValueError for a path that can't be part of an image, such as a socket.
    """
    found = []
    for path in selected:
        source = Path(root, path)
        mode = source.lstat().st_mode
        name = path.replace(os.sep, "/")
        if stat.S_ISLNK(mode):
            found.append(Entry(name, target=str(source.readlink())))
        elif stat.S_ISREG(mode):
            found.append(Entry(name, executable=bool(mode & stat.S_IXUSR), source=str(source)))
        elif not stat.S_ISDIR(mode):
            raise ValueError(
                f"{source} is neither a file nor a directory nor a link, so no image can hold it."
                " Remove it, or name it in .dockerignore."
            )
    return _ordered(found)


def below(path: str, folder: str) -> bool:
    """Return whether I(path) is I(folder) or in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def content_tag(inputs: t.Iterable[Entry], **build: t.Any) -> str:
    """Return the tag of an image that is built from these files and I(build), everything else that it depends on."""
    files = [
        [entry.path, "link", entry.target]
        if entry.target is not None
        else [entry.path, "executable" if entry.executable else "file", entry.digest()]
        for entry in _ordered(inputs)
    ]
    described = json.dumps({"format": FORMAT, "files": files, "build": build}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(described.encode()).hexdigest()[:TAG_LENGTH]


def write_archive(inputs: t.Iterable[Entry], archive: t.BinaryIO) -> None:
    """Write the build context as a tar archive, sorted, with fixed owners and times."""
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        written: set[str] = set()
        for entry in _ordered(inputs):
            for folder in _parents(entry.path):
                if folder not in written:
                    written.add(folder)
                    tar.addfile(_info(folder, tarfile.DIRTYPE, 0o755))
            _add(tar, entry)


def _ordered(inputs: t.Iterable[Entry]) -> list[Entry]:
    return sorted(inputs, key=lambda entry: entry.path)


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    if entry.target is not None:
        info = _info(entry.path, tarfile.SYMTYPE, 0o777)
        info.linkname = entry.target
        tar.addfile(info)
        return
    info = _info(entry.path, tarfile.REGTYPE, 0o755 if entry.executable else 0o644)
    if entry.source is None:
        info.size = len(entry.content)
        tar.addfile(info, io.BytesIO(entry.content))
        return
    with Path(entry.source).open("rb") as file:
        info.size = os.fstat(file.fileno()).st_size
        tar.addfile(info, file)


def _info(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.mtime = kind, mode, FIXED_TIME
    return info


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
