// SPDX-License-Identifier: GPL-2.0

//! Cutting a VMA in two.

use super::{
    compat::{
        Attributes,
        Side, //
    },
    extent::Range,
    sys::{
        max_map_count,
        Error,
        NewVma,
        SplitSection,
        Vma,
        VmaIter,
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
            Side::Left => Self::NewBelow {
                new: below,
                kept: above,
            },
            Side::Right => Self::NewAbove {
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

/// Cuts `vma` in two, and returns the original, which keeps the part that is not new.
///
/// Sleeps. The mmap lock is held for write. The iterator stands at the original afterwards.
///
/// Answers to `split_vma()`.
#[inline(always)]
pub(crate) fn split_vma<'i>(
    iter: &mut VmaIter<'_>,
    vma: Vma<'i>,
    split: Split,
) -> Result<Vma<'i>, SplitError> {
    limit_allows_one_more(vma.map_count())?;
    split_vma_past_limit(iter, vma, split)
}

/// Whether a process that has `map_count` VMAs may have one more.
#[inline(always)]
pub(crate) fn limit_allows_one_more(map_count: i32) -> Result<(), SplitError> {
    let limit = max_map_count();
    if map_count >= limit {
        return Err(SplitError::TooManyVmas(limit));
    }
    Ok(())
}

/// Whether the driver of `vma` allows it to be cut at `addr` (bytes).
#[inline(always)]
pub(crate) fn driver_allows(vma: &mut Vma<'_>, addr: usize) -> Result<(), SplitError> {
    vma.may_split(addr).map_err(SplitError::Driver)
}

/// [`split_vma`], whatever `vm.max_map_count` says.
///
/// The commit point is the beginning of the section: what can fail comes before it and is
/// undone, and nothing after it fails.
///
/// Answers to `__split_vma()`.
#[inline(always)]
pub(crate) fn split_vma_past_limit<'i>(
    iter: &mut VmaIter<'_>,
    mut vma: Vma<'i>,
    split: Split,
) -> Result<Vma<'i>, SplitError> {
    let addr = split.addr();
    driver_allows(&mut vma, addr)?;

    let whole = vma.extent();
    let (mut new, reserved) = NewVma::copy_of(&vma, whole.seen_through(split.new_part()))
        .and_then(|new| new.reserve(iter))
        .and_then(|new| new.with_policy_of(&vma))
        .and_then(|new| new.with_pages_of(&vma))
        .map_err(|_| SplitError::NoMemory)?;

    vma.start_write();
    new.start_write();
    let vma = SplitSection::begin(vma, new)
        .cut(addr, whole.seen_through(split.kept()))
        .finish(reserved);
    vma.validate_mm();

    match split {
        Split::NewBelow { .. } => iter.step_forward(),
        Split::NewAbove { .. } => iter.step_back(),
    }
    Ok(vma)
}
