// SPDX-License-Identifier: GPL-2.0

//! The ways in which a call of the engine ends.

use crate::{
    vma::{
        cut::SplitError,
        modify::Cut,
        plan::Shape, //
    },
    vocabulary::vocabulary,
};
use core::ffi::CStr;

/// The row of an ending.
struct SaidOfEnding {
    /// Its name for programs.
    name: &'static CStr,
}

vocabulary! {
    /// The end of a call.
    pub(crate) enum Ending: SaidOfEnding {
        /// The range and both VMAs beside it have become one.
        Both { name: c"both" },
        /// The VMA below has taken over a whole VMA, or a new range.
        PrevWhole { name: c"prev-whole" },
        /// The VMA below has taken over the beginning of a VMA.
        PrevPart { name: c"prev-part" },
        /// The VMA above has taken over a whole VMA, or a new range.
        NextWhole { name: c"next-whole" },
        /// The VMA above has taken over the end of a VMA.
        NextPart { name: c"next-part" },
        /// The range was cut off where it starts.
        SplitStart { name: c"split-start" },
        /// The range was cut off where it ends.
        SplitEnd { name: c"split-end" },
        /// The range was cut out.
        SplitBoth { name: c"split-both" },
        /// Nothing merged, and there was nothing to cut: the range is a VMA.
        Whole { name: c"whole" },
        /// No VMA beside the range takes it over.
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
        /// The driver did not allow it, or the range was not within the VMA.
        Refused { name: c"refused" },
    }
}

impl Ending {
    /// Returns its name for programs.
    pub(crate) const fn name(self) -> &'static CStr {
        self.said().name
    }

    /// Returns the end of a merge of that shape.
    pub(super) const fn of_shape(shape: Shape) -> Self {
        match shape {
            Shape::Both => Self::Both,
            Shape::PrevWhole => Self::PrevWhole,
            Shape::PrevPart { .. } => Self::PrevPart,
            Shape::NextWhole => Self::NextWhole,
            Shape::NextPart { .. } => Self::NextPart,
        }
    }

    /// Returns the end of a modify with such cuts.
    pub(super) const fn of_cut(cut: Cut) -> Self {
        match cut {
            Cut::Start => Self::SplitStart,
            Cut::End => Self::SplitEnd,
            Cut::Both => Self::SplitBoth,
        }
    }

    /// Returns the end of a split that failed with this error.
    pub(super) const fn of_split_error(error: SplitError) -> Self {
        match error {
            SplitError::TooManyVmas(_) => Self::Limit,
            SplitError::Driver(_) => Self::Refused,
            SplitError::NoMemory => Self::NoMemory,
        }
    }
}
