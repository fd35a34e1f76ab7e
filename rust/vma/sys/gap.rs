// SPDX-License-Identifier: GPL-2.0

//! A place where something is about to be mapped, and the VMAs beside it.

use super::{
    bindings,
    host::VmaRef,
    iter::VmaIter,
    vma::Vma, //
};
use core::ptr::{
    self,
    NonNull, //
};

/// A place where something is about to be mapped, the VMA before it and the VMA after it.
///
/// ```text
///   |---prev---|                    |---next---|
///               ^ iter
/// ```
///
/// # Invariants
///
/// - `prev` and `next` are VMAs of the tree that `iter` walks, as far as they are there, and the
///   only handles to them. What lies between them is free, or about to be unmapped.
/// - `iter` stands between them, or at `prev`.
pub(crate) struct Gap<'i, 'g> {
    iter: &'i mut VmaIter<'g>,
    prev: Option<Vma<'i>>,
    next: Option<Vma<'i>>,
}

impl<'g> VmaIter<'g> {
    /// The gap at `addr` (bytes), where no VMA is, with the VMAs beside it.
    ///
    /// Answers to `vma_iter_next_rewind()`, as mmap has it.
    pub(crate) fn gap_at(&mut self, addr: usize) -> Option<Gap<'_, 'g>> {
        let mut prev = core::ptr::null_mut();
        self.set(addr);
        // SAFETY: By the type invariant the tree may be walked.
        if !unsafe { bindings::rust_vma_iter_load(self.as_raw()) }.is_null() {
            return None;
        }
        self.set(addr);
        // SAFETY: As above.
        let next = unsafe { bindings::rust_vma_iter_next_rewind(self.as_raw(), &mut prev) };

        // SAFETY: No VMA is at `addr`, so these are consecutive VMAs; the iterator was put back
        // between them, and it is borrowed for as long as the gap exists.
        Some(unsafe { Gap::new(self, prev, next) })
    }

    /// The VMA at `addr` (bytes), about to grow upwards; or nothing if no VMA is there.
    ///
    /// Answers to the iterator that mremap makes for `vma_merge_extend()`.
    pub(crate) fn extension_at(&mut self, addr: usize) -> Option<Extension<'_, 'g>> {
        self.set(addr);
        // SAFETY: By the type invariant the tree may be walked.
        let vma = NonNull::new(unsafe { bindings::rust_vma_iter_load(self.as_raw()) })?;
        // SAFETY: The VMA was just found in the tree. The handle ends here.
        let end = unsafe { Vma::from_raw(vma) }.range().end();
        self.set(end);

        // SAFETY: The iterator stands where the VMA ends, and it is borrowed for as long as the
        // extension exists.
        Some(unsafe { Extension::new(self, vma) })
    }
}

impl<'i, 'g> Gap<'i, 'g> {
    /// The gap between `prev` and `next`.
    ///
    /// # Safety
    ///
    /// `prev` and `next` are VMAs of the tree that `iter` walks, or null; nothing lies between them
    /// that stays. There are no handles to either, and `iter` stands between them or at `prev`.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        prev: *mut bindings::vm_area_struct,
        next: *mut bindings::vm_area_struct,
    ) -> Self {
        // SAFETY: VMAs of the tree are valid while the iterator lives, and by the caller's promise
        // these are the only handles to the two.
        //
        // INVARIANT: What the caller promised.
        unsafe {
            Self {
                iter,
                prev: NonNull::new(prev).map(|vma| Vma::from_raw(vma)),
                next: NonNull::new(next).map(|vma| Vma::from_raw(vma)),
            }
        }
    }

    /// The gap as if `vma` did not lie beside it, so that nothing that is mapped there joins it: a VMA that
    /// is copied and stays must not become one with its copy.
    ///
    /// Answers to what `copy_vma()` takes out of its request.
    pub(crate) fn without(self, vma: &VmaRef) -> Self {
        let is_another = |beside: &Vma<'_>| !ptr::eq(&raw const **beside, vma);
        // INVARIANT: Fewer VMAs are there, which the invariants allow.
        Self {
            iter: self.iter,
            prev: self.prev.filter(is_another),
            next: self.next.filter(is_another),
        }
    }

    /// The VMA below.
    pub(crate) fn prev(&self) -> Option<&VmaRef> {
        self.prev.as_deref()
    }

    /// The VMA above.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// The iterator, the VMA below and the VMA above.
    pub(crate) fn into_parts(self) -> (&'i mut VmaIter<'g>, Option<Vma<'i>>, Option<Vma<'i>>) {
        (self.iter, self.prev, self.next)
    }
}

/// A VMA that is about to grow upwards, and the VMA after it.
///
/// ```text
///   |---vma---|                    |---next---|
///              ^ iter
/// ```
///
/// # Invariants
///
/// Those of a [`Gap`] of which `vma` is the one before.
pub(crate) struct Extension<'i, 'g> {
    iter: &'i mut VmaIter<'g>,
    vma: Vma<'i>,
    next: Option<Vma<'i>>,
}

impl<'i, 'g> Extension<'i, 'g> {
    /// The extension of `vma`: finds the VMA after it.
    ///
    /// Answers to the first step of `vma_merge_extend()`.
    ///
    /// # Safety
    ///
    /// `vma` is a VMA of the tree that `iter` walks; there are no handles to it or the one after
    /// it, and `iter` stands where it ends.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        vma: NonNull<bindings::vm_area_struct>,
    ) -> Self {
        // SAFETY: By the type invariant of the iterator the tree may be walked, and by the caller's
        // promise these are the only handles to the two.
        //
        // INVARIANT: The call finds the VMA after `vma`, and puts the iterator back.
        unsafe {
            let next = bindings::rust_vma_iter_next_rewind(iter.as_raw(), core::ptr::null_mut());
            Self {
                iter,
                vma: Vma::from_raw(vma),
                next: NonNull::new(next).map(|next| Vma::from_raw(next)),
            }
        }
    }

    /// Where the VMA ends now (bytes).
    pub(crate) fn end(&self) -> usize {
        self.vma.range().end()
    }

    /// The VMA that is about to grow.
    pub(crate) fn vma(&self) -> &VmaRef {
        &self.vma
    }

    /// The VMA above.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// The iterator, the VMA that is about to grow, and the VMA above.
    pub(crate) fn into_parts(self) -> (&'i mut VmaIter<'g>, Vma<'i>, Option<Vma<'i>>) {
        (self.iter, self.vma, self.next)
    }
}
