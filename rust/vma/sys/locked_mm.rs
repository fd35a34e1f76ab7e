// SPDX-License-Identifier: GPL-2.0

//! Proof that the mmap lock of an address space is held for write.

use super::{
    bindings,
    host::MmWithUser, //
};
use core::ops::Deref;

/// An address space whose mmap lock is held for write. The value gives no access to VMAs, but proves that the lock is
/// held.
///
/// # Invariants
///
/// The mmap lock of the mm is held for write throughout `'g`.
#[derive(Clone, Copy)]
pub(crate) struct WriteLockedMm<'g>(&'g MmWithUser);

impl WriteLockedMm<'_> {
    /// Wraps the address space at `mm`.
    ///
    /// # Safety
    ///
    /// `mm` is valid, and its mmap lock is held for write as long as the result is used.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(mm: *const bindings::mm_struct) -> Self {
        // SAFETY: By the caller's promise `mm` is valid. It has users, because it is locked.
        //
        // INVARIANT: The caller's promise.
        Self(unsafe { MmWithUser::from_raw(mm) })
    }
}

impl Deref for WriteLockedMm<'_> {
    type Target = MmWithUser;

    fn deref(&self) -> &MmWithUser {
        self.0
    }
}
