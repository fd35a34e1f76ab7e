// SPDX-License-Identifier: GPL-2.0

//! The rmap-locked sections in which a VMA is split or shrunk, and the steps that all sections share.
//!
//! A section takes VMAs out of their rmap trees (see `rmap.rs`), lets them change, and puts them
//! back. Its steps are types, each of which consumes the one before:
//!
//! ```text
//!   SplitSection  ShrinkSection
//!   .begin()      .begin()       uprobes told, rmap trees locked and left
//!      |             |
//!   .cut()           |           huge pages split, extents changed
//!      |             |
//!      |          .shrink()      the maple tree follows
//!      |             |
//!   .finish()     .finish()      trees entered, locks released, uprobes told
//! ```
//!
//! The section of a merge is in `merging.rs`. Nothing in a section can fail, so every section that is
//! begun is finished. Answers to `vma_prepare()` and `vma_complete()`.

use super::{
    bindings,
    iter::{
        Clearing,
        Reserved,
        Storing, //
    },
    rmap::RmapSection,
    vma::Vma, //
};
use crate::vma::{
    compat::Attributes,
    extent::Extent, //
};

/// The step of a section after its beginning.
pub(crate) struct Begun;
/// The step of a section after the extents have changed.
pub(crate) struct Resized;
/// The step of a section after the store into the maple tree.
pub(crate) struct Stored;

/// A VMA that is split, out of its rmap trees, which are locked, and the new VMA that will be its
/// other part.
#[must_use = "the VMA has to go back into its rmap trees"]
pub(crate) struct SplitSection<'i, Step> {
    section: RmapSection,
    vma: Vma<'i>,
    new: Vma<'i>,
    _step: Step,
}

impl<'i> SplitSection<'i, Begun> {
    /// Begins to split `vma`, the other part of which will be `new`. Both are write-locked. Sleeps.
    #[inline(always)]
    pub(crate) fn begin(vma: Vma<'i>, new: Vma<'i>) -> Self {
        Self {
            section: RmapSection::of(&vma, None, Some(&new)),
            vma,
            new,
            _step: Begun,
        }
    }

    /// Makes `rest` of the VMA, which is cut at `addr` (bytes).
    #[inline(always)]
    pub(crate) fn cut(mut self, addr: usize, rest: Extent) -> SplitSection<'i, Resized> {
        self.vma.split_huge_pages_at(addr);
        self.vma.set_extent(rest);
        SplitSection {
            section: self.section,
            vma: self.vma,
            new: self.new,
            _step: Resized,
        }
    }
}

impl<'i> SplitSection<'i, Resized> {
    /// Ends a split: the new VMA is stored and becomes part of the address space. Returns the
    /// original.
    #[inline(always)]
    pub(crate) fn finish(self, reserved: Reserved<'_, '_, Storing>) -> Vma<'i> {
        let Self {
            section, vma, new, ..
        } = self;
        let has_file = section.have_file();
        section.finish([None, None], || {
            reserved.insert(&new);
            // SAFETY: The mm is valid and its mmap lock is held for write.
            unsafe { bindings::rust_vma_map_count_inc(new.mm_raw()) };
        });

        if has_file {
            vma.uprobe_mmap();
            new.uprobe_mmap();
        }
        vma
    }
}

/// A VMA that is to end earlier, out of its rmap trees, which are locked.
#[must_use = "the VMA has to go back into its rmap trees"]
pub(crate) struct ShrinkSection<'i, Step> {
    section: RmapSection,
    vma: Vma<'i>,
    _step: Step,
}

impl<'i> ShrinkSection<'i, Begun> {
    /// Begins to shrink a VMA, which is write-locked. Sleeps.
    #[inline(always)]
    pub(crate) fn begin(vma: Vma<'i>) -> Self {
        Self {
            section: RmapSection::of(&vma, None, None),
            vma,
            _step: Begun,
        }
    }

    /// Clears what it gives up in the tree, and makes `rest` of it.
    #[inline(always)]
    pub(crate) fn shrink(
        mut self,
        rest: Extent,
        reserved: Reserved<'_, '_, Clearing>,
    ) -> ShrinkSection<'i, Stored> {
        self.vma.split_huge_pages(rest, None);
        reserved.clear();
        self.vma.set_extent(rest);
        ShrinkSection {
            section: self.section,
            vma: self.vma,
            _step: Stored,
        }
    }
}

impl<'i> ShrinkSection<'i, Stored> {
    /// Ends it, and returns the VMA.
    #[inline(always)]
    pub(crate) fn finish(self) -> Vma<'i> {
        let Self { section, vma, .. } = self;
        let has_file = section.have_file();
        section.finish([None, None], || {});
        if has_file {
            vma.uprobe_mmap();
        }
        vma
    }
}

impl Vma<'_> {
    /// Puts the VMA elsewhere. It is out of its rmap trees, or new.
    #[inline(always)]
    pub(super) fn set_extent(&mut self, extent: Extent) {
        // SAFETY: The VMA is valid, and nobody looks at it: it is write-locked and out of its
        // trees, or new.
        unsafe {
            bindings::rust_vma_set_start_end(
                self.as_raw(),
                extent.range.start(),
                extent.range.end(),
            );
            bindings::rust_vma_set_pgoff(
                self.as_raw(),
                extent.pgoff.pages(),
                extent.anon_pgoff.pages(),
            );
        }
    }

    /// Splits huge pages that would straddle an end of the VMA once it is at `to`, or its end in
    /// the VMA `above`.
    #[inline(always)]
    pub(super) fn split_huge_pages(&mut self, to: Extent, above: Option<&Vma<'_>>) {
        let above = above.map_or(core::ptr::null_mut(), Vma::as_raw);
        let (start, end) = (to.range.start(), to.range.end());
        // SAFETY: The VMAs are valid, write-locked, and their rmap trees locked.
        unsafe { bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, end, above) };
    }

    /// Splits huge pages that straddle `addr` (bytes), and stops sharing page tables of hugetlbfs
    /// with others around it.
    #[inline(always)]
    fn split_huge_pages_at(&mut self, addr: usize) {
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
