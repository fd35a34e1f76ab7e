// SPDX-License-Identifier: GPL-2.0

//! The end of a call, and the reasons why VMAs have not merged: what is counted and traced of the result of
//! the engine.

use super::{
    ending::Ending,
    reason::Reason, //
};
use crate::vma::{
    compat::Reduction,
    cut::SplitError,
    merge::Unmerged,
    modify::{
        ModifyError,
        Outcome, //
    },
    plan::{
        Blockers,
        Plan,
        Unjoined, //
    },
};

/// The end of a call.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    /// How it has ended.
    pub(super) ending: Ending,
    /// Why the VMAs beside the range have not joined it.
    pub(super) reasons: Reasons,
}

/// The reasons why the VMAs beside a range have not joined it.
#[derive(Clone, Copy)]
pub(super) struct Reasons {
    pub(super) prev: Option<Reason>,
    pub(super) next: Option<Reason>,
}

impl Ended {
    /// There was no memory.
    pub(crate) const NO_MEMORY: Self = Self::with(Ending::NoMemory);

    /// Returns an end that has no reasons.
    pub(crate) const fn with(ending: Ending) -> Self {
        Self {
            ending,
            reasons: Reasons::NONE,
        }
    }

    /// Returns the end of a modify.
    #[inline(always)]
    pub(crate) fn modify(result: Result<&Outcome, &ModifyError>) -> Self {
        let (ending, unmerged) = match result {
            Ok(Outcome::Merged(plan)) => return Self::merge(plan),
            Ok(Outcome::Split(cut, unmerged)) => (Ending::of_cut(*cut), unmerged),
            Ok(Outcome::Whole(unmerged)) => (Ending::Whole, unmerged),
            Err(ModifyError::NotWithinVma) => return Self::with(Ending::Refused),
            Err(ModifyError::NoMemory(_)) => return Self::NO_MEMORY,
            Err(
                ModifyError::Split(error, unmerged) | ModifyError::SecondSplit(error, unmerged),
            ) => (Ending::of_split_error(*error), unmerged),
        };
        Self {
            ending,
            reasons: Reasons::of_unmerged(unmerged),
        }
    }

    /// Returns the end of a merge by this plan.
    #[inline(always)]
    pub(crate) fn merge(plan: &Plan) -> Self {
        Self {
            ending: Ending::of_shape(plan.shape),
            reasons: Reasons::of_other_side(plan),
        }
    }

    /// Returns the end of a call that was to map a range, and for which nothing has merged.
    #[inline(always)]
    pub(crate) fn not_merged(unmerged: &Unmerged) -> Self {
        let ending = match unmerged {
            Unmerged::GaveUp(_) => Ending::NoMemory,
            Unmerged::Blocked(_) | Unmerged::MustNotDisappear(_) => Ending::NotMerged,
        };
        Self {
            ending,
            reasons: Reasons::of_unmerged(unmerged),
        }
    }

    /// Returns the end of a split.
    #[inline(always)]
    pub(crate) fn split(result: Result<(), SplitError>) -> Self {
        Self::with(match result {
            Ok(()) => Ending::Split,
            Err(error) => Ending::of_split_error(error),
        })
    }
}

impl Reasons {
    const NONE: Self = Self {
        prev: None,
        next: None,
    };

    /// Returns the reason why the VMA that does not grow has not joined.
    #[inline(always)]
    fn of_other_side(plan: &Plan) -> Self {
        let other = plan.other_side.map(|unjoined| match unjoined {
            Unjoined::Blocked(blocker) => Reason::Rule(blocker),
            Unjoined::Reduced(Reduction::NextStays) => Reason::Close,
        });
        if plan.shape.grows_prev() {
            Self {
                prev: None,
                next: other,
            }
        } else {
            Self {
                prev: other,
                next: None,
            }
        }
    }

    #[inline(always)]
    fn of_unmerged(unmerged: &Unmerged) -> Self {
        match unmerged {
            Unmerged::Blocked(Blockers { prev, next }) => Self {
                prev: Some(Reason::Rule(*prev)),
                next: Some(Reason::Rule(*next)),
            },
            // Both sides where both would have joined, otherwise the side that would have.
            Unmerged::MustNotDisappear(plan) => {
                let other = Self::of_other_side(plan);
                Self {
                    prev: other.prev.or(Some(Reason::Close)),
                    next: other.next.or(Some(Reason::Close)),
                }
            }
            Unmerged::GaveUp(_) => Self::NONE,
        }
    }
}
