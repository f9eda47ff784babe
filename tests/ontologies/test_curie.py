"""A CURIE is parsed once, spelt one way, and becomes a URI and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontologies.curie import (
    PREFIX_TABLE,
    Curie,
    MalformedCurie,
    MalformedPrefixTable,
    PrefixMap,
    UnknownPrefix,
    default_prefixes,
)

WORD = st.text("abcXYZ019._-", min_size=1)
EXAMPLES = (
    "RXCUI:36567", "DRUGBANK:DB00641", "CHEBI:9150", "UNII:AGG2FN16EV",
    "CHEMBL.COMPOUND:CHEMBL1064", "PUBCHEM.COMPOUND:54454", "INCHIKEY:RYMZZMVNJRMUDD-HGQWONQESA-N",
    "ATC:C10AA01", "CAS:79902-63-9", "PHARMGKB.DRUG:PA451363", "DRUGBANK.CATEGORY:anticoagulants",
    "DRUGCENTRAL:2445", "DGIDB.CATEGORY:kinase", "ENSEMBL:ENSG00000160868", "NDFRT:N0000148200",
    "OPENFDA.INGREDIENT:simvastatin", "ACB.DRUG:amitriptyline", "DDINTER.DRUG:DDInter1",
    "WORLDVISTA.CLASS:statins", "WORLDVISTA.DRUG:simvastatin", "DBSNP:rs4149056",
    "PHARMGKB.DISEASE:PA443890", "DRUGBANK.SALT:DBSALT000001",
    "NCBIGene:1576", "HGNC:2637", "HGNC.SYMBOL:CYP3A4", "UniProtKB:P08684", "UMLS:C0074554",
    "MEDDRA:10039020",
    "MONDO:0005290", "DOID:11294", "HP:0003201", "LOINC:2160-0", "ICD10CM:M62.82", "MESH:D019821",
    "SNOMEDCT:89010004", "WIKIDATA:Q670131", "NCIT:C29454", "ANSM.SUBSTANCE:simvastatine",
    "ANSM.CLASS:statines", "biolink:Drug", "infores:ddinter", "coprescribe:DrugPair",
    "pair:RXCUI.21212--RXCUI.36567", "PMID:29949996", "DOI:10.1093/bioinformatics/bty294",
)  # fmt: skip


@pytest.fixture(scope="module")
def prefixes() -> PrefixMap:
    return default_prefixes()


@given(WORD, WORD)
def test_a_written_curie_reads_back_as_itself(prefix: str, identifier: str) -> None:
    assert Curie.parse(str(Curie(prefix, identifier))) == Curie(prefix, identifier)


def test_the_first_colon_divides() -> None:
    assert Curie.parse("DOI:10.1000/a:b") == Curie("DOI", "10.1000/a:b")


@pytest.mark.parametrize(
    "text", ["", ":", "simvastatin", "RXCUI:", ":36567", "RXCUI: 36567", " RXCUI:1", "RXCUI:1\n"]
)
def test_a_text_that_is_no_curie_is_quoted_in_the_error(text: str) -> None:
    with pytest.raises(MalformedCurie, match=re.escape(repr(text))):
        Curie.parse(text)


def test_curies_sort_by_prefix_and_then_identifier() -> None:
    assert sorted([Curie("RXCUI", "2"), Curie("HP", "9"), Curie("HP", "1")]) == [
        Curie("HP", "1"),
        Curie("HP", "9"),
        Curie("RXCUI", "2"),
    ]


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("rxnorm:36567", "RXCUI:36567"),
        ("RxNorm:36567", "RXCUI:36567"),
        ("DrugBank:DB00641", "DRUGBANK:DB00641"),
        ("entrez:1576", "NCBIGene:1576"),
        ("CHEBI:CHEBI:9150", "CHEBI:9150"),
        ("HGNC:HGNC:2637", "HGNC:2637"),
        ("chembl:CHEMBL1064", "CHEMBL.COMPOUND:CHEMBL1064"),
    ],
)
def test_every_spelling_of_a_prefix_becomes_the_one(
    prefixes: PrefixMap, written: str, standard: str
) -> None:
    assert str(prefixes.standard(written)) == standard


def test_an_unknown_prefix_is_quoted_beside_the_known_ones(prefixes: PrefixMap) -> None:
    with pytest.raises(UnknownPrefix, match=r"'rxn'.*RXCUI"):
        prefixes.standard("rxn:36567")


@pytest.mark.parametrize("text", ["RXCUI:abc", "DRUGBANK:641", "HP:3201", "UMLS:74554"])
def test_an_identifier_of_the_wrong_form_is_malformed(prefixes: PrefixMap, text: str) -> None:
    with pytest.raises(MalformedCurie, match=re.escape(repr(text))):
        prefixes.standard(text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_prefix_goes_to_a_uri_and_back(prefixes: PrefixMap, text: str) -> None:
    curie = prefixes.standard(text)
    assert str(curie) == text
    assert prefixes.compress(prefixes.expand(curie)) == curie


def test_every_prefix_of_the_table_has_an_example_here(prefixes: PrefixMap) -> None:
    assert {text.partition(":")[0] for text in EXAMPLES} == set(prefixes.prefixes)


def test_the_longest_uri_space_wins(prefixes: PrefixMap) -> None:
    pair = prefixes.compress("https://w3id.org/coprescribe/pair/RXCUI.21212--RXCUI.36567")
    assert pair.prefix == "pair"
    assert prefixes.compress("https://w3id.org/coprescribe/DrugPair").prefix == "coprescribe"


def test_a_uri_of_no_known_space_is_refused(prefixes: PrefixMap) -> None:
    with pytest.raises(UnknownPrefix, match="example"):
        prefixes.compress("https://example.org/36567")


def test_a_prefix_table_with_other_columns_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    table = tmp_path_factory.mktemp("prefixes") / "prefixes.tsv"
    table.write_text("prefix\turi\nRXCUI\thttps://example.org/\n", encoding="utf-8")
    with pytest.raises(MalformedPrefixTable, match="uri_prefix"):
        PrefixMap.load(table)


def test_the_prefix_table_is_sorted_and_has_no_row_twice() -> None:
    rows = PREFIX_TABLE.read_text(encoding="utf-8").splitlines()[1:]
    assert rows == sorted(set(rows))


@pytest.mark.slow
def test_public_prefixes_agree_with_the_bioregistry(prefixes: PrefixMap) -> None:
    bioregistry = pytest.importorskip("bioregistry")
    own = {prefix for prefix, uri in prefixes.uri_prefixes.items() if "coprescribe" in uri}
    for prefix, uri_prefix in prefixes.uri_prefixes.items():
        if prefix in own:
            continue
        known = bioregistry.get_resource(bioregistry.normalize_prefix(prefix))
        assert known is not None, prefix
        if prefix != "biolink":
            assert uri_prefix in known.get_uri_prefixes(), prefix
        pattern = re.compile(known.get_pattern() or ".*")
        example = next(text for text in EXAMPLES if text.startswith(f"{prefix}:"))
        assert pattern.fullmatch(example.partition(":")[2]), prefix
