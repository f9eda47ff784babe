"""SIDER 4.1: side effects of package inserts with their frequencies, indications, ATC codes.

A drug of SIDER has two STITCH numbers: one of the compound itself and a flat one that its
stereoisomers share. Facts about the compound stand at the compound; where a file gives the flat
number only, they stand at the one compound that has it, or at the flat number if there are several.
Names are cut at the first blank ("penicillin", "calcium") and forms of a substance often share one:
they name a number but never say what it is identical with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from kg.sources.base import Chunk, ChunkKind, Source, SourceInfo
from kg.sources.base_edges import compound_id
from kg.sources.base_large import Rows, read_headless_rows, read_rows
from kg.sources.base_lookup import looked_up
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "sider"
EFFECTS, FREQUENCIES = "meddra_all_se.tsv.xz", "meddra_freq.tsv.xz"
INDICATIONS = "meddra_all_indications.tsv.gz"
ATC, NAMES, TERMS = "drug_atc.tsv", "drug_names.tsv", "side-effect-terms.tsv"
TREATS = "biolink:treats_or_applied_or_studied_to_treat"
"""The widest of Biolink's words for treatment: these indications are mined."""
METHODS = {"NLP_indication": "phrase", "text_mention": "mention", "NLP_precondition": ""}
"""How an indication was found: in a phrase that says so, or by mention in that section. What SIDER
calls a precondition (hepatic impairment) is no indication and is left out."""

_MOST_LISTED = 8
_FLAT, _STEREO, _CUI = r"CID1\d{8}", r"CID0\d{8}", r"C\d{7}"
_TERM = {"level": "LLT|PT|", "meddra": _CUI + "|", "term": ".+"}
_FORMS = {
    EFFECTS: {"flat": _FLAT, "stereo": _STEREO, "label": _CUI, **_TERM},
    FREQUENCIES: {
        "flat": _FLAT,
        "stereo": _STEREO,
        "label": _CUI,
        "placebo": "placebo|",
        "frequency": ".+",
        "lower": r"[\d.e-]+",
        "upper": r"[\d.e-]+",
        **_TERM,
    },
    INDICATIONS: {
        "flat": _FLAT,
        "label": _CUI,
        "method": "|".join(METHODS),
        "concept": ".+",
        **_TERM,
    },
    ATC: {"flat": _FLAT, "atc": r"[A-Z]\d\d[A-Z][A-Z]\d\d"},
    NAMES: {"flat": _FLAT, "name": ".+"},
}
"""The columns of each file without a header, and the form of their cells."""
_MINED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.TEXT_MINING_AGENT.value,
}
_BY_HAND = {**_MINED, "agent_type": AgentType.MANUAL_AGENT.value}


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, terms and classes, then effects, frequencies, indications and memberships."""
    rows = {file: _rows(files[file], forms) for file, forms in _FORMS.items()}
    terms = read_rows(NAME, files[TERMS], ("umls_cui_from_meddra", "side_effect_name"), "\t")
    terms.check("umls_cui_from_meddra", _CUI)
    compounds = _compounds(rows)
    effects, frequencies, indications = (
        _preferred_terms(rows[file]) for file in (EFFECTS, FREQUENCIES, INDICATIONS)
    )
    indications = indications[indications["method"].map(METHODS) != ""]
    yield _drugs(rows, compounds)
    yield _terms(terms, (effects, frequencies), indications)
    yield _classes(rows[ATC])
    yield _isomers(compounds)
    yield _side_effects(effects)
    yield _frequencies(frequencies)
    yield _indications(indications, compounds)
    yield _memberships(rows[ATC], compounds)


SIDER = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:sider",
        homepage="http://sideeffects.embl.de",
        citation="Kuhn, Letunic, Jensen, Bork. The SIDER database of drugs and side effects. "
        "Nucleic Acids Research 2016. doi:10.1093/nar/gkv1075",
    ),
    files=(*_FORMS, TERMS),
    read=read,
)


def _rows(path: Path, forms: Mapping[str, str]) -> Rows:
    rows = read_headless_rows(NAME, path, tuple(forms), closed=path.name != ATC)
    for column, form in forms.items():
        rows.check(column, form)
    return rows


def _columns(rows: Rows) -> pd.DataFrame:
    """Give all columns as text, compounds and concepts as CURIEs."""
    renamed: dict[str, Callable[[str], str]] = {
        "flat": compound_id,
        "stereo": compound_id,
        "label": _umls,
        "meddra": _umls,
    }
    columns = rows.table.column_names
    return pd.DataFrame({name: rows.texts(name, renamed.get(name, str)) for name in columns})


def _preferred_terms(rows: Rows) -> pd.DataFrame:
    """Keep MedDRA's preferred terms; a concept of a label that MedDRA lacks is itself."""
    frame = _columns(rows)
    frame = frame[frame["level"] != "LLT"]
    effect = frame["meddra"].where(frame["meddra"] != "", frame["label"])
    return frame.assign(effect=effect).drop(columns=["level", "meddra"])


def _compounds(rows: Mapping[str, Rows]) -> pd.DataFrame:
    """Give the flat number of every compound."""
    both = [_columns(rows[file])[["flat", "stereo"]] for file in (EFFECTS, FREQUENCIES)]
    return pd.concat(both).drop_duplicates(ignore_index=True)


def _sole(flat: pd.Series[str], compounds: pd.DataFrame) -> pd.Series[str]:
    """Give the one compound that has a flat number; the number itself where several have it."""
    sole = compounds.drop_duplicates("flat", keep=False).set_index("flat")["stereo"]
    return looked_up(flat, sole, flat)


def _drugs(rows: Mapping[str, Rows], compounds: pd.DataFrame) -> Chunk:
    """Give every compound and flat number once, named so that no other name is equal to it."""
    names = _columns(rows[NAMES]).drop_duplicates("flat").set_index("flat")["name"]
    flat = pd.concat([_columns(rows[file])["flat"] for file in (INDICATIONS, ATC)])
    own = pd.concat([flat, compounds["flat"], pd.Series(names.index)])
    pairs = pd.concat([pd.DataFrame({"flat": own, "stereo": own}), compounds])
    nodes = pairs.drop_duplicates("stereo", keep="last").sort_values("stereo")
    name = nodes["flat"].map(names)
    number = nodes["stereo"].str.partition(":")[2]
    frame = pd.DataFrame({"id": nodes["stereo"], "name": name + " (PubChem " + number + ")"})
    return Chunk.of(ChunkKind.NODES, frame.assign(category=Category.DRUG.value))


def _terms(terms: Rows, effects: tuple[pd.DataFrame, ...], indications: pd.DataFrame) -> Chunk:
    """Give effects as features, and as diseases the terms that only indications have."""
    listed = pd.DataFrame(
        {
            "effect": terms.texts("umls_cui_from_meddra", _umls),
            "term": terms.texts("side_effect_name"),
        }
    )
    seen = pd.concat([*effects])[["effect", "term"]].sort_values(["effect", "term"])
    features = pd.concat([listed, seen]).drop_duplicates("effect")
    treated = indications[["effect", "term"]].sort_values(["effect", "term"])
    treated = treated[~treated["effect"].isin(features["effect"])].drop_duplicates("effect")
    nodes = pd.concat(
        [
            features.assign(category=Category.PHENOTYPIC_FEATURE.value),
            treated.assign(category=Category.DISEASE.value),
        ]
    )
    nodes = nodes.rename(columns={"effect": "id", "term": "name"})
    return Chunk.of(ChunkKind.NODES, nodes.sort_values("id"))


def _classes(rows: Rows) -> Chunk:
    nodes = pd.DataFrame({"id": sorted({_atc_class(code) for code in rows.values("atc")})})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG_CLASS.value))


def _isomers(compounds: pd.DataFrame) -> Chunk:
    """Link a compound with its flat number, which its stereoisomers share: no identity."""
    apart = compounds[compounds["flat"] != compounds["stereo"]].sort_values(["flat", "stereo"])
    edges = pd.DataFrame({"subject": apart["stereo"], "object": apart["flat"]})
    return _edges(edges.assign(qualifiers="relation=stereoisomer"), Predicate.RELATED_TO, EFFECTS)


def _side_effects(effects: pd.DataFrame) -> Chunk:
    single = effects.drop_duplicates(["stereo", "effect"])
    edges = pd.DataFrame({"subject": single["stereo"], "object": single["effect"]})
    return _edges(edges, Predicate.CO_REPORTED, EFFECTS)


def _frequencies(rows: pd.DataFrame) -> Chunk:
    """Say the frequencies of an effect, those under placebo apart; the latter alone say nothing."""
    pair = ["stereo", "effect"]
    rows = rows.assign(order=rows["lower"].astype(float))
    rows = rows.sort_values([*pair, "placebo", "order", "frequency"])
    rows = rows.drop_duplicates([*pair, "placebo", "frequency"])
    drug = rows[rows["placebo"] == ""].groupby(pair)["frequency"].agg(_listed)
    placebo = rows[rows["placebo"] != ""].groupby(pair)["frequency"].agg(_listed)
    text = "frequency: " + drug
    beside = ("; under placebo: " + placebo).reindex(text.index).fillna("")
    edges = (text + beside).rename("text").reset_index()
    edges = edges.rename(columns={"stereo": "subject", "effect": "object"})
    return _edges(edges, Predicate.CO_REPORTED, FREQUENCIES)


def _listed(values: Iterable[str]) -> str:
    """Write rising values out, or the ends of a long list."""
    written = list(values)
    if len(written) <= _MOST_LISTED:
        return ", ".join(written)
    return f"{written[0]} to {written[-1]} ({len(written)} values)"


def _indications(indications: pd.DataFrame, compounds: pd.DataFrame) -> Chunk:
    single = indications.drop_duplicates(["flat", "effect", "method"])
    edges = pd.DataFrame(
        {
            "subject": _sole(single["flat"], compounds),
            "object": single["effect"],
            "qualifiers": "found_by=" + single["method"].map(METHODS),
        }
    )
    return _edges(edges.drop_duplicates(), TREATS, INDICATIONS)


def _memberships(rows: Rows, compounds: pd.DataFrame) -> Chunk:
    """Link drugs to the class of each of their codes; the code itself names a substance."""
    frame = _columns(rows)
    edges = pd.DataFrame(
        {
            "subject": _sole(frame["flat"], compounds),
            "object": frame["atc"].map(_atc_class),
            "text": "code: " + frame["atc"],
        }
    )
    return _edges(edges, Predicate.SUBCLASS_OF, ATC, _BY_HAND)


def _edges(
    ends: pd.DataFrame, predicate: str, file: str, stated: Mapping[str, str] = _MINED
) -> Chunk:
    frame = ends.assign(predicate=str(predicate), file=file, **stated)
    frame["statement"] = file.partition(".")[0] + "/" + frame["subject"] + "/" + frame["object"]
    return Chunk.of(ChunkKind.EDGES, frame.reset_index(drop=True))


def _umls(cui: str) -> str:
    return f"UMLS:{cui}" if cui else ""


def _atc_class(code: str) -> str:
    return f"ATC:{code[:5]}"
