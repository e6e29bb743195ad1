"""The sentences of the answer, filled from the ranking; every template stands in the knowledge."""

from __future__ import annotations

from localization.catalogue import catalogue
from localization.findings import Findings
from localization.knowledge import read
from localization.placing import both_weak
from localization.ranking import Ranking
from localization.reasons import Unexplained, cited, second_site
from localization.redflags import (
    RedFlag,
    lines_hold,
    parse_line,
    red_flag_findings,
    red_flag_questions,
    side_words,
)
from localization.report import Leading, Placement
from localization.sites import groups, in_sentence, phrases, sites
from localization.suggestions import Outlook

HELPFUL, STILL_POSSIBLE, QUOTED = 3, 5, 6


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
            sites=_labels(ranking.rivals[:STILL_POSSIBLE]), findings=outlook.labels(HELPFUL)
        ),
        "contradiction": lambda: phrases()["cannot_place_contradiction"].format(
            findings=_quoted(findings, poor[:QUOTED])
        ),
        "scope": lambda: phrases()["cannot_place_scope"].format(reason=phrases()["scope_reasons"]["child"]),
        "no_foot_drop": lambda: phrases()["opening_none"],
    }
    return str(filled[placement]())


def not_apart(ranking: Ranking, outlook: Outlook) -> str:
    """Return which sites were not told apart and what would help, empty when the leader stands alone."""
    if len(ranking.rivals) == 1:
        return ""
    form: str = phrases()["not_apart"]
    return form.format(sites=_labels(ranking.rivals[:STILL_POSSIBLE]), findings=outlook.labels(HELPFUL))


def notices(
    findings: Findings,
    leading: Leading | None,
    ranking: Ranking,
    unexplained: tuple[Unexplained, ...],
    flags: tuple[RedFlag, ...],
) -> tuple[str, ...]:
    """Return the cautions that stand beside the conclusion."""
    found = []
    if leading is not None and unexplained:
        found.append(
            phrases()["unexplained"].format(site=_name(leading.site), findings=_quoted(findings, unexplained))
        )
        second = second_site(ranking, unexplained)
        if second:
            found.append(
                phrases()["two_lesions"].format(site_a=sites()[leading.site].label, site_b=_name(second))
            )
    for notice in read("wording")["notice"]:
        lines = tuple(parse_line(line) for line in notice["any_of"])
        if ranking.leader not in notice["unless_leading"] and lines_hold(lines, findings):
            found.append(notice["text"])
    questions = _questions(findings, flags)
    return (*found, questions) if questions else tuple(found)


def _questions(findings: Findings, flags: tuple[RedFlag, ...]) -> str:
    """Return which red-flag questions, or else signs, are open; never that there is no red flag."""
    questions = [name for name in red_flag_questions() if not findings.has(name)]
    signs = [name for name in red_flag_findings() if not findings.has(name)]
    join: str = read("wording")["answer"]["list"]
    names = join.join(catalogue()[name].label for name in questions or signs)
    if flags:
        return str(read("redflags")["red_flag_screen"]["not_asked"].format(not_asked=names)) if names else ""
    if names:
        return str(phrases()["red_flags_none_some_unasked"].format(not_asked=names))
    return str(phrases()["red_flags_none_all_asked"].format(n=len(red_flag_findings())))


def _where(findings: Findings, ranking: Ranking) -> str:
    site = sites()[ranking.leader]
    where = site.details.get(ranking.detail(site.id), site.where)
    form = read("wording")["answer"]["where_both" if both_weak(findings) else "where"]
    return str(form.format(where=where, side=side_words(findings, "index")))


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
    join: str = read("wording")["answer"]["list"]
    return join.join(_name(name) for name in names)


def _quoted(findings: Findings, unexplained: tuple[Unexplained, ...]) -> str:
    join: str = read("wording")["answer"]["join"]
    return join.join(cited(findings, item.fact).text for item in unexplained)
