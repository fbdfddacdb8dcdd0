"""Shared by every test."""

pytest_plugins = ["tests.plugins.browser"]
