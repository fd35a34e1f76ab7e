// SPDX-License-Identifier: GPL-2.0
/* The parts of mm/vma_hook.c that userland needs. */
#ifdef RUST_VMA_SHIM_FIRST_H
#include "vma.h"
#else
#include "shared.h"
#endif

const struct vma_hook_ops *vma_hook_ops;

struct vm_area_struct *
vma_hook_modify_flags(struct vma_iterator *vmi, struct vm_area_struct *prev,
		      struct vm_area_struct *vma, unsigned long start, unsigned long end,
		      vma_flags_t *flags)
{
	return vma_hook_ops->modify_flags(vmi, prev, vma, start, end, flags);
}

struct vm_area_struct *
vma_hook_modify_name(struct vma_iterator *vmi, struct vm_area_struct *prev,
		     struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     struct anon_vma_name *name)
{
	return vma_hook_ops->modify_name(vmi, prev, vma, start, end, name);
}

struct vm_area_struct *
vma_hook_modify_policy(struct vma_iterator *vmi, struct vm_area_struct *prev,
		       struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       struct mempolicy *policy)
{
	return vma_hook_ops->modify_policy(vmi, prev, vma, start, end, policy);
}

struct vm_area_struct *
vma_hook_modify_flags_uffd(struct vma_iterator *vmi, struct vm_area_struct *prev,
			   struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, const vma_flags_t *flags,
			   struct vm_userfaultfd_ctx ctx, bool give_up_on_oom)
{
	return vma_hook_ops->modify_flags_uffd(vmi, prev, vma, start, end, flags, ctx,
					       give_up_on_oom);
}

struct vm_area_struct *vma_hook_merge_new_range(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->merge_new_range(vmg);
}

struct vm_area_struct *vma_hook_merge_copied_range(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->merge_copied_range(vmg);
}

struct vm_area_struct *
vma_hook_merge_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
		      unsigned long delta)
{
	return vma_hook_ops->merge_extend(vmi, vma, delta);
}

int vma_hook_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
		   unsigned long addr, int new_below)
{
	return vma_hook_ops->split(vmi, vma, addr, new_below);
}

int vma_hook_split_past_limit(struct vma_iterator *vmi, struct vm_area_struct *vma,
			      unsigned long addr, int new_below)
{
	return vma_hook_ops->split_past_limit(vmi, vma, addr, new_below);
}

int vma_hook_expand(struct vma_merge_struct *vmg)
{
	return vma_hook_ops->expand(vmg);
}

int vma_hook_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma, unsigned long end)
{
	return vma_hook_ops->shrink(vmi, vma, end);
}
