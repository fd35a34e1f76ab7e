# SPDX-License-Identifier: GPL-2.0
"""The kernel's selftests that are run."""

from dataclasses import dataclass

from vm.architecture import ARCHITECTURES

# The time limit of a program on the base kernel.
SECONDS = 300


@dataclass(frozen=True)
class Program:
    name: str
    architectures: tuple[str, ...] = tuple(ARCHITECTURES)
    seconds: int = SECONDS


# The programs of tools/testing/selftests/mm that test VMAs or change many of them, except programs that need
# hardware or a file system that the guest lacks, or that run for minutes by design.
PROGRAMS = (
    Program("merge"),
    Program("mremap_test"),
    Program("mremap_dontunmap"),
    Program("mlock2-tests"),
    Program("mlock-random-test"),
    Program("mseal_test"),
    Program("madv_populate"),
    Program("guard-regions"),
    Program("process_madv"),
    Program("map_fixed_noreplace"),
    Program("map_populate"),
    Program("mrelease_test"),
    Program("mdwe_test"),
    Program("mkdirty"),
    Program("droppable"),
    Program("memfd_secret"),
    Program("pagemap_ioctl"),
    Program("prctl_thp_disable"),
    # Only x86_64 has MEM_SOFT_DIRTY.
    Program("soft-dirty", ("x86_64",)),
    Program("protection_keys_64", ("x86_64",)),
    Program("protection_keys", ("arm64",)),
    Program("hugetlb-madvise"),
    Program("hugetlb-mmap"),
    Program("hugetlb-mremap"),
    Program("hugetlb-shm"),
    Program("hugetlb_madv_vs_map"),
    Program("thuge-gen"),
    Program("rmap"),
    Program("ksm_functional_tests"),
    Program("cow", seconds=600),
    Program("uffd-unit-tests", seconds=1800),
    Program("uffd-wp-mremap"),
)
