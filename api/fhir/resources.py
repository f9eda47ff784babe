"""The resources within Bundles and other resources, and what their references lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.fhir.elements import Resource, mapping_of, mappings_of, reference_of, text_of

__all__ = ["Found", "References", "resources_of", "walk"]

BUNDLE, PARAMETERS = "Bundle", "Parameters"


@dataclass(frozen=True, slots=True)
class Found:
    """One resource where it stands: its address in a Bundle, and what contains it."""

    resource: Resource
    full_url: str = ""
    container: Resource | None = None

    @property
    def kind(self) -> str:
        """The type of the resource."""
        return text_of(self.resource.get("resourceType"))

    @property
    def reference(self) -> str:
        """How another resource refers to it: ``Patient/1``; empty without an id."""
        own = text_of(self.resource.get("id"))
        return f"{self.kind}/{own}" if own and self.kind else ""


def resources_of(bundle_or_resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every resource: those of Bundles in Bundles, of Parameters, and contained ones."""
    return (found.resource for found in walk([bundle_or_resource]))


def walk(resources: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    """Yield every resource, with its address, in the order in which they stand; each once.

    An entry of a Bundle that deletes a resource, or tells how a search went, holds none.
    """
    seen: set[int] = set()
    waiting = [Found(mapping_of(each)) for each in resources][::-1]
    while waiting:
        found = waiting.pop()
        if id(found.resource) in seen or not found.kind:
            continue
        seen.add(id(found.resource))
        if found.kind not in {BUNDLE, PARAMETERS}:
            yield found
        waiting += [*_within(found)][::-1]


def _within(found: Found) -> Iterator[Found]:
    resource = found.resource
    if found.kind == BUNDLE:
        for entry in mappings_of(resource.get("entry")):
            is_gone = mapping_of(entry.get("request")).get("method") == "DELETE"
            is_told = mapping_of(entry.get("search")).get("mode") == "outcome"
            if not (is_gone or is_told):
                yield Found(mapping_of(entry.get("resource")), text_of(entry.get("fullUrl")))
    elif found.kind == PARAMETERS:
        yield from _of_parts(resource.get("parameter"))
    else:
        for inner in mappings_of(resource.get("contained")):
            yield Found(inner, "", resource)


def _of_parts(parts: object) -> Iterator[Found]:
    for part in mappings_of(parts):
        yield Found(mapping_of(part.get("resource")))
        yield from _of_parts(part.get("part"))


@dataclass(frozen=True, slots=True)
class References:
    """Leads from a reference to its resource, however it is written."""

    by_address: Mapping[str, Resource]
    _names: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, found: Iterable[Found]) -> References:
        """Index resources by address, by type and id, and by id alone; the first of each counts."""
        by_address: dict[str, Resource] = {}
        names: dict[str, str] = {}
        for each in found:
            if each.container is not None:
                continue
            own = each.reference
            for address in (each.full_url, own, own.rpartition("/")[2]):
                if address:
                    by_address.setdefault(address, each.resource)
                    names.setdefault(address, own or address)
        return cls(by_address, names)

    def resource(self, value: object, within: Resource) -> Resource | None:
        """Give the resource that a Reference in a resource leads to; ``None`` for none."""
        written = reference_of(value)
        if written.startswith("#"):
            inner = mappings_of(within.get("contained"))
            return next((r for r in inner if text_of(r.get("id")).lstrip("#") == written[1:]), None)
        return next((self.by_address[a] for a in _addresses(written) if a in self.by_address), None)

    def name(self, value: object) -> str:
        """Give the one name of what a Reference leads to, ``Patient/1``; empty without one."""
        written = reference_of(value)
        if not written or written.startswith("#"):
            return ""
        known = (self._names[a] for a in _addresses(written) if a in self._names)
        return next(known, _short(written))


def _addresses(written: str) -> Iterator[str]:
    plain = written.partition("/_history/")[0].partition("|")[0]
    yield plain
    yield _short(plain)
    if plain.startswith("urn:"):
        yield plain.rpartition(":")[2]


def _short(written: str) -> str:
    """Give type and id alone of an absolute address.

    >>> _short("http://server/fhir/Patient/1/_history/2")
    'Patient/1'
    """
    parts = written.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else written
