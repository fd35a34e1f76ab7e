// SPDX-License-Identifier: GPL-2.0

//! Cutting a VMA in two.

use super::{
    compat::Attributes,
    cut::{
        Split,
        SplitError, //
    },
    sys::{
        max_map_count,
        NewVma,
        SplitSection,
        Vma,
        VmaIter, //
    },
};

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
