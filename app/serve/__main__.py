"""`python -m app.serve`: the demo, one flask command in the demo's environment, or what `flask serve` becomes."""

import os
import sys
from functools import partial
from pathlib import Path

from app.serve.begun import check_begun
from app.serve.demo import run_demo
from app.serve.demo_env import DemoRefused, for_child, kept_env, var_of
from app.serve.plan import flask_argv
from app.serve.ports import PortTaken
from app.serve.production import serve
from app.serve.size import WrongSettings, wanted
from app.serve.supervisor import to_stderr

ROOT = Path(__file__).resolve().parents[2]
USAGE = "usage: python -m app.serve demo | flask WORDS… | shop HOST PORT"


def main(words: list[str]) -> int:
    """`demo` runs until Ctrl-C; `flask …` becomes that command, on the demo's database or with EMPTY on the empty shop's."""
    try:
        match words:
            case ["demo"]:
                return run_demo(ROOT, os.environ)
            case ["flask", *rest]:
                env = for_child(kept_env(ROOT / var_of(os.environ), os.environ), os.environ)
                check_begun(ROOT, env, os.environ, rest)
                os.chdir(ROOT)
                os.execve(sys.executable, flask_argv(*rest), env)  # noqa: S606 - our own command, no shell
            case ["shop", host, port]:
                return serve(host=host, port=int(port), root=ROOT, size=partial(wanted, ROOT))
            case _:
                to_stderr(USAGE)
                return 2
    except (DemoRefused, PortTaken, WrongSettings) as refusal:
        to_stderr(str(refusal))
        return 1
    except KeyboardInterrupt:  # while the database was being prepared
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
