// SPDX-License-Identifier: GPL-2.0

//! The places where a VMA is split in two, and the reasons why a split fails.

use super::{
    compat::Side,
    extent::Range,
    host::{
        Error,
        ENOMEM, //
    },
};

/// The place where a VMA is split, and the part that becomes a new VMA. The original keeps the other part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Split {
    /// ```text
    ///   |-----------vma-----------|
    ///   |---new---|------vma------|
    /// ```
    NewBelow {
        /// The part that becomes the new VMA.
        new: Range,
        /// The part that the original keeps.
        kept: Range,
    },
    /// ```text
    ///   |-----------vma-----------|
    ///   |---vma---|------new------|
    /// ```
    NewAbove {
        /// The part that the original keeps.
        kept: Range,
        /// The part that becomes the new VMA.
        new: Range,
    },
}

impl Split {
    /// Returns the split at `addr` (bytes) of a VMA that covers `whole`. The part on the side `new` becomes a
    /// new VMA. Returns `None` if `addr` is not a multiple of the page size inside `whole`.
    #[inline(always)]
    pub(crate) fn at(whole: Range, addr: usize, new: Side) -> Option<Self> {
        let (below, above) = whole.cut(addr)?;
        Some(match new {
            Side::Below => Self::NewBelow {
                new: below,
                kept: above,
            },
            Side::Above => Self::NewAbove {
                kept: below,
                new: above,
            },
        })
    }

    /// Returns the split after which a VMA that covers `whole` begins where `range` does; `None` if the VMA
    /// already begins there.
    pub(crate) fn start_of(range: Range, whole: Range) -> Option<Self> {
        let (new, kept) = whole.cut_before(range)?;
        Some(Self::NewBelow { new, kept })
    }

    /// Returns the split after which a VMA that covers `whole` ends where `range` does; `None` if the VMA
    /// already ends there.
    pub(crate) fn end_of(range: Range, whole: Range) -> Option<Self> {
        let (kept, new) = whole.cut_after(range)?;
        Some(Self::NewAbove { kept, new })
    }

    /// Returns the address of the split, in bytes.
    pub(crate) fn addr(self) -> usize {
        match self {
            Self::NewBelow { kept, .. } => kept.start(),
            Self::NewAbove { new, .. } => new.start(),
        }
    }

    /// Returns the part that the original keeps.
    pub(crate) fn kept(self) -> Range {
        match self {
            Self::NewBelow { kept, .. } | Self::NewAbove { kept, .. } => kept,
        }
    }

    /// Returns the part that becomes the new VMA.
    pub(crate) fn new_part(self) -> Range {
        match self {
            Self::NewBelow { new, .. } | Self::NewAbove { new, .. } => new,
        }
    }
}

/// The reason why a VMA could not be split. A failed split changes nothing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum SplitError {
    /// The process has reached `vm.max_map_count`, which has this value.
    TooManyVmas(i32),
    /// The driver does not allow a split at that address, and returned this errno.
    Driver(Error),
    /// Memory ran out.
    NoMemory,
}

impl From<SplitError> for Error {
    fn from(error: SplitError) -> Error {
        match error {
            SplitError::TooManyVmas(_) | SplitError::NoMemory => ENOMEM,
            SplitError::Driver(error) => error,
        }
    }
}
