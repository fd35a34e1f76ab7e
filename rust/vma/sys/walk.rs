// SPDX-License-Identifier: GPL-2.0

//! Iteration over the VMAs in address order, for reading.

use super::{
    bindings,
    host::{
        to_result,
        MmWithUser,
        NotThreadSafe,
        Result,
        VmaRef, //
    },
    iter::raw_iter,
    lock::{
        MmapReadGuard,
        MmapWriteGuard, //
    },
};
use crate::vma::compat::Attributes;
use core::ptr::null_mut;

/// The number of VMAs that a walk has to exceed before it gives way, so that a walk that is resumed repeatedly makes
/// progress.
const LEAST: usize = 16;

/// The VMAs of an address space in address order. The mmap lock is held for read until the walk is dropped.
///
/// # Invariants
///
/// This thread holds the mmap lock of `mm` for read, and the iterator is initialised for the tree of `mm`. `last` and
/// `ahead` are VMAs of that tree, or null.
pub(crate) struct VmaWalk<'mm> {
    mm: &'mm MmWithUser,
    raw: bindings::vma_iterator,
    /// The VMA that was returned last.
    last: *mut bindings::vm_area_struct,
    /// The VMA that will be returned next, if it was already found.
    ahead: *mut bindings::vm_area_struct,
    // The lock must be released by the thread that took it.
    _not_thread_safe: NotThreadSafe,
}

impl<'mm> VmaWalk<'mm> {
    /// Takes the mmap lock of `mm` for read, and starts the walk at the first VMA that ends above `addr` (bytes).
    ///
    /// Sleeps. Fails with `EINTR` if the thread is killed meanwhile. Answers to `mmap_read_lock_killable()` and
    /// `VMA_ITERATOR()`.
    pub(crate) fn lock_killable(mm: &'mm MmWithUser, addr: usize) -> Result<Self> {
        // SAFETY: A reference to an `MmWithUser` is a valid mm.
        let raw = unsafe {
            to_result(bindings::rust_vma_mmap_read_lock_killable(mm.as_raw()))?;
            raw_iter(mm.as_raw(), addr)
        };
        // INVARIANT: The lock was taken just above.
        Ok(Self {
            mm,
            raw,
            last: null_mut(),
            ahead: null_mut(),
            _not_thread_safe: NotThreadSafe,
        })
    }

    /// Returns the next VMA. Answers to `vma_find()`.
    pub(crate) fn next(&mut self) -> Option<&VmaRef> {
        self.next_of_three().map(|three| three.vma)
    }

    /// Returns the next VMA, with the VMA that was returned last and the VMA that will be returned after it.
    pub(crate) fn next_of_three(&mut self) -> Option<Three<'_>> {
        let vma = if self.ahead.is_null() {
            self.find()
        } else {
            self.ahead
        };
        if vma.is_null() {
            return None;
        }
        let last = core::mem::replace(&mut self.last, vma);
        self.ahead = self.find();
        // SAFETY: VMAs in the tree are valid while the lock is held, and the result borrows the walk.
        let one = |vma: *mut bindings::vm_area_struct| unsafe {
            (!vma.is_null()).then(|| VmaRef::from_raw(vma))
        };
        Some(Three {
            last: one(last),
            vma: one(vma)?,
            ahead: one(self.ahead),
        })
    }

    /// Returns whether the walk should end after `seen` VMAs, because others wait for the lock. Answers to
    /// `mmap_lock_is_contended()`.
    pub(crate) fn gives_way(&self, seen: usize) -> bool {
        // SAFETY: A reference to an `MmWithUser` is a valid mm.
        seen > LEAST && unsafe { bindings::rust_vma_mmap_lock_is_contended(self.mm.as_raw()) }
    }

    fn find(&mut self) -> *mut bindings::vm_area_struct {
        // SAFETY: By the type invariant the lock is held, so the tree may be walked.
        unsafe { bindings::rust_vma_find(&mut self.raw, usize::MAX) }
    }
}

/// A VMA of a walk, with the VMAs before and after it.
pub(crate) struct Three<'w> {
    /// The VMA that was returned last, if any.
    pub(crate) last: Option<&'w VmaRef>,
    /// The VMA that this call returns.
    pub(crate) vma: &'w VmaRef,
    /// The VMA that will be returned next, if any.
    pub(crate) ahead: Option<&'w VmaRef>,
}

/// The VMAs around an address.
pub(crate) struct Around<'w, V = VmaRef> {
    /// The VMA before `at`, whether the two touch or not.
    pub(crate) prev: Option<&'w V>,
    /// The first VMA that ends above that address.
    pub(crate) at: Option<&'w V>,
    /// The VMA after `at`, whether the two touch or not.
    pub(crate) next: Option<&'w V>,
}

/// Finds the VMAs around `addr` (bytes), and leaves `raw` at the first VMA that ends above `addr`.
///
/// # Safety
///
/// `raw` is initialised for the tree of an mm whose mmap lock is held throughout `'a`, and no VMA of that tree changes
/// during that time.
unsafe fn around<'a>(raw: &mut bindings::vma_iterator, addr: usize) -> Around<'a> {
    // SAFETY: By the caller's promise the tree may be walked, and VMAs in it are valid.
    let (prev, at, next) = unsafe {
        bindings::rust_vma_iter_set(raw, addr);
        let at = bindings::rust_vma_find(raw, usize::MAX);
        let (start, next) = if at.is_null() {
            (addr, null_mut())
        } else {
            (
                VmaRef::from_raw(at).extent().range.start(),
                bindings::rust_vma_next(raw),
            )
        };
        bindings::rust_vma_iter_set(raw, start);
        let prev = bindings::rust_vma_prev(raw);
        bindings::rust_vma_iter_set(raw, start);
        (prev, at, next)
    };
    // SAFETY: By the caller's promise VMAs in the tree do not change throughout `'a`.
    let vma = |vma: *mut bindings::vm_area_struct| unsafe {
        (!vma.is_null()).then(|| VmaRef::from_raw(vma))
    };
    Around {
        prev: vma(prev),
        at: vma(at),
        next: vma(next),
    }
}

impl MmapReadGuard<'_> {
    /// Returns the VMAs around `addr` (bytes), for reading.
    ///
    /// Answers to `vma_find()`, `vma_next()` and `vma_prev()`.
    pub(crate) fn around(&self, addr: usize) -> Around<'_> {
        // SAFETY: By the type invariant of the guard the lock is held, and the result borrows the guard. No VMA of
        // the tree changes under the read lock.
        unsafe { around(&mut raw_iter(self.mm().as_raw(), addr), addr) }
    }
}

impl MmapWriteGuard<'_> {
    /// Returns the VMAs around `addr` (bytes), for reading.
    ///
    /// Answers to `vma_find()`, `vma_next()` and `vma_prev()`.
    pub(crate) fn around(&mut self, addr: usize) -> Around<'_> {
        // SAFETY: By the type invariant of the guard the lock is held. The result borrows the guard mutably, so no
        // iterator changes a VMA meanwhile.
        unsafe { around(&mut raw_iter(self.mm().as_raw(), addr), addr) }
    }
}

impl Drop for VmaWalk<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this thread holds the lock.
        unsafe { bindings::rust_vma_mmap_read_unlock(self.mm.as_raw()) };
    }
}
