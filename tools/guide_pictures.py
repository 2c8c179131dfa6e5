"""Makes the pictures of docs/desk.md from the browser tests' screenshots: as large as they are read, in few colours."""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SIGHTS = {
    "drop-day": "drop-day",
    "orders": "orders",
    "preorder": "preorder",
    "scan": "scan-parcel",
    "parcel-slips": "parcel-slips",
    "books": "books",
}
WIDE, TALL, COLOURS = 1200, 900, 200


def main() -> None:
    """Write each picture, cut off where it tells nothing more."""
    to = ROOT / "docs" / "images" / "desk"
    to.mkdir(parents=True, exist_ok=True)
    for name, sight in SIGHTS.items():
        with Image.open(ROOT / ".test" / "screenshots" / f"desk-{sight}-1440-light.png") as taken:
            small = taken.convert("RGB").resize((WIDE, taken.height * WIDE // taken.width), Image.Resampling.LANCZOS)
        small.crop((0, 0, WIDE, min(TALL, small.height))).quantize(COLOURS).save(to / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
