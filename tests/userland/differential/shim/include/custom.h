/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upstream's customised functions without those that are replaced here, and
 * wrappers of the iterator's calls that change the tree, which are in mm/vma.h.
 */
#ifndef RUST_VMA_SHIM_CUSTOM_H
#define RUST_VMA_SHIM_CUSTOM_H

#define unlink_anon_vmas		upstream_unlink_anon_vmas
#define vma_start_write			upstream_vma_start_write
#define vma_start_write_killable	upstream_vma_start_write_killable
#define anon_vma_clone			upstream_anon_vma_clone
#define __anon_vma_prepare		upstream___anon_vma_prepare
#define anon_vma_prepare		upstream_anon_vma_prepare
#define vma_lock_init			upstream_vma_lock_init

#include "upstream/custom.h"

#undef unlink_anon_vmas
#undef vma_start_write
#undef vma_start_write_killable
#undef anon_vma_clone
#undef __anon_vma_prepare
#undef anon_vma_prepare
#undef vma_lock_init

int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
		   enum vma_operation operation);
void unlink_anon_vmas(struct vm_area_struct *vma);
int anon_vma_prepare(struct vm_area_struct *vma);

static inline void vma_start_write(struct vm_area_struct *vma)
{
	shim_write_lock(vma);
}

static inline int vma_start_write_killable(struct vm_area_struct *vma)
{
	shim_write_lock(vma);
	return 0;
}

static inline void vma_lock_init(struct vm_area_struct *vma, bool reset_refcnt)
{
	if (reset_refcnt)
		refcount_set(&vma->vm_refcnt, 0);
	vma->vm_lock_seq = UINT_MAX;
}

/*
 * Only the module's debugfs files need this function, and upstream's shim does
 * not have it.
 */
static inline int mmap_read_lock_killable(struct mm_struct *mm)
{
	(void)mm;
	return 0;
}

static inline int mmap_lock_is_contended(struct mm_struct *mm)
{
	return 0;
}

#include "vma.h"

/* iterator.c */
int shim_iter_prealloc(struct vma_iterator *vmi, struct vm_area_struct *vma);
void shim_iter_store_overwrite(struct vma_iterator *vmi, struct vm_area_struct *vma);
void shim_iter_store_new(struct vma_iterator *vmi, struct vm_area_struct *vma);
void shim_iter_clear(struct vma_iterator *vmi);
void shim_iter_free(struct vma_iterator *vmi);
void shim_validate_mm(struct mm_struct *mm);

#define vma_iter_prealloc	shim_iter_prealloc
#define vma_iter_store_overwrite shim_iter_store_overwrite
#define vma_iter_store_new	shim_iter_store_new
#define vma_iter_clear		shim_iter_clear
#define vma_iter_free		shim_iter_free
#undef validate_mm
#define validate_mm		shim_validate_mm

#endif /* RUST_VMA_SHIM_CUSTOM_H */
