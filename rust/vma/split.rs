// SPDX-License-Identifier: GPL-2.0

//! Splitting a VMA in two.

use super::{
    cut::{
        Split,
        SplitError, //
    },
    sys::{
        max_map_count,
        Cursor,
        Splitting,
        Vma, //
    },
};

/// Splits a VMA in two, and returns the original VMA, which keeps one of the two parts.
///
/// Sleeps. The mmap lock is held for write. The cursor is positioned at the original afterwards.
///
/// Answers to `split_vma()`.
#[inline(always)]
pub(crate) fn split_vma<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    splitting: Splitting<'i, 'g>,
) -> Result<Vma<'i, 'g>, SplitError> {
    limit_allows_one_more(splitting.vma().map_count())?;
    split_vma_past_limit(cursor, splitting)
}

/// Returns `Ok` if a process that has `map_count` VMAs may have one more.
#[inline(always)]
pub(crate) fn limit_allows_one_more(map_count: i32) -> Result<(), SplitError> {
    let limit = max_map_count();
    if map_count >= limit {
        return Err(SplitError::TooManyVmas(limit));
    }
    Ok(())
}

/// Splits a VMA like [`split_vma`], but does not check `vm.max_map_count`.
///
/// Answers to `__split_vma()`.
#[inline(always)]
pub(crate) fn split_vma_past_limit<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    splitting: Splitting<'i, 'g>,
) -> Result<Vma<'i, 'g>, SplitError> {
    let split = splitting.split();
    let vma = splitting
        .allowed()
        .map_err(SplitError::Driver)?
        .prepare(cursor)
        .and_then(|prepared| prepared.commit())
        .map_err(|_| SplitError::NoMemory)?;
    vma.validate_mm();

    match split {
        Split::NewBelow { .. } => cursor.step_forward(),
        Split::NewAbove { .. } => cursor.step_back(),
    }
    Ok(vma.into_vma())
}
