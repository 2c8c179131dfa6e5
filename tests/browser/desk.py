"""What staff do at the desk, by the words on its pages."""

import io
import math
import struct
import wave
from datetime import datetime

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect


def artist(page: Page, name: str) -> None:
    """Note who made it."""
    page.goto("/staff/artists/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Story").fill("Records *lifts* and what they carry.")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def release(page: Page, artist_name: str, title: str, number: str) -> None:
    """Make a release with artwork, two tracks and a preview, and publish it."""
    page.goto("/staff/releases/new")
    page.get_by_label("Artist").select_option(artist_name)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Catalogue number").fill(number)
    page.get_by_label("Notes").fill("Recorded between the **third** and the fourth floor.")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    home = page.url
    page.get_by_role("link", name="Artwork").first.click()
    page.get_by_label("The picture").set_input_files(artwork())
    page.get_by_label("What it shows").fill("A lift shaft in red")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="A lift shaft in red").first).to_be_visible()
    page.goto(home)
    page.get_by_role("link", name="Tracks").first.click()
    page.get_by_role("button", name="Three more rows").click()
    for n, (name, length) in enumerate((("Third Floor", "3:05"), ("Fourth Floor", "4:10")), 1):
        page.get_by_label(f"Side of track {n}").fill("A")
        page.get_by_label(f"Title of track {n}").fill(name)
        page.get_by_label(f"Length of track {n}").fill(length)
    page.get_by_role("button", name="Save the list").click()
    page.goto(f"{home}/tracks")
    page.get_by_role("link", name="preview of track 1").click()
    page.get_by_label("The sound").set_input_files(sound())
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("link", name="preview ✓ of track 1")).to_be_visible()
    page.goto(home)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("link", name="Look at it")).to_be_visible()


def run(page: Page, title: str, size: int, price: str) -> None:
    """Plan a run of the release at hand and press it."""
    page.get_by_role("link", name="New run").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Copies").fill(str(size))
    page.get_by_label("Price in EUR").fill(price)
    page.get_by_label("Weight of one copy, grams").fill("85")
    page.get_by_label("Customs code (HS)").fill("85232915")
    page.get_by_label("Country of origin").select_option("Germany")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("link", name=f"Press {size} copies").click()
    page.get_by_role("main").get_by_role("button", name="Press").click()
    expect(page.get_by_text(f"{size} free")).to_be_visible()


def drop(page: Page, title: str, run_title: str, opens: datetime, limit: int) -> None:
    """Plan a drop of one run; `opens` is on the wall clock of the label."""
    page.goto("/staff/drops/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Words").fill("One evening, *one* lift.")
    page.get_by_label("Opens").fill(f"{opens:%Y-%m-%dT%H:%M}")
    page.get_by_label("Limit per fan").fill(str(limit))
    page.get_by_label("Hold minutes").fill("10")
    page.get_by_label(run_title, exact=False).first.check()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def postage(page: Page) -> None:
    """The first zone with two rates, for a label that has none."""
    page.goto("/staff/postage/zones/new")
    page.get_by_label("The zone's name").fill("Everywhere")
    page.get_by_label("the rest of the world").check()
    page.get_by_role("button", name="Add the zone").click()
    for name, price, grams in (("Letter", "2.65", "1000"), ("Parcel, tracked", "5.49", "5000")):
        if not page.get_by_label("What fans see").is_visible():
            page.get_by_text("Add a rate").click()
        page.get_by_label("What fans see").fill(name)
        page.get_by_label("Costs, in EUR").fill(price)
        page.get_by_label("Up to, in grams with packaging").fill(grams)
        page.get_by_role("button", name="Offer it").click()
        expect(page.get_by_role("row", name=name)).to_be_visible()


def artwork() -> FilePayload:
    """A picture as a label would upload it."""
    picture = Image.new("RGB", (900, 900), "#f2ead9")
    ImageDraw.Draw(picture).rectangle((300, 80, 600, 820), fill="#c8452f")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return {"name": "shaft.png", "mimeType": "image/png", "buffer": out.getvalue()}


def sound() -> FilePayload:
    """Two seconds of a lift."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(n / 9))) for n in range(16000)))
    return {"name": "lift.wav", "mimeType": "audio/wav", "buffer": out.getvalue()}
