// SPDX-License-Identifier: GPL-2.0

//! A position in the maple tree of VMAs.

use super::{
    bindings,
    brand::Brand,
    host::{
        to_result,
        Result, //
    },
    locked_mm::WriteLockedMm,
    vma::Vma, //
};
use crate::vma::extent::Range;
use core::{
    marker::PhantomData,
    mem::{
        ManuallyDrop,
        MaybeUninit, //
    },
    ptr::NonNull, //
};

/// A position among the VMAs of an address space whose mmap lock is held for write.
///
/// `'g` is the brand of that address space. Answers to `struct vma_iterator`, and has the same layout.
///
/// # Invariants
///
/// - The iterator is initialised for the maple tree of an mm whose mmap lock is held for write
///   throughout `'g`, and no iterator for another tree has this brand.
/// - Every handle to a VMA of that tree borrows this iterator.
#[repr(transparent)]
pub(crate) struct VmaIter<'g> {
    raw: bindings::vma_iterator,
    _brand: Brand<'g>,
}

impl<'g> VmaIter<'g> {
    /// Creates an iterator over the VMAs of `mm`, positioned at `addr`.
    ///
    /// # Safety
    ///
    /// The mmap lock of `mm` is held for write throughout `'g`, there are no handles to its VMAs, and no
    /// iterator for another tree has this brand.
    pub(super) unsafe fn new(mm: *mut bindings::mm_struct, addr: usize) -> Self {
        // INVARIANT: The caller's promise.
        Self {
            // SAFETY: `mm` is valid, because its lock is held.
            raw: unsafe { raw_iter(mm, addr) },
            _brand: PhantomData,
        }
    }

    /// Wraps a C iterator.
    ///
    /// # Safety
    ///
    /// `ptr` is an iterator of the tree of an mm whose mmap lock is held for write throughout `'i` and `'g`. During
    /// that time nothing else uses the iterator, and every handle to a VMA of that tree borrows it. No iterator for
    /// another tree has this brand.
    pub(crate) unsafe fn from_raw<'i>(ptr: NonNull<bindings::vma_iterator>) -> &'i mut VmaIter<'g> {
        // SAFETY: By the caller's promise the iterator is valid and nothing else uses it. The layouts are the same.
        //
        // INVARIANT: The caller's promise.
        unsafe { ptr.cast().as_mut() }
    }

    pub(super) fn as_raw(&mut self) -> *mut bindings::vma_iterator {
        &mut self.raw
    }

    /// Returns the address space.
    pub(crate) fn mm(&mut self) -> WriteLockedMm<'g> {
        // SAFETY: By the type invariant the tree is that of an mm whose lock is held for write throughout `'g`.
        unsafe { WriteLockedMm::from_raw(bindings::rust_vma_iter_mm(self.as_raw())) }
    }

    /// Returns the next VMA from the iterator's position on that starts below `end` (bytes).
    ///
    /// Answers to `vma_find()`.
    pub(crate) fn find(&mut self, end: usize) -> Option<Vma<'_, 'g>> {
        // SAFETY: By the type invariant the tree may be walked. A store that was prepared and then leaked may have
        // left the iterator above the leaves, where a search must not start.
        let vma = unsafe {
            bindings::rust_vma_iter_settle(self.as_raw());
            bindings::rust_vma_find(self.as_raw(), end)
        };

        // SAFETY: VMAs in the tree are valid while the lock is held, and the borrow of the iterator prevents other
        // handles to this VMA.
        NonNull::new(vma).map(|vma| unsafe { Vma::from_raw(vma) })
    }

    /// Moves the iterator to `addr`. The next use looks up the VMA there. Answers to `vma_iter_set()`.
    pub(crate) fn set(&mut self, addr: usize) {
        // SAFETY: The call changes only the iterator.
        unsafe { bindings::rust_vma_iter_set(self.as_raw(), addr) };
    }
}

/// Returns a C iterator over the VMAs of `mm`, positioned at `addr`.
///
/// # Safety
///
/// `mm` is valid.
pub(super) unsafe fn raw_iter(mm: *mut bindings::mm_struct, addr: usize) -> bindings::vma_iterator {
    let mut raw = MaybeUninit::uninit();
    // SAFETY: By the caller's promise `mm` is valid. The call initialises the iterator.
    unsafe {
        bindings::rust_vma_iter_init(raw.as_mut_ptr(), mm, addr);
        raw.assume_init()
    }
}

impl VmaIter<'_> {
    /// Calls [`set`](Self::set), off the fast path.
    #[cold]
    fn come_back_to(&mut self, addr: usize) {
        self.set(addr);
    }
}

/// An iterator while handles to VMAs exist: it moves and stores changed VMAs, but yields no further handles.
pub(crate) struct Cursor<'i, 'g>(&'i mut VmaIter<'g>);

impl<'i, 'g> Cursor<'i, 'g> {
    /// Wraps `iter` without moving it. There are no handles yet, because they would borrow the iterator.
    #[inline(always)]
    pub(crate) fn new(iter: &'i mut VmaIter<'g>) -> Self {
        Self(iter)
    }

    #[inline(always)]
    pub(super) fn as_raw(&mut self) -> *mut bindings::vma_iterator {
        self.0.as_raw()
    }

    /// Moves to `addr` and looks up the VMA there, which leaves the iterator where C leaves it after a failed store.
    /// Answers to `vma_iter_set()` and `vma_iter_load()`.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, addr: usize) {
        self.0.set(addr);
        // SAFETY: By the type invariant of the iterator the tree may be walked. The VMA found is not used.
        unsafe { bindings::rust_vma_iter_load(self.as_raw()) };
    }

    /// Moves to the previous VMA. Answers to `vma_prev()`.
    #[inline(always)]
    pub(crate) fn step_back(&mut self) {
        // SAFETY: By the type invariant of the iterator the tree may be walked. The VMA found is not used.
        unsafe { bindings::rust_vma_prev(self.as_raw()) };
    }

    /// Moves to the next VMA. Answers to `vma_next()`.
    #[inline(always)]
    pub(crate) fn step_forward(&mut self) {
        // SAFETY: By the type invariant of the iterator the tree may be walked. The VMA found is not used.
        unsafe { bindings::rust_vma_next(self.as_raw()) };
    }

    /// Reserves memory to store one VMA over `range`, so that the store cannot fail.
    ///
    /// `vma` is the VMA to store. Sleeps. Fails with `ENOMEM`. Answers to `vma_iter_config()` and
    /// `vma_iter_prealloc()`.
    #[inline(always)]
    pub(super) fn reserve(
        &mut self,
        range: Range,
        vma: &Vma<'_, 'g>,
    ) -> Result<Reserved<'_, 'g, Storing>> {
        self.set_aside(range, vma.as_raw())
    }

    /// Reserves memory to clear `range`, so that clearing it cannot fail.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(super) fn reserve_clearing(&mut self, range: Range) -> Result<Reserved<'_, 'g, Clearing>> {
        self.set_aside(range, core::ptr::null_mut())
    }

    /// Reserves memory for an entry over `range`: a valid VMA, or null to clear the range.
    #[inline(always)]
    fn set_aside<For>(
        &mut self,
        range: Range,
        entry: *mut bindings::vm_area_struct,
    ) -> Result<Reserved<'_, 'g, For>> {
        // From a position beyond the start of the range, the store would change a node that does not contain the range.
        if self.0.raw.mas.index > range.start() {
            self.0.come_back_to(range.start());
        }
        // SAFETY: By the type invariant the tree may be walked, and nothing changes it meanwhile. The entry is a
        // valid VMA or null.
        to_result(unsafe {
            bindings::rust_vma_iter_config(self.as_raw(), range.start(), range.end());
            bindings::rust_vma_iter_prealloc(self.as_raw(), entry)
        })?;

        // INVARIANT: Memory was reserved just above for that range.
        Ok(Reserved {
            iter: &mut *self.0,
            _for: PhantomData,
        })
    }
}

/// A marker for memory that is reserved to store a VMA.
pub(crate) struct Storing;
/// A marker for memory that is reserved to clear a range.
pub(crate) struct Clearing;

/// Memory for one store into the tree. Dropping the value frees the memory.
///
/// # Invariants
///
/// The iterator is positioned at a range for which `vma_iter_prealloc()` has succeeded, with a VMA for [`Storing`] and
/// without a VMA for [`Clearing`]. Nothing has been stored since.
#[must_use = "memory that is set aside is for a store"]
pub(crate) struct Reserved<'i, 'g, For> {
    iter: &'i mut VmaIter<'g>,
    _for: PhantomData<For>,
}

impl<'g> Reserved<'_, 'g, Storing> {
    /// Stores a VMA that is already in the tree over its current range. Answers to `vma_iter_store_overwrite()`.
    ///
    /// Memory was reserved for that range.
    pub(super) fn overwrite(self, vma: &Vma<'_, 'g>) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: By the type invariant there is memory for the store. The VMA is valid, and its brand proves that it
        // belongs to this tree.
        unsafe { bindings::rust_vma_iter_store_overwrite(this.iter.as_raw(), vma.as_raw()) };
    }

    /// Stores a VMA that is not in the tree yet. Answers to `vma_iter_store_new()`.
    ///
    /// Memory was reserved for the range of the VMA.
    pub(super) fn insert(self, vma: &Vma<'_, 'g>) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: By the type invariant there is memory for the store. The VMA is valid, and its brand proves that it
        // belongs to this tree.
        unsafe { bindings::rust_vma_iter_store_new(this.iter.as_raw(), vma.as_raw()) };
    }
}

impl Reserved<'_, '_, Clearing> {
    /// Clears the range. Answers to `vma_iter_clear()`.
    pub(super) fn clear(self) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: By the type invariant there is memory to clear the range.
        unsafe { bindings::rust_vma_iter_clear(this.iter.as_raw()) };
    }
}

impl<For> Drop for Reserved<'_, '_, For> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the memory was reserved and is unused.
        unsafe {
            bindings::rust_vma_iter_free(self.iter.as_raw());
            bindings::rust_vma_iter_settle(self.iter.as_raw());
        }
    }
}
