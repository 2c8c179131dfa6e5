"""`python -m faults.web_only PORT`: the shop's own supervisor with the web server alone, as on a day when the worker is dead."""

import os
import sys

from app.serve import serve
from tests.programs import ROOT

if __name__ == "__main__":
    sys.exit(
        serve(
            host="127.0.0.1", port=int(sys.argv[1]), database_url=os.environ["DATABASE_URL"],
            processes=int(os.environ["WEB_PROCESSES"]), threads=8, root=ROOT, with_worker=False,
        )
    )  # fmt: skip
