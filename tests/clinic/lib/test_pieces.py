"""A piece is one line, whatever its template looks like."""

from django.template import Context, Template

from clinic.lib import pieces


def test_render_piece_keeps_words_apart_and_tags_together(monkeypatch):
    source = "\n{# note #}\n<p\n   id='a'>\n  <b>One\n two</b> three\n</p>\n"
    monkeypatch.setattr(
        pieces, "render_to_string", lambda name, context: Template(source).render(Context(context))
    )

    assert pieces.render_piece("any.html", {}) == "<p id='a'><b>One two</b> three </p>"
