"""The body map: every skin area on both legs, each in the state that its own row and side record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinics.models import Clinic
from exams.body_map import BodyMap, View, areas, views
from exams.models import Exam, Observation, Patient
from exams.skin_roots import TOLD, RootSays, main_roots
from exams.step_form import StepForm
from exams.steps import STEPS, step_asking
from localization import CATALOGUE, skin_roots
from tests import factories

SIDES = ("left", "right")
SENSATION = step_asking("dorsum_foot")
DRAWN = {
    finding.id for finding in CATALOGUE.findings.values() if finding.group == "sensation" and finding.sided
}
TOKENS = st.sampled_from(["normal", "reduced", "absent"])
RECORDED = {
    "medial_leg.left": "normal",
    "dorsum_foot.left": "reduced",
    "first_web_space.left": "absent",
    "lateral_thigh.right": "absent",
    "sole.right": "normal",
    "posterior_thigh.right": "reduced",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area as the page has it."""

    look: str
    name: str
    href: str
    shapes: tuple[str, ...]


def page(client: Client, exam: Exam, slug: str = SENSATION.slug, data: dict[str, str] | None = None) -> str:
    client.force_login(exam.examiner)
    path = reverse("exams:step", args=[exam.pk, slug])
    answer = client.post(path, data) if data else client.get(path)
    return answer.content.decode()


def legs(html: str) -> dict[str, dict[str, Drawn]]:
    """Return the areas of each leg's drawing by finding, read from the page's SVG."""
    found = {}
    for side in SIDES:
        svg = re.search(rf'<svg [^>]*aria-labelledby="leg-{side}">.*?</svg>', html, re.DOTALL)
        assert svg, side
        links = ElementTree.fromstring(svg[0].replace("&nbsp;", " ")).iter("a")  # noqa: S314 - our own page
        found[side] = {
            link.attrib["id"].removeprefix("area-").rsplit("-", 1)[0]: _drawn(link) for link in links
        }
    return found


def _drawn(link: ElementTree.Element) -> Drawn:
    shapes = tuple(path.attrib["id"] for path in link.iter("path") if "id" in path.attrib)
    look = link.attrib["class"].removeprefix("area").strip()
    return Drawn(look, link.attrib["aria-label"], link.attrib["href"], shapes)


@pytest.fixture
def exam(owner: User) -> Exam:
    at = factories.desk(owner)
    exam = factories.exam(at, protocol="full", answers=RECORDED)
    factories.answer(at, exam, "lateral_leg.right", "", not_tested=True, reason="pain")
    return exam


def test_every_skin_finding_with_sides_is_drawn_and_nothing_else() -> None:
    assert set(areas()) == DRAWN


def test_each_sided_finding_of_the_step_has_an_area_on_both_legs_and_the_other_way_round(
    client: Client, exam: Exam
) -> None:
    html = page(client, exam)
    for side, drawn in legs(html).items():
        here = {finding for finding, area in drawn.items() if area.href.startswith("#")}
        assert here == {finding for finding, on in SENSATION.places if on == side}
        for finding in here:
            assert drawn[finding].href == f"#{finding}-{side}"
            assert f'id="{finding}-{side}"' in html
        assert set(drawn) == DRAWN


def test_each_area_has_the_state_of_its_own_row_on_its_own_side(client: Client, exam: Exam) -> None:
    looks = {
        (finding, side): area.look
        for side, drawn in legs(page(client, exam)).items()
        for finding, area in drawn.items()
    }
    expected = {(finding, side): "" for finding in DRAWN for side in SIDES}
    for place, token in RECORDED.items():
        finding, side = place.split(".")
        expected[finding, side] = f"is-{token}"
    expected["lateral_leg", "right"] = "is-not-tested"
    assert looks == expected


@given(found=st.dictionaries(st.sampled_from(SENSATION.finding_ids), TOKENS), side=st.sampled_from(SIDES))
def test_what_is_found_on_one_leg_never_shows_on_the_other(found: dict[str, str], side: str) -> None:
    drawn = {leg.side: leg for leg in body_map(found, side).legs}
    assert {area.finding.id: area.state for area in drawn[side].areas if area.state} == found
    other = next(leg for leg in drawn if leg != side)
    assert [area for area in drawn[other].areas if area.state] == []


def body_map(found: Mapping[str, str], side: str) -> BodyMap:
    """Return the map of an exam that holds these answers, all on one side."""
    patient = Patient(birth_date=date(1961, 3, 14), sex="female")
    exam = Exam(
        patient=patient,
        clinic=Clinic(),
        protocol="full",
        affected_side="left",
        started=datetime(2026, 11, 22, tzinfo=UTC),
    )
    stored = {
        (name, side): Observation(finding=name, side=side, token=token, revision=1)
        for name, token in found.items()
    }
    drawn = StepForm(SENSATION, exam, stored).body_map
    assert drawn is not None
    return drawn


@pytest.mark.parametrize("affected", ["left", "right", "bilateral"])
def test_left_stands_first_whichever_side_is_affected(client: Client, owner: User, affected: str) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full", affected_side=affected)
    html = page(client, exam)
    titles = re.findall(r'<figcaption id="leg-(\w+)">(.*?)</figcaption>', html)
    assert [side for side, _ in titles] == ["left", "right"]
    for side, title in titles:
        assert f"Patient’s {side.upper()}" in title
        assert ("(affected)" in title) is (affected in {side, "bilateral"})


def test_each_area_is_named_by_letter_name_side_and_state(client: Client, exam: Exam) -> None:
    drawn = legs(page(client, exam))
    assert drawn["left"]["dorsum_foot"].name.startswith("C, Top of foot,")
    assert drawn["left"]["dorsum_foot"].name.endswith("patient's LEFT: Reduced")
    assert drawn["right"]["dorsum_foot"].name.endswith("patient's RIGHT: Not recorded")
    assert drawn["right"]["lateral_leg"].name.endswith("patient's RIGHT: Not tested")


def test_the_letter_of_each_area_stands_in_the_heading_of_its_row(client: Client, exam: Exam) -> None:
    html = page(client, exam)
    drawn = legs(html)
    headings = dict(re.findall(r'<h2 id="name-(\w+)"><span class="key">(\w)</span>', html))
    assert list(headings) == list(SENSATION.finding_ids)
    assert len(set(headings.values())) == len(headings)
    for side in SIDES:
        assert {name: drawn[side][name].name.split(", ")[0] for name in headings} == headings


def test_a_typed_answer_that_was_not_saved_is_drawn_as_its_row_shows_it(client: Client, exam: Exam) -> None:
    typed = {"sole.left.token": "absent", "lateral_foot.left.token": "nonsense"}
    drawn = legs(page(client, exam, data=typed))
    assert drawn["left"]["sole"].look == "is-absent"
    assert drawn["left"]["lateral_foot"].look == ""
    assert drawn["left"]["dorsum_foot"].look == ""


def test_an_area_of_another_step_shows_its_record_and_leads_there(client: Client, exam: Exam) -> None:
    thigh = legs(page(client, exam))["right"]["posterior_thigh"]
    assert thigh.name.endswith("patient's RIGHT: Reduced")
    assert thigh.name.startswith("Back of thigh")
    path, _, place = thigh.href.partition("#")
    assert f'id="{place}"' in client.get(path).content.decode()


def test_a_short_exam_opens_the_other_areas_for_the_asking(client: Client, owner: User) -> None:
    exam = factories.exam(factories.desk(owner), answers={"dorsum_foot.left": "reduced"})
    drawn = legs(page(client, exam))
    assert drawn["left"]["dorsum_foot"].href == "#dorsum_foot-left"
    question = client.get(drawn["left"]["sole"].href).content.decode()
    opening = re.search(r'action="([^"]*/open/)".*?name="finding" value="(\w+)"', question, re.DOTALL)
    assert opening is not None
    path, _, place = client.post(opening[1], {"finding": opening[2]})["Location"].partition("#")
    assert place == "sole-left"
    assert f'id="{place}"' in client.get(path).content.decode()


def test_only_a_step_of_skin_areas_has_a_map(client: Client, exam: Exam) -> None:
    asking = [step for step in STEPS if step.finding_ids and 'id="body-map"' in page(client, exam, step.slug)]
    assert asking == [SENSATION]


def test_the_ids_of_the_drawing_are_single_and_say_leg_finding_and_view(client: Client, exam: Exam) -> None:
    html = page(client, exam)
    drawn = legs(html)
    shapes = {shape for side in SIDES for area in drawn[side].values() for shape in area.shapes}
    assert shapes == {
        f"skin-{side}-{name}-{patch.view.id}" for side in "LR" for name in DRAWN for patch in areas()[name]
    }
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("finding", "roots"),
    [
        ("lateral_thigh", ("L2", "L3")),
        ("medial_leg", ("L4",)),
        ("lateral_leg", ("L5",)),
        ("dorsum_foot", ("L5",)),
        ("first_web_space", ("L5",)),
        ("lateral_foot", ("S1",)),
        ("sole", ("S1",)),
        ("posterior_thigh", ("S2",)),
        ("saddle", ("S3", "S4", "S5")),
    ],
)
def test_an_area_stands_under_the_roots_that_chiefly_supply_it(finding: str, roots: tuple[str, ...]) -> None:
    assert main_roots(finding) == roots
    shares = skin_roots()[finding]
    assert max(shares, key=lambda root: shares[root]) in roots


def test_every_area_names_its_roots_on_the_drawing_and_to_the_ear(client: Client, exam: Exam) -> None:
    html = page(client, exam)
    for side in SIDES:
        for name, area in legs(html)[side].items():
            roots = {"lateral_thigh": "L2–3"}.get(name, main_roots(name)[0])
            assert f", {roots}, patient's {side.upper()}: " in area.name
    tags = re.findall(r'<text class="root-name end"[^>]*>([^<]+)</text>', html)
    assert sorted(set(tags)) == ["L2–3", "L4", "L5", "S1", "S2"]
    assert len(tags) == 2 * len(DRAWN)


def test_each_root_tells_what_is_reduced_normal_and_not_tested(client: Client, exam: Exam) -> None:
    html = page(client, exam)
    told = [
        list(re.findall(r'<li data-roots="([^"]+)"><b>[^<]+</b>: <span>([^<]+)</span>', part))
        for part in re.findall(r'<ul class="roots".*?</ul>', html, re.DOTALL)
    ]
    assert told == [
        [
            ("L2, L3", "not recorded"),
            ("L4", "normal"),
            ("L5", "absent at 1 of 3 areas; reduced at 1; not recorded at 1"),
            ("S1", "not recorded at 2 of 2 areas"),
            ("S2", "not recorded"),
        ],
        [
            ("L2, L3", "absent"),
            ("L4", "not recorded"),
            ("L5", "not tested at 1 of 3 areas; not recorded at 2"),
            ("S1", "normal at 1 of 2 areas; not recorded at 1"),
            ("S2", "reduced"),
        ],
    ]


def test_the_saddle_stands_beside_the_map_in_words_and_leads_to_its_step(
    client: Client, owner: User, exam: Exam
) -> None:
    asked = re.search(r'<a href="([^"]+)" id="map-saddle">([^<]+)</a>: ([^.]+)\.', page(client, exam))
    assert asked
    assert asked.groups()[1:] == ("S3 to S5, saddle area", "not recorded")
    assert 'id="saddle"' in client.get(asked[1].partition("#")[0]).content.decode()
    factories.answer(factories.desk(owner), exam, "saddle", "reduced")
    assert "S3 to S5, saddle area</a>: reduced." in page(client, exam)


@given(st.lists(st.sampled_from(list(TOLD)), min_size=1, max_size=6))
def test_a_root_tells_every_area_once_and_the_worst_first(looks: list[str]) -> None:
    says = RootSays(roots="L5", looks=tuple(looks)).text
    words = [TOLD[look] for look in TOLD if look in looks]
    if len(looks) == 1:
        assert [says] == words
        return
    assert sum(int(count) for count in re.findall(r" at (\d+)", says)) == len(looks)
    assert says.count(f" of {len(looks)} areas") == 1
    assert re.findall(r"(?:^|; )(.+?) at", says) == words


def test_a_right_leg_is_the_mirror_image_of_a_left_one() -> None:
    for view in views().values():
        middle = view.at[0] + view.width * view.scale / 2
        for x, y in [(0.0, 0.0), (30.0, 12.5)]:
            left, right = (tuple(map(float, view.place((x, y), side).split())) for side in SIDES)
            assert left[1] == right[1]
            assert left[0] - middle == pytest.approx(middle - right[0], abs=1e-3)
            assert moved(view, "right", (x, y)) == pytest.approx(right, abs=1e-3)
            assert moved(view, "left", (x, y)) == pytest.approx(left, abs=1e-3)


def moved(view: View, side: str, point: tuple[float, float]) -> tuple[float, float]:
    """Return where the view's own SVG transform puts a point."""
    found = re.fullmatch(r"translate\((\S+) (\S+)\) scale\((\S+?)(?: (\S+))?\)", view.transform(side))
    assert found
    x, y, across, down = (float(number) for number in found.groups(default=found[3]))
    return x + point[0] * across, y + point[1] * down
