"""The product's own Python files, for the tests that read them."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = {"migrations", "__pycache__", "node_modules", "var"}


def files(*folders: str) -> list[Path]:
    """Every Python file below these folders, without migrations."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if LEFT_OUT.isdisjoint(path.parts) and not hidden(path)]


def hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(ROOT).parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path, node: ast.stmt | ast.expr | None = None) -> str:
    """Where something is, as editors like it."""
    return f"{path.relative_to(ROOT)}:{node.lineno if node is not None else 1}"


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement names; nothing for other nodes."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
