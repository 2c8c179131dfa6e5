"""What people call the formats."""

from app.catalogue.models import Format

WORDS = {
    Format.CASSETTE: "cassette",
    Format.VINYL_7: "7″ vinyl",
    Format.VINYL_10: "10″ vinyl",
    Format.VINYL_12: "12″ vinyl",
    Format.USB_ZINE: "USB-zine",
    Format.ZINE: "zine",
    Format.CD: "CD",
    Format.OTHER: "object",
}
