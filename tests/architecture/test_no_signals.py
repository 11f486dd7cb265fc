"""There are no signals (docs/adr): what a change sets off can be read where it is made."""

import ast

from tests.architecture.sources import files, imported, place, tree

SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")


def test_no_file_is_called_signals() -> None:
    assert [place(path) for path in files("core", "Management") if path.stem in {"signals", "receivers"}] == []


def test_nothing_imports_or_connects_signals() -> None:
    found = [
        place(path, node)
        for path in files("core", "Management")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.stmt | ast.expr) and (uses_signals(node) or connects(node))
    ]
    assert found == []


def uses_signals(node: ast.AST) -> bool:
    return any(name.startswith(SIGNALS) for name in imported(node))


def connects(node: ast.AST) -> bool:
    """A call such as `post_save.connect(...)`, or any other `.connect(receiver...)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect"
