// SPDX-License-Identifier: GPL-2.0
/* mm/vma_hook.c, as far as userland needs it. */
#include <linux/compiler.h>
#include <stdbool.h>

struct vma_iterator;
struct vma_merge_struct;
struct vm_area_struct;

#include "vma_hook.h"

const struct vma_hook_ops *vma_hook_ops;

struct vm_area_struct *vma_hook_modify(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->modify(vmg);
}

struct vm_area_struct *
vma_hook_merge_existing_range(struct vma_merge_struct *vmg,
			      struct vm_area_struct *(*body)(struct vma_merge_struct *vmg))
{
	return vma_hook_ops->merge_existing_range(vmg);
}

struct vm_area_struct *vma_hook_merge_new_range(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->merge_new_range(vmg);
}

int vma_hook_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
		   unsigned long addr, int new_below)
{
	return vma_hook_ops->split(vmi, vma, addr, new_below);
}

int vma_hook_expand(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->expand(vmg);
}

int vma_hook_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma,
		    unsigned long end)
{
	return vma_hook_ops->shrink(vmi, vma, end);
}
