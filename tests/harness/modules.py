"""The project's own modules and what each imports, read from the source without running it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("integrations", "calls", "sms")
OURS = (*APPS, "config", "tests")


@dataclass(frozen=True)
class Module:
    """One source file. ``imports`` holds full dotted names, late imports included."""

    name: str
    path: Path
    line_count: int
    imports: frozenset[str]

    def is_in(self, *packages: str) -> bool:
        """Whether it is one of these packages or inside one."""
        return any(is_inside(self.name, package) for package in packages)

    def imported(self, *packages: str) -> list[str]:
        """Its imports of these packages or of anything inside them."""
        return sorted(
            name for name in self.imports if any(is_inside(name, package) for package in packages)
        )

    def third_parties(self) -> set[str]:
        """Top-level names that come neither with Python nor from this project."""
        tops = {name.partition(".")[0] for name in self.imports}
        return tops - sys.stdlib_module_names - set(OURS)


def is_inside(name: str, package: str) -> bool:
    """Whether a dotted name is a package or something in it."""
    return name == package or name.startswith(f"{package}.")


@cache
def all_modules() -> tuple[Module, ...]:
    """Every module of the project, migrations left out."""
    return tuple(_read(path) for package in OURS for path in _sources(ROOT / package))


def product_modules() -> list[Module]:
    """The apps' modules."""
    return [module for module in all_modules() if module.is_in(*APPS)]


def _sources(package: Path) -> Iterator[Path]:
    return (path for path in sorted(package.rglob("*.py")) if "migrations" not in path.parts)


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    package = name if is_package else name.rpartition(".")[0]
    source = path.read_text()
    imports = frozenset(_imports(ast.parse(source), package))
    return Module(name, path, len(source.splitlines()), imports)


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            outer = package.rsplit(".", node.level - 1)[0] if node.level else ""
            origin = ".".join(part for part in (outer, node.module) if part)
            yield from (f"{origin}.{alias.name}" for alias in node.names)
