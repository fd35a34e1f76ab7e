# SPDX-License-Identifier: GPL-2.0
"""The record: the ratios of Rust's instructions to C's, and the versions of all tools that determine them.
Other versions generate other code for both sides, so a small difference then means little."""

from dataclasses import dataclass, field

from bench.userland.entries import Row

# The most by which a ratio may rise, with the versions of the record and with others.
RISE = 0.02
RISE_WITH_OTHER_VERSIONS = 0.15

HEAD = """\
# SPDX-License-Identifier: GPL-2.0
#
# Instructions of Rust for each of C, over the same calls of the differential driver, as callgrind counts
# them. make test fails if a ratio rises by more than two in a hundred. Written by scripts/bench-userland
# --record, with the versions below: a name, how many calls it was, the ratio, and that of what is left
# without what both sides do in the same functions.
"""


class RecordError(Exception):
    """The record cannot be read."""


@dataclass(frozen=True)
class Measured:
    """The figures of one entry. The own ratio shows changes that are small compared with the instructions
    that both sides execute."""

    calls: int
    ratio: float
    own_ratio: float


@dataclass
class Record:
    versions: dict[str, str]
    entries: dict[str, Measured]

    @classmethod
    def of_rows(cls, versions: dict[str, str], rows: list[Row]) -> "Record":
        return cls(
            versions,
            {row.name: Measured(row.c.calls, row.ratio(), row.own_ratio()) for row in rows},
        )

    @classmethod
    def read(cls, text: str) -> "Record":
        record = cls({}, {})
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            version, separator, value = line.partition(": ")
            words = line.split()
            if separator:
                record.versions[version] = value
            elif len(words) == 4:
                name, calls, ratio, own_ratio = words
                record.entries[name] = Measured(int(calls), float(ratio), float(own_ratio))
            else:
                raise RecordError(f"the record has a line that cannot be read: {line}")
        return record

    def text(self) -> str:
        lines = [f"{what}: {version}" for what, version in self.versions.items()]
        lines += [
            f"{name} {entry.calls} {entry.ratio:.4f} {entry.own_ratio:.4f}"
            for name, entry in self.entries.items()
        ]
        return HEAD + "".join(f"{line}\n" for line in lines)


@dataclass
class Complaints:
    """The failures, and remarks for people."""

    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def allowed_rise(recorded: Record, measured: Record, found: Complaints) -> float:
    """Returns the most by which a ratio may rise. Remarks on the reason if it is not the usual one."""
    for what in sorted(recorded.versions.keys() | measured.versions.keys()):
        then, now = recorded.versions.get(what, "none"), measured.versions.get(what, "none")
        if then != now:
            found.remarks.append(f"{what} is {now}, and was {then} when the record was made")
    if not found.remarks:
        return RISE
    found.remarks.append(
        f"so ratios may rise by {RISE_WITH_OTHER_VERSIONS:.0%}, instead of {RISE:.0%}"
    )
    return RISE_WITH_OTHER_VERSIONS


def compare(what: str, then: float, now: float, allowed: float, found: Complaints) -> None:
    change = now / then - 1
    if change > allowed:
        found.failures.append(f"{what}: {now:.4f}, and was {then:.4f} ({change:+.1%})")
    elif change < -RISE:
        found.remarks.append(f"{what} has become cheaper: {now:.4f}, and was {then:.4f}; record it")


def complaints(recorded: Record, measured: Record) -> Complaints:
    found = Complaints()
    allowed = allowed_rise(recorded, measured, found)
    for name in sorted(recorded.entries.keys() | measured.entries.keys()):
        then, now = recorded.entries.get(name), measured.entries.get(name)
        if then is None or now is None:
            found.failures.append(f"{name} is {'not in the record' if now else 'not measured'}")
        elif then.calls != now.calls:
            found.failures.append(
                f"{name}: {now.calls} calls, and {then.calls} in the record: not the same history"
            )
        else:
            compare(name, then.ratio, now.ratio, allowed, found)
            # With so few instructions, the own ratio of another compiler's code means nothing.
            if allowed == RISE:
                compare(f"{name}, own", then.own_ratio, now.own_ratio, allowed, found)
    return found
