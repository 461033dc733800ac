"""The structure holds: imports point down, no cycles, no overgrown modules, nothing unpacked."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = (
    ("errors",),
    ("lock", "plugin", "clock"),
    ("pool",),
    ("spec", "oracles"),
    ("taskset",),
    ("build",),
    ("sandbox",),
    ("play",),
    ("agents",),
    ("verify",),
    ("audit",),
    ("run", "export", "train"),
    ("report", "view", "testing"),
)
"""From the bottom up; what stands side by side may import one another, without a cycle."""
KITS = (
    ("ehr", "calculation", "code", "analysis"),
    ("sql", "fhir", "prediction"),
    ("notes",),
)
"""A kit imports the core, and kits below it."""
TOP = (("builders",), ("cli",), ("__main__",))
LAYERS = CORE + KITS + TOP
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
KIT_NAMES = {name for names in KITS for name in names}
CORE_NAMES = {name for names in CORE for name in names}
MAX_LINES = 400


def modules() -> dict[str, Path]:
    found = {}
    for folder, package in ((ROOT / "taskkit", "taskkit"), (ROOT / "builders", "taskkit.builders")):
        for path in sorted(folder.rglob("*.py")):
            if folder.name == "taskkit" and "builders" in path.relative_to(folder).parts:
                continue
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(str(node.module))
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.startswith("taskkit.")}


def layer(module: str) -> str:
    return module.split(".")[1]


def test_imports_point_down() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if module != "taskkit"
        for name in imports(path)
        if layer(name) in RANK and RANK[layer(name)] > RANK[layer(module)]
    ]
    assert not wrong


def kit_imports(known: dict[str, Path]) -> list[str]:
    """Give the imports of a kit in the core, and of a kit beside another."""
    return [
        f"{module} imports {name}"
        for module, path in known.items()
        if module != "taskkit"
        for name in imports(path)
        if layer(name) in KIT_NAMES
        and layer(name) != layer(module)
        and (layer(module) in CORE_NAMES or RANK[layer(name)] == RANK[layer(module)])
    ]


def test_the_core_imports_no_kit_and_kits_only_those_below() -> None:
    assert kit_imports(modules()) == []


def test_an_import_of_a_kit_in_the_core_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("from taskkit.sql.range import Range\n")
    assert kit_imports({"taskkit.audit.planted": planted, "taskkit.ehr.planted": planted}) == [
        f"taskkit.audit.planted imports {name}"
        for name in sorted(imports(planted), key=list(imports(planted)).index)
    ]


def test_every_module_has_a_layer() -> None:
    assert {layer(m) for m in modules() if m != "taskkit"} - set(RANK) == set()


def test_no_import_cycles() -> None:
    known = modules()
    edges = {m: imports(p) & set(known) - {m} for m, p in known.items() if m != "taskkit"}
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for name in sorted(edges.get(module, ())):
                walk(name, (*trail, module))
            done.add(module)

    for module in edges:
        walk(module, ())


def test_modules_stay_small() -> None:
    long = {
        m: n for m, p in modules().items() if (n := len(p.read_text().splitlines())) > MAX_LINES
    }
    assert not long


def test_every_package_is_listed_for_the_wheel() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    known = modules()
    packages = {m for m, p in known.items() if p.name == "__init__.py"}
    data = {"taskkit.domains", "taskkit.schemas", "taskkit.images"}
    assert set(listed) == packages | data
