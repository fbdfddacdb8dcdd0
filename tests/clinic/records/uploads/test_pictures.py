"""Pictures are written anew: upright, in their colors, without where they were taken."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from clinic.records.uploads.magic import FileKind
from clinic.records.uploads.pictures import PREVIEW_SIDE, rewritten
from clinic.records.uploads.refusals import UploadRefused
from tests.factories import files

MOST = 64_000_000


def written(content, kind, most_pixels=MOST):
    return rewritten(content=content, kind=kind, most_pixels=most_pixels)


def refusal(content, kind=FileKind.JPEG, most_pixels=MOST):
    with pytest.raises(UploadRefused) as refused:
        written(content, kind, most_pixels)
    return refused.value.refusal


def test_a_photo_loses_place_and_camera_and_stands_upright():
    found = written(files.photo(), FileKind.JPEG)

    picture = Image.open(io.BytesIO(found.content))
    assert picture.size == (480, 640)
    assert picture.getpixel((240, 20))[0] > 200, "the left side is on top now"
    assert not picture.getexif()
    for remains in (b"CANARY", b"Exif", b"exif"):
        assert remains not in found.content


@pytest.mark.parametrize(
    ("content", "kind", "becomes"),
    [
        (files.image("JPEG"), FileKind.JPEG, FileKind.JPEG),
        (files.image("PNG"), FileKind.PNG, FileKind.PNG),
        (files.image("PNG", mode="RGBA"), FileKind.PNG, FileKind.PNG),
        (files.image("PNG", mode="P"), FileKind.PNG, FileKind.PNG),
        (files.image("JPEG", mode="L"), FileKind.JPEG, FileKind.JPEG),
        (files.image("JPEG", mode="CMYK"), FileKind.JPEG, FileKind.JPEG),
        (files.heic(), FileKind.HEIC, FileKind.JPEG),
    ],
    ids=["jpeg", "png", "clear png", "palette", "gray", "cmyk", "heic"],
)
def test_every_kind_becomes_what_browsers_show(content, kind, becomes):
    found = written(content, kind)

    assert found.kind is becomes
    with Image.open(io.BytesIO(found.content)) as picture:
        assert picture.size == (640, 480)
        assert Image.MIME[picture.format] == becomes
    with Image.open(io.BytesIO(found.preview)) as preview:
        assert preview.format == "JPEG"
        assert max(preview.size) <= PREVIEW_SIDE


def test_a_large_picture_has_a_small_preview():
    found = written(files.image(size=(3000, 2000)), FileKind.JPEG)

    assert Image.open(io.BytesIO(found.preview)).size == (720, 480)


def test_colors_of_a_telephone_become_those_of_the_web():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    found = written(files.image(icc_profile=profile), FileKind.JPEG)

    assert b"ICC_PROFILE" not in found.content


def test_a_broken_profile_is_left_out():
    found = written(files.image(icc_profile=b"no profile at all"), FileKind.JPEG)

    assert b"ICC_PROFILE" not in found.content


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded():
    assert refusal(files.image("PNG", size=(2000, 2000)), FileKind.PNG, 3_999_999) == "pixels"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.image()[:2000], FileKind.JPEG),
        (b"\xff\xd8\xff" + b"<script>" * 200, FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, FileKind.PNG),
        (b"\0\0\0\x18ftypheic" + b"\0" * 64, FileKind.HEIC),
        (files.image("GIF"), FileKind.JPEG),
    ],
    ids=["cut", "script", "no png", "no heic", "gif"],
)
def test_what_does_not_decode_is_refused(content, kind):
    assert refusal(content, kind) == "broken"
