// SPDX-License-Identifier: GPL-2.0

//! What a scenario is expected to do, so that C and Rust cannot agree on doing something else.

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

/// What an act is expected to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    /// All three become one.
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
    /// The range is a VMA and stays one, or needs one: for this reason below, and for this one
    /// above.
    Apart(Blocker, Blocker),
    /// The range is a VMA and stays one: this merge would have removed a VMA that must not disappear.
    MustNot(&'static Expect),
    /// It would have merged, but there is no memory, and nobody cares.
    GaveUp,
    /// What has one result only.
    Done,
    /// It would have been this merge, but there is no memory.
    NoMemoryFor(&'static Expect),
    /// The VMA would have been cut, where the range begins if it does so inside, but that fails.
    SplitFails(Error),
    /// The VMA was cut where the range begins, but to cut it where that ends fails.
    SecondSplitFails(Error),
    /// What has one result only fails.
    Fails(Error),
}

impl Expect {
    /// The range is a VMA and stays one, as nothing touches it.
    pub(crate) const NOTHING_BESIDE: Self = Self::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
    /// The range is a VMA and stays one, as both neighbours have other flags.
    pub(crate) const FLAGS_DIFFER: Self = Self::Apart(Blocker::Flags, Blocker::Flags);

    /// Whether this is what was done: what Rust says, and what it returned.
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
                // Some callers in C are told nothing but that it has not merged.
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
            (Self::MustNot(shape), Unmerged::MustNotDisappear(kept)) => *shape == Self::of(kept),
            (Self::GaveUp, Unmerged::GaveUp(_)) => true,
            _ => false,
        }
    }
}
