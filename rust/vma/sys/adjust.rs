// SPDX-License-Identifier: GPL-2.0

//! The locked section in which VMAs change their extents.
//!
//! The rmap finds the VMAs that map a page through two interval trees: that of a file's mapping,
//! and those of anon_vmas. Both are sorted by page offsets, so a VMA must not change while it is in
//! one. An [`Adjustment`] takes VMAs out, lets them change, and puts them back:
//!
//! ```text
//!   Adjustment::begin()           uprobes told, i_mmap and anon_vma locked, trees left
//!       .resize() or .cut()         huge pages split, extents changed
//!       .store()                    the maple tree follows
//!   Adjustment::finish()          trees entered, locks released, uprobes told,
//!                                 VMAs that went are freed
//! ```
//!
//! Answers to `vma_prepare()` and `vma_complete()`. Nothing in it can fail.

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

/// VMAs that are out of their rmap trees, which are locked.
///
/// If it is dropped rather than finished, the VMAs go back into the trees and the locks are
/// released, whatever happened in between.
#[must_use = "the VMAs have to go back into their rmap trees"]
pub(crate) struct Adjustment<'i> {
    // These undo themselves from top to bottom: the order matters.
    file_tree: Option<OutOfFileTree>,
    anon_trees: Option<OutOfAnonTrees>,
    mapping: Option<LockedMapping>,

    primary: Vma<'i>,
    adjacent: Option<Vma<'i>>,
}

/// Which of the VMAs of an adjustment grows, and is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grown {
    /// The first.
    Primary,
    /// The one that gives way or takes over at their common border.
    Adjacent,
}

impl<'i> Adjustment<'i> {
    /// Begins to adjust `primary` and, if their common border moves, the VMA `adjacent` to it.
    ///
    /// Both must be write-marked. Sleeps.
    pub(crate) fn begin(primary: Vma<'i>, adjacent: Option<Vma<'i>>) -> Self {
        Self::enter(primary, adjacent, None)
    }

    /// Begins to cut `vma`, the other part of which will be `new`.
    ///
    /// Both must be write-marked. Sleeps.
    pub(crate) fn begin_split(vma: Vma<'i>, new: &Vma<'i>) -> Self {
        Self::enter(vma, None, Some(new))
    }

    fn enter(primary: Vma<'i>, adjacent: Option<Vma<'i>>, insert: Option<&Vma<'i>>) -> Self {
        let file = primary.file();
        let anon_vma = primary
            .anon_vma()
            .or_else(|| adjacent.as_ref().and_then(|vma| vma.anon_vma()));
        let vmas = [Some(primary.as_raw()), adjacent.as_ref().map(Vma::as_raw)];

        if file.is_some() {
            primary.uprobe_munmap();
            if let Some(adjacent) = &adjacent {
                adjacent.uprobe_munmap();
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
            primary,
            adjacent,
        }
    }

    /// Changes the extents of the VMAs, as a merge has them.
    ///
    /// Huge pages that would straddle a new border are split first.
    pub(crate) fn resize(&mut self, primary: Extent, adjacent: Option<Extent>) {
        // The border between the two may move up, into the second.
        let moves_up = match (&self.adjacent, adjacent) {
            (Some(vma), Some(new)) if new.range.start() > vma.range().start() => Some(vma),
            _ => None,
        };
        self.primary.split_huge_pages(
            primary.range.start(),
            primary.range.end(),
            moves_up, //
        );

        self.primary.set_extent(primary);
        if let (Some(vma), Some(extent)) = (&mut self.adjacent, adjacent) {
            vma.set_extent(extent);
        }
    }

    /// Makes `rest` of the VMA, which is cut at `addr` (bytes).
    pub(crate) fn cut(&mut self, addr: usize, rest: Extent) {
        let start = self.primary.range().start();

        self.primary.split_huge_pages(start, addr, None);
        self.primary.split_shared_huge_page_tables(addr);
        self.primary.set_extent(rest);
    }

    /// Stores the VMA that has grown over its new range.
    pub(crate) fn store(&mut self, reserved: Reserved<'_, '_>, grown: Grown) {
        match (grown, &self.adjacent) {
            (Grown::Adjacent, Some(adjacent)) => reserved.overwrite(adjacent),
            _ => reserved.overwrite(&self.primary),
        }
    }

    /// Ends a merge, in which the VMAs `gone` disappear; returns the one that has grown.
    pub(crate) fn finish(self, gone: [Option<Vma<'i>>; 2], grown: Grown) -> Vma<'i> {
        let Self {
            file_tree,
            anon_trees,
            mapping,
            primary,
            adjacent,
        } = self;

        drop(file_tree);
        if let Some(mapping) = &mapping {
            for vma in gone.iter().flatten() {
                mapping.unlink(vma);
            }
        }
        drop(anon_trees);
        let has_file = mapping.is_some();
        drop(mapping);

        if has_file {
            primary.uprobe_mmap();
            if let Some(adjacent) = &adjacent {
                adjacent.uprobe_mmap();
            }
        }
        for vma in gone.into_iter().flatten() {
            vma.free();
        }
        match (grown, adjacent) {
            (Grown::Adjacent, Some(adjacent)) => adjacent,
            _ => primary,
        }
    }

    /// Ends a split: `new` is stored and becomes part of the address space. Returns the original.
    pub(crate) fn finish_split(self, reserved: Reserved<'_, '_>, new: Vma<'i>) -> Vma<'i> {
        let Self {
            file_tree,
            anon_trees,
            mapping,
            primary,
            ..
        } = self;

        drop(file_tree);
        reserved.insert(&new);
        // SAFETY: The mm is valid and its mmap lock is held for write.
        unsafe { bindings::rust_vma_map_count_inc(new.mm_raw()) };
        drop(anon_trees);
        let has_file = mapping.is_some();
        drop(mapping);

        if has_file {
            primary.uprobe_mmap();
            new.uprobe_mmap();
        }
        primary
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

    /// Splits huge pages that straddle `start`, `end`, or, in `next`, `end` (bytes).
    fn split_huge_pages(&mut self, start: usize, end: usize, next: Option<&Vma<'_>>) {
        let next = next.map_or(core::ptr::null_mut(), Vma::as_raw);
        // SAFETY: The VMAs are valid, write-marked, and their rmap trees locked.
        unsafe { bindings::rust_vma_adjust_trans_huge(self.as_raw(), start, end, next) };
    }

    /// Stops sharing page tables of hugetlbfs with others around `addr` (bytes).
    fn split_shared_huge_page_tables(&mut self, addr: usize) {
        // SAFETY: As in `split_huge_pages()`; a hugetlb VMA has a file, so its mapping is locked.
        unsafe {
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
