"""What templates can use besides what a view gives them: texts, static files, filters, the label's links."""

import marshal
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask, g, has_app_context
from flask_babel import Babel, get_translations
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from jinja2.bccache import Bucket, bc_magic

from app.settings import Settings
from app.web import components
from app.web.prose import plain, prose
from app.web.static import Static

ROOT = Path(__file__).resolve().parents[2]


class Compiled(FileSystemBytecodeCache):
    """Compiled pages in a folder of ours below the system's temporary one, so that the next process need not compile them.

    A page that has changed is told by its source, and one that cannot be kept, as on a full disk, is compiled again.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a page."""
        with suppress(OSError):
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Find a page that was kept: in one piece, as marshal would ask an open file for each of a page's thousand parts."""
        head = bc_magic + pickle.dumps(bucket.checksum, 2)
        with suppress(OSError, EOFError, ValueError, TypeError):
            kept = Path(self._get_cache_filename(bucket)).read_bytes()
            if kept.startswith(head):
                bucket.code = marshal.loads(memoryview(kept)[len(head) :])  # noqa: S302 - in a folder that is ours alone


def install(app: Flask, settings: Settings) -> None:
    """Set up Jinja, gettext and the static files."""
    static = Static(ROOT / "app" / "static")
    static.install(app)
    Babel(app, default_locale="en", default_timezone="UTC")
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.install_gettext_callables(  # type: ignore[attr-defined]  # Babel has added the extension that adds it
        gettext=lambda text: _texts().ugettext(text),
        ngettext=lambda one, many, n: _texts().ungettext(one, many, n),
        pgettext=lambda about, text: _texts().upgettext(about, text),
        npgettext=lambda about, one, many, n: _texts().unpgettext(about, one, many, n),
        newstyle=True,
    )
    with suppress(OSError, RuntimeError):  # a folder of that name that is not ours alone
        env.bytecode_cache = Compiled()
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(components.GLOBALS)
    env.globals.update(asset=static.url, base_url=settings.base_url)
    env.filters.update(components.FILTERS)
    env.filters.update(prose=prose, plain=plain)
    app.context_processor(_defaults)


def compile_all(app: Flask) -> None:
    """Read every page now, so that who still serves never meets the pages of a version that is being unpacked."""
    for name in app.jinja_env.list_templates(extensions=["html", "txt", "xml"]):
        if not name.startswith("mail/"):  # those have a press of their own
            app.jinja_env.get_template(name)


def _texts() -> Any:
    """The texts of this request: flask-babel would look for them anew at each of the hundred texts of a page."""
    if not has_app_context():
        return get_translations()
    if "texts" not in g:
        g.texts = get_translations()
    return g.texts


def _defaults() -> dict[str, Any]:
    """What layouts may ask for; a page that knows better passes its own."""
    return {
        "site_name": "Runout",
        "lang": "en",
        "home_url": "/",
        "shop_links": [],
        "imprint_links": [],
        "theme_url": None,
        "desk_nav": [],
        "search_url": None,
        "search_value": "",
        "desk_user": None,
        "sign_out_url": None,
        "csrf": None,
    }
