"""The digests that a publisher has put beside the files of a release."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from taskkit.ehr.tables.table_files import modules
from taskkit.errors import SourceError

LISTS = re.compile(r"[\w-]*(sha-?\d|md5|checksum|hashes)[\w-]*(\.(txt|csv))?", re.IGNORECASE)
"""Names of files that list digests: PhysioNet's, MIMIC-III's, coreutils'."""
BESIDE = re.compile(r"\.(sha\d*|md5)(sum)?", re.IGNORECASE)
"""How the name of a list ends, or of the digest of the one file that the rest of it names."""
DIGEST = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32,128}(?![0-9a-fA-F])")
ENTRY = re.compile(rf"({DIGEST.pattern})\s+\*?(\S.*)")
TAGGED = re.compile(rf"[\w/-]+ ?\((.+)\) ?= ?({DIGEST.pattern})")  # BSD, `--tag`, OpenSSL
NAMED = re.compile(r"[^\s,;\"'|]+\.csv(?:\.gz)?", re.IGNORECASE)  # in lists of other programs
ALONE = re.compile(r"[0-9a-fA-F]{32,128}")
ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""By the length of their digests in hexadecimal."""
MAX_BYTES = 16 << 20  # of a list; PhysioNet's largest have some hundred kilobytes


class Sums:
    """Digests by the files that they are of."""

    def __init__(self, folder: Path) -> None:
        """Read the lists in a folder, in those of its modules and in the one above it.

        Raises:
            SourceError: a list cannot be read.
        """
        self._wanted: dict[str, list[tuple[str, Path]]] = {}
        for place in (folder, folder.parent, *modules(folder)):
            for listed in sorted(place.iterdir()):
                if listed.is_file():
                    for name, digest in _entries(listed):
                        file = place / name.replace("\\", "/")
                        if not file.exists() and place != folder.parent:
                            file = place / file.name  # listed where the folder had another name
                        key = str(file.resolve()).lower()
                        self._wanted.setdefault(key, []).append((digest.lower(), listed))

    def algorithms(self, path: Path) -> set[str]:
        """Give the names of the digests that a file is held to."""
        return {ALGORITHMS[len(digest)] for digest, _ in self._of(path)}

    def check(self, path: Path, digests: dict[str, str]) -> None:
        """Hold a file to its digests.

        Args:
            path: The file.
            digests: By algorithm, of what was read.

        Raises:
            SourceError: one differs.
        """
        for wanted, listed in self._of(path):
            name = ALGORITHMS[len(wanted)]
            if digests[name] != wanted:
                raise SourceError(
                    f"{path}: its {_shown(name)} is {digests[name][:12]}..., {listed.name} beside"
                    f" it has {wanted[:12]}...: need the file as published, copy it again"
                )

    def _of(self, path: Path) -> list[tuple[str, Path]]:
        places = {str(path.absolute()).lower(), str(path.resolve()).lower()}
        return [one for place in sorted(places) for one in self._wanted.get(place, ())]


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """Give the names and digests that a file lists; none of one that is no list."""
    beside = BESIDE.fullmatch(path.suffix)
    if not beside and not LISTS.fullmatch(path.name):
        return
    for line in _lines(path):
        if tagged := TAGGED.fullmatch(line):
            name, digest = tagged[1], tagged[2]
        elif entry := ENTRY.fullmatch(line):
            digest, name = entry[1], entry[2]
        elif beside and ALONE.fullmatch(line):
            digest, name = line, path.stem
        elif (one := DIGEST.findall(line)) and (named := NAMED.findall(line)):
            digest, name = one[0], named[0]
        else:
            continue
        if len(digest) in ALGORITHMS:
            yield name.strip(), digest


def _shown(algorithm: str) -> str:
    """Write the name of an algorithm as its users do: SHA-256, MD5."""
    return algorithm.upper().replace("SHA", "SHA-")


def _lines(path: Path) -> list[str]:
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SourceError(f"{path}: {size:,} bytes: need a list of digests below {MAX_BYTES:,}")
        return [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}: need a list that can be read") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: byte {error.object[error.start]:#04x}: need digests and names in UTF-8,"
            " or no such file"
        ) from error


def hashes(algorithms: set[str]) -> dict[str, hashlib._Hash]:
    """Give a running digest of each algorithm, and of SHA-256."""
    return {name: hashlib.new(name) for name in sorted(algorithms | {"sha256"})}
