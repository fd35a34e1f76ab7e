/* SPDX-License-Identifier: GPL-2.0 */
/* What mm/vma.c keeps to itself, for the driver. */
#ifndef RUST_VMA_USERLAND_KERNEL_H
#define RUST_VMA_USERLAND_KERNEL_H

#include "vma_hook.h"
#include "world.h"

/* Through the dispatchers. */
struct vm_area_struct *kernel_modify(struct vma_merge_struct *vmg);
struct vm_area_struct *kernel_merge_existing_range(struct vma_merge_struct *vmg);
struct vm_area_struct *kernel_merge_copied_range(struct vma_merge_struct *vmg);
int kernel_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
		 unsigned long addr, int new_below);

/* What is not hooked. */
int kernel_link(struct mm_struct *mm, struct vm_area_struct *vma);

/* The C bodies. */
struct vm_area_struct *kernel_c_modify(struct vma_merge_struct *vmg);
struct vm_area_struct *kernel_c_merge_existing_range(struct vma_merge_struct *vmg);
int kernel_c_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
		   unsigned long addr, int new_below);

#endif /* RUST_VMA_USERLAND_KERNEL_H */
