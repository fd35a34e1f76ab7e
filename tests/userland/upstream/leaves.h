/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upstream's shim, with the leaves that the engine calls by name as functions
 * that can be linked; in the shim they are inline.
 */
#ifndef RUST_VMA_UPSTREAM_LEAVES_H
#define RUST_VMA_UPSTREAM_LEAVES_H

#define anon_vma_clone		inline_anon_vma_clone
#define unlink_anon_vmas	inline_unlink_anon_vmas
#define mapping_rmap_tree_insert inline_mapping_rmap_tree_insert
#define mapping_rmap_tree_remove inline_mapping_rmap_tree_remove
#define anon_rmap_tree_insert	inline_anon_rmap_tree_insert
#define anon_rmap_tree_remove	inline_anon_rmap_tree_remove
#define fput			inline_fput

#include "shared.h"

#undef anon_vma_clone
#undef unlink_anon_vmas
#undef mapping_rmap_tree_insert
#undef mapping_rmap_tree_remove
#undef anon_rmap_tree_insert
#undef anon_rmap_tree_remove
#undef fput

int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum vma_operation operation);
void unlink_anon_vmas(struct vm_area_struct *vma);
void mapping_rmap_tree_insert(struct vm_area_struct *vma,
			      struct address_space *mapping);
void mapping_rmap_tree_remove(struct vm_area_struct *vma,
			      struct address_space *mapping);
void anon_rmap_tree_insert(struct anon_vma_chain *avc, struct anon_vma *anon_vma);
void anon_rmap_tree_remove(struct anon_vma_chain *avc, struct anon_vma *anon_vma);
void fput(struct file *file);

/*
 * Functions that only the module's debugfs files need, and that the shim does
 * not have.
 */
static inline int mmap_read_lock_killable(struct mm_struct *mm)
{
	return 0;
}

static inline int mmap_lock_is_contended(struct mm_struct *mm)
{
	return 0;
}

#endif /* RUST_VMA_UPSTREAM_LEAVES_H */
