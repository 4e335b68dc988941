"""Asks Alembic which revisions a word names: the same questions that `identifiers.rs` asks limbeck.

    python ask.py < identifiers.txt > answers

A line is `GRAPH | COMMAND | CURRENT HEADS | WORD | ANSWER`; `graph NAME` and the lines below it describe a
graph. Lines come out as they went in, with Alembic's answer; `error` where it refuses.
"""

import pathlib
import sys
import tempfile
import warnings

from alembic.script import ScriptDirectory


def script_directory(lines):
    """Writes a graph as Alembic's files. `b < a needs:x label:l` is a line of it."""
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "versions").mkdir()
    for line in lines:
        identifier, *words = line.replace("<", " ").split()
        parents = tuple(w for w in words if ":" not in w)
        needs = tuple(w.split(":")[1] for w in words if w.startswith("needs:"))
        labels = tuple(w.split(":")[1] for w in words if w.startswith("label:"))
        (folder / "versions" / f"{identifier}.py").write_text(
            f"revision = {identifier!r}\ndown_revision = {parents or None!r}\n"
            f"branch_labels = {labels or None!r}\ndepends_on = {needs or None!r}\n"
            "def upgrade(): pass\ndef downgrade(): pass\n"
        )
    return ScriptDirectory(str(folder))


def stamped(script, heads, word):
    heads = set(heads)
    for step in script._stamp_revs(tuple(word.split()), tuple(heads)):
        heads = (heads - set(step.from_revisions)) | set(step.to_revisions)
    return sorted(heads)


def answer(script, command, heads, word):
    if command == "upgrade":
        return [step.revision.revision for step in script._upgrade_revs(word, heads)]
    if command == "downgrade":
        return [step.revision.revision for step in script._downgrade_revs(word, heads)]
    if command == "show":
        return sorted(r.revision for r in script.get_revisions(word) if r is not None)
    if command == "stamp":
        return stamped(script, heads, word)
    base, head = word.split(":")
    base = heads if base == "current" else base or "base"
    head = heads if head == "current" else head or "heads"
    return [r.revision for r in script.walk_revisions(base, head)]


def main():
    warnings.simplefilter("ignore")
    graphs, scripts, name = {}, {}, None
    for line in map(str.rstrip, sys.stdin):
        if line.startswith("graph "):
            name = line.split()[1]
            graphs[name] = []
        elif line.startswith("  "):
            graphs[name].append(line.strip())
        elif "|" in line and not line.startswith("#"):
            graph, command, heads, word = [part.strip() for part in line.split("|")][:4]
            if graph not in scripts:
                scripts[graph] = script_directory(graphs[graph])
            try:
                found = " ".join(answer(scripts[graph], command, tuple(heads.split()), word)) or "-"
            except Exception:
                found = "error"
            line = " | ".join([graph, command, heads, word, found])
        print(line)


main()
