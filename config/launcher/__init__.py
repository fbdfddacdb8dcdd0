"""Starts and stops a whole Betony on one machine: what run.sh and test.sh call."""
