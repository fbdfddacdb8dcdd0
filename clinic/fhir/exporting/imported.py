"""What another system sent, as it came, with its references led to the rows it became here."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from clinic.fhir.exporting.elements import Element, urn
from clinic.fhir.importing.bundles import patient_row, row_id
from clinic.fhir.importing.elements import reference
from clinic.fhir.importing.reading import READERS
from clinic.records.models import ImportedResource


class Relinked:
    """Imported resources of one patient; `rows` are the ids that the bundle holds."""

    def __init__(self, patient_id: uuid.UUID, rows: Collection[uuid.UUID]) -> None:
        self.patient_id = patient_id
        self.rows = rows

    def whole(self, row: ImportedResource) -> Element:
        """Return a resource that was kept whole."""
        return dict(self._walk(row.content))

    def with_rest(self, resource: Element, rest: ImportedResource | None) -> Element:
        """Return a resource with the elements that no column took; what we say stands first."""
        if rest is None:
            return resource
        merged = dict(resource)
        for name, value in self._walk(rest.content).items():
            mine = merged.get(name)
            if mine is None:
                merged[name] = value
            elif isinstance(mine, list) and isinstance(value, list):
                merged[name] = mine + [one for one in value if one not in mine]
        return merged

    def _walk(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            walked = {name: self._walk(inner) for name, inner in value.items()}
            if isinstance(value.get("reference"), str):
                walked["reference"] = self._led(value)
            return walked
        return [self._walk(one) for one in value] if isinstance(value, list) else value

    def _led(self, element: Mapping[str, Any]) -> str:
        source = reference(element)
        if source and patient_row(source) == self.patient_id:
            return urn(self.patient_id)
        for kind in READERS:
            if (row := row_id(self.patient_id, kind, source)) in self.rows:
                return urn(row)
        return str(element["reference"])


def rests_by_row(
    rows: Collection[ImportedResource],
) -> tuple[list[ImportedResource], dict[uuid.UUID, ImportedResource]]:
    """Return the resources kept whole, and the rests by their own id."""
    whole = [row for row in rows if row.content.get("resourceType")]
    rests = {row.pk: row for row in rows if not row.content.get("resourceType")}
    return whole, rests
