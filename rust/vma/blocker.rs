// SPDX-License-Identifier: GPL-2.0

//! The rules that forbid a merge, in one table: each row gives the name and the words of a rule. The rules
//! themselves are in compat.rs.

use super::causes::{
    Cause,
    Details, //
};
use crate::vocabulary::{
    label,
    vocabulary,
    Label, //
};

/// The name and the words of a reason why a VMA does not join a range.
struct SaidOfReason {
    /// The name for programs: in counters, in explain.jsonl, and in trace events, which C emits.
    name: Label,
    /// The reason in words, to be printed after "not merged: ".
    words: &'static str,
    /// The description of the reason for two consecutive VMAs; `None` if the reason cannot apply to such a
    /// pair.
    of_pair: Option<OfPair>,
}

/// The description of a reason why two consecutive VMAs, one below and one above, do not merge.
pub(crate) struct OfPair {
    /// The reason in words.
    pub(crate) words: &'static str,
    /// The details that are reported about the two VMAs.
    pub(crate) details: Details,
    /// The cause, as people see it; `None` for flags, because each flag has its own cause.
    pub(crate) cause: Option<Cause>,
}

/// Returns the description of a reason that can apply to two existing, consecutive VMAs.
const fn pair(words: &'static str, details: Details, cause: Option<Cause>) -> Option<OfPair> {
    Some(OfPair {
        words,
        details,
        cause,
    })
}

vocabulary! {
    /// A rule that forbids merging a range into the VMA beside it.
    pub(crate) enum Blocker: SaidOfReason {
        /// No VMA touches the range on that side.
        NotAdjacent {
            name: label(c"not-adjacent"),
            words: "no VMA touches it there",
            of_pair: pair("nothing is mapped between them", Details::Hole, Some(Cause::Holes)),
        },
        /// The rest of the range's own VMA lies on that side.
        RestOfVma {
            name: label(c"rest-of-vma"),
            words: "the rest of its VMA lies there",
            of_pair: None,
        },
        /// The range lies inside its VMA and touches neither end of that VMA.
        TouchesNeitherEnd {
            name: label(c"neither-end"),
            words: "it touches neither end of its VMA",
            of_pair: None,
        },
        /// The range is a special mapping (device memory, page frames), which never merges.
        SpecialMapping {
            name: label(c"special"),
            words: "special mappings never merge",
            of_pair: pair("special mappings never merge", Details::None, Some(Cause::SpecialMappings)),
        },
        /// The flags differ, apart from the flags that merges ignore.
        Flags {
            name: label(c"flags"),
            words: "flags differ",
            of_pair: pair("flags differ", Details::Flags, None),
        },
        /// The files differ.
        File {
            name: label(c"file"),
            words: "files differ",
            of_pair: pair("files differ", Details::Files, Some(Cause::Files)),
        },
        /// The page offsets are not contiguous.
        PageOffset {
            name: label(c"pgoff"),
            words: "page offsets do not continue",
            of_pair: pair(
                "page offsets do not continue",
                Details::PageOffsets,
                Some(Cause::PageOffsets),
            ),
        },
        /// The page offsets of the private (copied) pages are not contiguous.
        AnonPageOffset {
            name: label(c"anon_pgoff"),
            words: "anonymous page offsets do not continue",
            of_pair: pair(
                "anonymous page offsets do not continue",
                Details::AnonPageOffsets,
                Some(Cause::Moved),
            ),
        },
        /// The range and the neighbour have different anon_vmas.
        AnonVma {
            name: label(c"anon_vma"),
            words: "anon_vmas differ",
            of_pair: pair("anon_vmas differ", Details::None, Some(Cause::AnonVmas)),
        },
        /// The range's anon_vma was inherited by fork, and the neighbour has none. Taking the anon_vma over
        /// would tie the neighbour to the parent for good.
        RangeForked {
            name: label(c"range-forked"),
            words: "its anon_vma was inherited by fork",
            of_pair: pair("the anon_vma above was inherited by fork", Details::None, Some(Cause::Fork)),
        },
        /// The neighbour's anon_vma was inherited by fork, and the range has none.
        NeighbourForked {
            name: label(c"neighbour-forked"),
            words: "the neighbour's anon_vma was inherited by fork",
            of_pair: pair("the anon_vma below was inherited by fork", Details::None, Some(Cause::Fork)),
        },
        /// The range may join either neighbour, but their anon_vmas differ from each other.
        NeighboursAnonVma {
            name: label(c"neighbours-anon_vma"),
            words: "the neighbours' anon_vmas differ from each other",
            of_pair: None,
        },
        /// The NUMA policies differ.
        Policy {
            name: label(c"policy"),
            words: "NUMA policies differ",
            of_pair: pair("NUMA policies differ", Details::Policies, Some(Cause::Policies)),
        },
        /// The userfaultfd contexts differ.
        UserfaultfdContext {
            name: label(c"userfaultfd"),
            words: "userfaultfd contexts differ",
            // Registering with a userfaultfd sets both the context and flags.
            of_pair: pair("userfaultfd contexts differ", Details::None, Some(Cause::Userfaultfd)),
        },
        /// The names differ.
        Name {
            name: label(c"name"),
            words: "names differ",
            of_pair: pair("names differ", Details::Names, Some(Cause::Names)),
        },
        /// The range moves here from a VMA whose userfaultfd does not follow the move.
        MovedUnderUserfaultfd {
            name: label(c"moved-under-userfaultfd"),
            words: "it moves here without its userfaultfd",
            of_pair: None,
        },
        /// The caller only allows the VMA below the range to grow.
        ExpandOnly {
            name: label(c"expand-only"),
            words: "only the VMA below was to grow",
            of_pair: None,
        },
    }
}

vocabulary! {
    /// A way in which a `close` hook makes a merge smaller than the rules would allow.
    ///
    /// If the changed VMA itself must not be removed, nothing merges.
    pub(crate) enum Reduction: SaidOfReason {
        /// The VMA above cannot be removed, so only the VMA below takes the range.
        NextStays {
            name: label(c"close"),
            words: "the driver has to see it closed",
            of_pair: pair("the drivers of both have to see them closed", Details::None, Some(Cause::Closing)),
        },
    }
}

/// Implements the methods of a vocabulary of reasons.
macro_rules! reasons {
    ($($Reason:ident),*) => { $(
        impl $Reason {
            /// Returns the name for programs: in counters, in explain.jsonl, and in trace events, which C
            /// emits.
            pub(crate) const fn name(self) -> Label {
                self.said().name
            }

            /// Returns the reason in words, to be printed after "not merged: ".
            pub(crate) const fn describe(self) -> &'static str {
                self.said().words
            }

            /// Returns the description of the reason for two consecutive VMAs; `None` if the reason cannot
            /// apply to such a pair.
            pub(crate) const fn of_pair(self) -> Option<&'static OfPair> {
                self.said().of_pair.as_ref()
            }
        }
    )* };
}

reasons!(Blocker, Reduction);

/// A set of blockers, in the order of the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BlockerSet(u32);

// One bit per blocker.
const _: () = assert!(Blocker::COUNT <= BlockerSet::ROOM);

impl BlockerSet {
    /// The maximum number of blockers in a set.
    pub(crate) const ROOM: usize = u32::BITS as usize;

    /// The empty set.
    pub(crate) const NONE: Self = Self(0);

    /// Returns the set with `blocker` added.
    pub(crate) const fn with(self, blocker: Blocker) -> Self {
        Self(self.0 | 1 << blocker as u32)
    }

    /// Returns the set without `blocker`.
    pub(crate) const fn without(self, blocker: Blocker) -> Self {
        Self(self.0 & !(1 << blocker as u32))
    }

    /// Returns the blockers of this set that are not in `others`.
    pub(crate) const fn minus(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Returns whether `blocker` is in the set.
    pub(crate) const fn contains(self, blocker: Blocker) -> bool {
        self.0 & 1 << blocker as u32 != 0
    }

    /// Iterates over the blockers.
    pub(crate) fn iter(mut self) -> impl Iterator<Item = Blocker> {
        core::iter::from_fn(move || {
            let first = Blocker::ALL.get(self.0.trailing_zeros() as usize).copied();
            self.0 &= self.0.wrapping_sub(1);
            first
        })
    }
}
