"""What a Python file imports, read without running it."""

import ast
from pathlib import Path


def imported(file: Path) -> set[str]:
    """The full names of the modules that a file imports, `from a import b` as both a and a.b."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
