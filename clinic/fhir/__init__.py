"""FHIR R4 in and out: bundles become records, a record becomes a bundle."""
