# SPDX-License-Identifier: GPL-2.0
"""Explanations of made-up processes, the same in each run, with the expected results."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

PAGE = 4096

CAUSE_OF_FLAG = {
    "ex": "access rights (mprotect)",
    "wr": "access rights (mprotect)",
    "dc": "MADV_DONTFORK",
    "dd": "MADV_DONTDUMP",
    "lo": "mlock",
    "sl": "mseal",
    "hg": "advice on huge pages (madvise, MAP_STACK)",
    "wf": "MADV_WIPEONFORK",
    "nr": "MAP_NORESERVE",
}
# A header as rust/explain/json.rs would write it: the rules, with the words for two VMAs.
HEADER: dict[str, Any] = {
    "rules": [
        {
            "rule": "flags",
            "words": "flags differ",
            "details": [
                {"member": "only_lower", "words": "only below", "kind": "flags"},
                {"member": "only_upper", "words": "only above", "kind": "flags"},
            ],
        },
        {
            "rule": "not-adjacent",
            "words": "nothing is mapped between them",
            "details": [{"member": "size", "words": "size"}],
        },
        {
            "rule": "file",
            "words": "files differ",
            "details": [
                {"member": "lower", "words": "below"},
                {"member": "upper", "words": "above"},
            ],
        },
        {
            "rule": "pgoff",
            "words": "page offsets do not continue",
            "details": [
                {"member": "found", "words": "found"},
                {"member": "expected", "words": "expected"},
            ],
        },
        {
            "rule": "name",
            "words": "names differ",
            "details": [
                {"member": "lower", "words": "below", "kind": "name"},
                {"member": "upper", "words": "above", "kind": "name"},
            ],
        },
        {"rule": "special", "words": "special mappings never merge"},
    ],
    "flags": {"dc": "MADV_DONTFORK", "dd": "MADV_DONTDUMP", "key": "the protection key"},
    "causes": {
        "MADV_DONTFORK": {
            "helps": "undo it with MADV_DOFORK when the buffer is released",
            "set_by": "madvise(MADV_DONTFORK)",
            "undone_by": "madvise(MADV_DOFORK)",
        },
        "mseal": {"helps": "seal a whole area at once", "set_by": "mseal()", "undone_by": None},
    },
    "mergeable": "mergeable, but no operation has tried",
    "rights": {"r": "may be read", "w": "may be written", "x": "may be executed", "p": "private"},
    "kinds": {
        "anonymous": "anonymous memory",
        "heap": "heap",
        "stack": "stack",
        "special": "special mapping",
        "file": "file",
        "memfd": "memfd",
    },
}

# The page's advice on these causes.
ADVICE = {
    "MADV_DONTFORK": "undo it with MADV_DOFORK when the buffer is released "
    "(set by madvise(MADV_DONTFORK); undone by madvise(MADV_DOFORK))",
    "mseal": "seal a whole area at once (set by mseal(); no call undoes it)",
}

NAMES = "names (PR_SET_VMA_ANON_NAME)"
FILES = "files"
OFFSETS = "page offsets"
HOLES = "holes (munmap)"

# Names that would do harm if the page interpreted them as anything other than text.
EVIL = (
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "<!--<script>",
    "]]>&lt;b&gt;'\"\\",
    "$data ${script} {{x}}",
    "back\u202eward",
    "new\nline\x00\x7f",
    "Pr\u00e4fix \u6f22\u5b57",
    "&#60;script&#62;",
)


@dataclass(frozen=True)
class Vma:
    """A VMA of a made-up process. Addresses are in bytes."""

    start: int
    end: int
    flags: frozenset[str] = frozenset()
    name: str | None = None
    file: str | None = None
    offset: int = 0
    rights: str = "rw-p"
    # The kind, if it does not follow from the mapped file.
    kind: str | None = None
    which: str | None = None

    def nature(self) -> dict[str, str | None]:
        kind = self.kind or ("file" if self.file else "anonymous")
        return {
            "rights": self.rights,
            "kind": kind,
            "which": as_in_the_file(self.which if self.kind else self.file),
            "name": as_in_the_file(self.name),
        }

    def what(self) -> str:
        """Returns the description of the VMA on the page."""
        nature = self.nature()
        name = f'"{self.name}"' if self.name else None
        words = [nature["rights"], HEADER["kinds"][nature["kind"]], nature["which"], name]
        return " ".join(each for each in words if each)


@dataclass
class Sample:
    vmas: list[Vma]
    pairs: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pairs = [
            _pair(lower, upper) for lower, upper in zip(self.vmas, self.vmas[1:], strict=False)
        ]
        self.summary = _summary(self.vmas, self.pairs)

    def told(self) -> list[dict[str, Any]]:
        """Returns the line of the first VMA, unless only the summary was asked for."""
        if not self.vmas or len(self.pairs) != len(self.vmas) - 1:
            return []
        first = self.vmas[0]
        return [{"vma": [f"{first.start:x}", f"{first.end:x}"], "is": first.nature()}]

    def text(self, header: dict[str, Any] | None = HEADER) -> bytes:
        lines = [*([header] if header else []), *self.told(), *self.pairs, self.summary]
        return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


def as_in_the_file(name: str | None) -> str | None:
    """Returns a name as in the file, where each byte is a character."""
    return None if name is None else name.encode().decode("latin-1")


def _pair(lower: Vma, upper: Vma) -> dict[str, Any]:
    blockers: list[dict[str, Any]] = []
    causes = set()
    if lower.end < upper.start:
        blockers.append({"rule": "not-adjacent", "size": f"{(upper.start - lower.end) // 1024} kB"})
        causes.add(HOLES)
    if lower.flags != upper.flags:
        only_lower = " ".join(sorted(lower.flags - upper.flags))
        only_upper = " ".join(sorted(upper.flags - lower.flags))
        blockers.append({"rule": "flags", "only_lower": only_lower, "only_upper": only_upper})
        causes |= {CAUSE_OF_FLAG[flag] for flag in lower.flags ^ upper.flags}
    if lower.file != upper.file:
        files = [as_in_the_file(each.file) for each in (lower, upper)]
        blockers.append({"rule": "file", "lower": files[0], "upper": files[1]})
        causes.add(FILES)
    expected = lower.offset + (upper.start - lower.start) // PAGE
    if upper.offset and upper.offset != expected:
        blockers.append(
            {"rule": "pgoff", "expected": f"{expected:x}", "found": f"{upper.offset:x}"}
        )
        causes.add(OFFSETS)
    if lower.name != upper.name:
        names = [as_in_the_file(each.name) for each in (lower, upper)]
        blockers.append({"rule": "name", "lower": names[0], "upper": names[1]})
        causes.add(NAMES)
    if lower.rights != upper.rights and lower.flags == upper.flags:
        blockers.append({"rule": "flags", "only_lower": "", "only_upper": "wr"})
        causes.add(CAUSE_OF_FLAG["wr"])
    before = lower.nature()
    differs = {name: told for name, told in upper.nature().items() if told != before[name]}
    if differs.keys() & {"kind", "which"}:
        differs |= {name: upper.nature()[name] for name in ("kind", "which")}
    return {
        "lower": [f"{lower.start:x}", f"{lower.end:x}"],
        "upper": [f"{upper.start:x}", f"{upper.end:x}"],
        "blockers": blockers,
        "causes": sorted(causes),
        **({"upper_is": differs} if differs else {}),
    }


def _summary(vmas: list[Vma], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    causes = sorted({cause for pair in pairs for cause in pair["causes"]})
    counted = []
    for cause in causes:
        having = [pair for pair in pairs if cause in pair["causes"]]
        merging = sum(set(pair["causes"]) <= {cause} for pair in pairs)
        counted.append(
            {
                "cause": cause,
                "boundaries": len(having),
                "by_itself": sum(len(pair["causes"]) == 1 for pair in having),
                "without": len(vmas) - merging,
            }
        )
    counted.sort(key=lambda each: (each["without"], -each["boundaries"]))
    mergeable = sum(not pair["causes"] for pair in pairs)
    touches = [pair["lower"][1] == pair["upper"][0] for pair in pairs]
    beside = zip([False, *touches], [*touches, False], strict=True)
    worst = counted[0] if counted else None
    return {
        "pid": 4711,
        "command": "server",
        "time": "2026-11-29 16:30:00",
        "answer": [f"main cause: {worst['cause']}" if worst else "nothing keeps VMAs apart"],
        "vmas": len(vmas),
        "max_map_count": 262144,
        "boundaries": len(pairs),
        "touching": sum(touches),
        "alone": sum(not any(sides) for sides in beside),
        "mergeable": mergeable,
        "steps": [{"causes": [worst["cause"]], "remaining": worst["without"]}] if worst else [],
        "remaining": len(vmas) - mergeable,
        "causes": counted,
        "runs": _runs(pairs)[:5],
    }


def _runs(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the runs, the longest first."""
    runs: list[dict[str, Any]] = []
    for pair in pairs:
        last = runs[-1] if runs else None
        if not pair["causes"]:
            continue
        if last and last["range"][1] == pair["lower"][1] and last["causes"] == pair["causes"]:
            last["range"][1] = pair["upper"][1]
            last["vmas"] += 1
        else:
            whole = [pair["lower"][0], pair["upper"][1]]
            runs.append({"range": whole, "vmas": 2, "causes": pair["causes"]})
    return sorted(runs, key=lambda run: -run["vmas"])


def large(count: int) -> Sample:
    """Returns regions of some hundred VMAs, each region with its usual cause. There are terabytes between
    some regions."""
    random = Random(7)
    vmas: list[Vma] = []
    address = 0x10000
    while len(vmas) < count:
        usual = random.choice(
            ["dc", "dc", "dc", "dd", "dd", "wr", "name", "offset", *CAUSE_OF_FLAG]
        )
        for number in range(min(random.randint(2, 600), count - len(vmas))):
            pages = random.choice([1, 1, 2, 4, 4, 16, random.randint(1, 512)])
            if random.random() < 0.0003:
                pages = 1 << random.randint(14, 20)
            flags = set()
            if usual in CAUSE_OF_FLAG and number % 2:
                flags.add(usual)
            if random.random() < 0.02:
                flags.add(random.choice(list(CAUSE_OF_FLAG)))
            vmas.append(
                Vma(
                    address,
                    address + pages * PAGE,
                    frozenset(flags),
                    f"arena {number}" if usual == "name" else None,
                    "/memfd:ring (deleted)" if usual == "offset" else None,
                    random.randint(1, 1 << 20) if usual == "offset" else 0,
                    "r--p" if "wr" in flags else "rw-p",
                )
            )
            address += pages * PAGE
        address += PAGE * random.choice([1, 16, 1 << 12, 1 << 20, 1 << 28])
    return Sample(vmas)


def evil() -> Sample:
    """Returns VMAs with each evil name, as the name of a VMA and of a file."""
    vmas = []
    address = 0x7F0000000000
    for name in EVIL:
        vmas.append(Vma(address, address + PAGE, name=name))
        vmas.append(Vma(address + PAGE, address + 3 * PAGE, file=f"/{name}"))
        address += 3 * PAGE
    return Sample(vmas)


def whole_process() -> Sample:
    """Returns some VMAs of each part of a process, from its program to the vDSO."""
    program, library = "/usr/bin/server", "/usr/lib/libc.so.6 (deleted)"
    base, top = 0x555500000000, 0x7FFF00000000
    places = (
        (base, 2, {"file": program, "rights": "r--p"}),
        (base + 2 * PAGE, 4, {"file": program, "rights": "r-xp", "flags": frozenset({"ex"})}),
        (base + 0x100 * PAGE, 8, {"kind": "heap"}),
        (0x7F0000000000, 16, {"name": "arena 1"}),
        (0x7F0000000000 + 16 * PAGE, 4, {"name": "arena 2", "flags": frozenset({"dc"})}),
        (
            0x7F1000000000,
            4,
            {"file": "/memfd:ring (deleted)", "kind": "memfd", "which": "ring", "rights": "rw-s"},
        ),
        (0x7F2000000000, 1, {"file": library, "rights": "r-xp"}),
        (top, 33, {"kind": "stack"}),
        (top + 0x100 * PAGE, 2, {"kind": "special", "which": "[vdso]", "rights": "r-xp"}),
    )
    return Sample([Vma(start, start + pages * PAGE, **more) for start, pages, more in places])


def lone() -> Sample:
    """Returns a single VMA without neighbours."""
    return Sample([Vma(0x200000000000, 0x200000000000 + 4 * PAGE, kind="heap")])


def tiny() -> Sample:
    """Returns two mergeable VMAs, and a third one above that is not mergeable with them."""
    base = 0x200000000000
    return Sample(
        [
            Vma(base, base + 4 * PAGE),
            Vma(base + 4 * PAGE, base + 8 * PAGE),
            Vma(base + 8 * PAGE, base + 16 * PAGE, frozenset({"dc"})),
        ]
    )
