// SPDX-License-Identifier: GPL-2.0

//! VMAs that are temporarily out of the trees in which the rmap finds them.
//!
//! The rmap finds the VMAs that map a page through two kinds of interval trees: the tree of a file's mapping, and the
//! trees of anon_vmas. Both are sorted by page offset, so a VMA must not change while it is in one. This module
//! removes VMAs from the trees, under the locks of the trees, and inserts them again.
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

/// One or two VMAs that are out of their rmap trees, and the locks of those trees.
///
/// [`finish`](Self::finish) puts the VMAs back. Dropping the section without `finish` puts them back, too.
#[must_use = "the VMAs have to go back into their rmap trees"]
pub(super) struct RmapSection {
    file_tree: Option<OutOfFileTree>,
    anon_trees: Option<OutOfAnonTrees>,
    mapping: Option<LockedMapping>,
}

impl RmapSection {
    /// Returns whether the VMAs map a file.
    pub(super) fn have_file(&self) -> bool {
        self.mapping.is_some()
    }

    /// Removes `vma` from its rmap trees. If the boundary between `vma` and the VMA above moves, `upper` is that VMA
    /// and is removed, too. Inserts `insert`, a new VMA, into the tree of its file.
    #[inline(always)]
    pub(super) fn of(
        vma: &WriteLocked<'_, '_>,
        upper: Option<&WriteLocked<'_, '_>>,
        insert: Option<&WriteLocked<'_, '_>>,
    ) -> Self {
        let anon_vmas = (vma.anon_vma(), upper.and_then(|upper| upper.anon_vma()));
        let differ = matches!(anon_vmas, (Some(lower), Some(upper)) if lower != upper);
        // SAFETY: The call only logs a warning.
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
            // SAFETY: The VMAs are valid and belong to one mm whose mmap lock is held for write. All VMAs that
            // have an anon_vma share `anon_vma`.
            anon_trees = Some(unsafe { OutOfAnonTrees::leave(anon_vma, vmas) });
        }
        let mut file_tree = None;
        if let Some(mapping) = mapping {
            // SAFETY: The VMAs are valid, and map the file of the locked mapping.
            file_tree = Some(unsafe { OutOfFileTree::leave(mapping.ptr, vmas) });
        }
        Self {
            file_tree,
            anon_trees,
            mapping,
        }
    }

    /// Puts the VMAs back into their trees, and releases the locks. Before the VMAs go back into the trees of their
    /// anon_vmas, removes the `gone` VMAs from the file's tree and calls `store`.
    #[inline(always)]
    pub(super) fn finish(self, gone: [Option<&WriteLocked<'_, '_>>; 2], store: impl FnOnce()) {
        // Prevents `drop()` from putting the VMAs back a second time, and avoids the code for that.
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
// Passed by value, as are pointers to VMAs: see "Inlining" in `vma/mod.rs`.
#[derive(Clone, Copy)]
struct LockedMapping {
    ptr: NonNull<bindings::address_space>,
}

impl LockedMapping {
    fn lock(file: NonNull<bindings::file>) -> Self {
        // SAFETY: A VMA refers to the file, and an open file has a mapping.
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

    /// Inserts a new VMA into the tree, so that the rmap finds its pages from the start.
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

    /// Removes from the tree a VMA that is about to be freed.
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

/// One or two VMAs.
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
    /// The VMAs are in the tree of the mapping. They stay valid, and the mapping stays locked, until after `enter()`.
    #[inline(always)]
    unsafe fn leave(mapping: NonNull<bindings::address_space>, vmas: OneOrTwo) -> Self {
        let tree = mapping.as_ptr();
        // SAFETY: By the caller's promise the mapping is locked, and the VMAs are valid and in its tree.
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
            // The adjacent VMA comes first, as in C: the order affects the shape of the tree.
            if let Some(second) = self.vmas.second {
                bindings::mapping_rmap_tree_insert(second.as_ptr(), tree);
            }
            bindings::mapping_rmap_tree_insert(self.vmas.first.as_ptr(), tree);
            bindings::rust_vma_flush_dcache_mmap_unlock(tree);
        }
    }
}

/// VMAs that are out of the trees of their anon_vmas until they enter them again. The root anon_vma is locked.
#[derive(Clone, Copy)]
struct OutOfAnonTrees {
    anon_vma: NonNull<bindings::anon_vma>,
    vmas: OneOrTwo,
}

impl OutOfAnonTrees {
    /// # Safety
    ///
    /// The VMAs are valid until after `enter()`, and their mmap lock is held for write. `anon_vma` is the anon_vma of
    /// each VMA that has one.
    #[inline(always)]
    unsafe fn leave(anon_vma: NonNull<bindings::anon_vma>, vmas: OneOrTwo) -> Self {
        // SAFETY: By the caller's promise the VMAs are valid. Their links are in the trees, whose root is locked
        // here.
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
        // SAFETY: `leave()` took the links out, and the root is still locked.
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
/// The VMA is valid, the root anon_vma of its whole chain is locked, and its links are in the trees.
unsafe fn leave_anon_trees(vma: NonNull<bindings::vm_area_struct>) {
    // SAFETY: By the caller's promise the root is locked, and every link is in its tree.
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
/// The requirements of [`leave_anon_trees`], except that the links are not in the trees.
unsafe fn enter_anon_trees(vma: NonNull<bindings::vm_area_struct>) {
    // SAFETY: By the caller's promise the root is locked, and no link is in its tree.
    unsafe {
        for_each_chain_link(vma, |link| {
            bindings::anon_rmap_tree_insert(link, (*link).anon_vma);
        });
    }
}

/// Calls `visit` with each link between a VMA and an anon_vma.
///
/// # Safety
///
/// The VMA is valid, and its chain does not change meanwhile.
unsafe fn for_each_chain_link(
    vma: NonNull<bindings::vm_area_struct>,
    mut visit: impl FnMut(*mut bindings::anon_vma_chain),
) {
    // SAFETY: The list is part of a valid VMA and does not change, so all of its nodes are valid.
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
