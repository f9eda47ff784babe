"""Which media type an answer gets: what the asker accepts, among what can be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.errors import InvalidRequest

_LONGEST_QUOTED = 200


class NotAcceptable(InvalidRequest):
    """None of the media types that are asked for can be given."""

    status = 406
    title = "No such media type can be given"

    def __init__(self, accept: str, known: Iterable[str]) -> None:
        super().__init__(f"Accept {accept[:_LONGEST_QUOTED]!r} names none of: {', '.join(known)}")


def accepted(accept: str, known: Mapping[str, str]) -> str:
    """Choose a format by Accept: by weight, then in the order written; without one, the first.

    ``known`` has a format for each media type, the one that is given by default first. Empty where
    Accept names none of them, or weighs with nothing what it names (RFC 9110, 12.4.2).

    >>> accepted("text/html;q=0, */*", {"text/html": "html", "application/pdf": "pdf"})
    'pdf'
    """
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    refused = {media_type for media_type, weight in ranges if weight <= 0}
    left = {media: name for media, name in known.items() if media not in refused}
    for media_type, weight in sorted(ranges, key=lambda found: -found[1]):
        if weight > 0 and media_type in left:
            return left[media_type]
        kind = "" if media_type == "*/*" else media_type.removesuffix("*")
        if weight > 0 and media_type.endswith("/*"):
            name = next((name for media, name in left.items() if media.startswith(kind)), None)
            if name is not None:
                return name
    return "" if ranges else next(iter(known.values()))


def _range(part: str) -> tuple[str, float]:
    media_type, *parameters = part.split(";")
    weights = [found for found in map(str.strip, parameters) if found.lower().startswith("q=")]
    try:
        return media_type.strip().lower(), float(weights[-1][2:]) if weights else 1.0
    except ValueError:
        return media_type.strip().lower(), 0.0
