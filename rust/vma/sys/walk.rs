// SPDX-License-Identifier: GPL-2.0

//! The VMAs one after the other, for reading.

use super::{
    bindings,
    host::{
        MmWithUser,
        MmapReadGuard,
        VmaRef, //
    }, //
};
use core::mem::MaybeUninit;

/// The VMAs of an address space, in the order of their addresses. The mmap lock is held for read
/// until this is dropped.
///
/// # Invariants
///
/// The iterator is initialised for the maple tree of the mm that the guard belongs to.
pub(crate) struct VmaWalk<'mm> {
    raw: bindings::vma_iterator,
    _guard: MmapReadGuard<'mm>,
}

impl<'mm> VmaWalk<'mm> {
    /// Takes the mmap lock of `mm` for read, and starts with the first VMA that ends above `addr`
    /// (bytes).
    ///
    /// Sleeps. Answers to `mmap_read_lock()` and `VMA_ITERATOR()`.
    pub(crate) fn lock(mm: &'mm MmWithUser, addr: usize) -> Self {
        let guard = mm.mmap_read_lock();
        let mut raw = MaybeUninit::uninit();
        // SAFETY: A reference to an `MmWithUser` is a valid mm.
        unsafe { bindings::rust_vma_iter_init(raw.as_mut_ptr(), mm.as_raw(), addr) };

        // INVARIANT: Both are of `mm`.
        Self {
            // SAFETY: The call above filled it in.
            raw: unsafe { raw.assume_init() },
            _guard: guard,
        }
    }

    /// The next VMA. Answers to `vma_find()`.
    pub(crate) fn next(&mut self) -> Option<&VmaRef> {
        // SAFETY: The lock is held, so the tree may be walked.
        let vma = unsafe { bindings::rust_vma_find(&mut self.raw, usize::MAX) };
        if vma.is_null() {
            return None;
        }
        // SAFETY: VMAs in the tree are valid while the lock is held, and this is borrowed.
        Some(unsafe { VmaRef::from_raw(vma) })
    }
}
