"""The sentences of the answer, filled from the ranking; every template stands in the knowledge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from localization.catalogue import Value, catalogue
from localization.findings import DECIDING, Findings, Leg, weaker_leg
from localization.knowledge import read
from localization.pairs import Pair, is_normal
from localization.placing import both_weak
from localization.prospects import Prospect
from localization.ranking import Ranking
from localization.reasons import Unexplained, cited
from localization.redflags import Cited, RedFlag, lines_hold, parse_line, red_flag_findings, side_words
from localization.report import Leading, Placement, SecondLesion
from localization.sites import groups, in_sentence, phrases, sites
from localization.suggestions import Outlook

HELPFUL, STILL_POSSIBLE, QUOTED = 3, 5, 6
# where findings are too few or outside the scope, no level is named, and so no pair of levels
PAIRED: tuple[Placement, ...] = ("placed", "group", "undecided", "contradiction")


def headline(
    findings: Findings,
    placement: Placement,
    ranking: Ranking,
    poor: tuple[Unexplained, ...],
    outlook: Outlook,
) -> str:
    """Return the conclusion as one finished passage, with the weak side in words."""
    filled = {
        "placed": lambda: phrases()["opening"].format(
            site=_name(ranking.leader), where=_where(findings, ranking)
        ),
        "group": lambda: phrases()["opening"].format(
            site=in_sentence(groups()[ranking.first_group].label), where=_where_group(findings, ranking)
        ),
        "undecided": lambda: phrases()["opening_two"].format(
            site_a=_name(ranking.leader), site_b=_name(ranking.runner_up)
        ),
        "too_few": lambda: phrases()["cannot_place_few"].format(
            sites=_labels(ranking.rivals), findings=_helpful(findings, outlook)
        ),
        "contradiction": lambda: phrases()["cannot_place_contradiction"].format(
            findings=_quoted(findings, poor[:QUOTED])
        ),
        "scope": lambda: phrases()["cannot_place_scope"].format(reason=phrases()["scope_reasons"]["child"]),
        "no_foot_drop": lambda: phrases()["opening_none"],
    }
    return str(filled[placement]())


def _helpful(findings: Findings, outlook: Outlook) -> str:
    """Return the findings that would help to place the level: first dorsiflexion, where nothing shows it."""
    if any(findings.has(name) for name in read("instrument")["placing"]["shows_drop"]):
        return outlook.labels(HELPFUL)
    join: str = read("wording")["answer"]["list"]
    return join.join((catalogue()[DECIDING].label, outlook.labels(HELPFUL - 1)))


def not_apart(ranking: Ranking, outlook: Outlook) -> str:
    """Return which sites were not told apart and what would help, empty when the leader stands alone."""
    if len(ranking.rivals) == 1:
        return ""
    helpful = outlook.labels(HELPFUL)
    form: str = phrases()["not_apart"]
    if not helpful:  # everything at the bedside is done: the sentence on what is useful next falls away
        form = form[: form.index("{sites}.") + len("{sites}.")]
    return form.format(sites=_labels(ranking.rivals), findings=helpful)


def notices(
    findings: Findings,
    leading: Leading | None,
    ranking: Ranking,
    unexplained: tuple[Unexplained, ...],
    second: SecondLesion | None,
    flags: tuple[RedFlag, ...],
) -> tuple[str, ...]:
    """Return the cautions that stand beside the conclusion."""
    found = []
    if leading is not None and unexplained:
        found.append(
            phrases()["unexplained"].format(site=_name(leading.site), findings=_quoted(findings, unexplained))
        )
    if second is not None:
        found.append(second.text)
    for notice in read("wording")["notice"]:
        shows = _hold(notice["any_of"], findings) and not _hold(notice["unless_any"], findings)
        if shows and ranking.leader not in notice["unless_leading"]:
            found.append(notice["text"])
    questions = _questions(findings, flags)
    return (*found, questions) if questions else tuple(found)


def _hold(lines: list[str], findings: Findings) -> bool:
    return lines_hold(tuple(parse_line(line) for line in lines), findings)


def second_lesion(findings: Findings, placement: Placement, pair: Pair | None) -> SecondLesion | None:
    """Return the pair as the report names it; nothing where findings are too few or outside the scope."""
    if pair is None or placement not in PAIRED:
        return None
    rest = pair.split.second
    own = tuple(replace(fact, leg="contra") if pair.split.apart else fact for fact in rest)
    added = tuple(cited(findings, fact) for fact in own if not is_normal(fact))
    legs: tuple[Leg, Leg] = ("index", "contra")
    one, other = (findings.side_of(leg) for leg in legs) if pair.split.apart else (None, None)
    side_a, side_b = (side_words(findings, leg) for leg in legs)
    text = phrases()["two_lesions_apart" if pair.split.apart else "two_lesions"].format(
        site_a=sites()[pair.first].label,
        site_b=_name(pair.second),
        side_a=side_a,
        side_b=side_b,
        findings=_joined(added[:QUOTED]),
    )
    return SecondLesion(
        sites=(pair.first, pair.second),
        sides=(one, other),
        cited=added,
        ratio=pair.ratio,
        text=text,
        source=tuple(phrases()["two_lesions_source"]),
    )


def stop_signal(findings: Findings, *, settled: bool, set_aside: Collection[Prospect] = ()) -> str:
    """Return the sentence that further tests are not expected to change the level, empty until then.

    It says so where tests that bear on the level were set aside.
    """
    if not settled:
        return ""
    words = [phrases()["stop_signal"]]
    if set_aside:
        words.append(phrases()["stop_signal_set_aside"])
    if _open_names(findings):
        words.append(phrases()["stop_signal_open"])
    return " ".join(words)


def _questions(findings: Findings, flags: tuple[RedFlag, ...]) -> str:
    """Return which red-flag questions and signs are open; never that there is no red flag."""
    join: str = read("wording")["answer"]["list"]
    names = join.join(_open_names(findings))
    if flags:
        return str(read("redflags")["red_flag_screen"]["not_asked"].format(not_asked=names)) if names else ""
    if names:
        return str(phrases()["red_flags_none_some_unasked"].format(not_asked=names))
    return str(phrases()["red_flags_none_all_asked"].format(n=len(red_flag_findings())))


def _open_names(findings: Findings) -> list[str]:
    """Return the red-flag questions and signs without a value, the leg in words where only one is open."""
    form = read("wording")["answer"]["one_side"]
    found = []
    for name in red_flag_findings():
        label = catalogue()[name].label
        missing = [leg for leg, values in _legs(findings) if name not in values]
        if not catalogue()[name].sided:
            missing = [] if name in findings.unsided else missing
        if len(missing) == 1:
            found.append(form.format(finding=label, side=side_words(findings, missing[0])))
        elif missing:
            found.append(label)
    return found


def _legs(findings: Findings) -> tuple[tuple[Leg, Mapping[str, Value]], ...]:
    return ("index", findings.index_values), ("contra", findings.contra_values)


def _where(findings: Findings, ranking: Ranking) -> str:
    site = sites()[ranking.leader]
    where = site.details.get(ranking.detail(site.id), site.where)
    form = "where"
    if both_weak(findings):
        form = "where_both" if weaker_leg(findings) else "where_alike"
    said: str = read("wording")["answer"][form]
    return said.format(where=where, side=side_words(findings, "index"))


def _where_group(findings: Findings, ranking: Ranking) -> str:
    return str(
        read("wording")["answer"]["where_group"].format(
            where=groups()[ranking.first_group].where,
            site=_name(ranking.leader),
            side=side_words(findings, "index"),
        )
    )


def _name(site: str) -> str:
    return in_sentence(sites()[site].label)


def _labels(names: tuple[str, ...]) -> str:
    """Return sites in a list: the first by name, and how many more there are."""
    words = read("wording")["answer"]
    first: str = words["list"].join(_name(name) for name in names[:STILL_POSSIBLE])
    more = len(names) - STILL_POSSIBLE
    return str(words["more"].format(sites=first, n=more)) if more > 0 else first


def _quoted(findings: Findings, unexplained: tuple[Unexplained, ...]) -> str:
    return _joined(tuple(cited(findings, item.fact) for item in unexplained))


def _joined(quoted: tuple[Cited, ...]) -> str:
    join: str = read("wording")["answer"]["join"]
    return join.join(item.text for item in quoted)
