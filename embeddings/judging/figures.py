"""Reliability plots as SVG: what was predicted against what turned out, one picture a band."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from embeddings.judging.cells import band_name
from embeddings.judging.reliability import Curve, Reliability
from embeddings.scorer import FloatArray

_SIDE, _LEFT, _TOP = 320, 56, 44
_WIDTH, _HEIGHT = _LEFT + _SIDE + 24, _TOP + _SIDE + 64
_STYLES = (("one_to_one", "1:1", "#1b6ca8", "0"), ("natural", "natural", "#b5461b", "5 3"))


def write_plots(reliability: Reliability, folder: Path) -> list[Path]:
    """Write ``reliability-all.svg`` and one ``reliability-band-N.svg`` for each band with facts.

    Raises:
        OSError: The folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bands = sorted(reliability.one_to_one.of_bands())
    titles = {"all": "all side effects"} | {
        f"band-{band}": f"side effects with {band_name(band)} facts" for band in bands
    }
    rows = {"all": slice(None)} | {f"band-{band}": slice(band, band + 1) for band in bands}
    written = []
    for name, title in titles.items():
        path = folder / f"reliability-{name}.svg"
        path.write_text(_picture(reliability, rows[name], title), encoding="utf-8")
        written.append(path)
    return written


def _picture(reliability: Reliability, rows: slice, title: str) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>Reliability, {escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">Reliability, {escape(title)}</text>',
        *_axes(),
    ]
    for place, (name, label, colour, dashes) in enumerate(_STYLES):
        curve: Curve = getattr(reliability, name)
        parts += _line(_points(curve, rows), colour, dashes)
        parts.append(_legend(place, f"{label}, ECE {_gap(curve, rows):.4f}", colour, dashes))
    return "\n".join([*parts, "</svg>", ""])


def _points(curve: Curve, rows: slice) -> list[tuple[float, float]]:
    weight, predicted, observed = (
        getattr(curve, name)[rows].sum(axis=0) for name in ("weight", "predicted", "observed")
    )
    used = weight > 0
    return list(zip(predicted[used] / weight[used], observed[used] / weight[used], strict=True))


def _gap(curve: Curve, rows: slice) -> float:
    gaps: FloatArray = np.abs((curve.predicted[rows] - curve.observed[rows]).sum(axis=0))
    return float(gaps.sum() / max(curve.weight[rows].sum(), 1e-12))


def _axes() -> Iterator[str]:
    bottom, right = _TOP + _SIDE, _LEFT + _SIDE
    yield (
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}M{_LEFT} {bottom}L{right} {_TOP}" fill="none" '
        'stroke="#888"/>'
    )
    for tick in range(6):
        share, place = tick / 5, tick * _SIDE / 5
        x, y = _LEFT + place, bottom - place + 4
        yield f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle">{share:.1f}</text>'
        yield f'<text x="{_LEFT - 8}" y="{y:.0f}" text-anchor="end">{share:.1f}</text>'
    middle = _LEFT + _SIDE / 2
    yield f'<text x="{middle:.0f}" y="{bottom + 34}" text-anchor="middle">probability</text>'
    yield (
        f'<text transform="translate(16 {_TOP + _SIDE / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">share that are facts</text>'
    )


def _line(points: list[tuple[float, float]], colour: str, dashes: str) -> Iterator[str]:
    placed = [(_LEFT + x * _SIDE, _TOP + (1.0 - y) * _SIDE) for x, y in points]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    yield (
        f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes}"/>'
    )
    for x, y in placed:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _legend(place: int, label: str, colour: str, dashes: str) -> str:
    x, y = _LEFT + place * _SIDE // 2, _HEIGHT - 10
    return (
        f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes}"/><text x="{x + 28}" y="{y}">{escape(label)}</text>'
    )
