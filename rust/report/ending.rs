// SPDX-License-Identifier: GPL-2.0

//! The ways in which a call of the engine ends.

use crate::{
    vma::{
        cut::SplitError,
        modify::Cut,
        plan::Shape, //
    },
    vocabulary::{
        label,
        vocabulary,
        Label, //
    },
};

/// The row of an ending.
struct SaidOfEnding {
    /// Its name for programs.
    name: Label,
}

vocabulary! {
    /// The end of a call.
    pub(crate) enum Ending: SaidOfEnding {
        /// The range and both VMAs beside it have become one.
        Both { name: label(c"both") },
        /// The VMA below has taken over a whole VMA, or a new range.
        PrevWhole { name: label(c"prev-whole") },
        /// The VMA below has taken over the beginning of a VMA.
        PrevPart { name: label(c"prev-part") },
        /// The VMA above has taken over a whole VMA, or a new range.
        NextWhole { name: label(c"next-whole") },
        /// The VMA above has taken over the end of a VMA.
        NextPart { name: label(c"next-part") },
        /// The range was cut off where it starts.
        SplitStart { name: label(c"split-start") },
        /// The range was cut off where it ends.
        SplitEnd { name: label(c"split-end") },
        /// The range was cut out.
        SplitBoth { name: label(c"split-both") },
        /// Nothing merged, and there was nothing to cut: the range is a VMA.
        Whole { name: label(c"whole") },
        /// No VMA beside the range takes it over.
        NotMerged { name: label(c"not-merged") },
        /// A VMA was cut in two.
        Split { name: label(c"split") },
        /// A VMA has grown.
        Expanded { name: label(c"expanded") },
        /// A VMA ends earlier.
        Shrunk { name: label(c"shrunk") },
        /// There was no memory.
        NoMemory { name: label(c"no-memory") },
        /// The process has as many VMAs as it may have.
        Limit { name: label(c"limit") },
        /// The driver did not allow it, or the range was not within the VMA.
        Refused { name: label(c"refused") },
    }
}

impl Ending {
    /// Returns its name for programs.
    pub(crate) const fn name(self) -> Label {
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
