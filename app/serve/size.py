"""How much web server is wanted: the settings say so themselves, in a process of its own that is gone again at once."""

import json
import subprocess
import sys
from pathlib import Path

from app.serve.production import Size


class WrongSettings(ValueError):
    """Nothing can be started with these settings; the message is meant for a person."""


def wanted(root: Path) -> Size:
    """What the settings of this moment say, read by the code of this moment; raises WrongSettings."""
    done = subprocess.run(  # our own program, no shell
        (sys.executable, "-m", "app.settings"), cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WrongSettings(done.stderr.strip())
    said = json.loads(done.stdout)
    return Size(said["database_url"], said["web_processes"], said["web_threads"])
