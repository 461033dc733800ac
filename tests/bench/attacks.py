"""Print the table of attacks by backend: `python tests/bench/attacks.py`, some minutes.

Each attack is tried on each backend that this machine can run, by the conformance suite itself.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from taskkit.sandbox.conformance import ALL

ROOT = Path(__file__).parents[2]
BACKENDS = ("namespace", "docker")


def outcomes(backend: str, folder: Path) -> dict[str, str]:
    """Run the suite on a backend and return how each attack ended, by its name."""
    report = folder / f"{backend}.xml"
    tests = str(ROOT / "tests" / "sandbox" / f"test_{backend}.py")
    command = [sys.executable, "-m", "pytest", "-q", tests, "-k", "test_holds", "-o", "addopts="]
    subprocess.run([*command, f"--junitxml={report}"], cwd=ROOT, stdout=sys.stderr)
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):  # pytest's own file
        kinds = {part.tag for part in case}
        ended = (
            "not run"
            if "skipped" in kinds
            else "NOT HELD"
            if kinds & {"failure", "error"}
            else "held"
        )
        found[str(case.get("name")).partition("[")[2].removesuffix("]")] = ended
    return found


def main() -> None:
    """Print the table as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        found = [outcomes(backend, Path(folder)) for backend in BACKENDS]
    print("|".join(("", "a program that", *BACKENDS, "")))  # noqa: T201
    print("|---" * (len(BACKENDS) + 1) + "|")  # noqa: T201
    for attack in ALL:
        ends = (one.get(attack.name, "not run") for one in found)
        print("|".join(("", attack.name, *ends, "")))  # noqa: T201


if __name__ == "__main__":
    main()
