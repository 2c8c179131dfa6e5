"""Makes app/accounts/lost_passwords.bin from lists of passwords, most common first, one a line.

What is there was made from two lists that are put together from passwords others have lost: the `passwords` of zxcvbn 4.5.0
(MIT) and `common-passwords.txt` of Django 5.2 (BSD), each as a file of lines. Nothing of them can be read from the digests.

    .venv/bin/python tools/lost_passwords.py zxcvbn.txt django.txt
"""

import sys
from pathlib import Path

from app.accounts.lost_passwords import digest, folded
from app.accounts.passwords import LEAST

FIRST = 10_000  # of each list: what is tried first, and is the stem of longer ones
SHORTEST = 5  # a stem of fewer signs says nothing about a password


def main(files: list[str]) -> None:
    """Write the list."""
    kept: set[bytes] = set()
    for file in files:
        lines = [folded(line) for line in Path(file).read_text().splitlines() if line.strip()]
        kept |= {
            digest(line) for place, line in enumerate(lines) if len(line) >= LEAST or (place < FIRST and len(line) >= SHORTEST)
        }
    Path("app/accounts/lost_passwords.bin").write_bytes(b"".join(sorted(kept)))
    print(f"{len(kept)} digests")


if __name__ == "__main__":
    main(sys.argv[1:])
