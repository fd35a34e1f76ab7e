// SPDX-License-Identifier: GPL-2.0

//! The boundary between a VMA and the next one above it, and all that keeps the two apart there.
//!
//! ```text
//!      prev            next                   prev                      next
//!   +---------+-----------------+          +---------+ - - - - - +-----------------+
//!   |         |                 |          |         |   a hole  |                 |
//!   +---------+-----------------+          +---------+ - - - - - +-----------------+
//!             ^                                      ^           ^
//!             the two touch                          prev is taken to reach up to next
//! ```
//!
//! A hole is a blocker like others. The others are those that would be left if `prev` reached up to `next`.

use super::{
    attribution::{
        causes_of,
        Files, //
    },
    cause_set::CauseSet,
    flag_names::Distinctive,
    retold::Retold,
    sides::Described, //
};
use crate::vma::{
    causes::Cause,
    compat::{
        Blocker,
        BlockerSet, //
    },
    extent::Extent,
    pair::{
        mergeable,
        Apart, //
    },
};

/// The boundary between two VMAs with none between them, and the reasons why they are not mergeable.
pub(crate) struct Boundary {
    /// The VMA below.
    pub(crate) prev: Extent,
    /// The VMA above.
    pub(crate) next: Extent,
    /// The rules that keep the two apart, as far as that says something; none for two that are mergeable.
    pub(crate) blockers: BlockerSet,
    /// Whether the drivers of both have to see theirs closed.
    pub(crate) must_not_disappear: bool,
    /// The relation of their files.
    pub(crate) files: Files,
    /// The flags that count and that only `prev` has.
    pub(crate) only_prev: Distinctive,
    /// The flags that count and that only `next` has.
    pub(crate) only_next: Distinctive,
    /// All of that, as people see it.
    pub(crate) causes: CauseSet,
    /// The reasons that there may be as well, of which nobody could see whether they are there.
    pub(crate) perhaps: Perhaps,
}

/// Reasons that were not to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Perhaps {
    /// The rules, and the drivers.
    pub(crate) apart: Apart,
    /// Their causes.
    pub(crate) causes: CauseSet,
}

impl Perhaps {
    /// Everything was seen.
    pub(crate) const NOTHING: Self = Self {
        apart: Apart::NOT,
        causes: CauseSet::NONE,
    };

    /// The reasons that there are at worst, and that are not among those that are known, with their causes.
    fn beyond(known: Apart, at_worst: Apart, causes: CauseSet) -> Self {
        let apart = at_worst.minus(known);
        // Whether a fork has made two of one could not be seen either.
        let causes = if causes.contains(Cause::AnonVmas) {
            causes.with(Cause::Fork)
        } else {
            causes
        };
        Self { apart, causes }
    }
}

/// All that keeps two VMAs apart, as far as it was to be seen.
struct Seen {
    apart: Apart,
    files: Files,
    causes: CauseSet,
}

impl Seen {
    fn between<V: Described>(prev: &V, next: &V) -> Self {
        let (below, above) = (prev.extent(), next.extent());
        let apart = if below.range.end() == above.range.start() {
            mergeable(prev, next).err()
        } else {
            let reaching = Retold::reaching_up_to(prev, above.range.start());
            let apart = mergeable(&reaching, &Retold::as_it_is(next)).err();
            let apart = apart.unwrap_or(Apart::NOT);
            Some(Apart {
                blockers: apart.blockers.with(Blocker::NotAdjacent),
                ..apart
            })
        };
        let apart = apart.unwrap_or(Apart::NOT);
        let files = Files::of(apart.blockers, prev, next);
        let apart = match files {
            Files::Two => without_idle_offsets(apart),
            Files::Same | Files::OpenedAnew => apart,
        };
        Self {
            apart,
            files,
            causes: causes_of(apart, files, prev, next),
        }
    }
}

impl Boundary {
    /// Looks at two VMAs with none between them.
    pub(crate) fn between<V: Described>(prev: &V, next: &V) -> Self {
        let Seen {
            apart,
            files,
            causes,
        } = Seen::between(prev, next);
        Self {
            prev: prev.extent(),
            next: next.extent(),
            blockers: apart.blockers,
            must_not_disappear: apart.must_not_disappear,
            files,
            only_prev: Distinctive::of(prev.vma_flags(), next.vma_flags()),
            only_next: Distinctive::of(next.vma_flags(), prev.vma_flags()),
            causes,
            perhaps: prev.at_worst().zip(next.at_worst()).map_or(
                Perhaps::NOTHING,
                |(prev, next)| {
                    let at_worst = Seen::between(&prev, &next);
                    Perhaps::beyond(apart, at_worst.apart, at_worst.causes.minus(causes))
                },
            ),
        }
    }

    /// Whether nothing keeps the two apart.
    pub(crate) fn is_mergeable(&self) -> bool {
        self.blockers == BlockerSet::NONE && !self.must_not_disappear
    }

    /// All reasons that are known.
    pub(crate) fn apart(&self) -> Apart {
        Apart {
            blockers: self.blockers,
            must_not_disappear: self.must_not_disappear,
        }
    }

    /// Whether nothing lies between the two.
    pub(crate) fn touches(&self) -> bool {
        !self.blockers.contains(Blocker::NotAdjacent)
    }

    /// The size of the hole between the two, in bytes.
    pub(crate) fn hole(&self) -> usize {
        let end = self.next.range.start();
        end.saturating_sub(self.prev.range.end())
    }

    /// Where `next` lies, with the page offsets that would continue `prev`.
    pub(crate) fn next_if_continued(&self) -> Extent {
        self.prev.seen_through(self.next.range)
    }
}

/// Leaves out that page offsets do not continue: they count pages of two different files, or of one file and of none.
fn without_idle_offsets(apart: Apart) -> Apart {
    Apart {
        blockers: apart
            .blockers
            .without(Blocker::PageOffset)
            .without(Blocker::AnonPageOffset),
        ..apart
    }
}
