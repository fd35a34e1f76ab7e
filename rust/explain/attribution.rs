// SPDX-License-Identifier: GPL-2.0

//! The causes of what keeps two VMAs apart: of each rule, and of each flag that differs.

use super::flag_names::{
    cause_of_flag,
    Distinctive, //
};
use crate::vma::{
    blocker::OfPair,
    causes::Cause,
    compat::{
        Attributes,
        Blocker,
        BlockerSet,
        Reduction, //
    },
    extent::Extent,
    flags::{
        self,
        VmaFlags, //
    },
    pair::{
        mergeable,
        Apart, //
    },
};

/// Two VMAs that touch, and the reasons why they are not mergeable.
pub(crate) struct Pair {
    /// The VMA below.
    pub(crate) prev: Extent,
    /// The VMA above.
    pub(crate) next: Extent,
    /// The rules that keep the two apart, as far as that says something; none for two that are mergeable.
    pub(crate) blockers: BlockerSet,
    /// Whether the drivers of both have to see theirs closed.
    pub(crate) must_not_disappear: bool,
    /// The flags that count and that only `prev` has.
    pub(crate) only_prev: Distinctive,
    /// The flags that count and that only `next` has.
    pub(crate) only_next: Distinctive,
    /// All of that, as people see it.
    pub(crate) causes: CauseSet,
}

impl Pair {
    /// Looks at two VMAs; nothing if they do not touch.
    pub(crate) fn of<V: Attributes>(prev: &V, next: &V) -> Option<Self> {
        let (below, above) = (prev.extent(), next.extent());
        if below.range.end() != above.range.start() {
            return None;
        }
        let Apart {
            blockers,
            must_not_disappear,
        } = mergeable(prev, next).err().unwrap_or(Apart {
            blockers: BlockerSet::NONE,
            must_not_disappear: false,
        });
        let blockers = without_offsets_of_different_files(blockers);
        let mut causes = causes_of_rules(blockers, prev, next);
        if must_not_disappear {
            causes = causes.union(CauseSet::of_rule(Reduction::NextStays.of_pair()));
        }
        if blockers.contains(Blocker::Flags) {
            causes = causes.union(causes_of_flags(prev.vma_flags(), next.vma_flags()));
        }
        Some(Self {
            prev: below,
            next: above,
            blockers,
            must_not_disappear,
            only_prev: Distinctive::of(prev.vma_flags(), next.vma_flags()),
            only_next: Distinctive::of(next.vma_flags(), prev.vma_flags()),
            causes,
        })
    }

    /// Whether nothing keeps the two apart.
    pub(crate) fn is_mergeable(&self) -> bool {
        self.blockers == BlockerSet::NONE && !self.must_not_disappear
    }
}

/// Leaves out that page offsets do not continue, where they count pages of two different files, or of one file and
/// of none.
fn without_offsets_of_different_files(blockers: BlockerSet) -> BlockerSet {
    if blockers.contains(Blocker::File) {
        blockers
            .without(Blocker::PageOffset)
            .without(Blocker::AnonPageOffset)
    } else {
        blockers
    }
}

fn causes_of_rules<V: Attributes>(blockers: BlockerSet, prev: &V, next: &V) -> CauseSet {
    let mut causes = CauseSet::NONE;
    for blocker in blockers.iter() {
        let of_one = match blocker {
            // Nobody chooses the page offsets of anonymous memory: they are those of the address where it was mapped.
            Blocker::PageOffset if next.file().is_none() => CauseSet::NONE.with(Cause::Moved),
            // Memory from before a fork beside memory from after it.
            Blocker::AnonVma if prev.has_forked_anon_vma() != next.has_forked_anon_vma() => {
                CauseSet::NONE.with(Cause::Fork)
            }
            _ => CauseSet::of_rule(blocker.of_pair()),
        };
        causes = causes.union(of_one);
    }
    causes
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

/// The cause of each flag, looked up once: there may be a million pairs.
static CAUSES_OF_FLAGS: [CauseSet; VmaFlags::BITS] = {
    let mut causes = [CauseSet::NONE; VmaFlags::BITS];
    let mut bit = 0;
    while bit < VmaFlags::BITS {
        causes[bit] = CauseSet::NONE.with(cause_of_flag(bit));
        bit += 1;
    }
    causes
};

/// Some causes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CauseSet(u64);

// A bit for each.
const _: () = assert!(Cause::COUNT <= u64::BITS as usize);

impl CauseSet {
    /// None.
    pub(crate) const NONE: Self = Self(0);

    /// With this one as well.
    const fn with(self, cause: Cause) -> Self {
        Self(self.0 | 1 << cause as u64)
    }

    /// All of both.
    const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The cause of a rule, if it has one.
    fn of_rule(said: Option<OfPair>) -> Self {
        match said.and_then(|said| said.cause) {
            Some(cause) => Self::NONE.with(cause),
            None => Self::NONE,
        }
    }

    /// Whether it is a single one.
    pub(crate) fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    /// The others.
    pub(crate) fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause as u64))
    }

    /// One after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = Cause> {
        bits(self.0).filter_map(|index| Cause::ALL.get(index).copied())
    }
}

/// The places of the bits that are set.
pub(super) fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let first = (set != 0).then(|| set.trailing_zeros() as usize);
        set &= set.wrapping_sub(1);
        first
    })
}
