// SPDX-License-Identifier: GPL-2.0

//! VMAs out of the trees in which the rmap finds them.
//!
//! The rmap finds the VMAs that map a page through two kinds of interval trees: that of a file's
//! mapping, and those of anon_vmas. Both are sorted by page offsets, so a VMA must not change while
//! it is in one. Here it leaves them, under their locks, and comes back to them.
//!
//! Answers to the middle of `vma_prepare()` and `vma_complete()`.

use super::{
    bindings,
    vma::WriteLocked, //
};
use crate::vma::compat::Attributes;
use core::{
    mem::{
        offset_of,
        ManuallyDrop, //
    },
    ptr::NonNull, //
};

/// One or two VMAs that are out of their rmap trees, which are locked.
///
/// [`finish`](Self::finish) puts them back. Should it be forgotten, they go back when this is dropped.
#[must_use = "the VMAs have to go back into their rmap trees"]
pub(super) struct RmapSection {
    file_tree: Option<OutOfFileTree>,
    anon_trees: Option<OutOfAnonTrees>,
    mapping: Option<LockedMapping>,
}

impl RmapSection {
    /// Whether the VMAs map a file.
    pub(super) fn have_file(&self) -> bool {
        self.mapping.is_some()
    }

    /// Takes `vma`, and `upper` if its border with that one moves, out of their rmap trees; and
    /// enters `insert`, which is new, into that of its file.
    #[inline(always)]
    pub(super) fn of(
        vma: &WriteLocked<'_, '_>,
        upper: Option<&WriteLocked<'_, '_>>,
        insert: Option<&WriteLocked<'_, '_>>,
    ) -> Self {
        let anon_vmas = (vma.anon_vma(), upper.and_then(|upper| upper.anon_vma()));
        let differ = matches!(anon_vmas, (Some(lower), Some(upper)) if lower != upper);
        // SAFETY: Says so in the log.
        unsafe { bindings::rust_vma_vm_warn_on(differ) };
        let anon_vma = anon_vmas.0.or(anon_vmas.1);
        let vmas = OneOrTwo {
            first: vma.ptr(),
            second: upper.map(|upper| upper.ptr()),
        };

        let mut mapping = None;
        if let Some(file) = vma.file() {
            vma.uprobe_munmap();
            if let Some(upper) = upper {
                upper.uprobe_munmap();
            }
            let locked = LockedMapping::lock(file);
            if let Some(new) = insert {
                locked.link(new.ptr());
            }
            mapping = Some(locked);
        }
        let mut anon_trees = None;
        if let Some(anon_vma) = anon_vma {
            // SAFETY: The VMAs are valid and of one mm whose mmap lock is held for write. They share
            // `anon_vma`, as far as they have one.
            anon_trees = Some(unsafe { OutOfAnonTrees::leave(anon_vma, vmas) });
        }
        let mut file_tree = None;
        if let Some(mapping) = mapping {
            // SAFETY: The VMAs are valid, and mapped from the locked mapping.
            file_tree = Some(unsafe { OutOfFileTree::leave(mapping.ptr, vmas) });
        }
        Self {
            file_tree,
            anon_trees,
            mapping,
        }
    }

    /// Puts the VMAs back into their trees and releases the locks. In between, when the file's tree
    /// is whole again, takes those that are `gone` out of it and calls `store`.
    #[inline(always)]
    pub(super) fn finish(self, gone: [Option<&WriteLocked<'_, '_>>; 2], store: impl FnOnce()) {
        // No drop, which would do it once more: nor has the compiler to provide for one.
        ManuallyDrop::new(self).put_back(gone, store);
    }

    #[inline(always)]
    fn put_back(&self, gone: [Option<&WriteLocked<'_, '_>>; 2], store: impl FnOnce()) {
        if let Some(file_tree) = self.file_tree {
            file_tree.enter();
        }
        if let Some(mapping) = self.mapping {
            let [first, second] = gone;
            if let Some(vma) = first {
                mapping.unlink(vma.ptr());
            }
            if let Some(vma) = second {
                mapping.unlink(vma.ptr());
            }
        }
        store();
        if let Some(anon_trees) = self.anon_trees {
            anon_trees.enter();
        }
        if let Some(mapping) = self.mapping {
            mapping.unlock();
        }
    }
}

impl Drop for RmapSection {
    fn drop(&mut self) {
        self.put_back([None, None], || {});
    }
}

/// A file's mapping, whose `i_mmap_rwsem` is held for write.
//
// It goes by value, and so do pointers to VMAs: see `mod.rs` on inlining.
#[derive(Clone, Copy)]
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

    fn unlock(self) {
        // SAFETY: The lock was taken in `lock()`.
        unsafe { bindings::rust_vma_i_mmap_unlock_write(self.ptr.as_ptr()) };
    }

    /// Enters a new VMA into the tree, so that its pages are found from the start.
    fn link(self, vma: NonNull<bindings::vm_area_struct>) {
        let (vma, mapping) = (vma.as_ptr(), self.ptr.as_ptr());
        // SAFETY: The mapping is locked; the VMA maps its file and is not in the tree.
        unsafe {
            bindings::rust_vma_mapping_allow_writable(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_lock(mapping);
            bindings::mapping_rmap_tree_insert(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_unlock(mapping);
        }
    }

    /// Takes a VMA that disappears out of the tree.
    fn unlink(self, vma: NonNull<bindings::vm_area_struct>) {
        let (vma, mapping) = (vma.as_ptr(), self.ptr.as_ptr());
        // SAFETY: The mapping is locked; the VMA maps its file and is in the tree.
        unsafe {
            bindings::rust_vma_mapping_unmap_writable(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_lock(mapping);
            bindings::mapping_rmap_tree_remove(vma, mapping);
            bindings::rust_vma_flush_dcache_mmap_unlock(mapping);
        }
    }
}

/// One VMA or two.
#[derive(Clone, Copy)]
struct OneOrTwo {
    first: NonNull<bindings::vm_area_struct>,
    second: Option<NonNull<bindings::vm_area_struct>>,
}

/// VMAs that are out of the tree of their file's mapping, until they enter it again.
#[derive(Clone, Copy)]
struct OutOfFileTree {
    mapping: NonNull<bindings::address_space>,
    vmas: OneOrTwo,
}

impl OutOfFileTree {
    /// # Safety
    ///
    /// The mapping is locked until after they have entered it again; the VMAs are valid as long, and in
    /// its tree.
    #[inline(always)]
    unsafe fn leave(mapping: NonNull<bindings::address_space>, vmas: OneOrTwo) -> Self {
        let tree = mapping.as_ptr();
        // SAFETY: What the caller promised.
        unsafe {
            bindings::rust_vma_flush_dcache_mmap_lock(tree);
            bindings::mapping_rmap_tree_remove(vmas.first.as_ptr(), tree);
            if let Some(second) = vmas.second {
                bindings::mapping_rmap_tree_remove(second.as_ptr(), tree);
            }
        }
        Self { mapping, vmas }
    }

    #[inline(always)]
    fn enter(self) {
        let tree = self.mapping.as_ptr();
        // SAFETY: The VMAs were taken out of this tree in `leave()`, and it is still locked.
        unsafe {
            // The adjacent one first, as C has it: the order shows in the shape of the tree.
            if let Some(second) = self.vmas.second {
                bindings::mapping_rmap_tree_insert(second.as_ptr(), tree);
            }
            bindings::mapping_rmap_tree_insert(self.vmas.first.as_ptr(), tree);
            bindings::rust_vma_flush_dcache_mmap_unlock(tree);
        }
    }
}

/// VMAs that are out of the trees of their anon_vmas, the root of which is locked, until they enter
/// them again.
#[derive(Clone, Copy)]
struct OutOfAnonTrees {
    anon_vma: NonNull<bindings::anon_vma>,
    vmas: OneOrTwo,
}

impl OutOfAnonTrees {
    /// # Safety
    ///
    /// The VMAs are valid until they have entered them again, and their mmap lock is held for write;
    /// `anon_vma` is that of those that have one.
    #[inline(always)]
    unsafe fn leave(anon_vma: NonNull<bindings::anon_vma>, vmas: OneOrTwo) -> Self {
        // SAFETY: What the caller promised.
        unsafe {
            bindings::rust_vma_anon_vma_lock_write(anon_vma.as_ptr());
            leave_anon_trees(vmas.first);
            if let Some(second) = vmas.second {
                leave_anon_trees(second);
            }
        }
        Self { anon_vma, vmas }
    }

    #[inline(always)]
    fn enter(self) {
        // SAFETY: The links were taken out in `leave()`, and the root is still locked.
        unsafe {
            enter_anon_trees(self.vmas.first);
            if let Some(second) = self.vmas.second {
                enter_anon_trees(second);
            }
            bindings::rust_vma_anon_vma_unlock_write(self.anon_vma.as_ptr());
        }
    }
}

/// Takes a VMA out of the trees of all anon_vmas in its chain.
///
/// # Safety
///
/// The VMA is valid, the root that all anon_vmas in a chain have is locked, and its links are in.
unsafe fn leave_anon_trees(vma: NonNull<bindings::vm_area_struct>) {
    // SAFETY: The caller's promise.
    unsafe {
        for_each_chain_link(vma, |link| {
            bindings::anon_rmap_tree_remove(link, (*link).anon_vma);
        });
    }
}

/// Puts a VMA into the trees of all anon_vmas in its chain.
///
/// # Safety
///
/// As for [`leave_anon_trees`], but that its links are not in.
unsafe fn enter_anon_trees(vma: NonNull<bindings::vm_area_struct>) {
    // SAFETY: The caller's promise.
    unsafe {
        for_each_chain_link(vma, |link| {
            bindings::anon_rmap_tree_insert(link, (*link).anon_vma);
        });
    }
}

/// Calls `visit` with every link between a VMA and an anon_vma.
///
/// # Safety
///
/// The VMA is valid, and its chain does not change meanwhile.
unsafe fn for_each_chain_link(
    vma: NonNull<bindings::vm_area_struct>,
    mut visit: impl FnMut(*mut bindings::anon_vma_chain),
) {
    // SAFETY: The list is part of a valid VMA, and does not change, so every node of it is valid.
    unsafe {
        let head = &raw const (*vma.as_ptr()).anon_vma_chain;
        let mut node = (*head).next;
        while !core::ptr::eq(node, head) {
            let link = node.wrapping_byte_sub(offset_of!(bindings::anon_vma_chain, same_vma));
            visit(link.cast());
            node = (*node).next;
        }
    }
}
