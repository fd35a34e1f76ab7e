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
    vma::Vma, //
};
use crate::vma::compat::Attributes;
use core::{
    mem::offset_of,
    ptr::NonNull, //
};

/// One or two VMAs that are out of their rmap trees, which are locked.
pub(super) struct Unhooked {
    // These undo themselves from top to bottom: the order matters.
    file_tree: Option<OutOfFileTree>,
    anon_trees: Option<OutOfAnonTrees>,
    mapping: Option<LockedMapping>,
}

impl Unhooked {
    /// Whether the VMAs map a file.
    pub(super) fn have_file(&self) -> bool {
        self.mapping.is_some()
    }

    /// Takes `vma`, and `upper` if its border with that one moves, out of their rmap trees; and
    /// enters `insert`, which is new, into that of its file.
    pub(super) fn of(vma: &Vma<'_>, upper: Option<&Vma<'_>>, insert: Option<&Vma<'_>>) -> Self {
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
    pub(super) fn finish(self, gone: &[Option<Vma<'_>>], store: impl FnOnce()) {
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
