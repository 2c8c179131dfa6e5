"""What the demo label has on its shelf: artists, releases, runs, as plain values."""

from dataclasses import dataclass

from app.catalogue.models import Format

PAPER = "#f2ead9"


@dataclass(frozen=True)
class TrackPlan:
    """A track; `mood` is the mood of its preview, empty for none."""

    side: str
    title: str
    seconds: int
    mood: str = ""


@dataclass(frozen=True)
class RunPlan:
    """A run to press; `price` in cents, `weight` in grams."""

    slug: str
    title: str
    format: Format
    size: int
    price: int
    weight: int
    limit: int
    body: str
    label: str
    hs_code: str

    @property
    def reserve(self) -> int:
        """Four in a hundred stand in for those that are found damaged, as the guide says; two at least."""
        return max(2, self.size * 4 // 100)


@dataclass(frozen=True)
class ReleasePlan:
    """A release with its runs, out `days` from today; `style`, `seed` and `inks` make its artwork."""

    slug: str
    number: str
    days: int
    artist: str
    title: str
    notes: str
    style: str
    seed: int
    inks: tuple[str, str]
    alt: str
    tracks: tuple[TrackPlan, ...]
    runs: tuple[RunPlan, ...]


ARTISTS = {
    "Mirna Oelker": "Plays the harmonium of a chapel that was sold for flats, and records what the pumps do.",
    "The Slow Ferries": "Four people from two sides of the Elbe who met on the boat in between.",
    "Ilse Varga & Tom Quist": "She writes about lamps, he photographs them before they are replaced.",
    "Brandt Osei": "Sings to kettles, refrigerators and one very patient cello.",
    "Ueno Lines": "A commuter with a four-track and a long way home.",
}

# As they came out, the last one last: what is sorted by day is sorted by number too.
SHELF: tuple[ReleasePlan, ...] = (
    ReleasePlan(
        "kettle-songs", "HS-012", -9, "Brandt Osei", "Kettle Songs",
        "Three songs in the keys that three kettles boil in. Sold out in four minutes, which is about how long a kettle takes.",
        "cutout", 3, ("#b0304a", "#39736a"), "Cut-paper kettles in red and green",
        (TrackPlan("A", "Enamel, B flat", 201, "bells"), TrackPlan("A", "Camping Stove", 187, "tape"), TrackPlan("B", "Auntie’s Electric", 244)),
        (RunPlan("kettle-songs-tape", "50 numbered, oxblood shell", Format.CASSETTE, 50, 1000, 85, 2, "#7d2233", "#39736a", "8523.29"),),
    ),
    ReleasePlan(
        "northern-sidings", "HS-013", -5, "Ueno Lines", "Northern Sidings",
        "Two sides of a platform. A 7″ with a large hole, because the jukebox in the station café asked for one.",
        "moire", 4, ("#2b6ea6", "#c05a2e"), "Moiré of railway lines in blue and orange ink",
        (TrackPlan("A", "Northern Sidings", 214, "machine"), TrackPlan("B", "Last Train, Other Direction", 238, "dub")),
        (RunPlan("northern-sidings-7", "120 numbered, blue", Format.VINYL_7, 120, 1100, 70, 2, "blue", "#c05a2e", "8523.80"),),
    ),
    ReleasePlan(
        "low-water-register", "HS-014", -1, "Mirna Oelker", "Low Water Register",
        "Eleven weeks of tides at the mouth of the Oste, played back on a harmonium with a cracked bellows. The pitch follows the "
        "gauge: when the river falls, so does the tune.\n\nRecorded to a *Tascam 246*, mastered by nobody, duplicated here in real "
        "time. There is a pencil mark in each where the best evening was; the tide table is printed apart.",
        "contour", 0, ("#c8452f", "#2f5d7c"), "Contour lines of a river mouth printed in red and blue ink",
        (
            TrackPlan("A", "Gauge at 5.40", 423, "drone"), TrackPlan("A", "Pump House, Idle", 251, "tape"),
            TrackPlan("A", "What the Ferryman Counts", 318), TrackPlan("B", "Spring Tide, Neighbours Asleep", 512, "strings"),
            TrackPlan("B", "Slack Water", 307), TrackPlan("B", "Low Water Register", 641),
        ),
        (RunPlan("low-water-register-tape", "100 numbered, clear shell", Format.CASSETTE, 100, 1200, 85, 2, "clear", "#c8452f", "8523.29"),
         RunPlan("low-water-register-zine", "40 numbered tide tables, 24 pages", Format.ZINE, 40, 700, 60, 2, "bone", "#2f5d7c", "4901.10")),
    ),
    ReleasePlan(
        "attic-weather", "HS-015", 0, "The Slow Ferries", "Attic Weather",
        "Recorded in one attic over one February. You can hear the snow slide off the roof twice, once on each side.\n\n"
        "140 g vinyl in two colours that were meant to be one. Sleeves printed on the ferry's own waybill paper.",
        "overprint", 1, ("#d9772b", "#3c4f8f"), "Overlapping roofs in orange and blue ink",
        (
            TrackPlan("A", "Slates", 232, "machine"), TrackPlan("A", "First Boat, No Passengers", 287, "strings"),
            TrackPlan("A", "Attic Weather", 344), TrackPlan("B", "Salt Store", 301, "dub"), TrackPlan("B", "The Long Way to the Kitchen", 398),
        ),
        (RunPlan("attic-weather-lp", "300 numbered, smoke and orange", Format.VINYL_12, 300, 2400, 310, 2, "smoke", "#d9772b", "8523.80"),),
    ),
    ReleasePlan(
        "field-manual-for-streetlights", "HS-016", 7, "Ilse Varga & Tom Quist", "Field Manual for Streetlights",
        "A zine that is a USB stick: 212 photographs, nine essays, the hum of sixty ballasts as loops you may use. The card folds "
        "around the stick and opens to a map of the last sodium lamps of Leipzig.",
        "halftone", 2, ("#e0a51b", "#4a3b63"), "A street lamp dissolving into halftone dots in yellow and violet ink",
        (TrackPlan("", "Ballast, Karl-Heine-Straße", 61, "drone"), TrackPlan("", "Ballast, Wharf", 58, "bells"), TrackPlan("", "Dawn Switch-off", 83)),
        (RunPlan("field-manual-stick", "150 numbered sticks in a folded map", Format.USB_ZINE, 150, 1800, 45, 3, "black", "#e0a51b", "8523.51"),),
    ),
)  # fmt: skip
