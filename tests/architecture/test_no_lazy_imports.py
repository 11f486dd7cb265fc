"""Imports stand at the top: one inside a function hides a circle, or a floor that imports upwards."""

import ast

from tests.architecture.sources import files, imported, place, tree

OURS = ("core", "Management")


def test_nothing_of_ours_is_imported_inside_a_function() -> None:
    found = {
        place(path, node)
        for path in files(*OURS)
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and is_ours(node)
    }
    assert found == set()


def is_ours(node: ast.Import | ast.ImportFrom) -> bool:
    relative = isinstance(node, ast.ImportFrom) and node.level > 0
    return relative or any(name.partition(".")[0] in OURS for name in imported(node))
