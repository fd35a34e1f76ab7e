// SPDX-License-Identifier: GPL-2.0
/* The kernel's code for VMAs, and access to its static functions. */
#include "vma_init.c"
#include "vma_exec.c"
#include "vma.c"

#include "kernel.h"

int sysctl_max_map_count;
unsigned long mmap_min_addr = PAGE_SIZE;
unsigned long dac_mmap_min_addr = PAGE_SIZE;
unsigned long stack_guard_gap = 256UL << PAGE_SHIFT;

struct task_struct *get_current(void)
{
	return &world->task;
}

unsigned long rlimit(unsigned int limit)
{
	(void)limit;
	return ULONG_MAX;
}

struct vm_area_struct *kernel_modify(struct vma_merge_struct *vmg)
{
	return vma_modify(vmg);
}

struct vm_area_struct *kernel_merge_existing_range(struct vma_merge_struct *vmg)
{
	return vma_merge_existing_range(vmg);
}

int kernel_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	return vma_link(mm, vma);
}
