// SPDX-License-Identifier: GPL-2.0

//! The expected outcome of a scenario, so that C and Rust cannot agree on a wrong outcome.

use crate::{
    fixture::Said,
    vma::{
        compat::Blocker,
        merge::Unmerged,
        modify::{
            Cut,
            Outcome, //
        },
        plan::{
            Blockers,
            Shape, //
        },
    },
};
use kernel::prelude::*;

/// The expected outcome of an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    /// All three VMAs become one.
    Both,
    /// The VMA below takes all of it.
    PrevWhole,
    /// The VMA below takes a part of the middle.
    PrevPart,
    /// The VMA above takes all of it.
    NextWhole,
    /// The VMA above takes a part of the middle.
    NextPart,
    /// The VMA is cut where the range begins.
    SplitStart,
    /// The VMA is cut where the range ends.
    SplitEnd,
    /// The VMA is cut at both ends of the range.
    SplitBoth,
    /// The range remains a separate VMA, or becomes one: the first blocker applies below, the second above.
    Apart(Blocker, Blocker),
    /// The range remains a separate VMA: this merge would have removed a VMA that must not disappear.
    MustNot(&'static Expect),
    /// The range would have merged, but there is no memory, and the caller continues without the merge.
    GaveUp,
    /// The act has one result only, and succeeds.
    Done,
    /// The act would have been this merge, but there is no memory.
    NoMemoryFor(&'static Expect),
    /// The first cut fails: where the range begins if it begins inside the VMA, otherwise where it ends.
    SplitFails(Error),
    /// The VMA was cut where the range begins, and the cut where the range ends fails.
    SecondSplitFails(Error),
    /// The act has one result only, and fails.
    Fails(Error),
}

impl Expect {
    /// The range remains a separate VMA, because no VMA is adjacent.
    pub(crate) const NOTHING_BESIDE: Self = Self::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
    /// The range remains a separate VMA, because both neighbours have other flags.
    pub(crate) const FLAGS_DIFFER: Self = Self::Apart(Blocker::Flags, Blocker::Flags);

    /// Returns whether the outcome, as Rust reports and returns it, meets this expectation.
    pub(crate) fn is_met(self, said: Said, result: Result<Option<usize>, i32>) -> bool {
        let returns = |error: Error| result == Err(error.to_errno());
        match said {
            Said::Done => self == Self::Done && result.is_ok(),
            Said::Modified(Outcome::Whole(unmerged)) => {
                result.is_ok() && self.is_because_of(unmerged)
            }
            Said::Modified(Outcome::Split(cut, _)) => result.is_ok() && self == Self::of_cut(cut),
            Said::Modified(Outcome::Merged(plan)) | Said::Merged(plan) => {
                result.is_ok() && self == Self::of(plan.shape)
            }
            Said::NotMerged(unmerged) => result == Ok(None) && self.is_because_of(unmerged),
            Said::NoMemory(plan) => {
                // C tells some callers only that the range did not merge.
                matches!(self, Self::NoMemoryFor(shape) if *shape == Self::of(plan.shape))
                    && (returns(ENOMEM) || result == Ok(None))
            }
            Said::SplitFailed(error) => self == Self::SplitFails(error) && returns(error),
            Said::SecondSplitFailed(error) => {
                self == Self::SecondSplitFails(error) && returns(error)
            }
            Said::Failed(error) => self == Self::Fails(error) && returns(error),
        }
    }

    fn of_cut(cut: Cut) -> Self {
        match cut {
            Cut::Start => Self::SplitStart,
            Cut::End => Self::SplitEnd,
            Cut::Both => Self::SplitBoth,
        }
    }

    fn of(shape: Shape) -> Self {
        match shape {
            Shape::Both => Self::Both,
            Shape::PrevWhole => Self::PrevWhole,
            Shape::PrevPart { .. } => Self::PrevPart,
            Shape::NextWhole => Self::NextWhole,
            Shape::NextPart { .. } => Self::NextPart,
        }
    }

    fn is_because_of(self, unmerged: Unmerged) -> bool {
        match (self, unmerged) {
            (Self::Apart(prev, next), Unmerged::Blocked(blockers)) => {
                blockers == Blockers { prev, next }
            }
            (Self::MustNot(shape), Unmerged::MustNotDisappear(plan)) => {
                *shape == Self::of(plan.shape)
            }
            (Self::GaveUp, Unmerged::GaveUp(_)) => true,
            _ => false,
        }
    }
}
