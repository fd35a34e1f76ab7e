// SPDX-License-Identifier: GPL-2.0
/*
 * Properties of any VMA, and steps that several system calls share, for rust/process/sys/mod.rs.
 */
#include <linux/hugetlb.h>
#include <linux/perf_event.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "bindings_helper.h"

/*
 * perf attributes a mapping to the calling process, so only the memory of that process is reported
 * to perf.
 */
void rust_vma_tell_perf(struct vm_area_struct *vma)
{
	if (vma->vm_mm == current->mm)
		perf_event_mmap(vma);
}

/*
 * Populates the locked memory in a range, if possible. The caller does not hold the mmap lock.
 * Ends early if either process is killed.
 */
void rust_vma_populate(struct mm_struct *mm, struct task_struct *task,
		       unsigned long start, unsigned long end)
{
	const unsigned long step = 512 * PAGE_SIZE;
	unsigned long next;

	for (; start < end; start = next) {
		struct vm_area_struct *vma;
		int locked = 1;

		if (fatal_signal_pending(task) || mmap_read_lock_killable(mm))
			return;
		vma = find_vma_intersection(mm, start, end);
		if (!vma) {
			mmap_read_unlock(mm);
			return;
		}
		start = max(start, vma->vm_start);
		next = min(end, vma->vm_end);
		if ((vma->vm_flags & VM_LOCKED) &&
		    !(vma->vm_flags & (VM_IO | VM_PFNMAP))) {
			long pages = populate_vma_page_range(vma, start, min(next, start + step),
							     &locked);

			/*
			 * The number of pages may be 0 after a fault that has waited; the
			 * loop then tries the same pages again. If a page cannot be
			 * faulted in, the rest of its VMA is skipped, as in mlock().
			 */
			if (pages >= 0)
				next = start + pages * PAGE_SIZE;
		}
		if (locked)
			mmap_read_unlock(mm);
	}
}

bool rust_vma_is_killed(void)
{
	return fatal_signal_pending(current);
}

bool rust_vma_is_anonymous(struct vm_area_struct *vma)
{
	return vma_is_anonymous(vma);
}

unsigned long rust_vma_huge_page_size(struct vm_area_struct *vma)
{
	return is_vm_hugetlb_page(vma) ? huge_page_size(hstate_vma(vma)) : PAGE_SIZE;
}
