"""Decagon: reports of side effects under two drugs and one, drug targets, links of proteins.

Its drugs are STITCH compounds. The table ``decagon_cid_patch.tsv`` says which medicine each of the
645 is and how that was found, with the atoms of the structure that was looked at; a structure file
that draws another compound is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np
import pandas as pd

from kg.sources.base import Chunk, ChunkKind, MalformedSource, Source, SourceInfo
from kg.sources.base_edges import compound_id
from kg.sources.base_files import read_text
from kg.sources.base_large import Rows, read_rows
from kg.sources.base_lookup import looked_up
from ontologies.heavy_atoms import composition, drawing
from ontologies.vocabulary import AgentType, Category, KnowledgeLevel, Predicate

NAME = "decagon"
COMBO, MONO = "bio-decagon-combo.csv.xz", "bio-decagon-mono.ids.csv.xz"
TARGETS, TARGETS_ALL = "bio-decagon-targets.csv.gz", "bio-decagon-targets-all.csv.gz"
PPI, CLASSES = "bio-decagon-ppi.csv.xz", "bio-decagon-effectcategories.csv"
DRUGS, EFFECTS = "decagon_drugs_645.csv", "decagon_sideeffects_1317.csv"
STRUCTURES = "cid2smiles_645.json"
INTERACTS = "biolink:interacts_with"
"""A drug and the product of a gene touch; what the one does to the other is not said."""
BINDS = "biolink:physically_interacts_with"
"""The products of two genes touch; symmetric."""

_STITCH, _CUI, _GENE = r"CID[01]\d{8}", r"C\d{7}", r"[1-9]\d*"
_FORMS = {
    COMBO: {
        "STITCH 1": _STITCH,
        "STITCH 2": _STITCH,
        "Polypharmacy Side Effect": _CUI,
        "Side Effect Name": ".+",
    },
    MONO: {"STITCH": _STITCH, "Individual Side Effect": _CUI},
    TARGETS: {"STITCH": _STITCH, "Gene": _GENE},
    TARGETS_ALL: {"STITCH": _STITCH, "Gene": _GENE},
    PPI: {"Gene 1": _GENE, "Gene 2": _GENE},
    CLASSES: {"Side Effect": _CUI, "Side Effect Name": ".+", "Disease Class": ".+"},
    DRUGS: {"stitch": _STITCH, "pubchem_cid": _GENE},
    EFFECTS: {"umls_cui": _CUI, "name": ".+"},
}
"""The columns that are read of each file, and the form of their cells."""
_REPORTED = {
    "knowledge_level": KnowledgeLevel.STATISTICAL_ASSOCIATION.value,
    "agent_type": AgentType.DATA_ANALYSIS_PIPELINE.value,
}
_TESTED = {
    "knowledge_level": KnowledgeLevel.KNOWLEDGE_ASSERTION.value,
    "agent_type": AgentType.NOT_PROVIDED.value,
}
_BY_HAND = {**_TESTED, "agent_type": AgentType.MANUAL_AGENT.value}
_STATED = {MONO: _REPORTED, TARGETS: _TESTED, TARGETS_ALL: _REPORTED, PPI: _TESTED}
"""What a row is worth: ``targets-all`` adds STITCH's links of every channel to the tested ones."""


def read(files: Mapping[str, Path]) -> Iterator[Chunk]:
    """Yield drugs, effects, genes and classes, then the links between them, the pairs last."""
    tables = {file: _table(files[file], forms) for file, forms in _FORMS.items()}
    drawn = _drawn(files[STRUCTURES])
    yield _drugs(tables, drawn)
    yield from _forms(drawn)
    yield _effects(tables)
    yield from _classes(tables[CLASSES])
    yield _genes(tables)
    yield from _edges(tables)
    for part in tables[COMBO].chunks():
        yield _pairs(part)


DECAGON = Source(
    info=SourceInfo(
        name=NAME,
        infores="infores:decagon",
        homepage="http://snap.stanford.edu/decagon/",
        citation="Zitnik, Agrawal, Leskovec. Modeling polypharmacy side effects with graph "
        "convolutional networks. Bioinformatics 2018. doi:10.1093/bioinformatics/bty294",
    ),
    files=(*_FORMS, STRUCTURES),
    read=read,
)


@lru_cache(maxsize=1)
def patches() -> pd.DataFrame:
    """Give the hand-checked table of Decagon's drugs by CURIE: name, xref, form_of, atoms, why.

    ``basis`` is ``structure`` where atoms, bonds and hydrogens are those of the DrugBank entry
    (stereochemistry aside), ``drawing`` where the structure was read by hand, ``reports`` where the
    drawing is another substance and the reports show which medicine is meant, ``likeness`` where
    only its likeness to one medicine shows that, and ``unclear`` where several medicines share the
    number: such a drug is joined with none.
    """
    with (package_files("ontologies") / "data" / "decagon_cid_patch.tsv").open("rb") as stream:
        frame = pd.read_csv(stream, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    return frame.set_index("PUBCHEM.COMPOUND:" + frame["cid"]).drop(columns="cid")


def _table(path: Path, forms: Mapping[str, str]) -> Rows:
    rows = read_rows(NAME, path, tuple(forms))
    for column, form in forms.items():
        rows.check(column, form)
    return rows


def _drawn(path: Path) -> dict[str, str]:
    """Give the drawing by compound, each the one that the patch table was checked by."""
    try:
        drawn = json.loads(read_text(NAME, path))
    except json.JSONDecodeError as error:
        raise MalformedSource(NAME, path.name, f"not JSON ({error})") from error
    if not isinstance(drawn, dict) or not drawn:
        raise MalformedSource(NAME, path.name, "expected a structure by compound")
    atoms = patches()["atoms"].to_dict()
    for row, (stitch, smiles) in enumerate(drawn.items()):
        if not re.fullmatch(_STITCH, stitch) or not isinstance(smiles, str):
            reason = f"{stitch!r}: {smiles!r} is no compound with its structure"
            raise MalformedSource(NAME, path.name, reason, row)
        expected = atoms.get(compound_id(stitch))
        if expected is not None and composition(smiles) != expected:
            reason = f"{stitch} has the atoms {composition(smiles)}, not {expected}"
            raise MalformedSource(NAME, path.name, reason, row)
    return {compound_id(stitch): drawing(smiles) for stitch, smiles in drawn.items()}


def _drugs(tables: Mapping[str, Rows], drawn: Mapping[str, str]) -> Chunk:
    """Give every drug; a drawing of which the table says that it is another one's is left out."""
    places = [(DRUGS, "stitch"), (COMBO, "STITCH 1"), (COMBO, "STITCH 2")]
    places += [(file, "STITCH") for file in (MONO, TARGETS, TARGETS_ALL)]
    seen = _distinct(tables, places, compound_id)
    nodes = pd.DataFrame({"id": sorted({*drawn, *seen})})
    for column in ("name", "xref"):
        nodes[column] = looked_up(nodes["id"], patches()[column])
    own = nodes["id"].map(patches()["basis"]).isin(["", "structure"])
    nodes["drawing"] = looked_up(nodes["id"], drawn).where(own, "")
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DRUG.value))


def _forms(drawn: Iterable[str]) -> Iterator[Chunk]:
    """Give the salts, esters and hydrates among the drugs, and what they are forms of."""
    forms = patches()[(patches()["form_of"] != "") & patches().index.isin(list(drawn))].sort_index()
    bases = pd.DataFrame({"id": forms["form_of"], "name": forms["form_of_name"]})
    bases = bases.drop_duplicates(ignore_index=True)
    yield Chunk.of(ChunkKind.NODES, bases.assign(category=Category.DRUG.value))
    edges = pd.DataFrame({"subject": forms.index, "object": forms["form_of"].to_numpy()})
    edges = edges.assign(predicate=Predicate.SUBCLASS_OF.value, file=STRUCTURES, **_BY_HAND)
    yield Chunk.of(ChunkKind.EDGES, edges)


def _effects(tables: Mapping[str, Rows]) -> Chunk:
    """Give every effect once; those of the single-drug file bear no name."""
    named = pd.concat(
        [
            _named(tables[EFFECTS], "umls_cui", "name"),
            _named(tables[COMBO], "Polypharmacy Side Effect", "Side Effect Name"),
            _named(tables[CLASSES], "Side Effect", "Side Effect Name"),
        ]
    ).drop_duplicates("id")
    single = _distinct(tables, [(MONO, "Individual Side Effect")], _umls)
    bare = pd.DataFrame({"id": sorted(set(single) - set(named["id"]))}).assign(name="")
    nodes = pd.concat([named.sort_values("id"), bare], ignore_index=True)
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.PHENOTYPIC_FEATURE.value))


def _named(rows: Rows, column: str, name: str) -> pd.DataFrame:
    """Give the name that stands beside the first row of each value."""
    codes, first = np.unique(rows.codes(column), return_index=True)
    curies = np.array([_umls(value) for value in rows.values(column)], dtype=object)
    names = np.array(rows.values(name), dtype=object)[rows.codes(name)[first]]
    return pd.DataFrame({"id": curies[codes], "name": names})


def _classes(rows: Rows) -> Iterator[Chunk]:
    with (package_files("ontologies") / "data" / "decagon_effect_classes.tsv").open("rb") as stream:
        known = pd.read_csv(stream, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    names = pd.Series(sorted(set(rows.texts("Disease Class"))), dtype=str)
    nodes = pd.DataFrame({"id": names.map(_class), "name": names})
    nodes["xref"] = looked_up(names, known.set_index("name")["xref"])
    yield Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.DISEASE.value))
    edges = pd.DataFrame(
        {"subject": rows.texts("Side Effect", _umls), "object": rows.texts("Disease Class", _class)}
    )
    edges = edges.assign(predicate=Predicate.SUBCLASS_OF.value, file=CLASSES, **_BY_HAND)
    yield Chunk.of(ChunkKind.EDGES, edges)


def _genes(tables: Mapping[str, Rows]) -> Chunk:
    places = [(TARGETS, "Gene"), (TARGETS_ALL, "Gene"), (PPI, "Gene 1"), (PPI, "Gene 2")]
    nodes = pd.DataFrame({"id": _distinct(tables, places, _gene)})
    return Chunk.of(ChunkKind.NODES, nodes.assign(category=Category.GENE.value))


def _edges(tables: Mapping[str, Rows]) -> Iterator[Chunk]:
    for file, predicate in (
        (MONO, Predicate.CO_REPORTED.value),
        (TARGETS, INTERACTS),
        (TARGETS_ALL, INTERACTS),
        (PPI, BINDS),
    ):
        subject, target = _FORMS[file]
        for part in tables[file].chunks():
            ends = {
                "subject": part.texts(subject, _gene if file == PPI else compound_id),
                "object": part.texts(target, _umls if file == MONO else _gene),
            }
            frame = pd.DataFrame(ends).assign(predicate=predicate, file=file, **_STATED[file])
            yield Chunk.of(ChunkKind.EDGES, frame)


def _pairs(part: Rows) -> Chunk:
    ends = {
        "drug_a": part.categories("STITCH 1", compound_id),
        "drug_b": part.categories("STITCH 2", compound_id),
        "effect": part.categories("Polypharmacy Side Effect", _umls),
    }
    return Chunk.of(ChunkKind.CO_REPORTS, pd.DataFrame(ends).assign(file=COMBO))


def _distinct(
    tables: Mapping[str, Rows], places: list[tuple[str, str]], rename: Callable[[str], str]
) -> list[str]:
    values = {value for file, column in places for value in tables[file].values(column)}
    return sorted({rename(value) for value in values})


def _umls(cui: str) -> str:
    return f"UMLS:{cui}"


def _gene(number: str) -> str:
    return f"NCBIGene:{number}"


def _class(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"coprescribe:effect_class.{slug}"
