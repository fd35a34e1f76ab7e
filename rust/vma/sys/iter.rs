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
/// `'g` is the brand of that address space. Answers to `struct vma_iterator`, and is laid out as one.
///
/// # Invariants
///
/// - The iterator is initialised for the maple tree of an mm whose mmap lock is held for write
///   throughout `'g`, and no iterator for another tree has this brand.
/// - There are no handles to VMAs of that tree but those that borrow this.
#[repr(transparent)]
pub(crate) struct VmaIter<'g> {
    raw: bindings::vma_iterator,
    _brand: Brand<'g>,
}

impl<'g> VmaIter<'g> {
    /// An iterator over the VMAs of `mm`, standing at `addr`.
    ///
    /// # Safety
    ///
    /// The mmap lock of `mm` is held for write throughout `'g`, there are no handles to its VMAs, and no
    /// iterator for another tree has this brand.
    pub(super) unsafe fn new(mm: *mut bindings::mm_struct, addr: usize) -> Self {
        // INVARIANT: What the caller promised.
        Self {
            // SAFETY: `mm` is valid, as its lock is held.
            raw: unsafe { raw_iter(mm, addr) },
            _brand: PhantomData,
        }
    }

    /// The iterator that C calls this.
    ///
    /// # Safety
    ///
    /// `ptr` is an iterator of the tree of an mm whose mmap lock is held for write throughout `'i` and `'g`.
    /// In that time nothing else uses it, and there are no handles to VMAs of that tree but those that borrow
    /// it. No iterator for another tree has this brand.
    pub(crate) unsafe fn from_raw<'i>(ptr: NonNull<bindings::vma_iterator>) -> &'i mut VmaIter<'g> {
        // SAFETY: By the caller's promise it is valid and ours alone; the layouts are the same.
        //
        // INVARIANT: What the caller promised.
        unsafe { ptr.cast().as_mut() }
    }

    pub(super) fn as_raw(&mut self) -> *mut bindings::vma_iterator {
        &mut self.raw
    }

    /// The address space.
    pub(crate) fn mm(&mut self) -> WriteLockedMm<'g> {
        // SAFETY: By the type invariant the tree is that of an mm whose lock is held for write throughout `'g`.
        unsafe { WriteLockedMm::from_raw(bindings::rust_vma_iter_mm(self.as_raw())) }
    }

    /// The next VMA, from where the iterator stands, that starts below `end` (bytes).
    ///
    /// Answers to `vma_find()`.
    pub(crate) fn find(&mut self, end: usize) -> Option<Vma<'_, 'g>> {
        // SAFETY: By the type invariant the tree may be walked. A store that was prepared and forgotten may have left
        // the iterator above the leaves, where it must not go on.
        let vma = unsafe {
            bindings::rust_vma_iter_settle(self.as_raw());
            bindings::rust_vma_find(self.as_raw(), end)
        };

        // SAFETY: VMAs in the tree are valid while the lock is held, and the borrow of the iterator
        // keeps others from getting at this one.
        NonNull::new(vma).map(|vma| unsafe { Vma::from_raw(vma) })
    }

    /// Moves the iterator to `addr`, to be looked up when it is next used. Answers to
    /// `vma_iter_set()`.
    pub(crate) fn set(&mut self, addr: usize) {
        // SAFETY: Touches the iterator alone.
        unsafe { bindings::rust_vma_iter_set(self.as_raw(), addr) };
    }
}

/// Returns an iterator of C over the VMAs of `mm`, standing at `addr`.
///
/// # Safety
///
/// `mm` is valid.
pub(super) unsafe fn raw_iter(mm: *mut bindings::mm_struct, addr: usize) -> bindings::vma_iterator {
    let mut raw = MaybeUninit::uninit();
    // SAFETY: The caller's promise. The call fills the iterator in.
    unsafe {
        bindings::rust_vma_iter_init(raw.as_mut_ptr(), mm, addr);
        raw.assume_init()
    }
}

impl VmaIter<'_> {
    /// [`set`](Self::set), where nobody who looks for speed comes.
    #[cold]
    fn come_back_to(&mut self, addr: usize) {
        self.set(addr);
    }
}

/// An iterator while there are handles to VMAs: it moves, and stores what they have become, and yields no
/// other handle.
pub(crate) struct Cursor<'i, 'g>(&'i mut VmaIter<'g>);

impl<'i, 'g> Cursor<'i, 'g> {
    /// Leaves the position where it is. There are no handles yet, as it borrows the iterator.
    #[inline(always)]
    pub(crate) fn new(iter: &'i mut VmaIter<'g>) -> Self {
        Self(iter)
    }

    #[inline(always)]
    pub(super) fn as_raw(&mut self) -> *mut bindings::vma_iterator {
        self.0.as_raw()
    }

    /// Moves to `addr`, and looks it up: to where C is after a failed store. Answers to `vma_iter_set()` and
    /// `vma_iter_load()`.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, addr: usize) {
        self.0.set(addr);
        // SAFETY: By the type invariant of the iterator the tree may be walked. The VMA found is not used.
        unsafe { bindings::rust_vma_iter_load(self.as_raw()) };
    }

    /// Moves to the VMA before. Answers to `vma_prev()`.
    #[inline(always)]
    pub(crate) fn step_back(&mut self) {
        // SAFETY: As in `go_to()`.
        unsafe { bindings::rust_vma_prev(self.as_raw()) };
    }

    /// Moves to the VMA after. Answers to `vma_next()`.
    #[inline(always)]
    pub(crate) fn step_forward(&mut self) {
        // SAFETY: As in `go_to()`.
        unsafe { bindings::rust_vma_next(self.as_raw()) };
    }

    /// Sets memory aside for storing one VMA over `range`, so that the store cannot fail.
    ///
    /// `vma` is one that will be stored. Sleeps. Fails with `ENOMEM`. Answers to
    /// `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(super) fn reserve(
        &mut self,
        range: Range,
        vma: &Vma<'_, 'g>,
    ) -> Result<Reserved<'_, 'g, Storing>> {
        self.set_aside(range, vma.as_raw())
    }

    /// Sets memory aside for clearing `range`, so that doing it cannot fail.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(super) fn reserve_clearing(&mut self, range: Range) -> Result<Reserved<'_, 'g, Clearing>> {
        self.set_aside(range, core::ptr::null_mut())
    }

    /// Sets memory aside for an entry over `range`: a valid VMA, or null to clear it.
    #[inline(always)]
    fn set_aside<For>(
        &mut self,
        range: Range,
        entry: *mut bindings::vm_area_struct,
    ) -> Result<Reserved<'_, 'g, For>> {
        // From beyond the start, the tree would be changed in a node that does not hold it.
        if self.0.raw.mas.index > range.start() {
            self.0.come_back_to(range.start());
        }
        // SAFETY: By the type invariant the tree may be walked, and nothing changes it meanwhile. The entry is a valid
        // VMA, or null.
        to_result(unsafe {
            bindings::rust_vma_iter_config(self.as_raw(), range.start(), range.end());
            bindings::rust_vma_iter_prealloc(self.as_raw(), entry)
        })?;

        // INVARIANT: Memory was set aside just above, for that range.
        Ok(Reserved {
            iter: &mut *self.0,
            _for: PhantomData,
        })
    }
}

/// Memory that is set aside for storing a VMA.
pub(crate) struct Storing;
/// Memory that is set aside for clearing a range.
pub(crate) struct Clearing;

/// Memory for one store into the tree; given back if it is not used.
///
/// # Invariants
///
/// The iterator stands at a range for which `vma_iter_prealloc()` has succeeded, with a VMA if it is
/// for [`Storing`], without if it is for [`Clearing`]; and nothing was stored since.
#[must_use = "memory that is set aside is for a store"]
pub(crate) struct Reserved<'i, 'g, For> {
    iter: &'i mut VmaIter<'g>,
    _for: PhantomData<For>,
}

impl<'g> Reserved<'_, 'g, Storing> {
    /// Stores a VMA that is in the tree already over the range that it has now. Answers to
    /// `vma_iter_store_overwrite()`.
    ///
    /// The range is that which memory was set aside for.
    pub(super) fn overwrite(self, vma: &Vma<'_, 'g>) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: By the type invariant there is memory for it; the VMA is valid, and of the same tree by its brand.
        unsafe { bindings::rust_vma_iter_store_overwrite(this.iter.as_raw(), vma.as_raw()) };
    }

    /// Stores a VMA that is not in the tree yet. Answers to `vma_iter_store_new()`.
    ///
    /// The range is that which memory was set aside for.
    pub(super) fn insert(self, vma: &Vma<'_, 'g>) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: As in `overwrite()`.
        unsafe { bindings::rust_vma_iter_store_new(this.iter.as_raw(), vma.as_raw()) };
    }
}

impl Reserved<'_, '_, Clearing> {
    /// Clears the range. Answers to `vma_iter_clear()`.
    pub(super) fn clear(self) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: By the type invariant there is memory for it.
        unsafe { bindings::rust_vma_iter_clear(this.iter.as_raw()) };
    }
}

impl<For> Drop for Reserved<'_, '_, For> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the memory was set aside and is unused.
        unsafe {
            bindings::rust_vma_iter_free(self.iter.as_raw());
            bindings::rust_vma_iter_settle(self.iter.as_raw());
        }
    }
}
