"""The medication report says what the answer says, as HTML and as PDF."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cli.question import Answered
from api.report.html import content_security_policy
from api.report.layout import report_of
from api.report.pdf import Letters
from api.service import answer
from api.state import State

PDF = {"accept": "application/pdf"}
TEN = [
    "simvastatin", "warfarin", "amlodipine", "omeprazole", "clopidogrel",
    "metformin", "bisoprolol", "citalopram", "furosemide", "levothyroxine",
]  # fmt: skip
_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """The tags of a page with their attributes, its headings, and whether all are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(client: TestClient, body: dict[str, Any], **headers: str) -> str:
    response = client.post("/v1/report", json=body, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def pdf_of(client: TestClient, body: dict[str, Any]) -> bytes:
    response = client.post("/v1/report", json=body, headers=PDF)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    return response.content


def text_of(pdf: bytes) -> str:
    """The text of a PDF, read from its streams; a word that goes over a line end stays in two."""
    said = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        shown = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, re.DOTALL)
        said += [
            re.sub(rb"\\(.)", rb"\1", each, flags=re.DOTALL).decode("cp1252") for each in shown
        ]
    return " ".join(said)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_every_finding_that_is_not_folded_is_on_both(
    client: TestClient, state: State, demo: dict[str, Any]
) -> None:
    told = answer(demo, state)
    page, paper = page_of(client, demo), text_of(pdf_of(client, demo))
    shown = [finding for finding in told["findings"] if not finding["folded"]]
    assert shown
    assert page.count("<article>") == len(shown)
    for finding in shown:
        drug = (finding["affected"] or finding["precipitants"])[0]["name"]
        for text in (page, paper):
            assert drug in text
            assert finding["severity"] or "not graded" in text
    for text in (page, paper):
        assert told["graph"]["id"] in text
        assert "For qualified health professionals" in text
        assert "ANSM 2020-10: " in text
        assert "CYP2C19" in text


def test_the_worst_comes_first(client: TestClient, demo: dict[str, Any]) -> None:
    page = page_of(client, demo)
    new = page[page.index("New or worse") : page.index("On the list already")]
    ranks = re.findall(r'class="severity (\w+)"', new)
    order = ["contraindicated", "major", "moderate", "minor", "graded"]
    assert ranks == sorted(ranks, key=order.index)
    assert ranks[0] == "contraindicated"


def test_what_was_not_checked_stands_before_the_findings(client: TestClient) -> None:
    body = {"taking": ["simvastatin", "clarithromycin", "zzyzx"]}
    for text in (page_of(client, body), text_of(pdf_of(client, body))):
        assert -1 < text.index("NOT CHECKED") < text.index("rhabdomyolysis")
        assert "zzyzx" in text


def test_markup_in_a_name_stays_a_name(client: TestClient) -> None:
    attack = "<script>alert('x')</script><img src=x onerror=y>\"&amp;"
    page = page_of(client, {"taking": ["warfarin", attack], "patient": {"conditions": [attack]}})
    assert {tag for tag, _ in Outline(page).tags}.isdisjoint({"script", "img"})
    assert "&lt;script&gt;" in page
    assert "&amp;amp;" in page


def test_the_page_needs_nothing_and_may_do_nothing(client: TestClient) -> None:
    response = client.post("/v1/report", json={"taking": ["warfarin"]})
    policy = response.headers["content-security-policy"]
    style = response.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == content_security_policy()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert response.headers["cache-control"] == "no-store"
    outline = Outline(response.text)
    assert outline.open == []
    assert not any({"style", "src", "href", "onclick"} & attrs.keys() for _, attrs in outline.tags)


def test_the_page_has_its_language_one_heading_and_landmarks(client: TestClient) -> None:
    tags = Outline(page_of(client, {"taking": TEN})).tags
    names = [tag for tag, _ in tags]
    assert dict(tags)["html"] == {"lang": "en"}
    for once in ("h1", "main", "header", "footer", "title"):
        assert names.count(once) == 1
    levels = [int(name[1]) for name in names if re.fullmatch(r"h\d", name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_only_what_was_given_of_the_patient_is_printed(client: TestClient) -> None:
    patient = {"age_years": 72, "sex": "female", "egfr_ml_min": 42.5, "pregnant": False}
    lab = {"loinc": "2823-3", "value": 5.4, "unit": "mmol/L"}
    body = {"taking": ["warfarin"], "patient": {**patient, "labs": [lab]}}
    paper = text_of(pdf_of(client, body))
    assert "Age: 72 years; Sex: female; Pregnant: no; eGFR: 42.5 ml/min; Potassium: 5.4" in paper
    assert "Nothing was given" in text_of(pdf_of(client, {"taking": ["warfarin"]}))


def test_ten_medicines_fit_one_sheet_and_many_are_not_cut(client: TestClient, state: State) -> None:
    ten = {"taking": TEN, "patient": {"age_years": 80}}
    assert pages_of(pdf_of(client, ten)) == 1
    many = {"taking": [*TEN, "clarithromycin", "amiodarone", "ibuprofen", "digoxin"], "all": True}
    pdf = pdf_of(client, many)
    assert pages_of(pdf) > 1
    paper = text_of(pdf)
    for finding in answer(many, state)["findings"]:
        for thing in [*finding["precipitants"], *finding["affected"]]:
            assert thing["name"] in paper
    assert re.search(rf"Page 1 of +{pages_of(pdf)}", paper)


def test_what_is_folded_is_counted(client: TestClient, state: State) -> None:
    body = {"taking": [*TEN, "clarithromycin", "ibuprofen"]}
    told = [finding for finding in answer(body, state)["findings"] if finding["folded"]]
    page = page_of(client, body)
    assert ("(not printed)" in page) == bool(told)
    assert "(not printed)" not in page_of(client, {**body, "all": True})


def test_the_same_answer_is_the_same_bytes(client: TestClient, demo: dict[str, Any]) -> None:
    assert pdf_of(client, demo) == pdf_of(client, demo)
    assert page_of(client, demo) == page_of(client, demo)


def test_no_letter_is_lost_in_a_pdf(client: TestClient) -> None:
    names = [
        "\u010defalexin",
        "\u0412\u0430\u0440\u0444\u0430\u0440\u0438\u043d",
        "\u03b2-carotene \u2265 5 \u00b5g \u2013",
    ]
    paper = text_of(pdf_of(client, {"taking": ["warfarin", *names]}))
    assert "?" not in paper.replace("Did you mean", "").replace(
        "?", "", paper.count("Did you mean")
    )
    assert "beta-carotene >= 5 \u00b5g \u2013" in paper
    assert "{U+0412}" in paper
    assert "letter c with caron as c" in paper
    page = page_of(client, {"taking": ["warfarin", *names]})
    assert all(name in page for name in names)


def test_letters_that_were_exchanged_are_told() -> None:
    letters = Letters()
    assert letters("\u2192 \u03b1 caf\u00e9 \u20ac") == "-> alpha caf\u00e9 \u20ac"
    assert letters.note() == ""
    assert letters("\u0151\u4e2d") == "o{U+4E2D}"
    assert "double acute as o" in letters.note()


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("application/*", 200),
        ("application/pdf;q=0.5, image/png", 200),
        ("application/json", 406),
        ("application/pdf;q=0", 406),
    ],
)
def test_the_form_is_that_which_is_accepted(client: TestClient, accept: str, status: int) -> None:
    response = client.post("/v1/report", json={"taking": ["warfarin"]}, headers={"accept": accept})
    assert response.status_code == status
    if status == 406:
        assert response.headers["content-type"] == "application/problem+json"


def test_a_date_is_printed_as_given_or_left_to_be_written(client: TestClient) -> None:
    body = {"taking": ["warfarin"]}
    assert "Date: 2026-01-31" in page_of(client, body, **{"x-report-date": "2026-01-31"})
    assert 'Date: <span class="blank">' in page_of(client, body)
    for wrong in ("2026-02-30", "<b>", "today", ""):
        response = client.post("/v1/report", json=body, headers={"x-report-date": wrong})
        assert response.status_code == 422
        assert "X-Report-Date" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"add": "zzyzx"}, 422), ({"taking": [5]}, 422), ({"tking": []}, 422), ({}, 200)],
)
def test_errors_are_those_of_a_screening(
    client: TestClient, body: dict[str, Any], status: int
) -> None:
    response = client.post("/v1/report", json=body, headers=PDF)
    assert response.status_code == status
    if status == 422:
        assert response.json() | {"request_id": ""} == (
            client.post("/v1/screen", json=body).json() | {"request_id": ""}
        )


def test_alternatives_are_printed_when_asked(client: TestClient, demo: dict[str, Any]) -> None:
    assert "Instead of clarithromycin" not in page_of(client, demo)
    asked = {**demo, "alternatives": True}
    assert "Instead of clarithromycin" in page_of(client, asked)
    assert "Instead of clarithromycin" in text_of(pdf_of(client, asked))


def section_of(page: str, title: str) -> str:
    start = page.index(f"<h2>{title}")
    return page[start : page.index("</section>", start)]


def test_what_is_grave_and_stays_has_its_advice(client: TestClient, state: State) -> None:
    body = {"taking": ["simvastatin", "clarithromycin", "bisoprolol"], "add": "paracetamol"}
    (grave,) = [f for f in answer(body, state)["findings"] if f["severity"] == "contraindicated"]
    assert grave["change"] == "unchanged"
    text = section_of(page_of(client, body), "On the list already")
    assert grave["recommendation"].partition(".")[0] in text
    assert "Sources: " in text


def test_of_a_few_that_stay_what_to_do_is_told_too(client: TestClient, state: State) -> None:
    body = {"taking": ["simvastatin", "amlodipine"], "add": "paracetamol"}
    (stays,) = [f for f in answer(body, state)["findings"] if f["change"] == "unchanged"]
    assert (stays["severity"], stays["folded"]) == ("moderate", False)
    text = section_of(page_of(client, body), "On the list already")
    assert stays["recommendation"].partition(" «")[0].split(";")[0] in text
    assert "Sources: " not in text


def test_the_number_in_a_title_is_that_of_what_is_printed(client: TestClient) -> None:
    body = {"taking": [*TEN, "clarithromycin", "ibuprofen"], "add": "amiodarone"}
    page = page_of(client, body)
    titles = re.findall(r"<h2>((?:New or worse|On the list)[^<]*) \((\d+)\)</h2>", page)
    assert titles
    for title, number in titles:
        assert section_of(page, title).count("<article>") == int(number)
    printed = re.search(r"Findings: (.*?)[;.]", page)
    assert printed is not None
    counted = sum(map(int, re.findall(r"\d+", printed[1])))
    assert counted == page.count("<article>")


def test_a_medicine_stands_as_it_was_written(client: TestClient) -> None:
    body = {"taking": ["warfarin 5 mg", "Zocor 20 mg", "RXCUI:723", "diclofenac 1% gel"]}
    page = page_of(client, body)
    lines = re.sub(r"<[^>]+>", "", section_of(page, "Medicines").replace("</li>", "\n"))
    assert "warfarin 5 mg\n" in lines
    assert "Zocor 20 mg (simvastatin)" in lines
    assert "amoxicillin (RXCUI:723)" in lines
    assert "diclofenac 1% gel" in lines


def test_plain_readings_take_one_line_at_the_foot(client: TestClient) -> None:
    body = {"taking": ["warfarin 5 mg", "metformin 1000 mg tablet", "simvastatinn"]}
    page = page_of(client, body)
    before, foot = page.split("<footer>")
    first = section_of(before, "To be known first")
    assert "simvastatinn" in first
    assert "warfarin 5 mg" not in first
    assert "strengths are not used: warfarin 5 mg, metformin 1000 mg tablet." in foot


def test_the_daily_dose_that_was_read_stands_beside_each_line(client: TestClient) -> None:
    two = [{"drug": "simvastatin", "dose": dose} for dose in ("20 mg nightly", "10 mg at noon")]
    page = page_of(client, {"taking": [*two, "paracetamol 1 g qds prn", "warfarin 5 mg"]})
    told = re.sub(r"<[^>]+>", "", section_of(page, "Medicines"))
    for words in (
        "20 mg a day; 20 mg nightly",
        "10 mg a day; 10 mg at noon",
        "up to 4000 mg a day",
    ):
        assert words in told
    foot = page.split("<footer>")[1]
    assert "no daily dose was read, so that strengths are not used: warfarin 5 mg." in foot


def test_what_a_product_holds_stands_beside_it() -> None:
    entry = {"query": "Janumet 50", "name": "Janumet", "status": "resolved"}
    told: dict[str, Any] = {
        **dict.fromkeys(("adding", "stopping", "replacing", "findings", "alternatives"), ()),
        "taking": [entry],
        "coverage": {"pairs": [], "not_covered": []},
        "graph": {"id": "open-1"},
        "notes": ["janumet holds metformin and sitagliptin.", "'all' unfolds the text of it."],
        "disclaimer": "",
    }
    report = report_of(Answered({}, told))
    assert [line.beside for line in report.lines] == ["Janumet; holds metformin and sitagliptin"]
    assert report.remarks == ()


def test_a_condition_that_nothing_asks_for_is_named(client: TestClient, state: State) -> None:
    known = {"taking": ["warfarin"], "patient": {"conditions": ["kidney transplant"]}}
    note = "No rule that applies here uses the condition: kidney transplant."
    assert note in answer(known, state)["notes"]
    assert note in page_of(client, known)
    asked = {**known, "taking": ["ciprofloxacin"]}
    assert not [n for n in answer(asked, state)["notes"] if "transplant" in n]


def test_of_an_alternative_it_is_said_where_it_stands_that_little_is_known() -> None:
    offered = {
        "name": "rosoxacin",
        "instead_of": {"name": "clarithromycin"},
        "little_known": True,
        "advised": False,
        "shared_class": None,
        "kinship": "same purpose",
        "worst_severity": None,
        "findings": 0,
    }
    told: dict[str, Any] = {
        **dict.fromkeys(("adding", "stopping", "replacing", "taking", "findings"), ()),
        "alternatives": [offered],
        "coverage": {"pairs": [], "not_covered": []},
        "graph": {"id": "open-1"},
        "notes": ["Little is known of rosoxacin: that nothing graver was found says little."],
        "disclaimer": "",
    }
    report = report_of(Answered({}, told))
    ((name, ((word, line),)),) = report.alternatives
    assert (name, word) == ("clarithromycin", "none found")
    assert line == "rosoxacin: nothing found (same purpose; little is known of it)"
    assert report.remarks == ()
