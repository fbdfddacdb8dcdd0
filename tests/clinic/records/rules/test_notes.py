"""Windows of follow-ups, what differs between two texts, what is new."""

from __future__ import annotations

import datetime as dt

import pytest

from clinic.records.note_templates import GENERAL, TEMPLATES, template_for, template_of
from clinic.records.rules import notes as rules

MONDAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("weeks", "first", "last"),
    [
        (1, dt.date(2026, 3, 6), dt.date(2026, 3, 12)),
        (4, dt.date(2026, 3, 26), dt.date(2026, 4, 3)),
        (52, dt.date(2026, 12, 31), dt.date(2027, 4, 30)),
    ],
)
def test_follow_up_has_leeway_that_grows_with_its_distance(weeks, first, last):
    assert rules.follow_up_window(today=MONDAY, weeks=weeks) == (first, last)


def test_follow_up_at_once_begins_tomorrow():
    first, _last = rules.follow_up_window(today=MONDAY, weeks=0)

    assert first == MONDAY + dt.timedelta(days=1)


def test_only_sections_with_other_words_differ():
    saved = {"subjective": "Cough", "plan": "Rest"}
    other = {"subjective": "Cough \n", "plan": "Tea", "instructions": "Drink"}

    found = rules.differences(saved=saved, other=other)

    assert found == [
        rules.Difference("plan", "Rest", "Tea"),
        rules.Difference("instructions", "", "Drink"),
    ]


@pytest.mark.parametrize(
    ("choice", "saved", "other", "expected"),
    [
        ("saved", "Rest", "Tea", "Rest"),
        ("other", "Rest", "Tea", "Tea"),
        ("both", "Rest", "Tea", "Rest\n\nTea"),
        ("both", "Rest", "Rest and tea", "Rest and tea"),
        ("both", "Rest and tea", "Rest", "Rest and tea"),
        (None, "Rest", "Tea", "Rest\n\nTea"),
    ],
)
def test_merged_text_is_what_was_chosen(choice, saved, other, expected):
    choices = {} if choice is None else {"plan": choice}

    texts = rules.merged(saved={"plan": saved}, other={"plan": other}, choices=choices)

    assert texts["plan"] == expected
    assert texts["subjective"] == ""


def test_note_is_new_for_two_weeks():
    now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

    assert rules.is_new(released_at=now - dt.timedelta(days=13), now=now)
    assert not rules.is_new(released_at=now - dt.timedelta(days=14), now=now)
    assert not rules.is_new(released_at=None, now=now)


def test_visit_type_chooses_the_template():
    assert template_for("child").slug == "child"
    assert template_for("something-of-our-own") is GENERAL
    assert template_of("vaccination").visit_types == ("vaccination",)
    assert template_of("gone") is GENERAL


def test_every_template_prompts_every_section():
    for template in TEMPLATES:
        assert set(template.prompts) == set(rules.TEXTS), template.slug
        assert all(template.prompts.values()), template.slug
