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
BACKENDS = {
    "namespace": ("test_namespace.py", "TestNamespace"),
    "docker": ("test_docker.py", "TestDocker"),
    "one container each": ("test_docker.py", "TestOneEach"),
    "docker+capabilities": ("test_docker.py", "TestCapable"),
}
"""Column to the file and class of its tests."""


def outcomes(file: str, name: str, folder: Path) -> dict[str, str]:
    """Run the suite on a backend and return how each attack ended, by its name."""
    report = folder / f"{name}.xml"
    tests = str(ROOT / "tests" / "sandbox" / file)
    command = [sys.executable, "-m", "pytest", "-q", tests, "-o", "addopts="]
    command += ["-k", f"{name} and test_holds", f"--junitxml={report}"]
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr)
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
        found = [outcomes(*tests, Path(folder)) for tests in BACKENDS.values()]
    print("|".join(("", "a program that", *BACKENDS, "")))  # noqa: T201
    print("|---" * (len(BACKENDS) + 1) + "|")  # noqa: T201
    for attack in ALL:
        ends = (one.get(attack.name, "not run") for one in found)
        print("|".join(("", attack.name, *ends, "")))  # noqa: T201


if __name__ == "__main__":
    main()
