// SPDX-License-Identifier: GPL-2.0

//! The locked section in which VMAs change their extents.
//!
//! The rmap finds the VMAs that map a page through two kinds of interval trees: that of a file's
//! mapping, and those of anon_vmas. Both are sorted by page offsets, so a VMA must not change while
//! it is in one. A section takes VMAs out, lets them change, and puts them back. Its steps are
//! types, each of which consumes the one before:
//!
//! ```text
//!   MergeSection::begin()         SplitSection::begin()     uprobes told, i_mmap and anon_vma
//!      |                             |                        locked, trees left
//!   .resize()                     .cut()                    huge pages split, extents changed
//!      |                             |
//!   .store()                         |                      the maple tree follows
//!      |                             |
//!   .finish()                     .finish()                 trees entered, locks released, uprobes
//!                                                             told, VMAs that went are freed
//! ```
//!
//! Nothing in it can fail, so every section that is begun is finished. Answers to `vma_prepare()`
//! and `vma_complete()`.

use super::{
    bindings,
    iter::Reserved,
    vma::Vma, //
};
use crate::vma::{
    compat::Attributes,
    extent::Extent, //
};
use core::{
    mem::offset_of,
    ptr::NonNull, //
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
    pub(crate) fn store(self, reserved: Reserved<'_, '_>) -> MergeSection<'i, Stored> {
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
    pub(crate) fn finish(self, gone: [Option<Vma<'i>>; 2]) -> Vma<'i> {
        let Self {
            unhooked, merging, ..
        } = self;
        let has_file = unhooked.mapping.is_some();
        unhooked.finish(&gone, || {});

        let (lower, upper) = match &merging {
            Merging::Over(grown) => (grown, None),
            Merging::Up { grown, shrunk } => (grown, Some(shrunk)),
            Merging::Down { grown, shrunk } => (shrunk, Some(grown)),
        };
        if has_file {
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
    pub(crate) fn begin(vma: Vma<'i>, new: Vma<'i>) -> Self {
        Self {
            unhooked: Unhooked::of(&vma, None, Some(&new)),
            vma,
            new,
            _step: Begun,
        }
    }

    /// Makes `rest` of the VMA, which is cut at `addr` (bytes).
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
    pub(crate) fn finish(self, reserved: Reserved<'_, '_>) -> Vma<'i> {
        let Self {
            unhooked, vma, new, ..
        } = self;
        let has_file = unhooked.mapping.is_some();
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

/// One or two VMAs that are out of their rmap trees, which are locked.
struct Unhooked {
    // These undo themselves from top to bottom: the order matters.
    file_tree: Option<OutOfFileTree>,
    anon_trees: Option<OutOfAnonTrees>,
    mapping: Option<LockedMapping>,
}

impl Unhooked {
    /// Takes `vma`, and `upper` if its border with that one moves, out of their rmap trees; and
    /// enters `insert`, which is new, into that of its file.
    fn of(vma: &Vma<'_>, upper: Option<&Vma<'_>>, insert: Option<&Vma<'_>>) -> Self {
        let file = vma.file();
        let anon_vma = vma
            .anon_vma()
            .or_else(|| upper.and_then(|upper| upper.anon_vma()));
        let vmas = [Some(vma.as_raw()), upper.map(Vma::as_raw)];

        if file.is_some() {
            vma.uprobe_munmap();
            if let Some(upper) = upper {
                upper.uprobe_munmap();
            }
        }
        let mapping = file.map(LockedMapping::lock);
        if let (Some(mapping), Some(new)) = (&mapping, insert) {
            mapping.link(new);
        }
        // SAFETY: The VMAs are valid and of one mm whose mmap lock is held for write. They share
        // `anon_vma`, as far as they have one, and are mapped from the locked mapping.
        let (anon_trees, file_tree) = unsafe {
            (
                anon_vma.map(|anon_vma| OutOfAnonTrees::leave(anon_vma, vmas)),
                mapping
                    .as_ref()
                    .map(|mapping| OutOfFileTree::leave(mapping.ptr, vmas)),
            )
        };
        Self {
            file_tree,
            anon_trees,
            mapping,
        }
    }

    /// Puts the VMAs back into their trees and releases the locks. In between, when the file's tree
    /// is whole again, takes those that are `gone` out of it and calls `store`.
    fn finish(self, gone: &[Option<Vma<'_>>], store: impl FnOnce()) {
        let Self {
            file_tree,
            anon_trees,
            mapping,
        } = self;

        drop(file_tree);
        if let Some(mapping) = &mapping {
            for vma in gone.iter().flatten() {
                mapping.unlink(vma);
            }
        }
        store();
        drop(anon_trees);
        drop(mapping);
    }
}

/// A file's mapping, whose `i_mmap_rwsem` is held for write.
struct LockedMapping {
    ptr: NonNull<bindings::address_space>,
}

impl LockedMapping {
    fn lock(file: NonNull<bindings::file>) -> Self {
        // SAFETY: The file is one that a VMA refers to, and an open file has a mapping.
        unsafe {
            let mapping = bindings::rust_vma_file_mapping(file.as_ptr());
            bindings::rust_vma_i_mmap_lock_write(mapping);
            Self {
                ptr: NonNull::new_unchecked(mapping),
            }
        }
    }

    /// Enters a new VMA into the tree, so that its pages are found from the start.
    fn link(&self, vma: &Vma<'_>) {
        let (vma, mapping) = (vma.as_raw(), self.ptr.as_ptr());
        // SAFETY: The mapping is locked; the VMA maps its file and is not in the tree.
        unsafe {
            bindings::rust_vma_mapping_allow_writable(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_lock(mapping);
            bindings::mapping_rmap_tree_insert(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_unlock(mapping);
        }
    }

    /// Takes a VMA that disappears out of the tree.
    fn unlink(&self, vma: &Vma<'_>) {
        let (vma, mapping) = (vma.as_raw(), self.ptr.as_ptr());
        // SAFETY: The mapping is locked; the VMA maps its file and is in the tree.
        unsafe {
            bindings::rust_vma_mapping_unmap_writable(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_lock(mapping);
            bindings::mapping_rmap_tree_remove(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_unlock(mapping);
        }
    }
}

impl Drop for LockedMapping {
    fn drop(&mut self) {
        // SAFETY: The lock was taken in `lock()`.
        unsafe { bindings::rust_vma_i_mmap_unlock_write(self.ptr.as_ptr()) };
    }
}

/// One VMA or two.
type OneOrTwo = [Option<*mut bindings::vm_area_struct>; 2];

/// VMAs that are out of the tree of their file's mapping, until this is dropped.
struct OutOfFileTree {
    mapping: NonNull<bindings::address_space>,
    vmas: OneOrTwo,
}

impl OutOfFileTree {
    /// # Safety
    ///
    /// The mapping is locked until after this is dropped; the VMAs are valid as long, and in its
    /// tree.
    unsafe fn leave(mapping: NonNull<bindings::address_space>, vmas: OneOrTwo) -> Self {
        // SAFETY: What the caller promised.
        unsafe { bindings::rust_vma_flush_dcache_mmap_lock(mapping.as_ptr()) };
        for vma in vmas.into_iter().flatten() {
            // SAFETY: As above.
            unsafe { bindings::mapping_rmap_tree_remove(vma, mapping.as_ptr()) };
        }
        Self { mapping, vmas }
    }
}

impl Drop for OutOfFileTree {
    fn drop(&mut self) {
        let mapping = self.mapping.as_ptr();
        // The adjacent one first, as C has it: the order shows in the shape of the tree.
        for vma in self.vmas.into_iter().rev().flatten() {
            // SAFETY: The VMA was taken out of this tree, which is still locked.
            unsafe { bindings::mapping_rmap_tree_insert(vma, mapping) };
        }
        // SAFETY: Taken in `leave()`.
        unsafe { bindings::rust_vma_flush_dcache_mmap_unlock(mapping) };
    }
}

/// VMAs that are out of the trees of their anon_vmas, the root of which is locked, until this is
/// dropped.
struct OutOfAnonTrees {
    anon_vma: NonNull<bindings::anon_vma>,
    vmas: OneOrTwo,
}

impl OutOfAnonTrees {
    /// # Safety
    ///
    /// The VMAs are valid until this is dropped, and their mmap lock is held for write; `anon_vma`
    /// is that of those that have one.
    unsafe fn leave(anon_vma: NonNull<bindings::anon_vma>, vmas: OneOrTwo) -> Self {
        // SAFETY: What the caller promised.
        unsafe { bindings::rust_vma_anon_vma_lock_write(anon_vma.as_ptr()) };
        for vma in vmas.into_iter().flatten() {
            // SAFETY: As above. All anon_vmas in a chain have the root that is locked.
            unsafe {
                for_each_chain_link(vma, |link| {
                    bindings::anon_rmap_tree_remove(link, (*link).anon_vma);
                });
            }
        }
        Self { anon_vma, vmas }
    }
}

impl Drop for OutOfAnonTrees {
    fn drop(&mut self) {
        for vma in self.vmas.into_iter().flatten() {
            // SAFETY: The links were taken out in `leave()`, and the root is still locked.
            unsafe {
                for_each_chain_link(vma, |link| {
                    bindings::anon_rmap_tree_insert(link, (*link).anon_vma);
                });
            }
        }
        // SAFETY: Taken in `leave()`.
        unsafe { bindings::rust_vma_anon_vma_unlock_write(self.anon_vma.as_ptr()) };
    }
}

/// Calls `visit` with every link between a VMA and an anon_vma.
///
/// # Safety
///
/// The VMA is valid, and its chain does not change meanwhile.
unsafe fn for_each_chain_link(
    vma: *mut bindings::vm_area_struct,
    mut visit: impl FnMut(*mut bindings::anon_vma_chain),
) {
    // SAFETY: The list is part of a valid VMA.
    let head = unsafe { &raw const (*vma).anon_vma_chain };
    // SAFETY: As above.
    let mut node = unsafe { (*head).next };
    while !core::ptr::eq(node, head) {
        visit(
            node.wrapping_byte_sub(offset_of!(bindings::anon_vma_chain, same_vma))
                .cast(),
        );
        // SAFETY: The list does not change, so every node is valid.
        node = unsafe { (*node).next };
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
    fn uprobe_munmap(&self) {
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
