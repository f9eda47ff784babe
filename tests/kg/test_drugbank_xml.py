"""DrugBank's full database: one drug at a time, each pair once, no entity ever expanded."""

from __future__ import annotations

import random
import tracemalloc
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from kg.sources import base_blocks
from kg.sources.base import ChunkKind, MalformedSource
from kg.sources.drugbank_xml import DRUGBANK_XML, FILE
from kg.sources.drugbank_xml_stream import drugs_of
from ontologies.vocabulary import Predicate
from tests.kg.samples_own import pack, packed_sample, plain, rows_of


def rows(tmp_path: Path, kind: ChunkKind) -> pd.DataFrame:
    return rows_of(DRUGBANK_XML, packed_sample(DRUGBANK_XML, tmp_path), kind)


def edges_of(tmp_path: Path, predicate: Predicate) -> pd.DataFrame:
    edges = rows(tmp_path, ChunkKind.EDGES)
    return edges[edges["predicate"] == predicate.value]


def test_a_pair_that_both_drugs_list_counts_once_and_bears_no_severity(tmp_path: Path) -> None:
    pairs = rows(tmp_path, ChunkKind.PAIRS)
    assert pairs["statement"].tolist() == ["DB99001 / DB99002", "DB99001 / DB99003"]
    assert set(pairs["severity"]) == {""}


def test_the_sentence_of_a_risk_names_its_effect_and_any_other_stays_text(tmp_path: Path) -> None:
    effect = rows(tmp_path, ChunkKind.PAIRS).set_index("statement")["effect"]
    assert effect["DB99001 / DB99002"] == "coprescribe:drugbank_effect.invented-rash"
    assert effect["DB99001 / DB99003"] == ""


def test_the_drugs_of_a_pathway_are_no_entries(tmp_path: Path) -> None:
    files = packed_sample(DRUGBANK_XML, tmp_path)
    assert len(list(drugs_of("drugbank_xml", files[FILE]))) == 2


def test_a_drug_has_its_english_synonyms_and_its_identifiers(tmp_path: Path) -> None:
    nodes = rows(tmp_path, ChunkKind.NODES).set_index("id")
    assert nodes.loc["DRUGBANK:DB99001", "synonym"] == "Examplaminum"
    assert nodes.loc["DRUGBANK:DB99001", "xref"] == (
        "CAS:99001-00-1|CHEMBL.COMPOUND:CHEMBL999001|INCHIKEY:CCCCCCCCCCCCCC-DDDDDDDDDD-N"
        "|RXCUI:9000001|UNII:ABCDE12345"
    )
    assert nodes.loc["DRUGBANK:DB99003", "name"] == "Thirdin", "it is a partner only"


def test_a_salt_is_another_substance_than_its_drug(tmp_path: Path) -> None:
    salts = edges_of(tmp_path, Predicate.SUBCLASS_OF)
    assert salts[["subject", "object"]].to_numpy().tolist() == [
        ["DRUGBANK.SALT:DBSALT999001", "DRUGBANK:DB99001"]
    ]


def test_a_role_has_its_strength_where_it_is_stated(tmp_path: Path) -> None:
    roles = edges_of(tmp_path, Predicate.AFFECTS)
    assert roles[["object", "qualifiers", "publications"]].to_numpy().tolist() == [
        ["HGNC:90001", "category=enzyme|role=inhibitor|strength=strong", "PMID:1"]
    ]
    assert len(edges_of(tmp_path, Predicate.SUBSTRATE_OF)) == 1


def test_the_protein_of_a_microbe_is_left_out(tmp_path: Path) -> None:
    assert "P99002" not in "".join(rows(tmp_path, ChunkKind.EDGES)["object"])


def test_a_product_holds_every_drug_under_which_it_is_listed(tmp_path: Path) -> None:
    contents = edges_of(tmp_path, Predicate.HAS_ACTIVE_INGREDIENT)
    names = rows(tmp_path, ChunkKind.NODES).set_index("id")["name"]
    listed = contents.assign(name=contents["subject"].map(names))
    assert listed[["name", "object", "qualifiers"]].to_numpy().tolist() == [
        ["Examplex", "DRUGBANK:DB99001", "route=oral"],
        ["Examplex Duo", "DRUGBANK:DB99001", ""],
        ["Examplex Duo", "DRUGBANK:DB99002", ""],
    ]


def test_a_doctype_is_refused_before_an_entity_is_expanded(tmp_path: Path) -> None:
    files = packed_sample(DRUGBANK_XML, tmp_path)
    bomb = b'?>\n<!DOCTYPE drugbank [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    pack(files[FILE], plain(DRUGBANK_XML, FILE).replace(b"?>", bomb, 1))
    with pytest.raises(MalformedSource, match=r"row 2: has a DOCTYPE"):
        list(DRUGBANK_XML.read(files))


def test_an_archive_of_two_xml_files_is_refused(tmp_path: Path) -> None:
    files = packed_sample(DRUGBANK_XML, tmp_path)
    with zipfile.ZipFile(files[FILE], "a") as archive:
        archive.writestr("other.xml", "<a/>")
    with pytest.raises(MalformedSource, match=r"not one XML file"):
        list(DRUGBANK_XML.read(files))


def test_an_archive_that_unpacks_to_many_times_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_blocks, "MAX_RATIO", 100)
    files = packed_sample(DRUGBANK_XML, tmp_path)
    pack(files[FILE], plain(DRUGBANK_XML, FILE) + b" " * 3_000_000)
    with pytest.raises(MalformedSource, match="unpacks to over"):
        list(DRUGBANK_XML.read(files))


def test_a_long_file_takes_no_more_memory_than_its_longest_drug(tmp_path: Path) -> None:
    path = tmp_path / FILE
    drug = b'<drug><drugbank-id primary="true">DB%05d</drugbank-id><name>x%d</name>%b</drug>\n'
    letters = random.Random(1).randbytes(1_000).hex().encode()  # noqa: S311
    filler = b"<description>" + letters * 11 + b"</description>"
    body = b"".join(drug % (number, number, filler) for number in range(1500))
    pack(path, b'<drugbank xmlns="http://www.drugbank.ca">' + body + b"</drugbank>")
    tracemalloc.start()
    assert sum(1 for _ in drugs_of("drugbank_xml", path)) == 1500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(body) > 30_000_000
    assert peak < 8_000_000
