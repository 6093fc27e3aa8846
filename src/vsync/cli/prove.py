"""`vsync prove`: inductive invariants, checked by z3 for any number of processes, messages and views.

Without names all proofs are checked. A proof is violated if z3 finds a counterexample, and not judged if z3 comes
to no end in its time. With `--planted` the mistakes that are planted in each proof are refuted instead, each by the
smallest counterexample to induction: it is an error if one is not.

JSON: `proofs`, a list of objects: `proof`, `title`, `proves`, `abstracts`, `actions`, `invariants`; without `--list`
and `--planted` also `verdict`, `seconds`, `pairs` and `answers` (`kind`, `action`, `about`, `verdict`, `seconds`); with
`--planted` also `planted`, a list of `bug`, `refuted`, `action`, `broken`, `seconds` and `picture`, lines of text.

Spec: `spec/PR*.tla`. Paper: none.
"""

import argparse
from typing import Any

from rich.table import Table
from rich.text import Text

from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.locate import spec_directory
from vsync.prove.induction import Answer, Kind, Report, Verdict, judge, questions, refute
from vsync.prove.language import Proof
from vsync.prove.proofs import PROOFS
from vsync.prove.tla import module_name, write

HELP = "prove guarantees for any number of processes, messages and views"
DESCRIPTION = (
    "Check inductive invariants with z3, over sorts of any size: each action keeps each invariant, and the invariants "
    "imply the guarantee. What each proof is about and what it leaves out is printed with it."
)

_EXITS = {Verdict.HOLDS: Exit.HOLDS, Verdict.REFUTED: Exit.VIOLATED, Verdict.UNKNOWN: Exit.NOT_JUDGED}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("name", nargs="*", help=f"a proof: {', '.join(PROOFS)}")
    command.add_argument("--list", action="store_true", help="only say what each proof is about")
    command.add_argument("--planted", action="store_true", help="refute the planted mistakes instead")
    command.add_argument("--write", action="store_true", help="write the modules spec/PR*.tla anew, and do no more")
    command.add_argument(
        "--timeout", type=positive, default=20, metavar="SECONDS", help="how long z3 may take over one question (20)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    proofs = _chosen(arguments.name)
    if arguments.write:
        for proof in proofs:
            path = spec_directory() / f"{module_name(proof)}.tla"
            path.write_text(write(proof), encoding="utf-8")
            terminal.say(f"written: {path}")
        return Outcome(exit=Exit.HOLDS, fields={"proofs": [_about(proof) for proof in proofs]})
    for proof in proofs:
        terminal.show(Text(f"{proof.name}: {proof.title}\n  proves: {proof.proves}\n  leaves out: {proof.abstracts}"))
    if arguments.list:
        return Outcome(exit=Exit.HOLDS, fields={"proofs": [_about(proof) for proof in proofs]})
    if arguments.planted:
        return _planted(proofs, arguments.timeout, terminal)
    return _proved(proofs, arguments.timeout, terminal)


def _chosen(names: list[str]) -> list[Proof]:
    """Returns the proofs that are meant. Raises InputError for an unknown name."""
    for name in names:
        if name not in PROOFS:
            raise InputError(f"expected the name of a proof, came {name!r}: choose from {', '.join(PROOFS)}")
    return [proof for name, proof in PROOFS.items() if not names or name in names]


# ---------------------------------------------------------------------------------------------------- to prove


def _proved(proofs: list[Proof], timeout_seconds: float, terminal: Terminal) -> Outcome:
    total = sum(len(list(questions(proof))) + len(proof.actions) for proof in proofs)
    reports = []
    with terminal.progress("questions", total) as meter:
        for proof in proofs:
            meter.note(proof.name)
            reports.append(judge(proof, timeout_seconds=timeout_seconds, on_answer=lambda _: meter.advance()))
    terminal.show(_table(reports), *_failures(reports), Text(_summary(reports)))
    return Outcome(
        exit=Exit.worst(_EXITS[report.verdict] for report in reports),
        fields={"proofs": [_report_json(report) for report in reports]},
    )


def _table(reports: list[Report]) -> Table:
    table = Table("Proof", "Guarantee")
    for heading in ("Invariants", "Actions", "Pairs", "Can be taken", "Seconds"):
        table.add_column(heading, justify="right")
    table.add_column("Verdict")
    for report in reports:
        proof = report.proof
        taken = [a for a in report.answers if a.question.kind is Kind.VACUITY and a.verdict is Verdict.HOLDS]
        counts = (len(proof.invariants), len(proof.actions), report.count(Kind.CONSECUTION), len(taken))
        guarantees = ", ".join(guarantee.name for guarantee in proof.guarantees)
        table.add_row(proof.name, guarantees, *map(str, counts), f"{report.seconds:.1f}", str(report.verdict))
    return table


def _failures(reports: list[Report]) -> list[Text]:
    lines = []
    for report in reports:
        for answer in report.answers:
            if answer.verdict is not Verdict.HOLDS:
                lines.append(Text(f"{report.proof.name}: {answer.question.name}: {answer.verdict}", style="bold"))
                lines.append(Text("\n".join(answer.picture.lines() if answer.picture else [])))
    return lines


def _summary(reports: list[Report]) -> str:
    wrong = [report.proof.name for report in reports if report.verdict is not Verdict.HOLDS]
    if wrong:
        return f"{len(wrong)} of {len(reports)} proofs do not go through: {', '.join(wrong)}."
    return f"All {len(reports)} proofs go through, for any number of processes."


# --------------------------------------------------------------------------------------------------- to refute


def _planted(proofs: list[Proof], timeout_seconds: float, terminal: Terminal) -> Outcome:
    found: list[tuple[Proof, str, Answer | None]] = []
    bugs = [(proof, bug) for proof in proofs for bug in proof.planted]
    with terminal.progress("planted mistakes", len(bugs)) as meter:
        for proof, bug in bugs:
            meter.note(f"{proof.name} {bug}")
            found.append((proof, bug, refute(proof, bug, timeout_seconds=timeout_seconds)))
            meter.advance()
    table = Table("Proof", "Planted", "Refuted by action", "Invariant broken")
    for heading in ("Elements", "Seconds"):
        table.add_column(heading, justify="right")
    for proof, bug, answer in found:
        table.add_row(proof.name, bug, *_cells(answer))
    pictures = []
    for proof, bug, answer in found:
        if answer is not None and answer.picture is not None:
            pictures += [Text(f"{proof.name}, {bug}:", style="bold"), Text("\n".join(answer.picture.lines()))]
    missed = [bug for _, bug, answer in found if answer is None]
    summary = f"Not refuted: {', '.join(missed)}." if missed else f"All {len(found)} planted mistakes are refuted."
    terminal.show(*pictures, table, Text(summary))
    planted = [
        {**_about(proof), "planted": [_bug_json(bug, answer) for p, bug, answer in found if p is proof]}
        for proof in proofs
    ]
    return Outcome(exit=Exit.NOT_JUDGED if missed else Exit.HOLDS, fields={"proofs": planted})


def _cells(answer: Answer | None) -> list[str]:
    if answer is None or answer.picture is None:
        return ["not refuted", "", "", ""]
    picture = answer.picture
    return [picture.action or "none", picture.broken, str(picture.size), f"{answer.seconds:.1f}"]


# -------------------------------------------------------------------------------------------------------- JSON


def _about(proof: Proof) -> dict[str, Any]:
    return {
        "proof": proof.name,
        "title": proof.title,
        "proves": proof.proves,
        "abstracts": proof.abstracts,
        "actions": [action.name for action in proof.actions],
        "invariants": [invariant.name for invariant in proof.invariants],
    }


def _report_json(report: Report) -> dict[str, Any]:
    answers = [
        {
            "kind": str(answer.question.kind),
            "action": answer.question.action.name if answer.question.action else None,
            "about": answer.question.about,
            "verdict": str(answer.verdict),
            "seconds": round(answer.seconds, 3),
            "picture": answer.picture.lines() if answer.picture else None,
        }
        for answer in report.answers
    ]
    return {
        **_about(report.proof),
        "verdict": str(report.verdict),
        "seconds": round(report.seconds, 3),
        "pairs": report.count(Kind.CONSECUTION),
        "answers": answers,
    }


def _bug_json(bug: str, answer: Answer | None) -> dict[str, Any]:
    picture = answer.picture if answer else None
    return {
        "bug": bug,
        "refuted": picture is not None,
        "action": picture.action if picture else None,
        "broken": picture.broken if picture else None,
        "seconds": round(answer.seconds, 3) if answer else None,
        "picture": picture.lines() if picture else None,
    }
