// SPDX-License-Identifier: GPL-2.0

//! The mmap lock, held for write or for read.

use super::{
    bindings,
    host::{
        to_result,
        MmWithUser,
        NotThreadSafe,
        Result, //
    },
    iter::VmaIter,
};

/// The mmap lock of an address space, held for write until this guard is dropped.
///
/// # Invariants
///
/// This thread holds the mmap lock of `mm` for write.
pub(crate) struct MmapWriteGuard<'mm> {
    mm: &'mm MmWithUser,
    // The lock must be released by the thread that took it.
    _not_thread_safe: NotThreadSafe,
}

impl<'mm> MmapWriteGuard<'mm> {
    /// Takes the mmap lock of `mm` for write, sleeping until it is free.
    ///
    /// Fails with `EINTR` if the thread is killed while it sleeps. Answers to `mmap_write_lock_killable()`.
    pub(crate) fn lock_killable(mm: &'mm MmWithUser) -> Result<Self> {
        // SAFETY: A reference to an `MmWithUser` is a valid mm.
        to_result(unsafe { bindings::rust_vma_mmap_write_lock_killable(mm.as_raw()) })?;

        // INVARIANT: The lock was taken just above.
        Ok(Self {
            mm,
            _not_thread_safe: NotThreadSafe,
        })
    }

    /// Returns the address space.
    pub(crate) fn mm(&self) -> &'mm MmWithUser {
        self.mm
    }

    /// Calls `f` with an iterator over the VMAs, positioned at `addr` (bytes). Answers to `VMA_ITERATOR()`.
    ///
    /// Nothing that the iterator yields can leave `f`, because the brand cannot.
    #[inline(always)]
    pub(crate) fn with_iter_at<R>(
        &mut self,
        addr: usize,
        f: impl for<'g> FnOnce(&mut VmaIter<'g>) -> R,
    ) -> R {
        // SAFETY: By the type invariant the lock is held, and the iterator borrows the guard while `f` runs. `f`
        // accepts any brand, so it has no other iterator or handle with this brand.
        f(&mut unsafe { VmaIter::new(self.mm.as_raw(), addr) })
    }
}

/// The mmap lock of an address space, held for read until this guard is dropped.
///
/// # Invariants
///
/// This thread holds the mmap lock of `mm` for read.
pub(crate) struct MmapReadGuard<'mm> {
    mm: &'mm MmWithUser,
    // The lock must be released by the thread that took it.
    _not_thread_safe: NotThreadSafe,
}

impl<'mm> MmapReadGuard<'mm> {
    /// Takes the mmap lock of `mm` for read, sleeping until it is free.
    ///
    /// Fails with `EINTR` if the thread is killed while it sleeps. Answers to `mmap_read_lock_killable()`.
    pub(crate) fn lock_killable(mm: &'mm MmWithUser) -> Result<Self> {
        // SAFETY: A reference to an `MmWithUser` is a valid mm.
        to_result(unsafe { bindings::rust_vma_mmap_read_lock_killable(mm.as_raw()) })?;

        // INVARIANT: The lock was taken just above.
        Ok(Self {
            mm,
            _not_thread_safe: NotThreadSafe,
        })
    }

    /// Returns the address space.
    pub(crate) fn mm(&self) -> &'mm MmWithUser {
        self.mm
    }
}

impl Drop for MmapReadGuard<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this thread holds the lock.
        unsafe { bindings::rust_vma_mmap_read_unlock(self.mm.as_raw()) };
    }
}

impl Drop for MmapWriteGuard<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this thread holds the lock.
        unsafe { bindings::rust_vma_mmap_write_unlock(self.mm.as_raw()) };
    }
}
