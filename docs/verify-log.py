#!/usr/bin/env python3
"""Verifies a shiplog log from docs/log-format.md alone: verify-log.py LOG.DB [POSITION:HASH]

Shares no code with the daemon. POSITION and HASH are a witness of the head kept elsewhere.
Exit status: 0 the log is whole, 1 it is not (the first bad row is printed), 2 it cannot be read.
"""
import hashlib
import json
import sqlite3
import sys

COLUMNS = ("position stream version type data state digest effects answers claims cause caller"
           " at_ns revision").split()
CASTS = ", ".join("CAST(%s AS BLOB)" % ("s.name" if c == "stream" else "f." + c) for c in COLUMNS)
ROWS = "SELECT %s, f.hash FROM facts f LEFT JOIN streams s ON s.id = f.stream ORDER BY f.position"
CLAIMS = "SELECT kind, key, name FROM claims JOIN streams ON id = stream"
AGENDA = ("SELECT a.position || '.' || idx, name, type, params"
          " FROM agenda a JOIN streams ON id = stream")


class Bad(Exception):
    pass


def check(condition, row, problem):
    if not condition:
        raise Bad("row %s: %s" % (row, problem))


def check_row(number, row, last, versions, held, opened):
    """Checks one row after `last` = (hash, time), and folds versions, claims and agenda."""
    one = dict(zip(COLUMNS, row))
    check(one["position"] == b"%d" % number, number, "gap")
    check(one["stream"] is not None, number, "stream without a name")
    content = b"".join(b"%d:%s," % (len(text), text) for text in row[:-1])
    hashed = hashlib.sha256(b"shiplog/1\n" + last[0] + content).digest()
    check(hashed == row[-1], number, "hash")
    stream, at_ns = one["stream"].decode(), int(one["at_ns"])
    check(at_ns > last[1], number, "time")
    check(int(one["version"]) == versions.get(stream, 0) + 1, number, "version")
    versions[stream] = int(one["version"])
    claims = json.loads(one["claims"])
    for claim in map(tuple, claims["free"]):
        if held.get(claim) == stream:
            del held[claim]
    for claim in map(tuple, claims["take"]):
        check(held.setdefault(claim, stream) == stream, number, "claim held by another stream")
    for answered in json.loads(one["answers"]):
        check(opened.pop(answered, None) is not None, number, "answers what is not open")
    for index, effect in enumerate(json.loads(one["effects"])):
        if effect["type"] != "cancel":
            opened["%d.%d" % (number, index)] = (stream, effect["type"], effect["params"])
    return hashed, at_ns


def verify(path, witness):
    log = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    log.execute("BEGIN")
    meta = dict(log.execute("SELECT key, value FROM meta"))
    if meta.get("format") != "1":
        raise sqlite3.Error("format %s is not known here" % meta.get("format"))
    last, number, versions, held, opened = (bytes(32), 0), 0, {}, {}, {}
    for number, row in enumerate(log.execute(ROWS % CASTS), 1):
        last = check_row(number, row, last, versions, held, opened)
        if witness and witness[0] == number:
            check(witness[1] == last[0].hex(), number, "not what the witness saw")
    check(not witness or witness[0] <= number, number + 1, "missing: the witness saw more")
    check(held == {(k, v): name for k, v, name in log.execute(CLAIMS)}, "claims", "not the fold")
    agenda = {i: (name, kind, json.loads(p)) for i, name, kind, p in log.execute(AGENDA)}
    check(opened == agenda, "agenda", "not the fold")
    check(versions == dict(log.execute("SELECT name, version FROM streams")), "streams", "versions")
    for digest, salt, value in log.execute("SELECT digest, salt, value FROM secrets"):
        salted = bytes.fromhex(salt) + value.encode()
        check(hashlib.sha256(salted).hexdigest() == digest, "secret " + digest, "digest")
    return "%d facts, head %s" % (number, last[0].hex())


def asked(log, *witness):
    """The path, and the witness if there is one: as POSITION:HASH, or the two as words."""
    if not witness:
        return log, None
    position, head = ":".join(witness).split(":")
    if len(bytes.fromhex(head)) != 32:
        raise ValueError("no hash")
    return log, (int(position), head.lower())


if __name__ == "__main__":
    try:
        path, seen = asked(*sys.argv[1:])
    except (TypeError, ValueError):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        print("whole: " + verify(path, seen))
    except Bad as bad:
        sys.exit("broken: %s" % bad)
    except sqlite3.Error as error:
        print("cannot read: %s" % error, file=sys.stderr)
        sys.exit(2)
