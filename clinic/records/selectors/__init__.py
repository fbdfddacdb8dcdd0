"""Reads of the record. Each takes a `RecordAccess`: only `permissions` makes one."""
