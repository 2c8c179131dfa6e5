"""Reads the repository's Python files once, as syntax trees with their places."""

import ast
import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file: its path below the repository, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """'app/shop/drop.py:17', for a message."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def line(self, node: ast.AST) -> str:
        """The first source line of a node."""
        return self.text.splitlines()[getattr(node, "lineno", 1) - 1]

    @functools.cached_property
    def functions(self) -> tuple[Function, ...]:
        """Every function and method."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, Function))

    @functools.cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """Every call."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def modules(*folders: str) -> tuple[Module, ...]:
    """The modules below these folders, in the order of their paths."""
    return tuple(sorted((module for folder in folders for module in _below(folder)), key=lambda module: module.path))


@functools.cache
def _below(folder: str) -> tuple[Module, ...]:
    texts = [(str(file.relative_to(ROOT)), file.read_text()) for file in (ROOT / folder).rglob("*.py")]
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts)


@functools.cache
def tracked_files() -> tuple[str, ...]:
    """What git knows of, as paths below the repository."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for path in done.stdout.split("\0") if path and (ROOT / path).is_file())


def called(call: ast.Call) -> str:
    """The last word of what is called: 'commit' for session.commit()."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def docstring_lines(node: ast.AST) -> int:
    """How many lines the docstrings in a node take, those of inner functions and classes included."""
    owners = (ast.Module, ast.ClassDef, *Function.__args__)
    found = (inner.body[0] for inner in ast.walk(node) if isinstance(inner, owners) and ast.get_docstring(inner) is not None)
    return sum((doc.end_lineno or doc.lineno) - doc.lineno + 1 for doc in found)
