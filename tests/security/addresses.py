"""Every address of the product, found in the URL configuration, so that a new one is tested too."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

from clinic.terminology.fields import ConceptField

_ASKED_FOR = re.compile(r"""(?:GET|POST|data)(?:\.get|\.getlist|)[(\[]\s*f?["'](\w+)["']""")

_ASKED_OF_QUERY = re.compile(r"""GET(?:\.get|\.getlist|)[(\[]\s*f?["'](\w+)["']""")
_FORM_OF_QUERY = re.compile(r"(\w+Form)\([^()]*request\.GET")
_PREFIX = re.compile(r"""prefix=(?:["'](\w+)["']|([A-Z]\w*))""")


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
        return not inspect.unwrap(self.view).__module__.startswith("allauth.")


def addresses() -> list[Address]:
    """Return every named address."""
    return sorted(_walk(get_resolver(), "", ()), key=str)


def _walk(resolver: URLResolver, namespace: str, above: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, (*above, *entry.pattern.converters))
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            own = tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex)
            yield Address(f"{namespace}{entry.name}", entry.callback, (*above, *own))


def parameters(address: Address, method: str) -> list[str]:
    """Return the names a view may read from a query ("get") or from a form ("post").

    Those that its source asks for by name, helpers included, the fields of every form it names, and
    a few that no form has: what an attacker adds to see whether it sticks.
    """
    names = {"next", "patient", "user_id"}
    reached = _reached(inspect.unwrap(address.view))
    sources = [inspect.getsource(one) for one in reached if not inspect.isclass(one)]
    known = {one.__name__: one.base_fields for one in reached if inspect.isclass(one)}
    asked = _ASKED_FOR if method == "post" else _ASKED_OF_QUERY
    for source in sources:
        names.update(asked.findall(source))
        forms_used = known if method == "post" else _FORM_OF_QUERY.findall(source)
        fields = {name for form in forms_used for name in _posted(known.get(form, {}))}
        names.update(fields)
        names.update(f"{prefix}-{name}" for prefix in _prefixes(source, reached) for name in fields)
    return sorted(names)


def _posted(fields: Mapping[str, forms.Field]) -> Iterator[str]:
    """Yield the names under which fields are posted; a concept has its code beside its words."""
    for name, field in fields.items():
        yield name
        if isinstance(field, ConceptField):
            yield from (f"{name}_system", f"{name}_code")


def _prefixes(source: str, reached: set[Any]) -> Iterator[str]:
    """Yield the prefixes of the forms in a source, written there or named by a constant."""
    for written, constant in _PREFIX.findall(source):
        modules = {sys.modules[one.__module__] for one in reached}
        named = {getattr(module, constant, None) for module in modules} if constant else set()
        yield from (one for one in {written, *named} if one and isinstance(one, str))


def _reached(view: Callable[..., Any]) -> set[Any]:
    """Return the view with every function and form of this product that it can come to."""
    reached: set[Any] = set()
    waiting: list[Any] = [view]
    while waiting:
        member = waiting.pop()
        if member in reached or not _is_ours(member):
            continue
        reached.add(member)
        known = vars(sys.modules[member.__module__])
        for word in set(re.findall(r"\b[A-Za-z_]\w+\b", inspect.getsource(member))):
            named = known.get(word)
            if inspect.isfunction(named) or (
                inspect.isclass(named) and issubclass(named, forms.BaseForm)
            ):
                waiting.append(inspect.unwrap(named))
            elif inspect.ismodule(named) and re.search(r"\.(forms|views)\b", named.__name__):
                waiting += [inspect.unwrap(f) for f in vars(named).values() if _is_form(f)]
    return reached


def _is_form(member: Any) -> bool:
    return inspect.isclass(member) and issubclass(member, forms.BaseForm)


def _is_ours(member: Any) -> bool:
    module = getattr(member, "__module__", "")
    return module.startswith(("clinic.", "realtime.", "reminders.")) and (
        ".views" in module or _is_form(member) or ".presenters" not in module
    )
