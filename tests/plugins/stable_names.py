"""Gives parametrized tests the same names in every worker.

Each worker collects for itself and pytest-xdist compares. A made-up key or identifier as parameter
would be another one in each of them, so long texts are named after their argument.
"""

LONGEST_TEXT = 20


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    if isinstance(val, str) and len(val) > LONGEST_TEXT:
        return argname
    return None
