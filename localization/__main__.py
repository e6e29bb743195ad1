"""The command line: locate, evaluate, tables, simulate, walks, calibration, check, reference."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localization import DEFAULT_SETTING, SETTINGS, SITES, localize
from localization.casefile import Case, CaseError, parse_case

REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0, 1 when the knowledge is faulty, 2 when the input is refused."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except CaseError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # the reader has seen enough, as head has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localization", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    locate = commands.add_parser("locate", help="the report of one case file; - reads standard input")
    locate.add_argument("file")
    locate.set_defaults(run=_locate)
    judge = commands.add_parser("evaluate", help="figures over a case file or a folder of them")
    judge.add_argument("path")
    judge.set_defaults(run=_evaluate)
    tables = commands.add_parser("tables", help="what the model implies beside each published operating row")
    tables.set_defaults(run=_tables)
    for command in (locate, judge, tables, *_simulating(commands)):
        command.add_argument("--json", action="store_true", help="print one JSON object")
        command.add_argument("--setting", choices=list(SETTINGS), default=DEFAULT_SETTING)
    check = commands.add_parser("check", help="the knowledge against itself")
    check.set_defaults(run=_check)
    page = commands.add_parser("reference", help="the reference page, as Markdown")
    page.set_defaults(run=_reference)
    return parser


def _simulating(commands: Any) -> tuple[argparse.ArgumentParser, ...]:
    """Add the commands that draw patients from the model; return them."""
    patient = commands.add_parser(
        "simulate", help="a complete examination drawn from the model, as a case file"
    )
    patient.add_argument("--site", choices=list(SITES), help="its lesion; without it, drawn for the setting")
    patient.add_argument("--weak-side", choices=("left", "right"), help="its weaker leg; without it, drawn")
    patient.add_argument("--bedside", action="store_true", help="without the laboratory")
    patient.set_defaults(run=_simulate)
    walks = commands.add_parser("walks", help="drawn patients: how many tests a level takes, by their order")
    walks.add_argument("--patients", type=_number(1), default=200, metavar="N")
    walks.set_defaults(run=_walks)
    holds = commands.add_parser("calibration", help="drawn patients: how often the answer is right")
    holds.add_argument("--patients", type=_number(1), default=1000, metavar="N")
    holds.set_defaults(run=_calibration)
    for command in (patient, walks, holds):
        command.add_argument(
            "--seed", type=_number(0), default=1, help="the same seed draws the same patients"
        )
    return patient, walks, holds


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if text.isascii() and text.isdigit() and int(text) >= least:
            return int(text)
        message = f"“{text}” is not a whole number from {least} on"
        raise argparse.ArgumentTypeError(message)

    return number


def _locate(options: argparse.Namespace) -> int:
    from localization.textreport import as_text  # noqa: PLC0415 - each command loads what it needs

    report = localize(_case(options.file).findings, setting=options.setting)
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if options.json else as_text(report))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from localization.evaluation import evaluate  # noqa: PLC0415 - each command loads what it needs
    from localization.evaluation.figures import as_text  # noqa: PLC0415 - each command loads what it needs

    cases = [_case(str(path)) for path in _files(options.path)]
    for case in cases:
        if not case.site:
            message = f"{case.name}: no site: the answer must be known to be scored."
            raise CaseError(message)
    result = evaluate(cases, options.setting)
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else as_text(result))
    return 0


def _tables(options: argparse.Namespace) -> int:
    from localization.evaluation import operating  # noqa: PLC0415 - each command loads what it needs
    from localization.evaluation.published import faults  # noqa: PLC0415 - each command loads what it needs

    wrong = list(faults())
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    found = operating.compare(options.setting)
    result = operating.to_json(found, options.setting)
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else operating.as_text(found))
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from localization.simulation import draw  # noqa: PLC0415 - each command loads what it needs

    patient = draw(options.site, options.seed, setting=options.setting, weak_side=options.weak_side)
    patient = patient.at_the_bedside() if options.bedside else patient
    sys.stdout.write(_json(patient.to_json()) + "\n" if options.json else patient.as_case())
    return 0


def _walks(options: argparse.Namespace) -> int:
    from localization.evaluation import walks  # noqa: PLC0415 - each command loads what it needs

    result = walks.walks(options.patients, options.seed, options.setting)
    print(_json(result) if options.json else walks.as_text(result))
    return 0


def _calibration(options: argparse.Namespace) -> int:
    from localization.evaluation import calibration  # noqa: PLC0415 - each command loads what it needs

    result = calibration.calibration(options.patients, options.seed, options.setting)
    print(_json(result) if options.json else calibration.as_text(result))
    return 0


def _check(_options: argparse.Namespace) -> int:
    from localization.selfcheck import problems  # noqa: PLC0415 - each command loads what it needs

    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    print("The knowledge is consistent." if not found else f"{len(found)} problems.")
    return 1 if found else 0


def _reference(_options: argparse.Namespace) -> int:
    from localization.reference import page  # noqa: PLC0415 - each command loads what it needs

    sys.stdout.write(page())
    return 0


def _json(result: Mapping[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, indent=2)


def _files(path: str) -> list[Path]:
    place = Path(path)
    files = sorted(place.rglob("*.toml")) if place.is_dir() else [place]
    if not files:
        message = f"{path}: no case file (*.toml) in this folder."
        raise CaseError(message)
    return files


def _case(path: str) -> Case:
    name = "standard input" if path == "-" else path
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}: cannot be read: {error}."
        raise CaseError(message) from error
    return parse_case(name, text)


if __name__ == "__main__":
    sys.exit(main())
