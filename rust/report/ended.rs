// SPDX-License-Identifier: GPL-2.0

//! The end of a call, and the reasons why VMAs have not merged: what is counted and traced of the result of
//! the engine.

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
    /// How it has ended.
    pub(super) ending: Ending,
    /// Why the VMAs beside the range have not joined it.
    pub(super) reasons: Reasons,
}

impl Ended {
    /// There was no memory.
    pub(crate) const NO_MEMORY: Self = Self::with(Ending::NoMemory);

    /// Returns an end that has no reasons.
    pub(crate) const fn with(ending: Ending) -> Self {
        Self::of(ending, Reasons::NONE)
    }

    /// Returns an end with these reasons.
    #[inline(always)]
    const fn of(ending: Ending, reasons: Reasons) -> Self {
        Self { ending, reasons }
    }

    /// Returns this end for a call that leaves the VMA below out: on that side nothing has kept the range from joining.
    #[inline(always)]
    pub(super) fn without_prev(mut self) -> Self {
        self.reasons.prev = None;
        self
    }

    /// Returns the end of a modify.
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

    /// Returns the end of a call that was to map a range, and for which nothing has merged.
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
