// SPDX-License-Identifier: GPL-2.0

//! The causes of what keeps two VMAs apart: of each rule, and of each flag that differs.

use super::flag_names::cause_of_flag;
use crate::vma::{
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
    /// The rules that do; none for two that are mergeable.
    pub(crate) blockers: BlockerSet,
    /// Whether the drivers of both have to see theirs closed.
    pub(crate) must_not_disappear: bool,
    /// The flags that count and that only `prev` has.
    pub(crate) only_prev: VmaFlags,
    /// The flags that count and that only `next` has.
    pub(crate) only_next: VmaFlags,
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
        let only = |one: &V, other: &V| {
            one.vma_flags()
                .without(other.vma_flags())
                .without(flags::IGNORED_BY_MERGES)
        };
        let mut pair = Self {
            prev: below,
            next: above,
            blockers,
            must_not_disappear,
            only_prev: only(prev, next),
            only_next: only(next, prev),
            causes: CauseSet::NONE,
        };
        pair.causes = CauseSet::of(&pair);
        Some(pair)
    }

    /// Whether nothing keeps the two apart.
    pub(crate) fn is_mergeable(&self) -> bool {
        self.blockers == BlockerSet::NONE && !self.must_not_disappear
    }

    /// The flags that keep the two apart, as far as each has a cause of its own: whether memory is accounted
    /// follows from MAP_NORESERVE, or else from the access rights.
    fn counting_flags(&self) -> VmaFlags {
        let differing = self.only_prev.union(self.only_next);
        if !self.blockers.contains(Blocker::Flags) {
            VmaFlags::EMPTY
        } else if differing.intersects(flags::NORESERVE) {
            differing.without(flags::ACCOUNT)
        } else {
            differing
        }
    }
}

/// The causes of each flag and each rule, worked out once: there may be a million pairs.
struct CausesOf {
    flags: [CauseSet; VmaFlags::BITS],
    rules: [CauseSet; Blocker::COUNT],
}

static CAUSES_OF: CausesOf = {
    let mut causes = CausesOf {
        flags: [CauseSet::NONE; VmaFlags::BITS],
        rules: [CauseSet::NONE; Blocker::COUNT],
    };
    let mut bit = 0;
    while bit < VmaFlags::BITS {
        causes.flags[bit] = CauseSet::NONE.with(cause_of_flag(bit));
        bit += 1;
    }
    let mut rule = 0;
    while rule < Blocker::COUNT {
        if let Some(of_pair) = Blocker::ALL[rule].of_pair() {
            if let Some(cause) = of_pair.cause {
                causes.rules[rule] = CauseSet::NONE.with(cause);
            }
        }
        rule += 1;
    }
    causes
};

/// Some causes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CauseSet(u32);

// A bit for each.
const _: () = assert!(Cause::COUNT < u32::BITS as usize);

impl CauseSet {
    /// None.
    pub(crate) const NONE: Self = Self(0);

    /// With this one as well.
    const fn with(self, cause: Cause) -> Self {
        Self(self.0 | 1 << cause as u32)
    }

    fn of(pair: &Pair) -> Self {
        if pair.is_mergeable() {
            return Self::NONE;
        }
        let flags = pair.counting_flags().bits();
        let rules = pair.blockers.iter().map(|blocker| blocker as usize);
        let mut held = match Reduction::NextStays.of_pair().and_then(|said| said.cause) {
            Some(cause) if pair.must_not_disappear => Self::NONE.with(cause),
            _ => Self::NONE,
        };
        for Self(causes) in flags.filter_map(|bit| CAUSES_OF.flags.get(bit)) {
            held.0 |= causes;
        }
        for Self(causes) in rules.filter_map(|rule| CAUSES_OF.rules.get(rule)) {
            held.0 |= causes;
        }
        held
    }

    /// Whether it is a single one.
    pub(crate) fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    /// The others.
    pub(crate) fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause as u32))
    }

    /// One after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = Cause> {
        bits(self.0).filter_map(|index| Cause::ALL.get(index).copied())
    }
}

/// The places of the bits that are set.
pub(super) fn bits(mut set: u32) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let first = (set != 0).then(|| set.trailing_zeros() as usize);
        set &= set.wrapping_sub(1);
        first
    })
}
