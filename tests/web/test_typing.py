"""Entering a patient: by hand, by keyboard alone, pasted, out of a note; nothing is lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.web.reader import Reader
from tests.web.served import Served

pytestmark = pytest.mark.browser

FORTY = """simvastatin, warfarin, amlodipine, omeprazole, clopidogrel, metformin, furosemide,
ramipril, bisoprolol, atorvastatin, levothyroxine, sertraline, citalopram, tramadol, morphine,
ibuprofen, naproxen, prednisone, allopurinol, colchicine, digoxin, amiodarone, verapamil,
diltiazem, losartan, valsartan, spironolactone, lithium, carbamazepine, phenytoin, lamotrigine,
gabapentin, pregabalin, diazepam, zolpidem, haloperidol, quetiapine, olanzapine, clozapine, zzyzx"""
NOTE = """78-year-old woman admitted with community-acquired pneumonia and a fall in the kitchen.
She takes Zocor 40 mg at night (simvastatin was started by her GP), warfarin 3 mg and amlodipine.
On day two simvastatn 40 mg went on by mistake while clarithromycin 500 mg was given twice daily.
She is allergic to penicillin. Aspirin was stopped two years ago after a bleed of her stomach."""


def test_a_drug_is_chosen_by_the_keyboard_alone(page: Reader) -> None:
    page.run("document.body.focus()")
    for _ in range(12):
        page.press(Keys.TAB)
        if page.run("return document.activeElement.id") == "take-field":
            break
    page.press("simv")
    page.until(lambda: page.all("#take-options li"), "a suggestion")
    field = page.one("#take-field")
    assert field.get_attribute("aria-expanded") == "true"
    page.press(Keys.ARROW_DOWN)
    active = field.get_attribute("aria-activedescendant")
    chosen = page.one(f"#{active}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert "simvastatin" in chosen.text
    page.press(Keys.ENTER)
    page.until(lambda: page.names() == ["simvastatin"], "the line")
    assert page.run("return document.activeElement.id") == "take-field"
    assert field.get_attribute("aria-expanded") == "false"


def test_medicines_are_suggested_before_chemicals_and_escape_closes_then_empties(
    page: Reader,
) -> None:
    page.type("take-field", "sim", enter=False)
    suggested = page.until(lambda: page.texts("#take-options li"), "suggestions")
    assert any("simvastatin" in text for text in suggested[:3])
    page.press(Keys.ESCAPE)
    assert page.texts("#take-options li") == []
    assert page.value("take-field") == "sim"
    page.press(Keys.ESCAPE)
    assert page.value("take-field") == ""


def test_a_beginning_takes_nothing_but_opens_the_list_at_its_first(page: Reader) -> None:
    page.type("take-field", "met")
    first = page.until(lambda: page.texts("#take-options [aria-selected=true]"), "the first")
    assert first == ["metformin"]
    assert page.value("take-field") == "met"
    assert page.names() == []
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: page.names() == ["metoprolol"], "what is chosen")
    assert page.value("take-field") == ""


def test_who_types_on_after_enter_types_the_next_name(page: Reader) -> None:
    page.one("#take-field").send_keys("warfarin", Keys.ENTER, "simvastatin", Keys.ENTER)
    page.until(lambda: page.names() == ["warfarin", "simvastatin"], "two lines")
    assert page.value("take-field") == ""


def test_forty_drugs_are_pasted_and_none_is_dropped(page: Reader) -> None:
    page.paste("take-field", FORTY)
    page.until(lambda: len(page.names()) == 40, "forty lines")
    page.settle()
    assert page.names()[-1] == "zzyzx"
    assert "Not checked: “zzyzx”" in page.text("#answer .gap")
    assert page.all("#answer .finding")
    assert page.complaints() == []


def test_a_list_with_doses_is_read_and_the_doses_stay_in_sight(page: Reader) -> None:
    page.paste(
        "take-field", "1. ramipril 5 mg once daily\n2. simvastatin 40 mg nocte\n3. quux 3 mg"
    )
    page.until(lambda: len(page.names()) == 3, "three lines")
    page.settle()
    assert page.names() == ["ramipril", "simvastatin", "quux 3 mg"]
    assert "5 mg once daily (5 mg a day)" in page.text("#taking")
    assert "40 mg nocte (40 mg a day)" in page.text("#taking")
    assert "Doses that no limit here is for, so that nothing checks them: ramipril." in page.text(
        "#answer .coverage"
    )
    assert "Not checked: “quux 3 mg”" in page.text("#answer .gap")


def test_two_doses_of_one_drug_in_a_list_stay_two_lines(page: Reader) -> None:
    page.paste("take-field", "simvastatin 20 mg nightly\nsimvastatin 40 mg at noon\namlodipine")
    page.until(lambda: len(page.names()) == 3, "three lines")
    page.settle()
    assert page.names() == ["simvastatin", "simvastatin 40 mg at noon", "amlodipine"]
    assert "60 mg a day, is above 20 mg" in page.text("#answer")


def test_a_chosen_suggestion_keeps_the_dose_that_was_written(page: Reader) -> None:
    page.type("take-field", "simvast 80 mg nightly", enter=False)
    page.until(lambda: page.all("#take-options li"), "a suggestion")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: page.names() == ["simvastatin 80 mg nightly"], "the line")
    page.type("take-field", "amlodipine")
    page.until(lambda: len(page.names()) == 2, "two lines")
    page.settle()
    assert "80 mg a day, is above 20 mg" in page.text("#answer")
    page.click("#taking .act-swap")
    page.until(lambda: page.all("#taking .swap input"), "the field")
    page.one("#taking .swap input").send_keys("simvast 10 mg nightly")
    page.until(lambda: page.all("#taking .swap li"), "a suggestion")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: "simvastatin 10 mg nightly" in page.text("#taking"), "the other dose")
    page.settle()
    page.until(lambda: "is above 20 mg" not in page.text("#answer"), "the answer for 10 mg")
    assert "nothing new or worse" in page.text("#answer")


def test_a_note_with_a_drug_in_three_spellings_is_confirmed_before_it_counts(page: Reader) -> None:
    page.paste("take-field", NOTE)
    page.until(lambda: page.all("#found .confirm li"), "drugs of the note")
    listed = page.texts("#found .confirm li")
    (statin,) = [text for text in listed if text.startswith("simvastatin")]
    assert all(spelling in statin for spelling in ("Zocor", "simvastatin", "simvastatn"))
    assert len(page.all("#found mark")) >= 7
    assert page.names() == []
    stopped = next(row for row in page.all("#found .confirm li") if "aspirin" in row.text.lower())
    assert "stopped" in stopped.text
    page.click("#intake-accept")
    page.until(lambda: len(page.names()) == 4, "four drugs")
    page.settle()
    assert set(page.names()) == {"simvastatin", "warfarin", "amlodipine", "clarithromycin"}
    assert "40 mg at night" in page.text("#taking")
    assert "500 mg was given twice daily (1000 mg a day)" in page.text("#taking")
    assert "penicillin" in page.value("allergies").lower()
    assert "aspirin" not in page.text("#taking").lower()


def test_a_name_that_may_be_several_is_offered_and_chosen(page: Reader) -> None:
    page.take("vitamin,warfarin")
    assert "Not checked: “vitamin”" in page.text("#answer .gap")
    page.click("#taking .meant button", "vitamin k")
    page.until(lambda: not page.all("#taking .problem"), "the name is settled")
    page.settle()
    assert not page.all("#answer .gap")
    assert any("warfarin" in text for text in page.texts("#answer .finding .headline"))


def test_an_unknown_name_is_kept_and_said_not_to_be_checked(page: Reader) -> None:
    page.take("warfarin,zzyzx", add="quuxicillin")
    assert page.names() == ["warfarin", "zzyzx"]
    assert page.names("#adding") == ["quuxicillin"]
    assert "Not checked: “zzyzx” and “quuxicillin”" in page.text("#answer .gap")
    assert "Adding" not in page.text("#answer .verdict")


def test_a_trial_that_is_taken_already_is_checked_once_it_is_off_the_list(page: Reader) -> None:
    page.take("simvastatin,warfarin", add="warfarin")
    assert "is among the current drugs" in page.text("#adding .problem")
    page.click('[aria-label="Remove warfarin"]')
    page.until(lambda: not page.all("#adding .problem"), "the trial is checked")
    page.settle()
    assert page.text("#answer .verdict").startswith("Adding warfarin")


def test_markup_that_is_typed_stays_text(page: Reader) -> None:
    evil = "<img src=x onerror=document.title='broken'>"
    page.type("take-field", evil)
    page.type("conditions", "<script>document.title='broken'</script>", enter=False)
    page.until(lambda: page.names() == [evil], "the line")
    page.settle()
    page.until(lambda: "script" in page.text("#answer"), "the note about the condition")
    assert page.run("return document.title").startswith("coprescribe")
    assert page.all("img") == []
    assert page.complaints() == []


def test_values_that_are_not_accepted_are_named_and_the_rest_is_checked(page: Reader) -> None:
    page.take("simvastatin,clopidogrel", add="clarithromycin")
    page.type("age_years", "old", enter=False)
    page.click("#add-gene")
    gene, result = page.all("#genes input")
    gene.send_keys("FOO")
    result.send_keys("*1/*2")
    page.until(lambda: "FOO *1/*2" in page.text("#answer"), "the gene is named")
    assert "old: a number is expected" in page.text("#answer .gap")
    assert page.one("#age_years").get_attribute("aria-invalid") == "true"
    assert "Contraindicated" in page.text("#answer .new")
    # To clear a field by the driver is no input of a reader: the page would not hear of it.
    gene.send_keys(Keys.CONTROL, "a", Keys.NULL, "CYP2C19")
    result.send_keys(Keys.CONTROL, "a", Keys.NULL, "*2/*2")
    page.until(lambda: "CYP2C19" in page.text("#answer .old"), "the gene's finding")


def test_a_patient_without_any_data_is_no_error(page: Reader) -> None:
    assert page.phase() == "empty"
    assert "Start with what the patient takes" in page.text(".welcome")
    page.type("age_years", "70", enter=False)
    assert page.phase() == "empty"
    page.type("add-field", "warfarin")
    page.settle()
    assert "There is no pair" in page.text("#answer") or "No pair to check" in page.text("#answer")


def test_back_and_reload_lose_nothing_that_was_typed(page: Reader, served: Served) -> None:
    page.take("simvastatin,warfarin", add="clarithromycin")
    page.type("age_years", "81", enter=False)
    page.type("take-field", "half a na", enter=False)
    page.until(lambda: page.run("return performance.now()") > 0, "a moment")
    page.driver.refresh()
    page.settle()
    assert page.names() == ["simvastatin", "warfarin"]
    assert page.names("#adding") == ["clarithromycin"]
    assert page.value("age_years") == "81"
    assert page.value("take-field") == "half a na"
    page.driver.get(f"{served.address}v1/sources")
    page.driver.back()
    page.settle()
    assert page.names() == ["simvastatin", "warfarin"]
    assert page.value("take-field") == "half a na"


def test_a_link_holds_the_whole_question_and_the_server_never_sees_it(
    page: Reader, served: Served
) -> None:
    page.take("simvastatin,warfarin", add="clarithromycin")
    page.click("#taking .act-stop")
    page.until(lambda: page.all(".plan-stop"), "stopped")
    page.settle()
    link = page.run("return location.href")
    shown = page.texts("#answer .finding .headline")
    page.begin(served.address)
    page.driver.get("about:blank")
    page.driver.get(link)
    page.settle()
    assert page.names("#adding") == ["clarithromycin"]
    assert page.texts("#answer .finding .headline") == shown
    fragment = link.partition("#")[2]
    assert len(fragment) > 100
    assert served.asked
    assert not any(fragment[:20] in target for target in served.asked)


@pytest.mark.parametrize(
    "fragment",
    ["#v1", "#v1=", "#v1=AAAA", "#v1=W10", "#v1=%00", "#v2=e30", "#v1=eyJ0YWtpbmciOjF9"],
)
def test_a_damaged_link_is_an_empty_page_that_says_so(
    page: Reader, served: Served, fragment: str
) -> None:
    page.driver.get("about:blank")
    page.driver.get(served.address + fragment)
    page.until(lambda: page.phase() == "empty", "the welcome")
    assert page.text("#link-told") == "The link could not be read; nothing was entered."
    assert page.complaints() == []


def test_a_damaged_link_shows_no_other_patient_and_says_so_until_something_is_entered(
    page: Reader,
) -> None:
    page.take("simvastatin,warfarin")
    page.run("location.hash = '#v1=AAAA'")
    page.until(lambda: page.text("#link-told"), "it is said")
    assert page.phase() == "empty"
    assert page.names() == []
    page.click("#undo")
    page.settle()
    assert page.names() == ["simvastatin", "warfarin"]
    assert page.text("#link-told") == ""


def test_numbers_and_lists_of_a_link_are_read_and_the_unread_is_told(
    page: Reader, served: Served
) -> None:
    told = {
        "egfr_ml_min": 18,
        "conditions": ["asthma", "gout"],
        "pregnant": "no",
        "age_years": [70],
        "labs": [{"loinc": "2823-3", "value": 5.9, "unit": "mmol/L"}, "potassium"],
        "diplotypes": {"CYP2C19": "*2/*2"},
        "weight_kg": None,
    }
    question = {"taking": ["metformin", {"t": "lisinopril"}], "patient": told, "stop": ["aspirin"]}
    page.begin(served.address + packed(question))
    page.settle()
    assert page.names() == ["metformin", "lisinopril"]
    assert page.value("egfr_ml_min") == "18"
    assert page.value("conditions") == "asthma\ngout"
    assert page.run("return document.querySelectorAll('#labs input')[0].value") == "5.9"
    unread = (
        'pregnant "no"',
        "age_years [70]",
        'labs "potassium"',
        'diplotypes {"CYP2C19":"*2/*2"}',
        'stop ["aspirin"]',
    )
    (gap,) = [text for text in page.texts("#answer .gap") if text.startswith("Not used")]
    assert [name for name in unread if f"{name}: could not be read in the link" not in gap] == []
    assert "weight_kg" not in gap
    assert any("metformin" in text for text in page.texts("#answer .finding .headline"))
    page.type("age_years", "70", enter=False)
    page.until(lambda: "age_years" not in page.text("#answer"), "it is told now")
    page.driver.refresh()
    page.settle()
    assert 'pregnant "no": could not be read in the link' in page.text("#answer")


def test_what_of_a_link_is_unread_is_told_where_there_is_no_drug(
    page: Reader, served: Served
) -> None:
    page.begin(served.address + packed({"patient": {"sex": ["female"]}}))
    page.until(lambda: "Not used" in page.text("#answer"), "it is said")
    assert 'sex ["female"]: could not be read in the link' in page.text("#answer")
    page.take("warfarin")
    assert page.texts("#answer").pop().count("could not be read in the link") == 1


def packed(question: dict[str, Any]) -> str:
    """A link to a question as somebody may write it by hand."""
    return "#v1=" + base64.urlsafe_b64encode(json.dumps(question).encode()).decode().rstrip("=")
