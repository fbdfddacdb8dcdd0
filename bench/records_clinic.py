"""The record that `bench.records` measures, in a database that is thrown away.

Runs as a program of its own, because settings are read once per process. The mixture of entries is
that of the fullest of the Synthea patients: mostly observations, then visits, procedures and
medicines. Every sealed value is opened again for each page, as in production: rows are read anew,
only the patient's key stays in the cache.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic.crypto import datakeys  # noqa: E402
from clinic.people.choices import Role, Specialty  # noqa: E402
from clinic.people.models import Patient, Practitioner, RoleGrant, User  # noqa: E402
from clinic.records import models  # noqa: E402
from clinic.records.choices import EncounterStatus, NoteStatus, Source, Verification  # noqa: E402
from clinic.records.tokens import observation_token  # noqa: E402
from realtime.server import quiet_the_collector  # noqa: E402

ROUNDS = 15
LOINC = "http://loinc.org"
MEASURED = (("29463-7", "Body weight", "kg"), ("8867-4", "Heart rate", "/min"))
# Of a hundred entries so many are of each kind; the rest are observations.
SHARES = {"visit": 10, "procedure": 8, "medicine": 6, "condition": 5, "vaccination": 3}
# The page, and what is posted to it: the words of a search are no part of an address.
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("overview", {}),
    "time line": ("timeline", {}),
    "search": ("timeline", {"words": "cough"}),
    "history": ("history", {}),
    "medicines": ("medication_list", {}),
    "measurements": ("measurement_list", {}),
    "notes": ("note_list", {}),
    "who looked": ("access_log", {}),
}


class Record:
    """One patient and a record that grows."""

    def __init__(self) -> None:
        self.now = timezone.now()
        user = User.objects.create_user("amara@example.org", "a long enough password")
        RoleGrant.objects.create(user=user, role=Role.PATIENT)
        self.patient = Patient.objects.create(
            user=user,
            record_number="BT 000 001",
            given_name="Amara",
            family_name="Fenwick",
            birth_date=dt.date(1959, 5, 3),
        )
        self.doctor = Practitioner.objects.create(
            given_name="Ines", family_name="Llorente", specialty=Specialty.GENERAL_PRACTICE
        )
        datakeys.ensure(datakeys.PATIENT, self.patient.pk)
        self.chance = random.Random(2026)  # noqa: S311
        self.size = 0

    def grow(self, size: int) -> None:
        """Add entries until there are so many."""
        rows = [row for number in range(self.size, size) for row in self._entry(number)]
        for model in dict.fromkeys(type(row) for row in rows):
            chosen = [row for row in rows if type(row) is model]
            model._default_manager.bulk_create(chosen, batch_size=500)
        self.size = size

    def _entry(self, number: int) -> Iterator[Model]:
        place = number % 100
        for kind, share in SHARES.items():
            if place < share:
                yield from getattr(self, f"_{kind}")()
                return
            place -= share
        yield self._observation()

    def _at(self) -> dt.datetime:
        return self.now - dt.timedelta(days=self.chance.randint(1, 7_000), hours=2)

    def _coded(self, text: str) -> dict[str, object]:
        at = self._at()
        return {
            "patient": self.patient,
            "concept": {"text": f"{text} {self.chance.randint(1, 400)}"},
            "note": "Told at the visit, to be looked at again.",
            "source": Source.PRACTITIONER,
            "verification": Verification.CONFIRMED,
            "recorded_at": at,
            "confirmed_at": at,
            "changed_at": at,
        }

    def _visit(self) -> Iterator[Model]:
        at = self._at()
        visit = models.Encounter(
            patient=self.patient,
            practitioner=self.doctor,
            status=EncounterStatus.FINISHED,
            starts_at=at,
            ends_at=at + dt.timedelta(minutes=20),
            kind={"text": "Follow-up"},
            reason="Cough",
            recorded_at=at,
        )
        yield visit
        yield models.ClinicalNote(
            patient=self.patient,
            encounter=visit,
            author=self.doctor,
            status=NoteStatus.FINAL,
            sections={"subjective": "Cough for a week. " * 20, "assessment": "A cold. " * 20},
            instructions="Drink two litres a day. " * 10,
            created_at=at,
            saved_at=at,
            signed_at=at,
            released_at=at,
        )

    def _procedure(self) -> Iterator[Model]:
        yield models.Procedure(**self._coded("Procedure"), performed_date=self._at().date())

    def _medicine(self) -> Iterator[Model]:
        stopped = self.chance.random() < 0.9  # noqa: PLR2004
        yield models.MedicationStatement(
            **self._coded("Medicine"),
            status="stopped" if stopped else "active",
            starts_on=self._at().date(),
            dosage={"amount": "1", "unit": "tablet", "frequency": "twice"},
        )

    def _condition(self) -> Iterator[Model]:
        past = self.chance.random() < 0.7  # noqa: PLR2004
        yield models.Condition(
            **self._coded("Condition"),
            clinical_status="resolved" if past else "active",
            onset_date=self._at().date(),
        )

    def _vaccination(self) -> Iterator[Model]:
        yield models.Immunization(**self._coded("Vaccine"), occurrence_date=self._at().date())

    def _observation(self) -> Model:
        code, text, unit = self.chance.choice(MEASURED)
        said = self._coded(text)
        said["concept"] = {"text": text, "system": LOINC, "code": code}
        return models.Observation(
            **said,
            code_token=observation_token(patient_id=self.patient.pk, code=code),
            effective_at=self._at(),
            value={"number": f"{self.chance.randint(600, 900) / 10}", "unit": unit},
        )


def ask(browser: Client, address: str, posted: dict[str, str]) -> None:
    answer = browser.post(address, posted) if posted else browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)  # noqa: PLR2004


def timed(ask: Callable[[], object]) -> float:
    """Return the median of one page in milliseconds, after two that warm up."""
    taken = []
    for number in range(ROUNDS + 2):
        begun = time.perf_counter()
        ask()
        if number > 1:
            taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)


def main(sizes: list[int]) -> dict[str, dict[str, float]]:
    record, browser = Record(), Client()
    assert record.patient.user is not None
    browser.force_login(record.patient.user)
    found: dict[str, dict[str, float]] = {page: {} for page in PAGES}
    for size in sizes:
        record.grow(size)
        for page, (name, posted) in PAGES.items():
            address = reverse(f"records:{name}", args=[record.patient.pk])
            found[page][str(size)] = timed(partial(ask, browser, address, posted))
    return found


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    quiet_the_collector()
    json.dump(main([int(size) for size in sys.argv[1:]]), sys.stdout)
