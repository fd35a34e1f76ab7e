// SPDX-License-Identifier: GPL-2.0

//! Changes to a VMA that is out of its rmap trees, which are locked.

use super::{
    bindings,
    vma::{
        Vma,
        WriteLocked, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
};

impl Vma<'_, '_> {
    /// Sets the addresses and the page offsets of the VMA to `extent`.
    ///
    /// # Safety
    ///
    /// Nobody else reads the VMA: it is write-locked and out of its rmap trees, or new.
    #[inline(always)]
    pub(super) unsafe fn set_extent(&mut self, extent: Extent) {
        let (range, vma) = (extent.range, self.as_raw());
        // SAFETY: The VMA is valid, and by the caller's promise nobody else reads it.
        unsafe {
            bindings::rust_vma_set_start_end(vma, range.start(), range.end());
            bindings::rust_vma_set_pgoff(vma, extent.pgoff.pages(), extent.anon_pgoff.pages());
        }
    }

    /// Reduces the VMA to `part`. If the start moves, the offsets move with it.
    ///
    /// # Safety
    ///
    /// The requirements of [`set_extent`](Self::set_extent).
    #[inline(always)]
    pub(super) unsafe fn set_part(&mut self, part: Range) {
        // SAFETY: The VMA is valid, and by the caller's promise nobody else reads it.
        unsafe {
            if part.start() == self.range().start() {
                bindings::rust_vma_set_start_end(self.as_raw(), part.start(), part.end());
            } else {
                self.set_extent(self.extent().seen_through(part));
            }
        }
    }
}

impl<'i, 'g> WriteLocked<'i, 'g> {
    /// Sets the addresses and the page offsets of the VMA, which is out of its rmap trees, to `extent`.
    #[inline(always)]
    pub(super) fn set_extent(&mut self, extent: Extent) {
        // SAFETY: The VMA is write-locked and out of its rmap trees.
        unsafe { self.vma_mut().set_extent(extent) };
    }

    /// Reduces the VMA, which is out of its rmap trees, to `part`.
    #[inline(always)]
    pub(super) fn set_part(&mut self, part: Range) {
        // SAFETY: The VMA is write-locked and out of its rmap trees.
        unsafe { self.vma_mut().set_part(part) };
    }

    /// Splits huge pages of this VMA that would straddle an end of `to`, and huge pages of the VMA `above` that would
    /// straddle the end of `to`.
    #[inline(always)]
    pub(super) fn split_huge_pages(&mut self, to: Extent, above: Option<&Self>) {
        let above = above.map_or(core::ptr::null_mut(), |above| above.as_raw());
        let (start, end) = (to.range.start(), to.range.end());
        // SAFETY: The VMAs are valid and write-locked, and their rmap trees are locked.
        unsafe { bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, end, above) };
    }

    /// Splits huge pages that straddle `addr` (bytes), and stops sharing hugetlbfs page tables with other VMAs around
    /// `addr`.
    #[inline(always)]
    pub(super) fn split_huge_pages_at(&mut self, addr: usize) {
        let start = self.range().start();
        // SAFETY: The VMA is valid and write-locked, and its rmap trees are locked. A hugetlbfs VMA has a file, so
        // the tree of its file is locked, too.
        unsafe {
            bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, addr, core::ptr::null_mut());
            if bindings::rust_vma_is_hugetlb(self.as_raw()) {
                bindings::rust_vma_hugetlb_split(self.as_raw(), addr);
            }
        }
    }

    /// Notifies uprobes that the VMA, which has a file, now maps the file over its range.
    pub(super) fn uprobe_mmap(&self) {
        // SAFETY: The VMA is valid, and the mmap lock is held for write.
        unsafe { bindings::rust_vma_uprobe_mmap(self.as_raw()) };
    }

    /// Notifies uprobes that the VMA, which has a file, no longer maps the file over its range.
    pub(super) fn uprobe_munmap(&self) {
        let range = self.range();
        // SAFETY: The VMA is valid, and the mmap lock is held for write.
        unsafe {
            bindings::rust_vma_uprobe_munmap(self.as_raw(), range.start(), range.end());
        }
    }

    /// Frees a VMA whose range another VMA has taken over, and drops its references.
    pub(super) fn free(self) {
        let vma = self.as_raw();
        // SAFETY: The VMA is valid, write-locked and no longer in any tree. This function consumes the only handle to
        // it. The references are those that every VMA holds.
        unsafe {
            bindings::rust_vma_mark_detached(vma);
            if let Some(file) = self.file() {
                self.uprobe_munmap();
                bindings::fput(file.as_ptr());
            }
            if self.anon_vma().is_some() {
                bindings::unlink_anon_vmas(vma);
            }
            bindings::rust_vma_map_count_dec(self.mm_raw());
            bindings::rust_vma_mpol_put(bindings::rust_vma_policy(vma));
            bindings::vm_area_free(vma);
        }
    }
}
