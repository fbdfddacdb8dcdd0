"""Everything that changes a record. Each change goes through `writing.record_change`."""
