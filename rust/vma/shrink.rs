// SPDX-License-Identifier: GPL-2.0

//! Shrinking a VMA at its end.

use super::sys::{
    Cursor,
    Result,
    Shrinking,
    Vma, //
};

/// Shrinks a VMA at its end, and returns the VMA.
///
/// The caller has to unmap the pages in the range that the VMA no longer covers.
///
/// Sleeps. The mmap lock is held for write. Fails with `ENOMEM`; in this case only the position of the cursor
/// has changed.
///
/// Answers to `vma_shrink()`.
#[inline(always)]
pub(crate) fn vma_shrink<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    shrinking: Shrinking<'i, 'g>,
) -> Result<Vma<'i, 'g>> {
    let vma = shrinking.prepare(cursor)?.commit();
    vma.validate_mm();
    Ok(vma.into_vma())
}
