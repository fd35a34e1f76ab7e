# SPDX-License-Identifier: GPL-2.0
"""The instructions executed between marks, from the file that tools/vm/plugin/count_by_place.c writes. The
guest's log names each region."""

import re
from dataclasses import dataclass

from bench.failure import BadInput
from bench.profile.rows import SIDES, Key

NAMED = re.compile(r"(?:^|.*bench: )region (\S+) (\S+) (\S+)")
COUNTED = re.compile(r"([0-9a-f]+) ([0-9]+)")


@dataclass(frozen=True)
class Region:
    key: Key
    side: str
    counts: dict[int, int]  # the executions of the instruction at each address


def read(counts: str, log: str) -> list[Region]:
    names = _names(log)
    counted = _counted(counts)
    if len(names) != len(counted):
        raise BadInput(f"the guest names {len(names)} regions, and QEMU has counted {len(counted)}")
    return [Region(key, side, each) for (key, side), each in zip(names, counted, strict=True)]


def _names(log: str) -> list[tuple[Key, str]]:
    names = []
    for line in log.splitlines():
        match = NAMED.fullmatch(line)
        if match is None:
            continue
        group, name, side = match.groups()
        if side not in SIDES:
            raise BadInput(f"a region's side is c or rust, not {side}: {line}")
        names.append((Key(group, name), side))
    return names


def _counted(counts: str) -> list[dict[int, int]]:
    regions: list[dict[int, int]] = []
    for number, line in enumerate(counts.splitlines(), 1):
        match = COUNTED.fullmatch(line)
        if line == "region":
            regions.append({})
        elif match is not None and regions:
            regions[-1][int(match[1], 16)] = int(match[2])
        else:
            raise BadInput(f"line {number} of QEMU's counts cannot be read: {line}")
    return regions
