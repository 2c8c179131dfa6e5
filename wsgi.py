"""What a web server and flask load: the shop for the settings of the environment."""

from app.cli.loading import loading

with loading():
    from app import create_app
    from app.settings import Settings

    app = create_app(Settings())
