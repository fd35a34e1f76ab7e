// SPDX-License-Identifier: GPL-2.0
/*
 * The leaves of leaves.h, and the engine's helpers, on upstream's shim.
 */
#include "leaves.h"
#include "engine.c"

int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum vma_operation operation)
{
	return inline_anon_vma_clone(dst, src, operation);
}

void unlink_anon_vmas(struct vm_area_struct *vma)
{
	inline_unlink_anon_vmas(vma);
}

void mapping_rmap_tree_insert(struct vm_area_struct *vma,
			      struct address_space *mapping)
{
	inline_mapping_rmap_tree_insert(vma, mapping);
}

void mapping_rmap_tree_remove(struct vm_area_struct *vma,
			      struct address_space *mapping)
{
	inline_mapping_rmap_tree_remove(vma, mapping);
}

void anon_rmap_tree_insert(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	inline_anon_rmap_tree_insert(avc, anon_vma);
}

void anon_rmap_tree_remove(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	inline_anon_rmap_tree_remove(avc, anon_vma);
}

void fput(struct file *file)
{
	inline_fput(file);
}
