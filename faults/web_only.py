"""`python -m faults.web_only PORT`: the shop's own supervisor with the web server alone, as on a day when the worker is dead."""

import os
import sys

from app.serve import Size, serve
from tests.programs import ROOT

if __name__ == "__main__":
    sys.exit(
        serve(
            host="127.0.0.1", port=int(sys.argv[1]), root=ROOT, with_worker=False,
            size=lambda: Size(os.environ["DATABASE_URL"], int(os.environ["WEB_PROCESSES"]), 8),
        )
    )  # fmt: skip
