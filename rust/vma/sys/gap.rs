// SPDX-License-Identifier: GPL-2.0

//! A range that is about to be mapped, and the VMAs beside it.

use super::{
    address_space::address_space_end,
    bindings,
    brand::Brand,
    host::VmaRef,
    iter::{
        Cursor,
        VmaIter, //
    },
    places::{
        Next,
        Prev, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range, //
};
use core::{
    marker::PhantomData,
    ptr::{
        self,
        NonNull, //
    },
};

/// Addresses that are free or about to be unmapped, in the address space with this brand, as long as the iterator is
/// borrowed.
pub(super) struct Free<'i, 'g> {
    range: Range,
    _iter: PhantomData<&'i ()>,
    _brand: Brand<'g>,
}

impl Free<'_, '_> {
    /// # Safety
    ///
    /// Every VMA in `range` is about to be unmapped.
    unsafe fn new(range: Range) -> Self {
        // INVARIANT: The caller's promise.
        Self {
            range,
            _iter: PhantomData,
            _brand: PhantomData,
        }
    }

    /// Returns the addresses.
    pub(super) fn range(&self) -> Range {
        self.range
    }
}

/// A range that is about to be mapped, the VMA before it and the VMA after it.
///
/// ```text
///   |---prev---|    |--free--|      |---next---|
///               ^ cursor
/// ```
///
/// # Invariants
///
/// - `prev` and `next`, if present, are VMAs of the tree that `cursor` walks, and these are the only handles to them.
///   The addresses between them are free or about to be unmapped, and include `free`.
/// - `cursor` is positioned between `prev` and `next`, or at `prev`.
pub(crate) struct Gap<'i, 'g> {
    cursor: Cursor<'i, 'g>,
    prev: Option<Prev<'i, 'g>>,
    free: Free<'i, 'g>,
    next: Option<Next<'i, 'g>>,
}

impl<'g> VmaIter<'g> {
    /// Returns the gap that contains `range`, with the VMAs beside it. Returns `None` if a VMA is in the range, or
    /// the range is not part of the address space.
    ///
    /// Answers to `vma_iter_next_rewind()`, as mmap uses it.
    pub(crate) fn gap_at(&mut self, range: Range) -> Option<Gap<'_, 'g>> {
        let mut prev = ptr::null_mut();
        if range.end() > address_space_end(&self.mm()) {
            return None;
        }
        self.set(range.start());
        // SAFETY: By the type invariant the tree may be walked.
        if !unsafe { bindings::rust_vma_iter_load(self.as_raw()) }.is_null() {
            return None;
        }
        self.set(range.start());
        // SAFETY: As above.
        let next = unsafe { bindings::rust_vma_iter_next_rewind(self.as_raw(), &mut prev) };
        // SAFETY: `prev` and `next` are consecutive VMAs. The iterator was moved back between them, and is borrowed as
        // long as the gap exists. The gap is returned only if no VMA is in the range.
        let gap = unsafe { Gap::new(self, prev, range, next) };
        let next_start = gap.next().map(|next| next.extent().range.start());
        (next_start.unwrap_or(usize::MAX) >= range.end()).then_some(gap)
    }

    /// Returns the extension, over `range`, of the VMA that ends where `range` starts. Returns `None` if no VMA ends at
    /// that address, another VMA is in the way, the range is not part of the address space, or the page offsets would
    /// wrap around.
    ///
    /// Answers to the iterator that mremap makes for `vma_merge_extend()`.
    pub(crate) fn extension_at(&mut self, range: Range) -> Option<Extension<'_, 'g>> {
        if range.end() > address_space_end(&self.mm()) {
            return None;
        }
        self.set(range.start().checked_sub(1)?);
        // SAFETY: By the type invariant the tree may be walked.
        let vma = NonNull::new(unsafe { bindings::rust_vma_iter_load(self.as_raw()) })?;
        // SAFETY: The VMA was just found in the tree. The reference ends with this statement.
        let covered = unsafe { VmaRef::from_raw(vma.as_ptr()) }.extent();
        if covered.range.end() != range.start() || covered.seen_through(range).wraps() {
            return None;
        }
        self.set(range.start());

        // SAFETY: The iterator is positioned where the VMA ends, and is borrowed as long as the extension exists. The
        // extension is returned only if no VMA is in the range.
        let extension = unsafe { Extension::new(self, vma, range) };
        let next = extension.next().map(|next| next.extent().range.start());
        (next.unwrap_or(usize::MAX) >= range.end()).then_some(extension)
    }
}

impl<'i, 'g> Gap<'i, 'g> {
    /// Creates the gap between `prev` and `next` that contains `range`.
    ///
    /// # Safety
    ///
    /// `prev` and `next` are VMAs of the tree that `iter` walks, or null. `range` lies between them, and every VMA
    /// between them is about to be unmapped. There are no handles to `prev` and `next`, and `iter` is positioned
    /// between them or at `prev`.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        prev: *mut bindings::vm_area_struct,
        range: Range,
        next: *mut bindings::vm_area_struct,
    ) -> Self {
        // SAFETY: VMAs of the tree are valid while the iterator lives, and by the caller's promise there are no other
        // handles to the two.
        //
        // INVARIANT: The caller's promise.
        unsafe {
            Self {
                cursor: Cursor::new(iter),
                prev: NonNull::new(prev).map(|vma| Prev::from_raw(vma)),
                free: Free::new(range),
                next: NonNull::new(next).map(|vma| Next::from_raw(vma)),
            }
        }
    }

    /// Returns the gap as if `vma` did not lie beside it, so that a range mapped in the gap cannot join `vma`: a VMA
    /// that is copied and stays must not merge with its copy.
    ///
    /// Answers to the part of `copy_vma()` that takes the VMA out of its request.
    pub(crate) fn without(self, vma: &VmaRef) -> Self {
        // INVARIANT: The gap has fewer neighbours, which the invariants allow.
        Self {
            prev: self.prev.filter(|prev| !ptr::eq(&raw const **prev, vma)),
            next: self.next.filter(|next| !ptr::eq(&raw const **next, vma)),
            ..self
        }
    }

    /// Returns the range that is about to be mapped.
    pub(crate) fn range(&self) -> Range {
        self.free.range
    }

    /// Returns the VMA below.
    pub(crate) fn prev(&self) -> Option<&VmaRef> {
        self.prev.as_deref()
    }

    /// Returns the VMA above.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// Returns the cursor, the VMA below, the free range, and the VMA above.
    pub(super) fn into_parts(
        self,
    ) -> (
        Cursor<'i, 'g>,
        Option<Prev<'i, 'g>>,
        Free<'i, 'g>,
        Option<Next<'i, 'g>>,
    ) {
        (self.cursor, self.prev, self.free, self.next)
    }
}

/// A VMA that is about to grow upwards, and the VMA after it.
///
/// ```text
///   |---vma---|--free--|             |---next---|
///              ^ cursor
/// ```
///
/// # Invariants
///
/// The invariants of a [`Gap`] whose `prev` is `vma`. `free` begins where `vma` ends.
pub(crate) struct Extension<'i, 'g> {
    cursor: Cursor<'i, 'g>,
    vma: Prev<'i, 'g>,
    free: Free<'i, 'g>,
    next: Option<Next<'i, 'g>>,
}

impl<'i, 'g> Extension<'i, 'g> {
    /// Creates the extension of `vma` over `range`, and finds the VMA after it.
    ///
    /// Answers to the first step of `vma_merge_extend()`.
    ///
    /// # Safety
    ///
    /// `vma` is a VMA of the tree that `iter` walks. There are no handles to `vma` and the VMA after it. `iter` is
    /// positioned where `vma` ends and `range` begins. Every VMA in `range` is about to be unmapped.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        vma: NonNull<bindings::vm_area_struct>,
        range: Range,
    ) -> Self {
        // SAFETY: By the type invariant of the iterator the tree may be walked, and by the caller's promise these are
        // the only handles to both VMAs.
        //
        // INVARIANT: The call finds the VMA after `vma`, and moves the iterator back.
        unsafe {
            let next = bindings::rust_vma_iter_next_rewind(iter.as_raw(), ptr::null_mut());
            Self {
                cursor: Cursor::new(iter),
                vma: Prev::from_raw(vma),
                free: Free::new(range),
                next: NonNull::new(next).map(|next| Next::from_raw(next)),
            }
        }
    }

    /// Returns the range that the VMA is about to grow over.
    pub(crate) fn range(&self) -> Range {
        self.free.range
    }

    /// Returns the VMA that is about to grow.
    pub(crate) fn vma(&self) -> &VmaRef {
        &self.vma
    }

    /// Returns the VMA above.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// Returns the cursor, the VMA that is about to grow, the free range, and the VMA above.
    pub(super) fn into_parts(
        self,
    ) -> (
        Cursor<'i, 'g>,
        Prev<'i, 'g>,
        Free<'i, 'g>,
        Option<Next<'i, 'g>>,
    ) {
        (self.cursor, self.vma, self.free, self.next)
    }
}
