// SPDX-License-Identifier: GPL-2.0

//! The ways in which a call to the engine ends.

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

/// The table row of an ending.
struct SaidOfEnding {
    /// The name of the ending, for programs.
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
        /// The VMA was split at the start of the range.
        SplitStart { name: label(c"split-start") },
        /// The VMA was split at the end of the range.
        SplitEnd { name: label(c"split-end") },
        /// The VMA was split at both ends of the range.
        SplitBoth { name: label(c"split-both") },
        /// The range was already a whole VMA, which neither merged nor had to be split.
        Whole { name: label(c"whole") },
        /// No VMA beside the range has taken it over.
        NotMerged { name: label(c"not-merged") },
        /// A VMA was split in two.
        Split { name: label(c"split") },
        /// A VMA has grown.
        Expanded { name: label(c"expanded") },
        /// A VMA ends earlier.
        Shrunk { name: label(c"shrunk") },
        /// The call failed for lack of memory.
        NoMemory { name: label(c"no-memory") },
        /// The process has reached `vm.max_map_count`.
        Limit { name: label(c"limit") },
        /// The driver did not allow the change, or the range was not within the VMA.
        Refused { name: label(c"refused") },
    }
}

impl Ending {
    /// Returns the name of the ending, for programs.
    pub(crate) const fn name(self) -> Label {
        self.said().name
    }

    /// Returns the end of a merge of this shape.
    pub(super) const fn of_shape(shape: Shape) -> Self {
        match shape {
            Shape::Both => Self::Both,
            Shape::PrevWhole => Self::PrevWhole,
            Shape::PrevPart { .. } => Self::PrevPart,
            Shape::NextWhole => Self::NextWhole,
            Shape::NextPart { .. } => Self::NextPart,
        }
    }

    /// Returns the end of a call that made a range ready for a change with these splits.
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
