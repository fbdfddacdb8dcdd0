"""Every address of the product, found in the URL configuration, so that a new one is tested too."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

_ASKED_FOR = re.compile(r"""(?:GET|POST|data)(?:\.get|\.getlist|)[(\[]\s*f?["'](\w+)["']""")


@dataclass(frozen=True)
class Address:
    """One URL pattern with its view and the names of its arguments."""

    name: str
    view: Callable[..., Any]
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ours(self) -> bool:
        return not inspect.unwrap(self.view).__module__.startswith("allauth")


def addresses() -> list[Address]:
    """Return every named address."""
    return sorted(_walk(get_resolver(), ""), key=str)


def _walk(resolver: URLResolver, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            arguments = tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex)
            yield Address(f"{namespace}{entry.name}", entry.callback, arguments)


def parameters(address: Address) -> list[str]:
    """Return the names a view may read from a query or a form.

    Those its module asks for by name, those of every form the module knows, and a few that no form
    has: what an attacker adds to see whether it sticks.
    """
    module = sys.modules[inspect.unwrap(address.view).__module__]
    names = {"q", "next", "page", "id", "user", "user_id", "patient", "patient_id", "role"}
    for source in _of_its_package(module.__name__):
        names.update(_ASKED_FOR.findall(inspect.getsource(source)))
    for member in vars(module).values():
        if inspect.isclass(member) and issubclass(member, forms.BaseForm):
            names.update(getattr(member, "base_fields", {}))
    return sorted(names)


def _of_its_package(name: str) -> list[Any]:
    """Return the module and those of our own that it imports and that read requests."""
    found = [sys.modules[name]]
    for node in ast.walk(ast.parse(inspect.getsource(found[0]))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("clinic."):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in sys.modules and re.search(r"\.(forms|views|requests)\b", full):
                    found.append(importlib.import_module(full))
    return found
