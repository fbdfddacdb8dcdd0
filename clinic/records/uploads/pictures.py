"""Pictures: decode, turn upright, write anew without their metadata. Runs in the child."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from clinic.records.uploads.magic import FileKind
from clinic.records.uploads.refusals import Refusal, UploadRefused

FORMATS = {FileKind.JPEG: "JPEG", FileKind.PNG: "PNG", FileKind.HEIC: "HEIF"}
# As good as the camera's own at a fraction of its bytes.
QUALITY = 90
PREVIEW_SIDE, PREVIEW_QUALITY = 720, 80


@dataclass(frozen=True)
class Picture:
    """A picture written anew; the preview is a JPEG."""

    content: bytes
    kind: FileKind
    preview: bytes


def rewritten(*, content: bytes, kind: FileKind, most_pixels: int) -> Picture:
    """Return the first frame of a picture: upright, in sRGB, without place, camera or thumbnail.

    HEIC becomes JPEG, because most browsers show none. Raises UploadRefused.
    """
    if kind is FileKind.HEIC:
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    # The size is checked below with a limit of ours, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[FORMATS[kind]]) as opened:
                if opened.width * opened.height > most_pixels:
                    raise UploadRefused(Refusal.PIXELS)
                # The whole has to decode: half a picture is a broken one.
                opened.load()
                picture = _plain(opened)
    except MemoryError:
        raise UploadRefused(Refusal.TOO_COSTLY) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise UploadRefused(Refusal.BROKEN) from None
    written = FileKind.PNG if kind is FileKind.PNG else FileKind.JPEG
    return Picture(_written(picture, written), written, _preview(picture))


def _plain(opened: Image.Image) -> Image.Image:
    """Return the pixels alone: upright, in sRGB."""
    profile = opened.info.get("icc_profile")
    was = opened.mode
    # In place, and converted only where needed: a copy of 50 megapixels takes 150 MB.
    ImageOps.exif_transpose(opened, in_place=True)
    has_alpha = "A" in opened.getbands() or "transparency" in opened.info
    mode = "RGBA" if has_alpha else "RGB"
    picture: Image.Image = opened if was == mode else opened.convert(mode)
    if profile and was == mode == "RGB":
        picture = _in_srgb(picture, profile)
    picture.info.clear()
    return picture


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    # Telephones write Display P3; without its profile a picture would look pale.
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        return picture
    return picture


def _written(picture: Image.Image, kind: FileKind) -> bytes:
    out = io.BytesIO()
    if kind is FileKind.PNG:
        picture.save(out, "PNG")
    else:
        _on_white(picture).save(out, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return out.getvalue()


def _preview(picture: Image.Image) -> bytes:
    factor = min(1, PREVIEW_SIDE / max(picture.size))
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    out = io.BytesIO()
    _on_white(small).save(out, "JPEG", quality=PREVIEW_QUALITY)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white
