/* SPDX-License-Identifier: GPL-2.0 */
/* Access to static functions of mm/vma.c, for the driver. */
#ifndef RUST_VMA_USERLAND_KERNEL_H
#define RUST_VMA_USERLAND_KERNEL_H

#include "world.h"

struct vm_area_struct *kernel_modify(struct vma_merge_struct *vmg);
struct vm_area_struct *kernel_merge_existing_range(struct vma_merge_struct *vmg);
int kernel_link(struct mm_struct *mm, struct vm_area_struct *vma);

#endif /* RUST_VMA_USERLAND_KERNEL_H */
