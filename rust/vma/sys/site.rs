// SPDX-License-Identifier: GPL-2.0

//! A VMA that is about to change, and the VMAs beside it.

use super::{
    bindings,
    host::VmaRef,
    iter::{
        Cursor,
        VmaIter, //
    },
    places::{
        Middle,
        Next,
        Prev, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range, //
};
use core::ptr::NonNull;

/// A VMA that is about to change, the VMA before it, and the VMA after it once [`look_above`](Self::look_above) has
/// run.
///
/// ```text
///   |---prev---|         |-----middle-----|   |---next---|
///                            ^ cursor
/// ```
///
/// There may be gaps between the VMAs, but no other VMA.
///
/// # Invariants
///
/// - `prev`, `middle` and `next`, where present, are consecutive VMAs of the tree that `cursor` walks, and these are
///   the only handles to them.
/// - `cursor` is positioned in `middle`. If it is active, its node belongs to the current tree.
pub(crate) struct Site<'i, 'g> {
    cursor: Cursor<'i, 'g>,
    prev: Option<Prev<'i, 'g>>,
    middle: Middle<'i, 'g>,
    next: Option<Next<'i, 'g>>,
}

impl<'g> VmaIter<'g> {
    /// Returns the VMA that contains `addr` (bytes) together with the VMA before it, and leaves the iterator at `addr`.
    /// Returns `None` if no VMA contains `addr`.
    ///
    /// Answers to `find_vma_prev()` followed by a fresh `VMA_ITERATOR()`, as in madvise.
    pub(crate) fn site_at(&mut self, addr: usize) -> Option<Site<'_, 'g>> {
        self.set(addr);
        // SAFETY: By the type invariant the tree may be walked.
        let middle = NonNull::new(unsafe { bindings::rust_vma_iter_load(self.as_raw()) });
        // SAFETY: As above. The iterator is positioned at `middle`, so this yields the VMA before it.
        let prev = NonNull::new(unsafe { bindings::rust_vma_prev(self.as_raw()) });
        self.set(addr);

        // SAFETY: `prev` and `middle` are consecutive VMAs of the tree. The iterator is positioned at an address in
        // `middle`, and is borrowed as long as the site exists.
        middle.map(|middle| unsafe { Site::new(self, prev, middle) })
    }
}

impl<'i, 'g> Site<'i, 'g> {
    /// Creates the site of `middle`.
    ///
    /// # Safety
    ///
    /// `prev` is the VMA before `middle` in the tree that `iter` walks, or `None` if there is no such VMA. There are no
    /// handles to the two, and `iter` is positioned in `middle`.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        prev: Option<NonNull<bindings::vm_area_struct>>,
        middle: NonNull<bindings::vm_area_struct>,
    ) -> Self {
        // SAFETY: VMAs of the tree are valid while the iterator lives, and by the caller's promise there are no other
        // handles to the two.
        //
        // INVARIANT: The caller's promise.
        unsafe {
            Self {
                cursor: Cursor::new(iter),
                prev: prev.map(|prev| Prev::from_raw(prev)),
                middle: Middle::from_raw(middle),
                next: None,
            }
        }
    }

    /// Creates the site of `middle` from the `prev` that a caller in C passes: the VMA before `middle`, null if there
    /// is none, or `middle` itself if the range that changes begins inside it.
    ///
    /// # Safety
    ///
    /// The requirements of [`new`](Self::new), except for `prev`.
    pub(crate) unsafe fn named_by_c(
        iter: &'i mut VmaIter<'g>,
        prev: *mut bindings::vm_area_struct,
        middle: NonNull<bindings::vm_area_struct>,
    ) -> Self {
        let prev = NonNull::new(prev).filter(|prev| *prev != middle);
        // SAFETY: The caller meets the requirements of `new()`, and a `prev` that is `middle` was just removed.
        unsafe { Self::new(iter, prev, middle) }
    }

    /// Returns the site without the VMA below, so that nothing merges with that VMA.
    pub(crate) fn without_prev(self) -> Self {
        Self { prev: None, ..self }
    }

    /// Returns whether `range` is a part of the VMA that is about to change.
    #[inline(always)]
    pub(crate) fn covers(&self, range: Range) -> bool {
        self.middle.extent().range.contains(range)
    }

    /// Returns the VMA below, if any.
    pub(crate) fn prev(&self) -> Option<&VmaRef> {
        self.prev.as_deref()
    }

    /// Returns the VMA that is about to change.
    pub(crate) fn middle(&self) -> &VmaRef {
        &self.middle
    }

    /// Returns the VMA above, if [`look_above`](Self::look_above) has found one.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// Finds the VMA that touches `middle` from above, if any. The iterator is positioned at `middle` afterwards.
    ///
    /// Answers to the two iterator steps of `vma_merge_existing_range()`, forward and back.
    #[inline(always)]
    pub(crate) fn look_above(&mut self) {
        // SAFETY: By the type invariant the iterator is positioned in `middle`, so the range after it is another VMA or
        // a gap.
        let next = unsafe {
            bindings::rust_vma_iter_peek_next_range(self.cursor.as_raw(), self.middle.as_ptr())
        };
        // SAFETY: VMAs of the tree are valid. `next` is neither `middle` nor before it. If it replaces a handle, that
        // handle refers to the same VMA.
        self.next = NonNull::new(next).map(|next| unsafe { Next::from_raw(next) });
    }

    /// Returns the cursor, and the VMAs prev, middle and next.
    pub(crate) fn into_parts(
        self,
    ) -> (
        Cursor<'i, 'g>,
        Option<Prev<'i, 'g>>,
        Middle<'i, 'g>,
        Option<Next<'i, 'g>>,
    ) {
        (self.cursor, self.prev, self.middle, self.next)
    }
}
