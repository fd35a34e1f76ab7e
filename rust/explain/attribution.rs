// SPDX-License-Identifier: GPL-2.0

//! The causes of what keeps two VMAs apart: of each rule, and of each flag that differs.

use super::{
    cause_set::CauseSet,
    flag_names::cause_of_flag, //
};
use crate::vma::{
    causes::Cause,
    compat::{
        Attributes,
        Blocker,
        BlockerSet,
        Reduction, //
    },
    flags::{
        self,
        VmaFlags, //
    },
    pair::Apart,
};

/// The causes of all that keeps two VMAs apart.
pub(super) fn causes_of<V: Attributes>(apart: Apart, prev: &V, next: &V) -> CauseSet {
    let mut causes = causes_of_rules(apart.blockers, prev, next);
    if apart.must_not_disappear {
        causes = causes.union(CauseSet::of_rule(Reduction::NextStays.of_pair()));
    }
    if apart.blockers.contains(Blocker::Flags) {
        causes = causes.union(causes_of_flags(prev.vma_flags(), next.vma_flags()));
    }
    causes
}

fn causes_of_rules<V: Attributes>(blockers: BlockerSet, prev: &V, next: &V) -> CauseSet {
    let mut causes = CauseSet::NONE;
    for blocker in blockers.iter() {
        let of_one = match blocker {
            // Nobody chooses the page offsets of anonymous memory: they are those of the address where it was mapped.
            Blocker::PageOffset if next.file().is_none() => CauseSet::NONE.with(Cause::Moved),
            Blocker::AnonVma => CauseSet::NONE.with(cause_of_anon_vmas(
                prev.has_forked_anon_vma(),
                next.has_forked_anon_vma(),
            )),
            _ => CauseSet::of_rule(blocker.of_pair()),
        };
        causes = causes.union(of_one);
    }
    causes
}

/// The cause of two anon_vmas that differ; for each, whether it was inherited by fork.
///
/// Memory from before a fork beside memory from after it is a matter of the fork, not of when it was written.
pub(super) const fn cause_of_anon_vmas(prev_is_forked: bool, next_is_forked: bool) -> Cause {
    if prev_is_forked == next_is_forked {
        Cause::AnonVmas
    } else {
        Cause::Fork
    }
}

/// Flags that come with others: where VMAs differ in one of the first, a difference in the second says nothing.
const COME_WITH: [(VmaFlags, VmaFlags); 3] = [
    // Only private memory is accounted that may be written, and was not mapped with MAP_NORESERVE.
    (
        flags::WRITE
            .union(flags::NORESERVE)
            .union(flags::SHARED)
            .union(flags::HUGETLB),
        flags::ACCOUNT,
    ),
    (
        flags::DROPPABLE,
        flags::NORESERVE
            .union(flags::ACCOUNT)
            .union(flags::WIPEONFORK)
            .union(flags::DONTDUMP),
    ),
    (flags::SPECIAL, flags::DONTDUMP),
];

/// The causes of the flags that keep two VMAs apart, as far as each has a cause of its own.
fn causes_of_flags(prev: VmaFlags, next: VmaFlags) -> CauseSet {
    let differing = prev.difference(next).without(flags::IGNORED_BY_MERGES);
    let says_nothing = COME_WITH
        .into_iter()
        .filter(|(flags, _)| differing.intersects(*flags))
        .fold(VmaFlags::EMPTY, |all, (_, others)| all.union(others));
    differing
        .without(says_nothing)
        .bits()
        .filter_map(|bit| CAUSES_OF_FLAGS.get(bit).copied())
        .fold(CauseSet::NONE, CauseSet::union)
}

/// The cause of each flag, looked up once: there may be a million boundaries.
static CAUSES_OF_FLAGS: [CauseSet; VmaFlags::BITS] = {
    let mut causes = [CauseSet::NONE; VmaFlags::BITS];
    let mut bit = 0;
    while bit < VmaFlags::BITS {
        causes[bit] = CauseSet::NONE.with(cause_of_flag(bit));
        bit += 1;
    }
    causes
};
