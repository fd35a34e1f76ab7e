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

/// A VMA that is about to change, the VMA before it, and the VMA after it once looked for.
///
/// ```text
///   |---prev---|         |-----middle-----|   |---next---|
///                            ^ cursor
/// ```
///
/// There may be gaps between them; there is no other VMA.
///
/// # Invariants
///
/// - `prev`, `middle` and `next` are consecutive VMAs of the tree that `cursor` walks, as far as
///   they are there, and the only handles to them.
/// - `cursor` stands in `middle`; if it is active, in a node of the tree as it is now.
pub(crate) struct Site<'i, 'g> {
    cursor: Cursor<'i, 'g>,
    prev: Option<Prev<'i, 'g>>,
    middle: Middle<'i, 'g>,
    next: Option<Next<'i, 'g>>,
}

impl<'g> VmaIter<'g> {
    /// The VMA at `addr` (bytes) together with the one before it, with the iterator at `addr`; or
    /// nothing if no VMA is there.
    ///
    /// Answers to `find_vma_prev()` followed by a fresh `VMA_ITERATOR()`, as madvise has it.
    pub(crate) fn site_at(&mut self, addr: usize) -> Option<Site<'_, 'g>> {
        self.set(addr);
        // SAFETY: By the type invariant the tree may be walked.
        let middle = NonNull::new(unsafe { bindings::rust_vma_iter_load(self.as_raw()) });
        // SAFETY: As above. The iterator stands at `middle`, so this yields the VMA before it.
        let prev = NonNull::new(unsafe { bindings::rust_vma_prev(self.as_raw()) });
        self.set(addr);

        // SAFETY: `prev` and `middle` are consecutive VMAs of the tree, the iterator stands at an
        // address in `middle`, and it is borrowed for as long as the site exists.
        middle.map(|middle| unsafe { Site::new(self, prev, middle) })
    }
}

impl<'i, 'g> Site<'i, 'g> {
    /// The site of `middle`.
    ///
    /// # Safety
    ///
    /// `prev` is the VMA before `middle` in the tree that `iter` walks, or there is none; there are
    /// no handles to either, and `iter` stands in `middle`.
    pub(crate) unsafe fn new(
        iter: &'i mut VmaIter<'g>,
        prev: Option<NonNull<bindings::vm_area_struct>>,
        middle: NonNull<bindings::vm_area_struct>,
    ) -> Self {
        // SAFETY: VMAs of the tree are valid while the iterator lives, and by the caller's promise
        // these are the only handles to the two.
        //
        // INVARIANT: What the caller promised.
        unsafe {
            Self {
                cursor: Cursor::new(iter),
                prev: prev.map(|prev| Prev::from_raw(prev)),
                middle: Middle::from_raw(middle),
                next: None,
            }
        }
    }

    /// The site of `middle`, of which a caller in C says that `prev` is the VMA before: null if there is
    /// none, and `middle` itself if the range that changes begins inside of it.
    ///
    /// # Safety
    ///
    /// As for [`new`](Self::new), but for what `prev` may be.
    pub(crate) unsafe fn named_by_c(
        iter: &'i mut VmaIter<'g>,
        prev: *mut bindings::vm_area_struct,
        middle: NonNull<bindings::vm_area_struct>,
    ) -> Self {
        let prev = NonNull::new(prev).filter(|prev| *prev != middle);
        // SAFETY: The caller's promise.
        unsafe { Self::new(iter, prev, middle) }
    }

    /// The site without the VMA before, so that nothing merges with that.
    pub(crate) fn without_prev(self) -> Self {
        Self { prev: None, ..self }
    }

    /// Whether the range is a part of the VMA that is about to change.
    #[inline(always)]
    pub(crate) fn covers(&self, range: Range) -> bool {
        self.middle.extent().range.contains(range)
    }

    /// The VMA before.
    pub(crate) fn prev(&self) -> Option<&VmaRef> {
        self.prev.as_deref()
    }

    /// The VMA that is about to change.
    pub(crate) fn middle(&self) -> &VmaRef {
        &self.middle
    }

    /// The VMA after, if it was looked for.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_deref()
    }

    /// Finds out whether a VMA touches `middle` from above. The iterator stands at `middle` afterwards.
    ///
    /// Answers to the two steps, there and back, that `vma_merge_existing_range()` makes.
    #[inline(always)]
    pub(crate) fn look_above(&mut self) {
        // SAFETY: By the type invariant the iterator stands in `middle`, so the range after it is
        // that of another VMA, or a gap.
        let next = unsafe {
            bindings::rust_vma_iter_peek_next_range(self.cursor.as_raw(), self.middle.as_ptr())
        };
        // SAFETY: VMAs of the tree are valid. This one is neither `middle` nor before it, and the
        // handle it replaces, if any, was to the same.
        self.next = NonNull::new(next).map(|next| unsafe { Next::from_raw(next) });
    }

    /// The iterator, and the VMAs: the one before, the one in the middle, the one after.
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
