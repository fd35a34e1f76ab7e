// SPDX-License-Identifier: GPL-2.0

//! What keeps two VMAs apart, as people see it: several rules may have one cause, and flags have several.

use crate::vma::{
    compat::{
        Attributes,
        Blocker,
        BlockerSet, //
    },
    extent::Extent,
    pair::{
        may_be_one,
        Apart, //
    },
    sys::{
        flags,
        VmaFlags, //
    },
};

/// Two VMAs that touch, and what keeps them apart.
pub(crate) struct Pair {
    /// The lower one.
    pub(crate) lower: Extent,
    /// The upper one.
    pub(crate) upper: Extent,
    /// The rules that do; none for two that may be one.
    pub(crate) blockers: BlockerSet,
    /// Whether they may be one but for the drivers of both, which have to see theirs closed.
    pub(crate) must_not_disappear: bool,
    /// The flags that count and that only the lower one has.
    pub(crate) only_lower: VmaFlags,
    /// The flags that count and that only the upper one has.
    pub(crate) only_upper: VmaFlags,
    /// All of that, as people see it.
    pub(crate) causes: CauseSet,
}

impl Pair {
    /// Looks at two VMAs; nothing if they do not touch.
    pub(crate) fn of<V: Attributes>(lower: &V, upper: &V) -> Option<Self> {
        let (below, above) = (lower.extent(), upper.extent());
        if below.range.end() != above.range.start() {
            return None;
        }
        let (blockers, must_not_disappear) = match may_be_one(lower, upper) {
            Ok(()) => (BlockerSet::NONE, false),
            Err(Apart::Blocked(blockers)) => (blockers, false),
            Err(Apart::MustNotDisappear) => (BlockerSet::NONE, true),
        };
        let only = |one: &V, other: &V| {
            one.vma_flags()
                .without(other.vma_flags())
                .without(flags::IGNORED_BY_MERGES)
        };
        let mut pair = Self {
            lower: below,
            upper: above,
            blockers,
            must_not_disappear,
            only_lower: only(lower, upper),
            only_upper: only(upper, lower),
            causes: CauseSet::NONE,
        };
        pair.causes = CauseSet::of(&pair);
        Some(pair)
    }
}

/// A cause, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause(usize);

enum Kind {
    /// Some of these flags are on one side only.
    Flags(VmaFlags),
    /// One of these rules.
    Rules(BlockerSet),
    /// A `close` hook on either side.
    CloseHooks,
}

const ACCESS: VmaFlags = flags::READ
    .union(flags::WRITE)
    .union(flags::EXEC)
    .union(flags::ACCOUNT);
const READ_AHEAD: VmaFlags = flags::SEQ_READ.union(flags::RAND_READ);

/// Flags that no cause but the one for the others is about.
const OTHER_FLAGS: VmaFlags = VmaFlags::ALL
    .without(ACCESS)
    .without(READ_AHEAD)
    .without(flags::DONTCOPY)
    .without(flags::DONTDUMP)
    .without(flags::WIPEONFORK)
    .without(flags::HUGE_PAGES)
    .without(flags::MERGEABLE)
    .without(flags::LOCKED)
    .without(flags::SEALED)
    .without(flags::USERFAULTFD)
    .without(flags::NORESERVE);

const fn rule(blocker: Blocker) -> Kind {
    Kind::Rules(BlockerSet::NONE.with(blocker))
}

const fn rules(one: Blocker, other: Blocker) -> Kind {
    Kind::Rules(BlockerSet::NONE.with(one).with(other))
}

const CAUSES: [(&str, Kind); Cause::COUNT] = [
    ("access rights (mprotect)", Kind::Flags(ACCESS)),
    ("MADV_DONTFORK", Kind::Flags(flags::DONTCOPY)),
    ("MADV_DONTDUMP", Kind::Flags(flags::DONTDUMP)),
    ("MADV_WIPEONFORK", Kind::Flags(flags::WIPEONFORK)),
    ("MADV_SEQUENTIAL or MADV_RANDOM", Kind::Flags(READ_AHEAD)),
    (
        "MADV_HUGEPAGE or MADV_NOHUGEPAGE",
        Kind::Flags(flags::HUGE_PAGES),
    ),
    ("MADV_MERGEABLE", Kind::Flags(flags::MERGEABLE)),
    ("mlock", Kind::Flags(flags::LOCKED)),
    ("mseal", Kind::Flags(flags::SEALED)),
    ("userfaultfd modes", Kind::Flags(flags::USERFAULTFD)),
    ("MAP_NORESERVE", Kind::Flags(flags::NORESERVE)),
    ("other flags", Kind::Flags(OTHER_FLAGS)),
    ("names (PR_SET_VMA_ANON_NAME)", rule(Blocker::Name)),
    ("NUMA policies (mbind)", rule(Blocker::Policy)),
    (
        "userfaultfd registrations",
        rule(Blocker::UserfaultfdContext),
    ),
    ("files", rule(Blocker::File)),
    (
        "page offsets",
        rules(Blocker::PageOffset, Blocker::AnonPageOffset),
    ),
    (
        "anon_vmas (written before they were neighbours)",
        rule(Blocker::AnonVma),
    ),
    (
        "fork (an inherited anon_vma)",
        rules(Blocker::RangeForked, Blocker::NeighbourForked),
    ),
    ("special mappings", rule(Blocker::SpecialMapping)),
    ("drivers that have to see them closed", Kind::CloseHooks),
];

impl Cause {
    /// How many there are.
    pub(crate) const COUNT: usize = 21;

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// Its place among all.
    pub(crate) fn index(self) -> usize {
        self.0
    }

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        CAUSES.get(self.0).map_or("", |(name, _)| name)
    }

    fn holds(self, pair: &Pair) -> bool {
        match CAUSES.get(self.0).map(|(_, kind)| kind) {
            None => false,
            Some(Kind::Flags(flags)) => {
                pair.blockers.contains(Blocker::Flags)
                    && pair.only_lower.union(pair.only_upper).intersects(*flags)
            }
            Some(Kind::Rules(rules)) => pair.blockers.intersects(*rules),
            Some(Kind::CloseHooks) => pair.must_not_disappear,
        }
    }
}

/// Some causes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CauseSet(u32);

impl CauseSet {
    /// None.
    pub(crate) const NONE: Self = Self(0);

    fn of(pair: &Pair) -> Self {
        if pair.blockers == BlockerSet::NONE && !pair.must_not_disappear {
            return Self::NONE;
        }
        let held = Cause::all().filter(|cause| cause.holds(pair));
        Self(held.fold(0, |bits, cause| bits | 1 << cause.0))
    }

    /// Whether this one is among them.
    pub(crate) fn contains(self, cause: Cause) -> bool {
        self.0 & 1 << cause.0 != 0
    }

    /// The others.
    pub(crate) fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause.0))
    }

    /// One after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = Cause> {
        Cause::all().filter(move |&cause| self.contains(cause))
    }
}
