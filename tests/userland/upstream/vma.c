// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces mm/vma.c in upstream's program. It includes that file, and then
 * directs upstream's tests of vma_merge_existing_range(), which the kernel does
 * not hook, to the engine.
 */
#include MM_VMA_C
#include "engine.h"

static struct vm_area_struct *engine_merge_existing_range(struct vma_merge_struct *vmg)
{
	return vma_hook_ops ? rust_vma_merge_existing_range(vmg) :
			      vma_merge_existing_range(vmg);
}

#define vma_merge_existing_range engine_merge_existing_range
