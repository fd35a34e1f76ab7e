// SPDX-License-Identifier: GPL-2.0
/*
 * The trace points, and the lookup that one of them needs.
 */
#include <linux/maple_tree.h>
#include <linux/rcupdate.h>

#include "bindings_helper.h"

#define CREATE_TRACE_POINTS
#define CREATE_RUST_TRACE_POINTS
#include "rust_vma_trace.h"

/* Sets the range of the VMA at this address; 0 and 0 if there is none. */
void rust_vma_range_at(struct mm_struct *mm, unsigned long addr,
		       unsigned long *start, unsigned long *end)
{
	const struct vm_area_struct *vma;

	/* VMAs are freed after a grace period at the earliest. */
	guard(rcu)();
	vma = mtree_load(&mm->mm_mt, addr);
	*start = vma ? vma->vm_start : 0;
	*end = vma ? vma->vm_end : 0;
}
