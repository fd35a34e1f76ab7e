// SPDX-License-Identifier: GPL-2.0

//! Making a VMA end earlier.

use super::sys::{
    Cursor,
    Result,
    Shrinking,
    Vma, //
};

/// Gives up the upper part of a VMA, and returns the VMA, which keeps the rest.
///
/// What was mapped there is for the caller to unmap.
///
/// Sleeps. The mmap lock is held for write. Fails with `ENOMEM`, and nothing
/// has changed then but the place of the cursor.
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
