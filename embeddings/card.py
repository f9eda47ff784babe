"""The model card of a bundle: what it is for, what it is not for, and what training measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Protocol

import numpy as np

from embeddings.judging.metrics import METRICS
from embeddings.triples import Facts

BESIDE = ("count_stack", "count_blend", "effect_degree", "degree_product")
"""Ways of counting that stand beside the model, the strongest first."""
CO_REPORTS, STATEMENTS = "co-reports", "statements"
"""What a fact is: drugs and an effect reported together, or an interaction somebody states."""

Row = Sequence[object]

_USES = (
    "Research on which effects are reported of which two drugs, and on methods that predict them.",
    "Ordering hypotheses for people who know the drugs and look at each case themselves.",
    "A few predictions beside the stated findings of a screening, marked as guesses, each with its "
    "probability and the base rate of its effect.",
)
_NOT_FOR = (
    "To call two drugs safe together. That nobody reported an effect, or a low probability, is no "
    "sign of safety.",
    "To tell the risk of a patient. A probability says how often a pair with such a score is a "
    "fact of this data, not how often people who take both drugs suffer the effect.",
    "To say that a combination causes an effect, or how severe an effect is.",
    "To start, stop or change a treatment without a professional who answers for it.",
    "Doses, routes, durations, or what three drugs do that no two of them do: none is in the data.",
    "As facts: a prediction that is stored as a statement, or learned from, feeds on itself.",
)
_BIASES = {
    CO_REPORTS: (
        "Spontaneous reports: what is noticed, asked about, in the news or new on the market is "
        "reported more, what is usual or slow is reported less, and nobody counts the people who "
        "took both drugs without trouble.",
        "To be co-reported is not to be caused: the illness that both drugs treat, a third drug "
        "or chance stand behind many facts.",
    ),
    STATEMENTS: (
        "A statement is often made of whole classes of drugs; their members then look alike, and "
        "facts that are held out at random are easy to guess.",
        "Sources state what somebody looked at: much-used and well-known drugs have more facts.",
    ),
}
_ALWAYS = (
    "Sex, age, ancestry, organ function, dose and indication are not in the data; a prediction is "
    "the same for every patient.",
)


class Described(Protocol):
    """What a card is written from: a bundle, as :class:`embeddings.store.Bundle` is one."""

    @property
    def id(self) -> str:
        """Name of the model."""

    @property
    def config(self) -> Mapping[str, Any]:
        """What went into it."""

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What was measured."""

    @property
    def train(self) -> Facts:
        """Facts it learned from."""

    @property
    def valid(self) -> Facts:
        """Facts that tuned it."""

    @property
    def graph_id(self) -> str:
        """Graph of the facts."""

    @property
    def licence(self) -> str:
        """Licences of the facts."""


def model_card(bundle: Described, names: Mapping[str, str]) -> str:
    """Write the card of a bundle in Markdown: the same bundle gives the same text.

    ``names`` gives classes of effects a name to read. A figure that training did not measure is
    left out.
    """
    parts = (
        _head(bundle),
        _bullets("Intended use", _USES),
        _bullets("Not for", _NOT_FOR),
        _protocols(bundle.metrics),
        _novelty(bundle.metrics),
        _groups(bundle.metrics, names),
        _calibration(bundle.metrics),
        _bullets("Known biases", _biases(bundle)),
    )
    return "\n".join(line for part in parts for line in part).rstrip("\n") + "\n"


def _head(bundle: Described) -> Iterator[str]:
    config, train = bundle.config, bundle.train
    settings = config["config"]
    stated = ", ".join(f"{name} {settings[name]}" for name in sorted(settings) if name != "name")
    yield f"# Model {bundle.id}"
    yield ""
    yield (
        "Guesses which effects two drugs have together, learned from "
        f"{config.get('taught', 'facts')} on pairs of drugs. "
        "Every figure was measured when this model was trained."
    )
    yield ""
    yield from _table(
        ("", ""),
        (
            ("configuration", f"{settings.get('name', '')} ({stated})"),
            ("split, seed", f"{_split(str(config.get('split', '')))}, {config.get('seed', 0)}"),
            ("graph", bundle.graph_id),
            ("sources", "; ".join(config.get("sources", ())) or "not stated"),
            ("licence of the data", bundle.licence or "not stated"),
            ("drugs, effects", f"{len(train.drugs):,}, {len(train.effects):,}"),
            *(_part(name, facts) for name, facts in _parts(bundle)),
        ),
    )
    yield ""


def _parts(bundle: Described) -> tuple[tuple[str, Facts], ...]:
    return ("training", bundle.train), ("validation", bundle.valid)


def _part(name: str, facts: Facts) -> Row:
    return f"{name} facts", f"{len(facts):,} (digest {facts.digest})"


def _split(text: str) -> str:
    """Name a split; of a file only its name, as its folder is nobody else's."""
    kind, colon, path = text.partition(":")
    return f"{kind}{colon}{PurePath(path).name}" or "not stated"


def _bullets(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from (f"* {line}" for line in lines)
    yield ""


def _protocols(metrics: Mapping[str, Any]) -> Iterator[str]:
    protocols = metrics.get("protocols", {})
    if not protocols:
        return
    yield from ("## Figures", "")
    yield (
        f"Means over {metrics['n_effects']:,} effects, {metrics['n_facts']:,} held-out facts, one "
        "negative for each, with the 95 % bootstrap interval of the AUROC. Counting was fitted on "
        "the same training and validation facts."
    )
    yield ""
    rows: list[Row] = []
    for protocol in protocols:
        for name, summary in _beside(protocols[protocol]):
            figures = (_number(summary[metric]["mean"]) for metric in METRICS)
            rows.append((protocol, name, *figures, _interval(summary["auroc"]["ci"])))
    yield from _table(("negatives", "", "AUROC", "AUPRC", "AP@50", "P@50", "interval"), rows)
    won = ", ".join(
        f"{100 * found['effects_won_over_effect_degree']:.1f} % ({protocol})"
        for protocol, found in protocols.items()
    )
    yield from ("", f"Effects on which the model beats the effect's own degrees: {won}.", "")


def _beside(figures: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "model", figures["model"]
    counts = figures.get("baselines", {})
    yield from ((name, counts[name]) for name in BESIDE if name in counts)


def _novelty(metrics: Mapping[str, Any]) -> Iterator[str]:
    rows: list[Row] = []
    for protocol, figures in metrics.get("protocols", {}).items():
        for name, found in figures.get("strata", {}).items():
            shown = {kind: _number(one["auroc"]["mean"]) for kind, one in _beside(found)}
            counts = (shown.get(kind, "") for kind in ("model", "count_stack", "effect_degree"))
            rows.append((protocol, name.replace("_", " "), f"{found['n_facts']:,}", *counts))
    if rows:
        yield from ("By what is new to training, AUROC:", "")
        yield from _table(
            ("negatives", "facts of a", "facts", "model", "count_stack", "effect_degree"), rows
        )
        yield ""


def _groups(metrics: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    groups = metrics.get("groups", {})
    for kind, title in (
        ("bands", "By number of known facts of the effect"),
        ("classes", "By class of the effect"),
    ):
        found = groups.get(kind, [])
        if not found:
            continue
        protocols = sorted({protocol for group in found for protocol in group["auroc"]})
        yield from (f"{title}, AUROC of the model and of each effect's degrees:", "")
        yield from _table(
            (kind, "effects", "facts", *protocols),
            ((names.get(g["name"], g["name"]), *_of_group(g, protocols)) for g in found),
        )
        yield ""


def _of_group(group: Mapping[str, Any], protocols: Iterable[str]) -> Row:
    cells = []
    for protocol in protocols:
        auroc = group["auroc"].get(protocol, {})
        both = (_number(auroc.get(name)) for name in ("model", "effect_degree"))
        cells.append(" / ".join(both))
    return f"{group['n_effects']:,}", f"{group['n_facts']:,}", *cells


def _calibration(metrics: Mapping[str, Any]) -> Iterator[str]:
    found = metrics.get("calibration", {})
    if not found:
        return
    names = {"natural": "at natural prevalence", "one_to_one": "one negative for each fact"}
    rows: list[Row] = [
        (names.get(kind, kind), _number(one["brier"]), _number(one["ece15"]))
        for kind, one in found.items()
        if "brier" in one and "ece15" in one
    ]
    for group in metrics.get("groups", {}).get("bands", ()):
        if "natural" in group:
            one = group["natural"]
            label = f"at natural prevalence, effects with {group['name']} facts"
            rows.append((label, _number(one["brier"]), _number(one["ece15"])))
    yield from ("## Calibration", "")
    yield from _table(("probabilities", "Brier score", "ECE, 15 bins"), rows)
    yield ""


def _biases(bundle: Described) -> Iterator[str]:
    taught = bundle.config.get("taught")
    for kind, lines in _BIASES.items():
        if taught in (kind, None):
            yield from lines
    yield from _ALWAYS
    partners, covered = _company(bundle.train)
    yield (
        f"Drugs that are rarely given together: {100 * covered:.1f} % of the pairs have a training "
        f"fact. A drug has facts with {np.median(partners):.0f} others in the median, a tenth of "
        f"the drugs with {np.quantile(partners, 0.1):.0f} or fewer; for them a prediction leans on "
        "the effect's frequency and on the partner."
    )
    yield (
        "The age of the data: it ends with the sources that are named above. Drugs marketed, "
        "effects found and warnings given since are unknown to it."
    )


def _company(train: Facts) -> tuple[np.ndarray[Any, Any], float]:
    """Give with how many others each drug has facts, and the part of all pairs that have any."""
    pairs = np.unique(train.pair_codes)
    n = len(train.drugs)
    partners = np.bincount(np.concatenate(np.divmod(pairs, n)), minlength=n)
    return partners, len(pairs) / max(1, n * (n - 1) // 2)


def _table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield _line(head)
    yield "|" + "---|" * len(head)
    yield from map(_line, rows)


def _line(cells: Row) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _interval(ends: Sequence[float] | None) -> str:
    return "" if ends is None else f"{_number(ends[0])} to {_number(ends[1])}"


def _number(value: float | None) -> str:
    """Four digits after the point, two significant ones where a figure is smaller than that."""
    if value is None:
        return "not measured"
    return f"{value:.4f}" if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"
