"""Digests that lie beside the tables are held to, in whatever form they are written."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.errors import SourceError

TEXT = b"row_id,value\n1,5\n"
VALUE = (Column("value", "integer"),)
FORMS = [
    ("SHA256SUMS.txt", "sha256", "{digest} LABS.csv"),
    ("sha256sums.txt", "sha256", "{digest} *./LABS.csv"),
    ("SHA256SUMS", "sha256", "SHA256 (LABS.csv) = {digest}"),
    ("SHA512SUMS", "sha512", "{digest}  labs.csv"),
    ("sha1sum.txt", "sha1", "{digest}  LABS.csv"),
    ("MD5SUMS", "md5", "{digest}  LABS.csv"),
    ("checksum_md5_unzipped.txt", "md5", "{digest}  LABS.csv"),
    ("LABS.csv.sha256", "sha256", "{digest}  LABS.csv"),
    ("LABS.csv.md5", "md5", "{digest}"),
    ("mimic.sha256", "sha256", "{digest}  1.4/LABS.csv"),
    ("sha256.txt", "sha256", "SHA2-256(LABS.csv)= {digest}"),
    ("hashes.txt", "sha256", "SHA256  {digest}  C:\\data\\LABS.csv"),
    ("checksums.csv", "sha256", "LABS.csv,{digest}"),
    ("manifest-sha256.txt", "sha256", "{digest}\tLABS.csv"),
]


def read(folder: Path) -> list[tuple[object, ...]]:
    return list(TableFolder(folder, ["labs"]).rows("labs", VALUE))


@pytest.mark.parametrize(("name", "algorithm", "line"), FORMS, ids=[one[0] for one in FORMS])
def test_a_table_is_held_to_its_digest(
    tmp_path: Path, name: str, algorithm: str, line: str
) -> None:
    (tmp_path / "LABS.csv").write_bytes(TEXT)
    digest = hashlib.new(algorithm, TEXT).hexdigest()
    (tmp_path / name).write_text(line.format(digest=digest) + "\n")
    assert read(tmp_path) == [(5,)]
    (tmp_path / name).write_text(line.format(digest="0" * len(digest)) + "\n")
    shown = algorithm.upper().replace("SHA", "SHA-")
    with pytest.raises(SourceError, match=rf"its {shown} is .* {name} beside it"):
        read(tmp_path)


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "LABS.csv").write_bytes(TEXT)
    (tmp_path / "SHA256SUMS.txt").write_bytes(b"\xff\xfe\0\0")
    with pytest.raises(SourceError, match="byte 0xff: need digests and names in UTF-8"):
        read(tmp_path)


def test_lists_of_other_files_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "LABS.csv").write_bytes(TEXT)
    (tmp_path / "SHA256SUMS.old.txt").write_text("0" * 64 + "  LABS.csv\n")
    (tmp_path / "SHA256SUMS.txt").write_text("0" * 64 + "  LABS.csv.gz\n")
    assert read(tmp_path) == [(5,)]


def test_a_zipped_table_is_held_to_the_digest_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "LABS.csv.gz").write_bytes(gzip.compress(TEXT))
    sums = tmp_path / "SHA256SUMS.txt"
    sums.write_text(hashlib.sha256(TEXT).hexdigest() + "  LABS.csv\n")
    assert read(tmp_path) == [(5,)]
    sums.write_text("0" * 64 + "  LABS.csv\n")
    with pytest.raises(SourceError, match=r"LABS\.csv: its SHA-256 is .*SHA256SUMS\.txt beside it"):
        read(tmp_path)


def test_a_list_in_the_folder_of_a_module_counts(tmp_path: Path) -> None:
    (tmp_path / "hosp").mkdir()
    (tmp_path / "hosp" / "LABS.csv").write_bytes(TEXT)
    (tmp_path / "hosp" / "SHA256SUMS.txt").write_text("0" * 64 + "  LABS.csv\n")
    with pytest.raises(SourceError, match="its SHA-256 is"):
        read(tmp_path)
