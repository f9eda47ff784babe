"""Reading an answer: what is new first, why, what instead, and how fast it changes."""

from __future__ import annotations

import statistics

import pytest
from selenium.webdriver.common.keys import Keys

from tests.web.conftest import link_of
from tests.web.reader import Reader
from tests.web.served import Served

pytestmark = pytest.mark.browser

MOST_MILLISECONDS = 200


def test_what_is_new_and_worst_stands_first(demo: Reader) -> None:
    first = demo.one("#answer .finding").text
    assert first.startswith("Contraindicated")
    assert "clarithromycin → simvastatin: rhabdomyolysis" in first
    assert "Do not combine" in first
    assert demo.text("#answer .verdict").startswith("Adding clarithromycin")
    titles = demo.texts("#answer section > h2")
    assert titles[0] == "New or worse (3)"
    assert titles.index("On the list already, unchanged (6)") > 0
    assert "Adding clarithromycin: new or worse: 1 contraindicated, 2 moderate." in str(
        demo.one("#live").get_attribute("textContent")
    )


def test_a_severity_is_a_word_and_a_shape_and_not_a_colour_alone(demo: Reader) -> None:
    for badge in demo.all("#answer .finding .grade .badge"):
        assert badge.text in {"Contraindicated", "Major", "Moderate", "Minor", "Not graded", ""}
        assert badge.find_elements("css selector", "svg.shape")


def test_a_reason_opens_to_words_picture_evidence_and_terms(demo: Reader) -> None:
    demo.click("#answer .finding > summary")
    reason = demo.one("#answer .finding[open] .reason")
    demo.until(lambda: "Prescribing information" in reason.text, "the documents")
    assert "CYP3A4 inhibition. Clarithromycin inhibits (strong) CYP3A4" in reason.text
    picture = demo.one("#answer .finding[open] svg.picture")
    drawn = " ".join(e.text for e in picture.find_elements("css selector", "text"))
    assert all(name in drawn for name in ("clarithromycin", "CYP3A4", "simvastatin"))
    for told in ("ANSM 2020-10", "CONTRE-INDICATION", "Licence: ", "The sources disagree"):
        assert told in reason.text
    link = reason.find_element("css selector", ".evidence a")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert demo.all('#answer .finding[open] [lang="fr"]')


def test_all_paths_are_drawn_told_in_words_and_saved(demo: Reader) -> None:
    demo.click("#answer .finding > summary")
    demo.click("#answer .finding[open] button", "Picture of all paths")
    demo.until(
        lambda: demo.run("return document.querySelector('#paths img')?.naturalWidth > 500"),
        "the picture",
    )
    told = demo.text("#paths")
    assert "All paths between clarithromycin and simvastatin" in told
    assert "inhibits CYP3A4 (strong), which clears simvastatin" in told
    assert "not a proof" in told
    saved = demo.one("#paths a").get_attribute("download")
    assert saved == "paths-clarithromycin-simvastatin.svg"
    demo.press(Keys.ESCAPE)
    demo.until(lambda: not demo.one("#paths").is_displayed(), "closed")
    assert demo.run("return document.activeElement.textContent") == "Picture of all paths"
    assert demo.complaints() == []


def test_the_difference_is_shown_before_the_alternatives(demo: Reader, served: Served) -> None:
    served.asked.clear()
    demo.click("#taking .act-stop")
    demo.until(lambda: "stopping simvastatin" in demo.text("#answer .verdict"), "stopped")
    demo.settle()
    assert [path for path in served.asked if path.startswith("/v1/screen")] == ["/v1/screen?"] * 2
    assert demo.all("#answer .instead")
    demo.click("#give-up")
    demo.settle()
    assert not demo.all("#answer .instead")


def test_an_open_reason_stays_open_while_the_list_changes(demo: Reader) -> None:
    demo.click("#answer .finding > summary")
    demo.type("add-field", "ibuprofen")
    demo.until(lambda: "ibuprofen" in demo.text("#answer .verdict"), "the new answer")
    assert "simvastatin" in demo.one("#answer .finding[open]").text
    assert demo.one("#answer .finding[open] svg.picture").size["width"] > 100


def test_an_alternative_is_used_and_that_is_undone(demo: Reader) -> None:
    offered = demo.text("#answer .instead .offer strong")
    demo.click(".instead button", "Use instead")
    demo.until(lambda: demo.names("#adding") == [offered], "the alternative")
    demo.settle()
    assert "Contraindicated" not in demo.text("#answer .verdict")
    assert "1 contraindicated" not in demo.text("#answer .verdict")
    demo.click("#undo")
    demo.until(lambda: demo.names("#adding") == ["clarithromycin"], "undone")
    demo.until(lambda: "1 contraindicated" in demo.text("#answer .verdict"), "the old answer")


def test_a_drug_is_stopped_swapped_and_kept_again(demo: Reader) -> None:
    demo.click("#taking .act-stop")
    demo.until(lambda: "stopping simvastatin" in demo.text("#answer .verdict"), "stopped")
    assert "1 contraindicated" not in demo.text("#answer .verdict")
    demo.click("#taking .act-keep")
    demo.until(lambda: "stopping" not in demo.text("#answer .verdict"), "kept")
    demo.click("#taking .act-swap")
    assert demo.run("return document.activeElement.id") == "swap-simvastatin"
    demo.press("pravastatin", "")
    demo.until(lambda: "pravastatin" in demo.text("#taking .options"), "a suggestion")
    demo.click("#taking .options li", "pravastatin")
    demo.until(lambda: "swapping simvastatin for pravastatin" in demo.text("#answer .verdict"), "")
    demo.click("#accept")
    demo.until(lambda: "pravastatin" in demo.names(), "the new list")
    assert "simvastatin" not in demo.names()
    assert "clarithromycin" in demo.names()
    assert demo.names("#adding") == []


def test_slight_findings_are_folded_and_can_be_shown(demo: Reader) -> None:
    assert "Show 2 minor" in demo.text("#answer .old .folded summary")
    demo.click("#answer .old .folded > summary")
    assert len([text for text in demo.texts("#answer .old .finding") if text]) == 6


def test_what_bears_on_a_finding_is_said_to_be_known_or_not(demo: Reader) -> None:
    demo.click("#answer .finding > summary", "warfarin + clarithromycin")
    assert "Not known The INR is above 4." in demo.text("#answer .finding[open] .modifiers")
    assert "If so: raises the severity" in demo.text("#answer .finding[open] .modifiers")


def test_coverage_and_licences_are_told(demo: Reader) -> None:
    told = demo.text("#answer .coverage")
    assert "15 pairs of medicines checked; 7 with a finding" in told
    assert "does not make a pair safe" in told
    assert "8 pairs without a finding" in told
    assert "it does not replace clinical judgement" in told


def test_plain_readings_are_one_folded_line_and_doubtful_ones_stay_in_sight(
    page: Reader, served: Served
) -> None:
    written = ["warfarin 5 mg tablet", "Zocor 40 mg", "diclofenac 1% gel", "amlodipin"]
    link = link_of({"taking": written, "add": "aspirin 81 mg"})
    page.begin(served.address + link)
    page.settle()
    fold = "#answer .readings"
    assert page.text(fold) == "3 drugs read by name, without a daily dose"
    page.click(f"{fold} > summary")
    for name in ("warfarin 5 mg tablet", "Zocor 40 mg", "aspirin 81 mg"):
        assert f"'{name}' was read as" in page.text(fold)
    in_sight = page.text("#answer .notes")
    assert "'diclofenac 1% gel' was read as" in in_sight
    assert "'amlodipin' was read as" in in_sight


def test_a_change_is_on_the_screen_within_a_fifth_of_a_second(demo: Reader) -> None:
    for _ in range(4):
        demo.click("#taking .act-stop")
        demo.until(lambda: "stopping" in demo.text("#answer .verdict"), "stopped")
        demo.click("#taking .act-keep")
        demo.until(lambda: "stopping" not in demo.text("#answer .verdict"), "kept")
    measured = "return performance.getEntriesByName('change to answer').map((e) => e.duration)"
    taken = demo.until(lambda: (found := demo.run(measured))[7:] and found, "eight changes")
    # Others on the same machine only add: the quicker half is what the page and service take.
    assert statistics.median(sorted(taken)[:4]) <= MOST_MILLISECONDS, taken


def test_the_report_of_what_is_shown_is_saved_as_a_file(demo: Reader) -> None:
    demo.run(
        """window.saved = [];
        const make = URL.createObjectURL;
        URL.createObjectURL = (file) => { window.saved.push(file); return make(file); };
        HTMLAnchorElement.prototype.click = () => {};"""
    )
    demo.click("#report")
    demo.until(lambda: "was saved" in demo.text("#report-told"), "the file")
    head = demo.run("return window.saved[0].slice(0, 5).text()")
    assert head == "%PDF-"


def test_why_of_a_finding_about_the_patient_is_the_fact_itself(page: Reader) -> None:
    page.take("metformin,zolpidem")
    page.type("egfr_ml_min", "22", enter=False)
    page.type("age_years", "83", enter=False)
    page.until(lambda: "Stop metformin" in page.text("#answer"), "the answer about the kidney")
    page.until(
        lambda: any("zolpidem" in told for told in page.texts("#answer .finding .headline")),
        "the answer about the age",
    )
    page.settle()
    for drug in ("metformin", "zolpidem"):
        page.click("#answer .finding > summary", drug)
    path = "#answer .finding[open] .mechanism"
    page.until(lambda: len(page.texts(path)) == 2, "two reasons")
    told = sorted(page.texts(path))
    assert told[0].startswith("age 83. ")
    assert told[1].startswith("eGFR 22 mL/min. ")
