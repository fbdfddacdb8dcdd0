"""Path converters. What does not parse is not an address, so a bad date is a 404 and never a
500.
"""

import datetime as dt


class IsoDateConverter:
    """A calendar day as YYYY-MM-DD, within the years the product stores."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        date = dt.date.fromisoformat(value)
        if not 2000 <= date.year < 2200:
            raise ValueError("outside the years that are stored")
        return date

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
