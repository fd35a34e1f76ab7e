// SPDX-License-Identifier: GPL-2.0
/* The calls of the iterator that change the tree. */
#include "kernel.h"

#undef vma_iter_prealloc
#undef vma_iter_store_overwrite
#undef vma_iter_store_new
#undef vma_iter_clear
#undef vma_iter_free

static unsigned long at(const struct vma_iterator *vmi)
{
	return vmi->mas.index;
}

int shim_iter_prealloc(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	int err;

	/* All that matters about the value to store is whether it is NULL. */
	record_event(EVENT_PREALLOC, !!vma, at(vmi), vmi->mas.last, 0, 0);
	err = vma_iter_prealloc(vmi, vma);
	if (err)
		record_event(EVENT_PREALLOC_FAILED, !!vma, at(vmi),
			     vmi->mas.last, -err, 0);
	return err;
}

/*
 * The iterator stands in the range that is stored, or at its start; see
 * mm/vma.h.
 */
void shim_iter_store_overwrite(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	record_event(EVENT_STORE, vma_number(vma), vma->vm_start, vma->vm_end,
		     at(vmi), vmi->mas.last);
	WARN_ON(vmi->mas.status != ma_start && vmi->mas.index > vma->vm_start);
	WARN_ON(vmi->mas.status != ma_start && vmi->mas.last < vma->vm_start);
	WARN_ON(!shim_is_write_locked(vma));
	vma_iter_store_overwrite(vmi, vma);
}

void shim_iter_store_new(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	vma_mark_attached(vma);
	shim_iter_store_overwrite(vmi, vma);
}

void shim_iter_clear(struct vma_iterator *vmi)
{
	record_event(EVENT_CLEAR, at(vmi), vmi->mas.last, 0, 0, 0);
	vma_iter_clear(vmi);
}

void shim_iter_free(struct vma_iterator *vmi)
{
	record_event(EVENT_ITER_FREE, at(vmi), vmi->mas.last, 0, 0, 0);
	vma_iter_free(vmi);
}

void shim_validate_mm(struct mm_struct *mm)
{
	record_event(EVENT_VALIDATE, space_number(mm), mm->map_count, 0, 0, 0);
}
