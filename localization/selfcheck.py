"""The knowledge against itself: every id, source, sum and figure; each problem is one line of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isclose
from typing import Any

from localization.anatomy import patterns
from localization.catalogue import FindingError, catalogue
from localization.knowledge import names, read
from localization.redflags import parse_line, rules
from localization.sites import bands, groups, sites, sources, urgencies
from localization.tables import by_site

WEIGHED = ("anatomy", "patterns", "instrument", "priors", "likelihoods")
BASES = ("published", "judged")
SUM_OF_SHARES = 1e-3


def problems() -> list[str]:
    """Return everything that is wrong with the knowledge files, empty when they agree."""
    checks = (
        _sources,
        _bases,
        _catalogue,
        _scales,
        _sites,
        _rules,
        _supply,
        _movements,
        _drawing,
        _patterns,
        _priors,
        _likelihoods,
        _choices,
        _profiles,
    )
    return [problem for check in checks for problem in check()]


def _sources() -> Iterator[str]:
    for name in names():
        for place, table in _tables(read(name), name):
            listed = table.get("source", [])
            for source in [listed] if isinstance(listed, str) else listed:
                if source not in sources():
                    yield f"{place}: source “{source}” is not in sources.toml"


def _tables(table: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield place, table
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _tables(value, f"{place}.{key}")
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _tables(item, f"{place}.{key}[{number}]")


def _bases() -> Iterator[str]:
    for name in WEIGHED:
        for key, value in read(name).items():
            yield from _unmarked(value, f"{name}.{key}", marked=False)


def _unmarked(value: object, place: str, *, marked: bool) -> Iterator[str]:
    """Yield the numbers that no table above them marks as published or judged."""
    if isinstance(value, (bool, str)):
        return
    if isinstance(value, (int, float)):
        if not marked:
            yield f"{place}: a number without basis"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unmarked(item, f"{place}[{number}]", marked=marked)
    elif isinstance(value, dict):
        yield from _mark(value, place)
        for key, item in value.items():
            yield from _unmarked(item, f"{place}.{key}", marked=marked or "basis" in value)


def _mark(table: Mapping[str, Any], place: str) -> Iterator[str]:
    basis = table.get("basis")
    if basis is None:
        return
    if basis not in BASES:
        yield f"{place}: basis “{basis}” is neither published nor judged"
    if not table.get("source"):
        yield f"{place}: no source"
    if basis == "judged" and not table.get("reason"):
        yield f"{place}: judged without a reason"
    if basis == "published" and not 0 <= table.get("k", -1) <= table.get("n", -1):
        yield f"{place}: published without counts k of n"


def _catalogue() -> Iterator[str]:
    known = catalogue()
    positions = {choice.id for choice in known.positions}
    for finding in known.findings.values():
        if finding.group not in {choice.id for choice in known.groups}:
            yield f"findings.{finding.id}: group “{finding.group}” is unknown"
        if not {finding.position, finding.position_alt or finding.position} <= positions:
            yield f"findings.{finding.id}: position is unknown"
        if finding.minutes <= 0 or not finding.how or not finding.source:
            yield f"findings.{finding.id}: minutes, steps and a source are needed"
        if finding.position == "interview" and finding.group == "history" and not finding.ask:
            yield f"findings.{finding.id}: a question to ask is needed"


def _scales() -> Iterator[str]:
    for scale in catalogue().scales.values():
        if scale.kind == "number" and (scale.minimum is None or scale.maximum is None or not scale.unit):
            yield f"scales.{scale.id}: unit and both limits are needed"
        if (scale.kind == "choice" and len(set(scale.tokens)) != len(scale.values)) or not scale.kind:
            yield f"scales.{scale.id}: values must differ"


def _sites() -> Iterator[str]:
    for site in sites().values():
        if site.group not in groups():
            yield f"sites.{site.id}: group “{site.group}” is unknown"
        own = [pattern for pattern in patterns() if pattern.site == site.id]
        if not own:
            yield f"sites.{site.id}: no pattern, so it can never be the answer"
        elif not isclose(sum(pattern.weight for pattern in own), 1.0, abs_tol=SUM_OF_SHARES):
            yield f"patterns of {site.id}: weights do not sum to 1"
        for pattern in own:
            if pattern.detail and pattern.detail not in site.details:
                yield f"patterns.{pattern.key}: detail “{pattern.detail}” has no words in sites.toml"
    least = [band.minimum for band in bands()]
    if least != sorted(least, reverse=True) or least[-1] != 0.0:
        yield "wording.band: minimums must fall from band to band and end at 0"


def _rules() -> Iterator[str]:
    for name, table in read("redflags")["red_flag"].items():
        if table["urgency"] not in urgencies():
            yield f"redflags.{name}: urgency “{table['urgency']}” is unknown"
    try:
        rules()
        for notice in read("wording")["notice"]:
            for line in notice["any_of"]:
                parse_line(line)
    except (FindingError, ValueError) as error:
        yield f"redflags or notices: {error}"


def _supply() -> Iterator[str]:
    anatomy = read("anatomy")
    order = set(anatomy["roots"]["order"])
    for kind in ("muscle", "area", "arc", "snap"):
        for name, table in anatomy[kind].items():
            if not isclose(sum(table["roots"].values()), 1.0, abs_tol=SUM_OF_SHARES):
                yield f"anatomy.{kind}.{name}: root shares do not sum to 1"
            if not set(table["roots"]) <= order:
                yield f"anatomy.{kind}.{name}: unknown root"
    yield from _sum("anatomy.supply", [table["probability"] for table in anatomy["supply"].values()])


def _movements() -> Iterator[str]:
    anatomy = read("anatomy")
    for name, table in anatomy["action"].items():
        if not isclose(sum(table["muscles"].values()), 1.0, abs_tol=SUM_OF_SHARES):
            yield f"anatomy.action.{name}: muscle shares do not sum to 1"
        if name not in catalogue() or not set(table["muscles"]) <= set(anatomy["muscle"]):
            yield f"anatomy.action.{name}: unknown finding or muscle"


def _drawing() -> Iterator[str]:
    anatomy = read("anatomy")
    for name in (*anatomy["area"], *anatomy["arc"], *anatomy["snap"], *anatomy["needle"]):
        if name not in catalogue():
            yield f"anatomy: “{name}” is not a finding"
    for name, table in anatomy["segment"].items():
        if not {*table["feeds"], *table["needs"]} <= set(anatomy["action"]):
            yield f"anatomy.segment.{name}: unknown muscle"


def _sum(place: str, shares: list[float]) -> Iterator[str]:
    if not isclose(sum(shares), 1.0, abs_tol=SUM_OF_SHARES):
        yield f"{place}: does not sum to 1"


def _structures() -> set[str]:
    anatomy = read("anatomy")
    return {
        structure
        for kind in ("muscle", "area", "arc", "snap")
        for table in anatomy[kind].values()
        for structure in table["path"]
    } | {"pudendal"}


def _patterns() -> Iterator[str]:
    anatomy, instrument = read("anatomy"), read("instrument")
    allowed = {
        "roots": set(anatomy["roots"]["order"]),
        "spared": _structures(),
        "lesion": _structures(),
        "muscles": set(anatomy["muscle"]),
        "actions": set(anatomy["action"]),
        "areas": set(anatomy["area"]),
        "arcs": set(anatomy["arc"]),
    }
    for pattern in patterns():
        if pattern.site not in sites():
            yield f"patterns.{pattern.key}: unknown site"
        for field, known in allowed.items():
            unknown = set(pattern.table.get(field, {})) - known
            if unknown:
                yield f"patterns.{pattern.key}.{field}: unknown {', '.join(sorted(unknown))}"
        if pattern.table["gait"] not in instrument["gait"]:
            yield f"patterns.{pattern.key}: unknown gait profile"
        if pattern.table.get("upper", "none") not in instrument["upper"]:
            yield f"patterns.{pattern.key}: unknown profile of upper-motor-neuron signs"
        yield from _sum(f"patterns.{pattern.key}.contra", pattern.table["contra"])


def _priors() -> Iterator[str]:
    settings = set(read("wording")["setting"])
    if settings != set(read("priors")["prior"]):
        yield "priors: settings differ from those of wording.toml"
    for name, table in read("priors")["prior"].items():
        yield from _sum(f"priors.{name}", list(table["sites"].values()))
        if list(table["sites"]) != list(sites()) or min(table["sites"].values()) <= 0.0:
            yield f"priors.{name}: every site needs a share above 0, in the order of the vocabulary"


def _likelihoods() -> Iterator[str]:
    keys = {pattern.key for pattern in patterns()}
    for name, table in read("likelihoods")["likelihood"].items():
        if name not in catalogue() or table["value"] not in catalogue()[name].scale.tokens:
            yield f"likelihoods.{name}: unknown finding or value"
        named = {*table["sites"], *(row["site"] for row in table.get("published", ()))}
        if not named <= set(sites()) or not set(table.get("pattern", {})) <= keys:
            yield f"likelihoods.{name}: unknown site or pattern"
            continue
        shares = [*(by_site(name, site) for site in sites()), *table.get("pattern", {}).values()]
        if not all(0.0 < share < 1.0 for share in shares):
            yield f"likelihoods.{name}: every share must lie between 0 and 1"


def _choices() -> Iterator[str]:
    for name, table in read("likelihoods")["choice"].items():
        rows = {**table["sites"], **table.get("pattern", {})}
        for key, row in rows.items():
            if len(row) != len(table["values"]) or min(row) <= 0.0:
                yield f"likelihoods.{name}.{key}: one share above 0 for each value is needed"
            yield from _sum(f"likelihoods.{name}.{key}", list(row))


def _profiles() -> Iterator[str]:
    instrument = read("instrument")
    yield from _sum("instrument.severity", [row["probability"] for row in instrument["severity"].values()])
    values = set(catalogue()["gait_pattern"].scale.tokens)
    for name, table in instrument["gait"].items():
        shares = {value: share for value, share in table.items() if value in values}
        if set(shares) != values:
            yield f"instrument.gait.{name}: one share for each gait pattern is needed"
        yield from _sum(f"instrument.gait.{name}", list(shares.values()))
