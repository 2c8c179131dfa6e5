"""What git tracks: no path of one machine, no package registry's host, no ready-made HTML in templates."""

import re

from tests.architecture.source import ROOT, tracked_files

# Put together here, so that this file does not hold what it looks for.
MACHINES = re.compile("|".join(rf"(?<![\w.<])/{name}/" for name in ("work", "root", "home/[a-z]+", "Users/[A-Za-z]+")))
HOSTS = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb.debian", "org"))
REGISTRIES = re.compile("|".join(rf"{re.escape(host)}\.{end}" for host, end in HOSTS))
TEXT = (".py", ".md", ".html", ".txt", ".toml", ".sh", ".css", ".js", ".json", ".in", ".yml", ".svg", "Makefile", "run")

# A template that prints ready-made HTML, with the reason why it is safe.
PRINTS_HTML = {"templates/components/status.html": "its own fixed shapes, written in the same file"}


def _texts() -> dict[str, str]:
    ours = [p for p in tracked_files() if p.endswith(TEXT) and "/vendor/" not in p]
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in ours}


def test_nothing_names_a_machine_or_a_registry() -> None:
    wrong = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in _texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINES.search(line) or REGISTRIES.search(line)
    ]
    assert wrong == []


def test_templates_escape() -> None:
    printing = {
        path for path, text in _texts().items() if path.endswith(".html") and re.search(r"\|\s*safe\b|autoescape\s+false", text)
    }
    assert printing - set(PRINTS_HTML) == set()


def test_nothing_is_inline_in_a_template() -> None:
    """The content policy forbids it, so it would silently not work."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    pages = {p: t for p, t in _texts().items() if p.startswith("templates/") and p.endswith(".html") and "/mail/" not in p}
    assert [path for path, text in pages.items() if inline.search(text)] == []


def test_no_tracked_file_is_huge() -> None:
    assert [path for path in tracked_files() if (ROOT / path).stat().st_size > 2_000_000] == []
