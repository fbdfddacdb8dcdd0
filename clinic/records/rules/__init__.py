"""Rules of the record: values in, answers out. No query, no setting, no clock."""
