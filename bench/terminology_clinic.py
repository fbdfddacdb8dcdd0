"""The code systems that `bench.terminology` measures, in a database that is thrown away.

Runs as a program of its own, because settings are read once per process. What is typed is made from
the codes themselves: beginnings of words and codes, plain names, and every tenth mistyped.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from clinic.terminology import selectors  # noqa: E402
from clinic.terminology.choices import Kind, System  # noqa: E402
from clinic.terminology.models import Concept  # noqa: E402
from realtime.server import quiet_the_collector  # noqa: E402

QUERIES = 500
ROUNDS = 4
BARE = """
SELECT code, display FROM terminology_concept
WHERE system = %s AND code LIKE %s ORDER BY code LIMIT 10
"""


def typed(count: int) -> Iterator[str]:
    """Yield what people type on their way to a condition."""
    chance = random.Random(2026)  # noqa: S311
    concepts = list(
        Concept.objects.filter(kind=Kind.CONDITION).values("code", "display", "details")
    )
    common = [one for one in concepts if one["details"].get("names")]
    for number in range(count):
        one = chance.choice(common if number % 2 else concepts)
        if number % 5 == 0:
            yield one["code"][: chance.randint(2, 7)]
            continue
        phrase = chance.choice([one["display"], *one["details"].get("names", [])])
        words = phrase.lower().split()[: chance.randint(1, 3)]
        words[-1] = words[-1][: chance.randint(1, len(words[-1]))]
        yield _mistyped(words, chance) if number % 10 == 1 else " ".join(words)


def _mistyped(words: list[str], chance: random.Random) -> str:
    longest = max(range(len(words)), key=lambda at: len(words[at]))
    word = words[longest]
    if len(word) > 4:
        at = chance.randint(1, len(word) - 2)
        words[longest] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def timed(ask: Callable[[str], Any], queries: list[str]) -> dict[str, float]:
    """Return the median, the 99th of a hundred and the slowest, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        for query in queries:
            began = time.perf_counter()
            ask(query)
            taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return {
        "p50": statistics.median(taken),
        "p99": taken[int(len(taken) * 0.99)],
        "slowest": taken[-1],
    }


def bare(code: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [System.ICD10CM, f"{code}%"])
        return cursor.fetchall()


def search(query: str) -> list[Any]:
    return selectors.search_concepts(kind=Kind.CONDITION, query=query)


def main() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    began = time.perf_counter()
    call_command("load_codes", start=True, stdout=StringIO())
    loading = time.perf_counter() - began
    began = time.perf_counter()
    call_command("load_codes", start=True, stdout=StringIO())
    again = time.perf_counter() - began
    queries = list(typed(QUERIES))
    codes = [query.upper() for query in queries[::5]]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    search("high blood")
    first = (time.perf_counter() - began) * 1000
    quiet_the_collector()
    timed(bare, codes[:20])
    found = {
        "loading_s": loading,
        "again_s": again,
        "first_ms": first,
        "bare": timed(bare, codes),
        "search": timed(search, queries),
        "empty": sum(not search(query) for query in queries),
        "grown_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
