// SPDX-License-Identifier: GPL-2.0

//! Where a VMA is cut in two, and why it could not be.

use super::{
    compat::Side,
    extent::Range,
    host::{
        Error,
        ENOMEM, //
    },
};

/// Where a VMA is cut, and which part becomes a new VMA. The original keeps the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Split {
    /// ```text
    ///   |-----------vma-----------|
    ///   |---new---|------vma------|
    /// ```
    NewBelow {
        /// What becomes the new VMA.
        new: Range,
        /// What the original keeps.
        kept: Range,
    },
    /// ```text
    ///   |-----------vma-----------|
    ///   |---vma---|------new------|
    /// ```
    NewAbove {
        /// What the original keeps.
        kept: Range,
        /// What becomes the new VMA.
        new: Range,
    },
}

impl Split {
    /// The cut at `addr` (bytes) of a VMA that covers `whole`, of which the part on the side `new`
    /// becomes a new VMA; none if that is not a place inside it.
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

    /// The cut after which a VMA that covers `whole` begins where `range` does; none if it does so
    /// already.
    pub(crate) fn start_of(range: Range, whole: Range) -> Option<Self> {
        let (new, kept) = whole.cut_before(range)?;
        Some(Self::NewBelow { new, kept })
    }

    /// The cut after which a VMA that covers `whole` ends where `range` does; none if it does so
    /// already.
    pub(crate) fn end_of(range: Range, whole: Range) -> Option<Self> {
        let (kept, new) = whole.cut_after(range)?;
        Some(Self::NewAbove { kept, new })
    }

    /// Where it is, in bytes.
    pub(crate) fn addr(self) -> usize {
        match self {
            Self::NewBelow { kept, .. } => kept.start(),
            Self::NewAbove { new, .. } => new.start(),
        }
    }

    /// What the original keeps.
    pub(crate) fn kept(self) -> Range {
        match self {
            Self::NewBelow { kept, .. } | Self::NewAbove { kept, .. } => kept,
        }
    }

    /// What becomes the new VMA.
    pub(crate) fn new_part(self) -> Range {
        match self {
            Self::NewBelow { new, .. } | Self::NewAbove { new, .. } => new,
        }
    }
}

/// Why a VMA could not be split. Nothing has changed then.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum SplitError {
    /// The process has as many VMAs as `vm.max_map_count` allows, this many.
    TooManyVmas(i32),
    /// The driver does not allow a split there, and says so with this errno.
    Driver(Error),
    /// There is no memory.
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
