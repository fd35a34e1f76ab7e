// SPDX-License-Identifier: GPL-2.0
/*
 * Replaces the engine in Rust, with ENGINE=c, by the C bodies. Any difference
 * is then a fault of the driver.
 */
#include "engine.h"
#include "kernel.h"

enum entry {
	ENTRY_HOOK,
	ENTRY_MODIFY,
	ENTRY_MERGE_EXISTING_RANGE,
	ENTRY_MODIFY_FLAGS_NAME,
	ENTRIES,
};

static const char *const names[ENTRIES] = {
	"entry: a hooked helper", "entry: vma_modify", "entry: vma_merge_existing_range",
	"entry: vma_modify_flags_name",
};

static unsigned long entered[ENTRIES];

struct vm_area_struct *
rust_vma_modify_flags(struct vma_iterator *vmi, struct vm_area_struct *prev,
		      struct vm_area_struct *vma, unsigned long start, unsigned long end,
		      vma_flags_t *flags)
{
	entered[ENTRY_HOOK]++;
	return c_vma_modify_flags(vmi, prev, vma, start, end, flags);
}

struct vm_area_struct *
rust_vma_modify_name(struct vma_iterator *vmi, struct vm_area_struct *prev,
		     struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     struct anon_vma_name *name)
{
	entered[ENTRY_HOOK]++;
	return c_vma_modify_name(vmi, prev, vma, start, end, name);
}

struct vm_area_struct *
rust_vma_modify_policy(struct vma_iterator *vmi, struct vm_area_struct *prev,
		       struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       struct mempolicy *policy)
{
	entered[ENTRY_HOOK]++;
	return c_vma_modify_policy(vmi, prev, vma, start, end, policy);
}

struct vm_area_struct *
rust_vma_modify_flags_uffd(struct vma_iterator *vmi, struct vm_area_struct *prev,
			   struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, const vma_flags_t *flags,
			   struct vm_userfaultfd_ctx ctx, bool give_up_on_oom)
{
	entered[ENTRY_HOOK]++;
	return c_vma_modify_flags_uffd(vmi, prev, vma, start, end, flags, ctx, give_up_on_oom);
}

struct vm_area_struct *rust_vma_merge_new_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_HOOK]++;
	return c_vma_merge_new_range(vmg);
}

struct vm_area_struct *rust_vma_merge_copied_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_HOOK]++;
	return c_vma_merge_copied_range(vmg);
}

struct vm_area_struct *
rust_vma_merge_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
		      unsigned long delta)
{
	entered[ENTRY_HOOK]++;
	return c_vma_merge_extend(vmi, vma, delta);
}

int rust_vma_split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma,
		       unsigned long addr, int new_below)
{
	entered[ENTRY_HOOK]++;
	return c_split_vma(vmi, vma, addr, new_below);
}

int rust_vma_split_vma_past_limit(struct vma_iterator *vmi, struct vm_area_struct *vma,
				  unsigned long addr, int new_below)
{
	entered[ENTRY_HOOK]++;
	return c___split_vma(vmi, vma, addr, new_below);
}

int rust_vma_expand(struct vma_merge_struct *vmg)
{
	entered[ENTRY_HOOK]++;
	return c_vma_expand(vmg);
}

int rust_vma_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma, unsigned long end)
{
	entered[ENTRY_HOOK]++;
	return c_vma_shrink(vmi, vma, end);
}

struct vm_area_struct *rust_vma_modify(struct vma_merge_struct *vmg)
{
	entered[ENTRY_MODIFY]++;
	return kernel_modify(vmg);
}

struct vm_area_struct *rust_vma_merge_existing_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_MERGE_EXISTING_RANGE]++;
	return kernel_merge_existing_range(vmg);
}

struct vm_area_struct *rust_vma_modify_flags_name(struct vma_iterator *vmi,
						  struct vm_area_struct *prev,
						  struct vm_area_struct *vma,
						  unsigned long start, unsigned long end,
						  vma_flags_t *flags,
						  struct anon_vma_name *name)
{
	VMG_VMA_STATE(vmg, vmi, prev, vma, start, end);
	struct vm_area_struct *merged;

	entered[ENTRY_MODIFY_FLAGS_NAME]++;
	vmg.vma_flags = *flags;
	vmg.anon_name = name;
	merged = kernel_modify(&vmg);
	if (!IS_ERR(merged) && vmg.state == VMA_MERGE_SUCCESS)
		*flags = merged->flags;
	return merged;
}

const struct vma_hook_ops rust_vma_ops = {
	.modify_flags = rust_vma_modify_flags,
	.modify_name = rust_vma_modify_name,
	.modify_policy = rust_vma_modify_policy,
	.modify_flags_uffd = rust_vma_modify_flags_uffd,
	.merge_new_range = rust_vma_merge_new_range,
	.merge_copied_range = rust_vma_merge_copied_range,
	.merge_extend = rust_vma_merge_extend,
	.split = rust_vma_split_vma,
	.split_past_limit = rust_vma_split_vma_past_limit,
	.expand = rust_vma_expand,
	.shrink = rust_vma_shrink,
};

void rust_vma_tally(void (*show)(void *data, const char *name, unsigned long count),
		    void *data)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		show(data, names[i], entered[i]);
}

void rust_vma_tally_reset(void)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		entered[i] = 0;
}
