// SPDX-License-Identifier: GPL-2.0

//! The locked section in which VMAs change their extents.
//!
//! A section takes VMAs out of their rmap trees (see `rmap.rs`), lets them change, and puts them
//! back. Its steps are types, each of which consumes the one before:
//!
//! ```text
//!   MergeSection  SplitSection  ShrinkSection
//!   .begin()      .begin()      .begin()       uprobes told, rmap trees locked and left
//!      |             |             |
//!   .resize()     .cut()           |           huge pages split, extents changed
//!      |             |             |
//!   .store()         |          .shrink()      the maple tree follows
//!      |             |             |
//!   .finish()     .finish()     .finish()      trees entered, locks released, uprobes told,
//!                                                VMAs that went are freed
//! ```
//!
//! Nothing in it can fail, so every section that is begun is finished. Answers to `vma_prepare()`
//! and `vma_complete()`.

use super::{
    bindings,
    iter::{
        Clearing,
        Reserved,
        Storing, //
    },
    rmap::Unhooked,
    vma::Vma, //
};
use crate::vma::{
    compat::Attributes,
    extent::Extent, //
};

/// A VMA, and where it is going to be.
pub(crate) struct Resizing<'i> {
    /// The VMA.
    pub(crate) vma: Vma<'i>,
    /// Where it is going to be.
    pub(crate) to: Extent,
}

/// The VMAs that change their extents in a merge. All are write-marked.
pub(crate) enum Merging<'i> {
    /// One grows, over others that go.
    Over(Resizing<'i>),
    /// One grows up, into the one above it, which stays.
    Up {
        /// The one that grows.
        grown: Resizing<'i>,
        /// The one above it.
        shrunk: Resizing<'i>,
    },
    /// One grows down, into the one below it, which stays.
    Down {
        /// The one that grows.
        grown: Resizing<'i>,
        /// The one below it.
        shrunk: Resizing<'i>,
    },
}

/// What a merge does about uprobes in the file that the merged VMA maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uprobes {
    /// Sets them in its pages.
    Install,
    /// Leaves its pages alone: they are about to be moved there, uprobes and all, and what is set
    /// before that would be lost. Answers to `skip_vma_uprobe`.
    Leave,
}

/// The step of a section after its beginning.
pub(crate) struct Begun;
/// The step of a section after the extents have changed.
pub(crate) struct Resized;
/// The step of a section after the store into the maple tree.
pub(crate) struct Stored;

/// VMAs that merge, out of their rmap trees, which are locked.
#[must_use = "the VMAs have to go back into their rmap trees"]
pub(crate) struct MergeSection<'i, Step> {
    unhooked: Unhooked,
    merging: Merging<'i>,
    _step: Step,
}

impl<'i> MergeSection<'i, Begun> {
    /// Begins a merge. Sleeps.
    #[inline(always)]
    pub(crate) fn begin(merging: Merging<'i>) -> Self {
        // The lower one first, as C has it: the order shows in the shapes of the trees.
        let unhooked = match &merging {
            Merging::Over(grown) => Unhooked::of(&grown.vma, None, None),
            Merging::Up { grown, shrunk } => Unhooked::of(&grown.vma, Some(&shrunk.vma), None),
            Merging::Down { grown, shrunk } => Unhooked::of(&shrunk.vma, Some(&grown.vma), None),
        };
        Self {
            unhooked,
            merging,
            _step: Begun,
        }
    }

    /// Changes the extents, after splitting the huge pages that would straddle a border.
    #[inline(always)]
    pub(crate) fn resize(mut self) -> MergeSection<'i, Resized> {
        match &mut self.merging {
            Merging::Over(grown) => {
                grown.vma.split_huge_pages(grown.to, None);
                grown.vma.set_extent(grown.to);
            }
            Merging::Up { grown, shrunk } => {
                // The border moves up, into the other one.
                grown.vma.split_huge_pages(grown.to, Some(&shrunk.vma));
                grown.vma.set_extent(grown.to);
                shrunk.vma.set_extent(shrunk.to);
            }
            Merging::Down { grown, shrunk } => {
                shrunk.vma.split_huge_pages(shrunk.to, None);
                shrunk.vma.set_extent(shrunk.to);
                grown.vma.set_extent(grown.to);
            }
        }
        self.step(Resized)
    }
}

impl<'i> MergeSection<'i, Resized> {
    /// Stores the VMA that has grown over its new range.
    #[inline(always)]
    pub(crate) fn store(self, reserved: Reserved<'_, '_, Storing>) -> MergeSection<'i, Stored> {
        match &self.merging {
            Merging::Over(grown) | Merging::Up { grown, .. } | Merging::Down { grown, .. } => {
                reserved.overwrite(&grown.vma);
            }
        }
        self.step(Stored)
    }
}

impl<'i> MergeSection<'i, Stored> {
    /// Ends a merge, and returns the VMA that has grown.
    ///
    /// `gone` are the VMAs whose whole ranges it was stored over: they are freed.
    #[inline(always)]
    pub(crate) fn finish(self, gone: [Option<Vma<'i>>; 2], uprobes: Uprobes) -> Vma<'i> {
        let Self {
            unhooked, merging, ..
        } = self;
        let set_uprobes = unhooked.have_file() && uprobes == Uprobes::Install;
        unhooked.finish(&gone, || {});

        let (lower, upper) = match &merging {
            Merging::Over(grown) => (grown, None),
            Merging::Up { grown, shrunk } => (grown, Some(shrunk)),
            Merging::Down { grown, shrunk } => (shrunk, Some(grown)),
        };
        if set_uprobes {
            lower.vma.uprobe_mmap();
            if let Some(upper) = upper {
                upper.vma.uprobe_mmap();
            }
        }
        for vma in gone.into_iter().flatten() {
            vma.free();
        }
        match merging {
            Merging::Over(grown) | Merging::Up { grown, .. } | Merging::Down { grown, .. } => {
                grown.vma
            }
        }
    }
}

impl<'i, Step> MergeSection<'i, Step> {
    fn step<Next>(self, next: Next) -> MergeSection<'i, Next> {
        MergeSection {
            unhooked: self.unhooked,
            merging: self.merging,
            _step: next,
        }
    }
}

/// A VMA that is split, out of its rmap trees, which are locked, and the new VMA that will be its
/// other part.
#[must_use = "the VMA has to go back into its rmap trees"]
pub(crate) struct SplitSection<'i, Step> {
    unhooked: Unhooked,
    vma: Vma<'i>,
    new: Vma<'i>,
    _step: Step,
}

impl<'i> SplitSection<'i, Begun> {
    /// Begins to split `vma`, the other part of which will be `new`. Both are write-marked. Sleeps.
    #[inline(always)]
    pub(crate) fn begin(vma: Vma<'i>, new: Vma<'i>) -> Self {
        Self {
            unhooked: Unhooked::of(&vma, None, Some(&new)),
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
            unhooked: self.unhooked,
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
            unhooked, vma, new, ..
        } = self;
        let has_file = unhooked.have_file();
        unhooked.finish(&[], || {
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
    unhooked: Unhooked,
    vma: Vma<'i>,
    _step: Step,
}

impl<'i> ShrinkSection<'i, Begun> {
    /// Begins to shrink a VMA, which is write-marked. Sleeps.
    #[inline(always)]
    pub(crate) fn begin(vma: Vma<'i>) -> Self {
        Self {
            unhooked: Unhooked::of(&vma, None, None),
            vma,
            _step: Begun,
        }
    }

    /// Clears what it gives up in the tree, and makes `rest` of it.
    pub(crate) fn shrink(
        mut self,
        rest: Extent,
        reserved: Reserved<'_, '_, Clearing>,
    ) -> ShrinkSection<'i, Stored> {
        self.vma.split_huge_pages(rest, None);
        reserved.clear();
        self.vma.set_extent(rest);
        ShrinkSection {
            unhooked: self.unhooked,
            vma: self.vma,
            _step: Stored,
        }
    }
}

impl<'i> ShrinkSection<'i, Stored> {
    /// Ends it, and returns the VMA.
    #[inline(always)]
    pub(crate) fn finish(self) -> Vma<'i> {
        let Self { unhooked, vma, .. } = self;
        let has_file = unhooked.have_file();
        unhooked.finish(&[], || {});
        if has_file {
            vma.uprobe_mmap();
        }
        vma
    }
}

impl Vma<'_> {
    /// Puts the VMA elsewhere. It is out of its rmap trees, or new.
    pub(super) fn set_extent(&mut self, extent: Extent) {
        // SAFETY: The VMA is valid, and nobody looks at it: it is write-marked and out of its
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
    fn split_huge_pages(&mut self, to: Extent, above: Option<&Vma<'_>>) {
        let above = above.map_or(core::ptr::null_mut(), Vma::as_raw);
        let (start, end) = (to.range.start(), to.range.end());
        // SAFETY: The VMAs are valid, write-marked, and their rmap trees locked.
        unsafe { bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, end, above) };
    }

    /// Splits huge pages that straddle `addr` (bytes), and stops sharing page tables of hugetlbfs
    /// with others around it.
    fn split_huge_pages_at(&mut self, addr: usize) {
        let start = self.range().start();
        // SAFETY: The VMA is valid, write-marked, and its rmap trees locked: also that of its file
        // if it is one of hugetlbfs, as those have one.
        unsafe {
            bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, addr, core::ptr::null_mut());
            if bindings::rust_vma_is_hugetlb(self.as_raw()) {
                bindings::rust_vma_hugetlb_split(self.as_raw(), addr);
            }
        }
    }

    /// Tells uprobes that the VMA, which has a file, maps it there from now on.
    fn uprobe_mmap(&self) {
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
    fn free(self) {
        let vma = self.as_raw();
        // SAFETY: The VMA is valid, write-marked and in no tree any more; this is the only handle
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
