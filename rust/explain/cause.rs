// SPDX-License-Identifier: GPL-2.0

//! What keeps two VMAs apart, as people see it: several rules may have one cause, and flags have several.

use crate::vma::{
    compat::{
        Attributes,
        Blocker,
        BlockerSet, //
    },
    extent::Extent,
    flags::{
        self,
        VmaFlags, //
    },
    pair::{
        may_be_one,
        Apart, //
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
    /// Whether the drivers of both have to see theirs closed.
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
        let Apart {
            blockers,
            must_not_disappear,
        } = may_be_one(lower, upper).err().unwrap_or(Apart {
            blockers: BlockerSet::NONE,
            must_not_disappear: false,
        });
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

    /// The flags that keep the two apart, as far as each has a cause of its own: whether memory is accounted
    /// follows from MAP_NORESERVE, or else from the access rights.
    fn counting_flags(&self) -> VmaFlags {
        let differing = self.only_lower.union(self.only_upper);
        if !self.blockers.contains(Blocker::Flags) {
            VmaFlags::EMPTY
        } else if differing.intersects(flags::NORESERVE) {
            differing.without(flags::ACCOUNT)
        } else {
            differing
        }
    }
}

/// A cause, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause(usize);

/// What a cause is about: it holds if any of this does.
struct About {
    /// Some of these flags are on one side only.
    flags: VmaFlags,
    /// One of these rules.
    rules: BlockerSet,
    /// The drivers of both have to see theirs closed.
    closing: bool,
}

const NOTHING: About = About {
    flags: VmaFlags::EMPTY,
    rules: BlockerSet::NONE,
    closing: false,
};

const fn flags(flags: VmaFlags) -> About {
    About { flags, ..NOTHING }
}

const fn rule(blocker: Blocker) -> About {
    About {
        rules: BlockerSet::NONE.with(blocker),
        ..NOTHING
    }
}

const fn rules(one: Blocker, other: Blocker) -> About {
    About {
        rules: BlockerSet::NONE.with(one).with(other),
        ..NOTHING
    }
}

const ACCESS: VmaFlags = flags::READ
    .union(flags::WRITE)
    .union(flags::EXEC)
    .union(flags::ACCOUNT);
const READ_AHEAD: VmaFlags = flags::SEQ_READ.union(flags::RAND_READ);
const USERFAULTFD: VmaFlags = flags::USERFAULTFD.union(flags::UFFD_RWP);

/// Flags that no cause but the one for the others is about.
const OTHER_FLAGS: VmaFlags = VmaFlags::ALL
    .without(ACCESS)
    .without(READ_AHEAD)
    .without(USERFAULTFD)
    .without(flags::DONTCOPY)
    .without(flags::DONTDUMP)
    .without(flags::WIPEONFORK)
    .without(flags::HUGE_PAGES)
    .without(flags::MERGEABLE)
    .without(flags::LOCKED)
    .without(flags::SEALED)
    .without(flags::NORESERVE);

const CAUSES: [(&str, About); Cause::COUNT] = [
    ("access rights (mprotect)", flags(ACCESS)),
    ("MADV_DONTFORK", flags(flags::DONTCOPY)),
    ("MADV_DONTDUMP", flags(flags::DONTDUMP)),
    ("MADV_WIPEONFORK", flags(flags::WIPEONFORK)),
    ("MADV_SEQUENTIAL or MADV_RANDOM", flags(READ_AHEAD)),
    (
        "advice on huge pages (madvise, MAP_STACK)",
        flags(flags::HUGE_PAGES),
    ),
    ("MADV_MERGEABLE", flags(flags::MERGEABLE)),
    ("mlock", flags(flags::LOCKED)),
    ("mseal", flags(flags::SEALED)),
    (
        "userfaultfd",
        // Who registers sets both.
        About {
            flags: USERFAULTFD,
            rules: BlockerSet::NONE.with(Blocker::UserfaultfdContext),
            closing: false,
        },
    ),
    ("MAP_NORESERVE", flags(flags::NORESERVE)),
    ("other flags", flags(OTHER_FLAGS)),
    ("names (PR_SET_VMA_ANON_NAME)", rule(Blocker::Name)),
    ("NUMA policies (mbind)", rule(Blocker::Policy)),
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
    (
        "drivers that watch for closing",
        About {
            closing: true,
            ..NOTHING
        },
    ),
];

impl Cause {
    /// How many there are.
    pub(crate) const COUNT: usize = 20;

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
}

/// The causes that each flag, each rule, and what drivers want, belong to.
struct Belonging {
    flags: [u32; VmaFlags::BITS],
    rules: [u32; Blocker::ALL.len()],
    closing: u32,
}

static BELONGING: Belonging = {
    let mut belonging = Belonging {
        flags: [0; VmaFlags::BITS],
        rules: [0; Blocker::ALL.len()],
        closing: 0,
    };
    let mut cause = 0;
    while cause < Cause::COUNT {
        let about = &CAUSES[cause].1;
        let mut bit = 0;
        while bit < VmaFlags::BITS {
            if about.flags.has_bit(bit) {
                belonging.flags[bit] |= 1 << cause;
            }
            bit += 1;
        }
        let mut rule = 0;
        while rule < Blocker::ALL.len() {
            if about.rules.contains(Blocker::ALL[rule]) {
                belonging.rules[rule] |= 1 << cause;
            }
            rule += 1;
        }
        if about.closing {
            belonging.closing |= 1 << cause;
        }
        cause += 1;
    }
    belonging
};

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
        let flags = pair.counting_flags().bits();
        let rules = pair.blockers.iter().map(|blocker| blocker as usize);
        let mut held = if pair.must_not_disappear {
            BELONGING.closing
        } else {
            0
        };
        for bits in flags.filter_map(|bit| BELONGING.flags.get(bit)) {
            held |= bits;
        }
        for bits in rules.filter_map(|rule| BELONGING.rules.get(rule)) {
            held |= bits;
        }
        Self(held)
    }

    /// Whether it is a single one.
    pub(crate) fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    /// The others.
    pub(crate) fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause.0))
    }

    /// One after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = Cause> {
        bits(self.0).map(Cause)
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
