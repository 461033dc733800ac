"""Faulty sources put to the real command, one after another: its exit code and what it says.

`python -m tests.bench.replay [NAME ...]`, from the root of the repository. All data are invented.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.ehr.small_release import Tables, mimic_iii, mimic_iv, write

PATIENTS = 30
WHOLE = ("--patients", "all", "--no-shift-times", "--stay-percentile", "all")
FEW = ("--no-sift", "--count", "3", "--jobs", "1", "--out", "o")
LABS = "LABEVENTS.csv"
SHOWN = 220  # characters of what is said


def tables(folder: Path, change: Callable[[Tables], object] | None = None) -> Path:
    """A folder of invented tables, changed before they are written."""
    made = mimic_iii(PATIENTS)
    if change is not None:
        change(made)
    return write(folder / "src", made, upper=True, gz=False)


def cells(table: str, column: str, value: Callable[[object], object]) -> Callable[[Tables], object]:
    """A change of all cells of a column."""

    def change(made: Tables) -> None:
        place = made[table][0].index(column)
        for row in made[table][1:]:
            row[place] = value(row[place])

    return change


def bytes_of(change: Callable[[bytes], bytes]) -> Callable[[Path], list[str]]:
    """A change of the file of laboratory results."""

    def case(folder: Path) -> list[str]:
        path = tables(folder) / LABS
        path.write_bytes(change(path.read_bytes()))
        return build(path.parent)

    return case


def build(source: Path, *more: str, domain: str = "mimic") -> list[str]:
    """The words of a build over a source."""
    return ["build", domain, "--source", str(source), *WHOLE, *FEW, *more]


def split(folder: Path) -> list[str]:
    """The results in three files."""
    path = tables(folder) / LABS
    header, *rows = path.read_bytes().splitlines(keepends=True)
    for part in range(3):
        (path.parent / f"LABEVENTS.{part}.csv").write_bytes(header + b"".join(rows[part::3]))
    path.unlink()
    return build(path.parent)


def sums(folder: Path) -> list[str]:
    """A digest of other bytes beside the results."""
    path = tables(folder) / LABS
    (path.parent / "SHA256SUMS.txt").write_text(hashlib.sha256(b"").hexdigest() + f"  {LABS}\n")
    return build(path.parent)


def renamed(out: str) -> Callable[[Path], list[str]]:
    """A build to a folder of an unusual name."""
    return lambda folder: [*build(tables(folder)), "--out", str(folder / out / "o")]


def nested(folder: Path) -> list[str]:
    """What `wget -r` leaves: the root is given."""
    write(folder / "src" / "physionet.org" / "files" / "mimiciii" / "1.4", mimic_iii(), upper=True)
    return build(folder / "src")


def core(folder: Path) -> list[str]:
    """MIMIC-IV 1.0, which has a folder `core`."""
    source = write(folder / "src", mimic_iv(PATIENTS), gz=False)
    (source / "core").mkdir()
    for name in ("patients.csv", "admissions.csv", "transfers.csv"):
        (source / "hosp" / name).rename(source / "core" / name)
    return build(source, domain="mimic-iv")


def questions(name: str, data: bytes, domain: str = "mimic") -> Callable[[Path], list[str]]:
    """A file of questions of another kind."""

    def case(folder: Path) -> list[str]:
        (folder / name).write_bytes(data)
        words = build(tables(folder), "--questions", str(folder / name), domain=domain)
        return [word for word in words if domain != "treqs" or word not in WHOLE]

    return case


def repeated(made: Tables) -> None:
    """A patient twice, under another number of the row."""
    made["patients"].append([999, *made["patients"][1][1:]])


def header(data: bytes) -> bytes:
    """VALUENUM twice in the header."""
    first, *rows = data.splitlines()
    return b"\r\n".join([first + b",VALUENUM", *(row + b",0" for row in rows)]) + b"\r\n"


CASES: dict[str, Callable[[Path], list[str]]] = {
    "3 split": split,
    "4 cut in a field": bytes_of(lambda data: data[:-4]),
    "4 cut at a line": bytes_of(lambda data: data[: data.rindex(b"\r\n", 0, len(data) // 2) + 2]),
    "5 sums": sums,
    "7 all rows twice": bytes_of(lambda data: data + data.partition(b"\r\n")[2]),
    "7 patient twice": lambda folder: build(tables(folder, repeated)),
    "9 two units": lambda folder: build(
        tables(
            folder, lambda made: [row.__setitem__(5, "mmol/L") for row in made["labevents"][1::8]]
        )
    ),
    "12 .000": lambda folder: build(
        tables(folder, cells("labevents", "charttime", "{}.000".format))
    ),
    "12 UTC": lambda folder: build(
        tables(folder, cells("labevents", "charttime", "{} UTC".format))
    ),
    "12 +02:00": lambda folder: build(
        tables(folder, cells("labevents", "charttime", "{}+02:00".format))
    ),
    "13 markers": lambda folder: build(
        tables(folder, cells("admissions", "marital_status", lambda _: "None"))
    ),
    "14 header twice": bytes_of(header),
    "15 semicolons": bytes_of(lambda data: data.replace(b",", b";")),
    "15 UTF-16": bytes_of(lambda data: data.decode().encode("utf-16")),
    "16 byte F6": bytes_of(lambda data: data.replace(b"mg/dL", b"\xf6g/dL", 1)),
    "17 gzip as .csv": bytes_of(lambda data: __import__("gzip").compress(data)),
    "18 core": core,
    "18 wget": nested,
    "19 other questions": questions("dev.json", b'{"question": "x"}\n{"question": "y"}\n', "treqs"),
    "22 JSON lines": questions("dev.json", b'{"key": "a"}\n{"key": "b"}\n'),
    "24 #": renamed("h#x"),
    "24 ?": renamed("u?x"),
    "26 2**64": lambda folder: build(
        tables(folder, cells("patients", "subject_id", lambda _: 2**64 + 5))
    ),
}


def main(names: list[str]) -> None:
    """Try the cases named, or all of them."""
    for name, case in CASES.items():
        if names and not any(name.startswith(one) for one in names):
            continue
        with tempfile.TemporaryDirectory() as place:
            done = subprocess.run(
                [sys.executable, "-m", "taskkit", *case(Path(place))],
                cwd=place,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                capture_output=True,
                text=True,
                errors="replace",
            )
            said = " ".join((done.stderr or done.stdout).replace(place, "").split())
            start = max(said.find("error:"), said.find("note:"), 0)
            sys.stdout.write(f"{name:20} exit {done.returncode}  {said[start:][:SHOWN]}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
