// SPDX-License-Identifier: GPL-2.0

//! The end of a call, and the reasons why VMAs have not merged: the parts of the engine's result that are counted and
//! traced.

use super::ending::Ending;
use crate::vma::{
    cut::SplitError,
    merge::Unmerged,
    modify::{
        ModifyError,
        Outcome, //
    },
    plan::Plan,
    reason::Reasons, //
};

/// The end of a call.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    /// The way in which the call has ended.
    pub(super) ending: Ending,
    /// The reasons why the VMAs beside the range have not joined it.
    pub(super) reasons: Reasons,
}

impl Ended {
    /// The end of a call that ran out of memory.
    pub(crate) const NO_MEMORY: Self = Self::with(Ending::NoMemory);

    /// Returns an end without reasons.
    pub(crate) const fn with(ending: Ending) -> Self {
        Self::of(ending, Reasons::NONE)
    }

    /// Returns an end with these reasons.
    #[inline(always)]
    const fn of(ending: Ending, reasons: Reasons) -> Self {
        Self { ending, reasons }
    }

    /// Removes the reason for the VMA below, for a call that does not consider that VMA.
    #[inline(always)]
    pub(super) fn without_prev(mut self) -> Self {
        self.reasons.prev = None;
        self
    }

    /// Returns the end of a call that makes a range ready for a change.
    #[inline(always)]
    pub(crate) fn modify(result: Result<&Outcome, &ModifyError>) -> Self {
        match result {
            Ok(Outcome::Merged(plan)) => Self::merge(plan),
            Ok(Outcome::Split(cut, unmerged)) => Self::of(Ending::of_cut(*cut), unmerged.reasons()),
            Ok(Outcome::Whole(unmerged)) => Self::of(Ending::Whole, unmerged.reasons()),
            Err(ModifyError::NotWithinVma) => Self::with(Ending::Refused),
            Err(ModifyError::NoMemory(_)) => Self::NO_MEMORY,
            Err(ModifyError::Split(error, reasons) | ModifyError::SecondSplit(error, reasons)) => {
                Self::of(Ending::of_split_error(*error), *reasons)
            }
        }
    }

    /// Returns the end of a merge by this plan.
    #[inline(always)]
    pub(crate) fn merge(plan: &Plan) -> Self {
        Self::of(Ending::of_shape(plan.shape), Reasons::of_other_side(plan))
    }

    /// Returns the end of a call that was to map a range but did not merge it.
    #[inline(always)]
    pub(crate) fn not_merged(unmerged: &Unmerged) -> Self {
        let ending = match unmerged {
            Unmerged::GaveUp(_) => Ending::NoMemory,
            Unmerged::Blocked(_) | Unmerged::MustNotDisappear(_) => Ending::NotMerged,
        };
        Self::of(ending, unmerged.reasons())
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
