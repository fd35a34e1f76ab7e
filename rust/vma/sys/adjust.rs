// SPDX-License-Identifier: GPL-2.0

//! The changes of a VMA that is out of its rmap trees, which are locked.

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
    /// Puts the VMA elsewhere.
    ///
    /// # Safety
    ///
    /// Nobody looks at it: it is write-locked and out of its rmap trees, or new.
    #[inline(always)]
    pub(super) unsafe fn set_extent(&mut self, extent: Extent) {
        let (range, vma) = (extent.range, self.as_raw());
        // SAFETY: The VMA is valid, and the caller's promise.
        unsafe {
            bindings::rust_vma_set_start_end(vma, range.start(), range.end());
            bindings::rust_vma_set_pgoff(vma, extent.pgoff.pages(), extent.anon_pgoff.pages());
        }
    }

    /// Leaves the VMA only this part of it. Its offsets move with its start, if that moves.
    ///
    /// # Safety
    ///
    /// As for [`set_extent`](Self::set_extent).
    #[inline(always)]
    pub(super) unsafe fn set_part(&mut self, part: Range) {
        // SAFETY: The VMA is valid, and the caller's promise.
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
    /// Puts the VMA elsewhere. It is out of its rmap trees.
    #[inline(always)]
    pub(super) fn set_extent(&mut self, extent: Extent) {
        // SAFETY: It is write-locked, and out of the trees.
        unsafe { self.vma_mut().set_extent(extent) };
    }

    /// Leaves the VMA only this part of it. It is out of its rmap trees.
    #[inline(always)]
    pub(super) fn set_part(&mut self, part: Range) {
        // SAFETY: It is write-locked, and out of the trees.
        unsafe { self.vma_mut().set_part(part) };
    }

    /// Splits huge pages that would straddle an end of the VMA once it is at `to`, or its end in
    /// the VMA `above`.
    #[inline(always)]
    pub(super) fn split_huge_pages(&mut self, to: Extent, above: Option<&Self>) {
        let above = above.map_or(core::ptr::null_mut(), |above| above.as_raw());
        let (start, end) = (to.range.start(), to.range.end());
        // SAFETY: The VMAs are valid, write-locked, and their rmap trees locked.
        unsafe { bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, end, above) };
    }

    /// Splits huge pages that straddle `addr` (bytes), and stops sharing page tables of hugetlbfs
    /// with others around it.
    #[inline(always)]
    pub(super) fn split_huge_pages_at(&mut self, addr: usize) {
        let start = self.range().start();
        // SAFETY: The VMA is valid, write-locked, and its rmap trees locked: also that of its file
        // if it is one of hugetlbfs, as those have one.
        unsafe {
            bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, addr, core::ptr::null_mut());
            if bindings::rust_vma_is_hugetlb(self.as_raw()) {
                bindings::rust_vma_hugetlb_split(self.as_raw(), addr);
            }
        }
    }

    /// Tells uprobes that the VMA, which has a file, maps it there from now on.
    pub(super) fn uprobe_mmap(&self) {
        // SAFETY: The VMA is valid, and the mmap lock is held for write.
        unsafe { bindings::rust_vma_uprobe_mmap(self.as_raw()) };
    }

    /// Tells uprobes that the VMA, which has a file, maps it there no longer.
    pub(super) fn uprobe_munmap(&self) {
        let range = self.range();
        // SAFETY: As in `uprobe_mmap()`.
        unsafe {
            bindings::rust_vma_uprobe_munmap(self.as_raw(), range.start(), range.end());
        }
    }

    /// Frees a VMA whose range another one has taken over, and what it refers to.
    pub(super) fn free(self) {
        let vma = self.as_raw();
        // SAFETY: The VMA is valid, write-locked and in no tree any more; this is the only handle
        // to it, and it ends here. The references are those that every VMA holds.
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
