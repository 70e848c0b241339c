"""The runbook and the code are held together: every message has an entry, and no entry speaks of what is gone."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from alerts.outbox import answers
from expectations.messages import SAYINGS
from reports.runbook_page import Heading, render_runbook
from reports.steps import RUNBOOK

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "nte",
    "transforms",
    "expectations",
    "forecasts",
    "alerts",
    "reports",
    "flows",
    "cli",
    "deploy",
    "plugins",
    "dags",
)
DAGS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
TOLD_OTHERWISE = {
    "UnreadableDelivery",  # becomes the reason `unreadable`
    "NotThereError",  # a page that says itself where to go
}
PARTS = ("You see:", "It means:", "Do:", "Mended when:")
LEAST_SAID = 9
"""Fewer signs in a row say nothing."""


@cache
def trees() -> dict[Path, ast.Module]:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path: ast.parse(path.read_text("utf-8")) for path in files}


def said_in(node: ast.AST | None) -> str:
    """Return a message as it stands in the code, with … where something is put in; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
    return ""


def pieces(message: str) -> list[str]:
    return [piece.strip() for piece in message.split("…") if len(piece.strip()) >= LEAST_SAID]


def calls(node: ast.AST) -> Iterator[ast.Call]:
    yield from (n for n in ast.walk(node) if isinstance(n, ast.Call))


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


@cache
def our_errors() -> frozenset[str]:
    """Return NteError and every class that is made from it."""
    classes = [n for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    found = {"NteError"}
    for _ in classes:
        found |= {c.name for c in classes if any(getattr(b, "id", "") in found for b in c.bases)}
    return frozenset(found - TOLD_OTHERWISE)


def raised() -> list[str]:
    """Return every message that one of our own errors is raised with."""
    told = [tree for path, tree in trees().items() if path.name != "copies.py"]  # deploy/README.md has them
    raises = [n for tree in told for n in ast.walk(tree) if isinstance(n, ast.Raise)]
    made = [n.exc for n in raises if isinstance(n.exc, ast.Call) and name_of(n.exc) in our_errors()]
    return [message for call in made for argument in call.args if pieces(message := said_in(argument))]


def told_to_ops() -> list[str]:
    """Return the bold beginning of every message that is written to the ops channel."""
    writers = [tree for path, tree in trees().items() if path.parent == ROOT / "alerts" / "ops"]
    bold = [said_in(c.args[0]) for tree in writers for c in calls(tree) if name_of(c) == "strong"]
    by_state = [d for tree in writers for n in tree.body if isinstance(n, ast.Assign) for d in [n.value]]
    bold += [said_in(v) for d in by_state if isinstance(d, ast.Dict) for v in d.values]
    return [text for text in bold if pieces(text)]


def found_by_the_doctor() -> list[str]:
    tree = trees()[ROOT / "cli" / "doctor.py"]
    bad = [c for c in calls(tree) if name_of(c) == "Finding" and getattr(c.args[0], "value", None) is False]
    return [message for c in bad if pieces(message := said_in(c.args[1]))]


def left_alone() -> list[str]:
    tree = trees()[ROOT / "nte" / "deliveries" / "inbox.py"]
    given = [said_in(a) for c in calls(tree) if name_of(c) == "LeftAlone" for a in c.args]
    return [message for message in given if pieces(message)]


@cache
def read() -> tuple[list[Heading], dict[str, str], list[str]]:
    """Return the runbook's headings, the text of each entry, and every message that it quotes."""
    text = RUNBOOK.read_text("utf-8")
    _, headings = render_runbook(text)
    chapters = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    entries = {chapter.splitlines()[0]: chapter for chapter in chapters}
    quoted = [
        part.content
        for chapter in chapters
        for token in MarkdownIt("commonmark").parse(chapter)
        if token.type == "inline" and not token.content.startswith(("**Do", "**It means"))
        for part in token.children or []
        if part.type == "code_inline"
    ]
    return headings, entries, [quote.replace("\n", " ") for quote in quoted]


def has_entry(message: str) -> bool:
    """Say whether some entry quotes the message: at least the beginning of its longest part."""
    longest = max(pieces(message.strip("*")), key=len)
    return any(longest[:24] in quote for quote in read()[2])


def test_every_entry_says_what_is_seen_what_it_means_what_to_do_and_how_to_know() -> None:
    _, entries, _ = read()
    assert len(entries) > 50
    for name, entry in entries.items():
        assert [part for part in PARTS if f"**{part}**" not in entry] == [], name


def test_every_reason_of_a_verdict_has_an_entry_of_its_name() -> None:
    _, entries, _ = read()
    rules = {said_in(c.args[0]) for path, tree in trees().items() if path.parent.name == "expectations"
             for c in calls(tree) if name_of(c) in {"Rule", "_warning", "Finding"} and c.args}  # fmt: skip
    named = {rule for rule in rules if re.fullmatch(r"[a-z]+(_[a-z]+)+", rule)}
    assert sorted((SAYINGS.keys() | named) - entries.keys()) == []


def test_every_dag_has_an_entry_of_its_name() -> None:
    assert len(DAGS) >= 5
    assert sorted(set(DAGS) - read()[1].keys()) == []


@pytest.mark.parametrize(
    "messages", [raised, told_to_ops, found_by_the_doctor, left_alone], ids=lambda f: f.__name__
)
def test_every_message_has_an_entry(messages: object) -> None:
    found = messages()  # type: ignore[operator]
    assert len(found) >= 2
    assert [message for message in found if not has_entry(message)] == []


def test_every_code_with_which_slack_refuses_has_an_entry() -> None:
    sets = (answers._ADVICE, answers._WORKSPACE_CODES, answers._CHANNEL_CODES)
    codes = {code for each in sets for code in each}
    entry = read()[1]["Slack refuses"]
    assert sorted(code for code in codes if f"`{code}`" not in entry) == []


def test_every_link_of_the_code_leads_to_an_entry() -> None:
    linked = {
        said_in(c.args[-1])
        for tree in trees().values()
        for c in calls(tree)
        if name_of(c) in {"runbook", "Notice"} and len(c.args) in {1, 3} and said_in(c.args[-1])
    }
    texts = [said_in(n) for tree in trees().values() for n in ast.walk(tree)]
    linked |= {anchor for text in texts for anchor in re.findall(r"runbook#([a-z][a-z0-9_-]+)", text)}
    assert {"rejected-delivery", "late-delivery", "pages-are-old"} <= linked
    assert sorted(linked - {heading.anchor for heading in read()[0]}) == []


def test_every_link_inside_the_runbook_leads_to_an_entry() -> None:
    anchors = [heading.anchor for heading in read()[0]]
    assert len(anchors) == len(set(anchors))
    assert sorted(set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK.read_text("utf-8"))) - set(anchors)) == []


def test_no_entry_speaks_of_a_message_that_no_longer_exists() -> None:
    texts = [text for tree in trees().values() for n in ast.walk(tree) if (text := said_in(n))]
    everything = "\n".join([*texts, *SAYINGS.values()])
    everything = re.sub(r"\{[a-z_]+\}", "…", everything)
    known = {*SAYINGS, *DAGS}
    gone = [
        piece
        for quote in read()[2]
        for piece in pieces(quote)
        if quote not in known and piece not in everything and not (ROOT / quote).exists()
    ]
    assert gone == []


def test_no_entry_speaks_of_a_reason_or_a_dag_that_no_longer_exists() -> None:
    codes = {name for name in read()[1] if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)}
    assert sorted(codes - SAYINGS.keys() - set(DAGS)) == []


def test_every_command_of_the_runbook_can_be_typed() -> None:
    commands = re.findall(r"`nte ([a-z]+)", RUNBOOK.read_text("utf-8"))
    known = re.findall(r'epilog="Example: `nte ([a-z]+)', (ROOT / "cli" / "main.py").read_text("utf-8"))
    assert commands
    assert sorted(set(commands) - set(known)) == []
