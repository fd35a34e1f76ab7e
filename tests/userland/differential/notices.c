// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of mm that are notified of changes of a VMA, and other things that
 * depend on a VMA.
 */
#include "world.h"

unsigned long vma_number(const struct vm_area_struct *vma)
{
	return vma ? vma_extra(vma)->number : 0;
}

/*
 * Write-locks the VMA until the end of the step, when the mmap lock is
 * released.
 */
void shim_write_lock(struct vm_area_struct *vma)
{
	if (shim_is_write_locked(vma))
		return;
	record_event(EVENT_START_WRITE, vma_number(vma), 0, 0, 0, 0);
	vma->vm_lock_seq = world->sequence;
}

bool shim_is_write_locked(const struct vm_area_struct *vma)
{
	return vma->vm_lock_seq == world->sequence;
}

void khugepaged_enter_vma(struct vm_area_struct *vma, vm_flags_t flags)
{
	record_event(EVENT_KHUGEPAGED, vma_number(vma), flags, vma->vm_start,
		     vma->vm_end, vma->vm_flags);
}

void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, struct vm_area_struct *next)
{
	record_event(EVENT_ADJUST_TRANS_HUGE, vma_number(vma), start, end,
		     vma_number(next), vma->vm_start);
	WARN_ON(!shim_is_write_locked(vma));
}

void hugetlb_split(struct vm_area_struct *vma, unsigned long addr)
{
	record_event(EVENT_HUGETLB_SPLIT, vma_number(vma), addr, vma->vm_start,
		     vma->vm_end, 0);
	WARN_ON(!is_vm_hugetlb_page(vma));
}

bool is_vm_hugetlb_page(struct vm_area_struct *vma)
{
	return vma_test(vma, VMA_HUGETLB_BIT);
}

bool vma_supports_mlock(const struct vm_area_struct *vma)
{
	return !vma_test_any_mask(vma, VMA_SPECIAL_FLAGS) &&
	       !vma_test(vma, VMA_HUGETLB_BIT);
}

void uprobe_mmap(struct vm_area_struct *vma)
{
	record_event(EVENT_UPROBE_MMAP, vma_number(vma), vma->vm_start, vma->vm_end,
		     vma->vm_pgoff, 0);
}

void uprobe_munmap(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end)
{
	record_event(EVENT_UPROBE_MUNMAP, vma_number(vma), start, end, 0, 0);
}

/*
 * Removes the VMAs from the rmap, which is all that is left of page tables
 * here.
 */
void free_pgtables(struct mmu_gather *tlb, struct unmap_desc *unmap)
{
	struct vm_area_struct *vma = unmap->first;
	struct unlink_vma_file_batch batch;

	(void)tlb;
	while (vma) {
		if (unmap->mm_wr_locked)
			vma_start_write(vma);
		unlink_anon_vmas(vma);
		unlink_file_vma_batch_init(&batch);
		unlink_file_vma_batch_add(&batch, vma);
		unlink_file_vma_batch_final(&batch);
		vma = mas_find(unmap->mas, unmap->tree_end - 1);
	}
}

unsigned long move_page_tables(struct pagetable_move_control *pmc)
{
	return pmc->len_in;
}
