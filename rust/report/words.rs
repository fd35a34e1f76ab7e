// SPDX-License-Identifier: GPL-2.0

//! The words in which programs are told what came of a call: in `stats`, and in trace events, which C makes.

use crate::{
    vma::{
        compat::{
            Blocker,
            Reduction, //
        },
        cut::SplitError,
        modify::Cut,
        plan::Shape, //
    },
    vocabulary::vocabulary,
};
use core::ffi::CStr;

/// All that is said of a helper, or of an ending.
struct Said {
    /// What programs call it.
    name: &'static CStr,
}

vocabulary! {
    /// A helper of the engine, as it was called: those of `ctl`, then those of the kernel.
    pub(crate) enum Helper: Said {
        /// `vma_modify_flags()`, by `ctl`.
        ModifyFlags { name: c"vma_modify_flags" },
        /// `vma_modify_name()`, by `ctl`.
        ModifyName { name: c"vma_modify_name" },
        /// `vma_modify_policy()`, by `ctl`.
        ModifyPolicy { name: c"vma_modify_policy" },
        /// `vma_modify_uffd()`, by `ctl`.
        ModifyUffd { name: c"vma_modify_uffd" },
        /// `vma_merge_new_vma()`, by `ctl`.
        MergeNewVma { name: c"vma_merge_new_vma" },
        /// `vma_merge_extend()`, by `ctl`.
        MergeExtend { name: c"vma_merge_extend" },
        /// `split_vma()`, by `ctl`.
        SplitVma { name: c"split_vma" },
        /// `vma_modify()`, by the kernel.
        Modify { name: c"vma_modify" },
        /// `vma_merge_existing_range()`, by tests only.
        MergeExistingRange { name: c"vma_merge_existing_range" },
        /// `vma_merge_new_range()`, by the kernel.
        MergeNewRange { name: c"vma_merge_new_range" },
        /// `__split_vma()`, by the kernel.
        Split { name: c"split" },
        /// `vma_expand()`, by the kernel.
        Expand { name: c"vma_expand" },
        /// `vma_shrink()`, by the kernel.
        Shrink { name: c"vma_shrink" },
    }
}

impl Helper {
    /// What programs call it.
    pub(crate) const fn name(self) -> &'static CStr {
        self.said().name
    }
}

vocabulary! {
    /// How a call has ended.
    pub(crate) enum Ending: Said {
        /// The range and both VMAs beside it have become one.
        Both { name: c"both" },
        /// The VMA before has taken over a whole VMA, or a range that is new.
        LeftWhole { name: c"left-whole" },
        /// The VMA before has taken over the beginning of a VMA.
        LeftPart { name: c"left-part" },
        /// The VMA after has taken over a whole VMA, or a range that is new.
        RightWhole { name: c"right-whole" },
        /// The VMA after has taken over the end of a VMA.
        RightPart { name: c"right-part" },
        /// The range was cut off where it starts.
        SplitStart { name: c"split-start" },
        /// The range was cut off where it ends.
        SplitEnd { name: c"split-end" },
        /// The range was cut out.
        SplitBoth { name: c"split-both" },
        /// Nothing merged, and there was nothing to cut: the range is a VMA.
        Whole { name: c"whole" },
        /// Nothing beside it takes the range.
        NotMerged { name: c"not-merged" },
        /// A VMA was cut in two.
        Split { name: c"split" },
        /// A VMA has grown.
        Expanded { name: c"expanded" },
        /// A VMA ends earlier.
        Shrunk { name: c"shrunk" },
        /// There was no memory.
        NoMemory { name: c"no-memory" },
        /// The process has as many VMAs as it may have.
        Limit { name: c"limit" },
        /// The driver did not allow it, or it could not be meant.
        Refused { name: c"refused" },
    }
}

impl Ending {
    /// What programs call it.
    pub(crate) const fn name(self) -> &'static CStr {
        self.said().name
    }

    /// How a merge of that shape has ended.
    pub(super) const fn of_shape(shape: Shape) -> Self {
        match shape {
            Shape::Both => Self::Both,
            Shape::LeftWhole => Self::LeftWhole,
            Shape::LeftPart { .. } => Self::LeftPart,
            Shape::RightWhole => Self::RightWhole,
            Shape::RightPart { .. } => Self::RightPart,
        }
    }

    /// How it has ended with such cuts.
    pub(super) const fn of_cut(cut: Cut) -> Self {
        match cut {
            Cut::Start => Self::SplitStart,
            Cut::End => Self::SplitEnd,
            Cut::Both => Self::SplitBoth,
        }
    }

    /// How a split that failed like this has ended.
    pub(super) const fn of_split_error(error: SplitError) -> Self {
        match error {
            SplitError::TooManyVmas(_) => Self::Limit,
            SplitError::Driver(_) => Self::Refused,
            SplitError::NoMemory => Self::NoMemory,
        }
    }
}

/// Why a VMA has not joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// A rule forbids it.
    Rule(Blocker),
    /// A driver has to see the VMA closed that would disappear.
    Close,
}

impl Reason {
    /// How many there are.
    pub(crate) const COUNT: usize = Blocker::COUNT + 1;

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|index| match Blocker::ALL.get(index) {
            Some(blocker) => Self::Rule(*blocker),
            None => Self::Close,
        })
    }

    /// What it is called.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::Rule(blocker) => blocker.name(),
            Self::Close => Reduction::NextStays.name(),
        }
    }

    /// Its place among all.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Rule(blocker) => blocker as usize,
            Self::Close => Blocker::COUNT,
        }
    }
}
