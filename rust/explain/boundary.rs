// SPDX-License-Identifier: GPL-2.0

//! The boundary between a VMA and the next VMA above, and everything that keeps the two apart.
//!
//! ```text
//!      prev            next                   prev                      next
//!   +---------+-----------------+          +---------+ - - - - - +-----------------+
//!   |         |                 |          |         |   a hole  |                 |
//!   +---------+-----------------+          +---------+ - - - - - +-----------------+
//!             ^                                      ^           ^
//!             the two touch                          prev is treated as if it reached up to next
//! ```
//!
//! A hole is a blocker like any other. The other blockers are those that would remain if `prev` reached up to `next`.

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

/// The boundary between two neighbouring VMAs, and the reasons why they are not mergeable.
pub(crate) struct Boundary {
    /// The VMA below.
    pub(crate) prev: Extent,
    /// The VMA above.
    pub(crate) next: Extent,
    /// The rules that keep the two apart and that explain something. Empty for mergeable VMAs.
    pub(crate) blockers: BlockerSet,
    /// Whether the drivers of both VMAs have a `close` hook, so that neither VMA may disappear.
    pub(crate) must_not_disappear: bool,
    /// The relation between the files of the two VMAs.
    pub(crate) files: Files,
    /// The flags that matter for a merge and that only `prev` has.
    pub(crate) only_prev: Distinctive,
    /// The flags that matter for a merge and that only `next` has.
    pub(crate) only_next: Distinctive,
    /// The causes of all these reasons, in people's terms.
    pub(crate) causes: CauseSet,
    /// Additional reasons that are possible, but could not be seen.
    pub(crate) perhaps: Perhaps,
}

/// Reasons that are possible, but could not be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Perhaps {
    /// The rules and the `close` hooks.
    pub(crate) apart: Apart,
    /// The causes of these reasons.
    pub(crate) causes: CauseSet,
}

impl Perhaps {
    /// The value if everything could be seen.
    pub(crate) const NOTHING: Self = Self {
        apart: Apart::NOT,
        causes: CauseSet::NONE,
    };

    /// Returns the reasons that apply in the worst case and are not among the known reasons, with their causes.
    fn beyond(known: Apart, at_worst: Apart, causes: CauseSet) -> Self {
        let apart = at_worst.minus(known);
        // Whether a fork created one of the two anon_vmas could not be seen either.
        let causes = if causes.contains(Cause::AnonVmas) {
            causes.with(Cause::Fork)
        } else {
            causes
        };
        Self { apart, causes }
    }
}

/// Everything visible that keeps two VMAs apart.
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
    /// Compares two neighbouring VMAs.
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

    /// Returns whether nothing keeps the two apart.
    pub(crate) fn is_mergeable(&self) -> bool {
        self.blockers == BlockerSet::NONE && !self.must_not_disappear
    }

    /// Returns all known reasons.
    pub(crate) fn apart(&self) -> Apart {
        Apart {
            blockers: self.blockers,
            must_not_disappear: self.must_not_disappear,
        }
    }

    /// Returns whether the two VMAs touch.
    pub(crate) fn touches(&self) -> bool {
        !self.blockers.contains(Blocker::NotAdjacent)
    }

    /// Returns the size of the hole between the two, in bytes.
    pub(crate) fn hole(&self) -> usize {
        let end = self.next.range.start();
        end.saturating_sub(self.prev.range.end())
    }

    /// Returns the range of `next`, with the page offsets that would continue `prev`.
    pub(crate) fn next_if_continued(&self) -> Extent {
        self.prev.seen_through(self.next.range)
    }
}

/// Removes the blockers for page offsets. The offsets of two files, or of a file and of anonymous memory, are not
/// comparable.
fn without_idle_offsets(apart: Apart) -> Apart {
    Apart {
        blockers: apart
            .blockers
            .without(Blocker::PageOffset)
            .without(Blocker::AnonPageOffset),
        ..apart
    }
}
