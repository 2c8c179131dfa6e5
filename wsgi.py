"""What the web server and flask load: the shop for the settings of the environment."""

import gc
import sys

# Nearly all that is made while loading stays for good. Looking through it for garbage again and again costs a fifth of the
# start, and every full search later would go through it once more: it is set aside instead.
gc.disable()
# structlog would load it, with Pygments, where somebody has installed it; our tracebacks are plain lines.
sys.modules.setdefault("rich", None)  # so an import is told that there is none

from app import create_app  # noqa: E402
from app.settings import Settings  # noqa: E402

app = create_app(Settings())
gc.freeze()
gc.enable()
