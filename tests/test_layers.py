"""The structure holds and is drawn as it is: imports point down, no cycles, no large modules."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = (
    ("errors",),
    ("lock", "draft", "sqlite", "plugin", "clock"),
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


PAGE = ROOT / "docs" / "architecture.md"
TOGETHER = {"spec": "spec, oracles", "oracles": "spec, oracles"}
"""They import one another, so they are drawn as one."""


def packages(known: dict[str, Path]) -> dict[str, set[str]]:
    """Give what each package imports of the others, from the bottom up."""
    folders = {layer(module) for module in known if module != "taskkit"}
    found: dict[str, set[str]] = {name: set() for name in RANK}
    for module, path in known.items():
        if module != "taskkit":
            found[layer(module)] |= {layer(name) for name in imports(path)} & set(RANK)
    return {name: used - {name} for name, used in found.items() if name in folders}


def drawn(edges: dict[str, set[str]]) -> str:
    """Draw the imports that do not follow from others."""
    graph: dict[str, set[str]] = {}
    for name, used in edges.items():
        group = TOGETHER.get(name, name)
        graph.setdefault(group, set()).update(TOGETHER.get(one, one) for one in used)
        graph[group].discard(group)

    def below(name: str) -> set[str]:
        return set().union(*({one} | below(one) for one in graph.get(name, ())))

    lines = ["graph TD"]
    groups = (("top", TOP), ("kits", KITS), ("core", CORE))
    for title, layers in groups:
        members = {TOGETHER.get(name, name) for names in layers for name in names} & set(graph)
        lines += [f"  subgraph {title}", *(f"    {box(one)}" for one in sorted(members)), "  end"]
    for name in sorted(graph):
        implied = set().union(*(below(one) for one in graph[name]))
        lines += [f"  {key(name)} --> {key(one)}" for one in sorted(graph[name] - implied)]
    return "\n".join(lines)


def key(name: str) -> str:
    return name.partition(",")[0].strip("_")


def box(name: str) -> str:
    return key(name) if key(name) == name else f'{key(name)}["{name}"]'


def listed(edges: dict[str, set[str]]) -> str:
    """List all imports of each package, from the top down."""
    rows = [
        f"| `{name}` | {', '.join(sorted(used, key=lambda one: (RANK[one], one)))} |"
        for name, used in sorted(edges.items(), key=lambda item: (-RANK[item[0]], item[0]))
    ]
    return "\n".join(rows)


def redrawn(page: str) -> str:
    """Give the page with the drawing and the list that the code has now."""
    edges = packages(modules())
    drawing = re.compile(r"(?<=```mermaid\n).*?(?=\n```)", re.DOTALL)
    rows = re.compile(r"(?<=\|---\|---\|\n).*?(?=\n\n)", re.DOTALL)
    return rows.sub(listed(edges), drawing.sub(drawn(edges), page))


def test_the_drawing_and_the_list_of_imports_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert redrawn(page) == page, "python -m tests.test_layers draws them anew"


def test_a_drawing_leaves_out_what_follows_and_nothing_else() -> None:
    edges = {"cli": {"run", "errors"}, "run": {"errors"}, "errors": set()}
    assert [line for line in drawn(edges).splitlines() if "-->" in line] == [
        "  cli --> run",
        "  run --> errors",
    ]
    edges["lock"] = {"errors"}
    assert "  lock --> errors" in drawn(edges)


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text("utf-8")), "utf-8")
