"""A record as FHIR R4, and as something a person can read: the copy that belongs to the patient.

`gathering` reads the rows under an access, `resources` and its neighbors turn each row into one
resource, `bundle` puts them together, `reading` and `summary` make the page and the sheet for
people, `copy` makes the one zip of it all. What was imported goes out as it came, relinked to this
bundle; what an import could not understand returns to the resource it came with.
"""
