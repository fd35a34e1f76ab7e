// SPDX-License-Identifier: GPL-2.0

//! The trace events, which do nothing in userland.

use crate::vma::{
    flags::VmaFlags,
    sys::{
        bindings,
        WriteLockedMm, //
    },
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// The memory that a call was about.
pub(crate) struct TracedMemory<'a>(PhantomData<WriteLockedMm<'a>>);

impl<'a> TracedMemory<'a> {
    /// The value for a call without traced memory.
    pub(crate) const NONE: Self = Self(PhantomData);

    pub(crate) fn part(_mm: WriteLockedMm<'a>, _flags: Option<VmaFlags>) -> Self {
        Self::NONE
    }

    pub(crate) fn extension(_mm: WriteLockedMm<'a>) -> Self {
        Self::NONE
    }

    /// # Safety
    ///
    /// There are no requirements, because nothing is accessed.
    pub(crate) unsafe fn new_range(
        _mm: WriteLockedMm<'a>,
        _flags: VmaFlags,
        _file: Option<NonNull<bindings::file>>,
    ) -> Self {
        Self::NONE
    }
}
