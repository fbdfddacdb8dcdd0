"""The house keeps its rooms: where queries, commits and clocks may stand; and the docs are true."""

import re
from pathlib import Path

import pytest

from clinic.scheduling import rules
from clinic.scheduling.choices import AppointmentStatus

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    path
    for room in ("clinic", "realtime", "reminders")
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
]


def of_kind(*names):
    """Return the files of a kind: `views.py` or anything in a folder `views`."""
    return [path for path in CODE if path.stem in names or path.parent.name in names]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", of_kind("views"), ids=named)
def test_a_view_asks_selectors_and_services(path):
    """No query, no transaction: a bare manager in a view is how a record leaks."""
    found = re.findall(r"\.objects\b|\batomic\(|\.raw\(|\bcursor\(", path.read_text())

    assert found == []


PURE = [
    path for path in of_kind("rules", "flow", "availability") if path.parent.name != "selectors"
]


@pytest.mark.parametrize("path", PURE, ids=named)
def test_rules_are_values_in_answers_out(path):
    """No query, no setting, no clock."""
    found = re.findall(
        r"\.objects\b|timezone\.now\(|datetime\.now\(|django\.conf", path.read_text()
    )

    assert found == []


@pytest.mark.parametrize("path", of_kind("presenters"), ids=named)
def test_presenters_ask_nobody(path):
    found = re.findall(r"\.objects\b|timezone\.now\(|datetime\.now\(", path.read_text())

    assert found == []


@pytest.mark.parametrize("path", of_kind("services", "selectors"), ids=named)
def test_services_and_selectors_are_told_the_time(path):
    assert not re.search(r"timezone\.now\(\)|datetime\.now\(|date\.today\(", path.read_text())


def test_announcements_leave_from_one_place():
    """The other one is no announcement: a data key is remembered once its row is committed."""
    waiting = sorted(named(path) for path in CODE if "on_commit(" in path.read_text())

    assert waiting == ["clinic/crypto/datakeys.py", "clinic/lib/announce.py"]


def test_no_text_is_mixed_into_a_query():
    """The one `raw` is a statement the ORM wrote, with parameters, kept because it runs always."""
    assert not [named(path) for path in CODE if ".extra(" in path.read_text()]
    raw = [named(path) for path in CODE if ".raw(" in path.read_text()]
    assert raw == ["clinic/people/selectors.py"]


WORDS = {
    "held": "proposed",
    "requested": "pending",
    "booked": "booked",
    "here": "arrived",
    "in room": "checked-in",
    "seen": "fulfilled",
    "did not come": "noshow",
    "cancelled": "cancelled",
    "entered in error": "entered-in-error",
}


def test_the_table_in_the_docs_is_the_table_of_the_rules():
    """S1: docs/scheduling.md says exactly what `rules.TRANSITIONS` allows."""
    text = (ROOT / "docs/scheduling.md").read_text()
    section = text.split("## Statuses")[1].split("* **S1**")[0]
    told = {}
    for line in section.splitlines()[4:]:
        if line.startswith("|"):
            before, after = (cell.strip() for cell in line.strip("|").split("|"))
            status = WORDS[re.sub(r" \(.*\)", "", before)]
            told[status] = {WORDS[word] for word in after.split(", ")}

    assert told == {
        str(before): set(map(str, after))
        for before, after in rules.TRANSITIONS.items()
        if after and before != AppointmentStatus.WAITLIST
    }


def test_every_signal_is_described():
    for path in of_kind("signals"):
        text = path.read_text()
        for name in re.findall(r"^(\w+) = Signal\(\)", text, re.MULTILINE):
            above = text.split(f"{name} = Signal()")[0].rstrip().splitlines()[-1]
            assert above.startswith("#"), f"{named(path)}: {name}"
