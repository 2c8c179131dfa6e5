"""Reads an uploaded picture and prints it anew as JPEG, so that nothing of the file itself is ever served."""

import contextlib
import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.kernel.errors import BadInput

LARGE, SMALL = 1600, 640  # pixels of the longer side
FORMATS = ("JPEG", "PNG", "WEBP")
# So many that reading one takes less than 200 MB. A baseline JPEG is read at a fraction of its size; a progressive one is not.
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 16_000_000, "WEBP": 12_000_000}
MOST_WHOLE_JPEG = 24_000_000
_PAPER = (247, 242, 232)  # what shows through a transparent picture
_ONE_AT_A_TIME = threading.Lock()  # decoding is heavy, and may happen in the middle of a drop


@dataclass(frozen=True)
class Picture:
    """Both sizes as JPEG, and the pixels of the larger."""

    large: bytes
    small: bytes
    width: int
    height: int


def printed(content: bytes, field: str) -> Picture:
    """The picture turned upright, in sRGB, without metadata; BadInput when it cannot be read or has too many pixels."""
    with _ONE_AT_A_TIME:
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image, field)
                return _both(_upright(image))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
            raise _too_many(field) from fault
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as fault:
            raise BadInput(
                "", {field: "This is not a whole JPEG, PNG or WebP picture. Export it again and try once more."}
            ) from fault


def _check_size(image: Image.Image, field: str) -> None:
    width, height = image.size
    whole = image.format == "JPEG" and (image.info.get("progressive") or image.mode == "CMYK")
    if width * height > (MOST_WHOLE_JPEG if whole else MOST_PIXELS[image.format or "PNG"]):
        raise _too_many(field)
    if min(width, height) < 16:
        raise BadInput("", {field: "This picture is only a few pixels large. Choose a bigger one."})


def _too_many(field: str) -> BadInput:
    return BadInput("", {field: "This picture has too many pixels. Save it at 3400 × 3400 or less and try again."})


def _upright(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in {"P", "PA", "LA"} or "transparency" in image.info:
        image = image.convert("RGBA")
    image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)
    flat = _flat(ImageOps.exif_transpose(image))
    return _in_srgb(flat, profile) if profile else flat


def _flat(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: take the colours as they are
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"))
        return turned or image
    return image


def _both(image: Image.Image) -> Picture:
    small = image.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return Picture(_jpeg(image), _jpeg(small), *image.size)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # a new picture carries no metadata over
    clean.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    return out.getvalue()
