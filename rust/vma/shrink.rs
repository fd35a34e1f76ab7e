// SPDX-License-Identifier: GPL-2.0

//! Making a VMA end earlier.

use super::{
    compat::Attributes,
    extent::Range,
    sys::{
        Result,
        ShrinkSection,
        Vma,
        VmaIter, //
    },
};

/// Gives up the upper part of `vma`, `freed`, and returns the VMA, which keeps the rest, `kept`.
///
/// What was mapped there is for the caller to unmap.
///
/// Sleeps. The mmap lock is held for write. Fails with `ENOMEM`, and nothing
/// has changed then but the place of the iterator.
///
/// Answers to `vma_shrink()`.
#[inline(always)]
pub(crate) fn vma_shrink<'i>(
    iter: &mut VmaIter<'_>,
    mut vma: Vma<'i>,
    kept: Range,
    freed: Range,
) -> Result<Vma<'i>> {
    let reserved = iter.reserve_clearing(freed)?;

    vma.start_write();
    let kept = vma.extent().seen_through(kept);
    let vma = ShrinkSection::begin(vma).shrink(kept, reserved).finish();
    vma.validate_mm();
    Ok(vma)
}
