"""Read FHIR R4 bundles of one patient each into records.

`archive` finds the bundles of a file, `reading` turns resources into rows, `loading` writes one
bundle in one transaction, `report` counts what was read and what was not understood. A row's id is
derived from its resource's, so reading a bundle twice changes nothing. What has no column is kept
as an `ImportedResource`: nothing is dropped without being counted.
"""
