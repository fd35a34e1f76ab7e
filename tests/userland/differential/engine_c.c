// SPDX-License-Identifier: GPL-2.0
/*
 * In place of the engine in Rust, with ENGINE=c: the C bodies once more. What
 * the driver then finds is its own fault.
 */
#include "engine.h"
#include "kernel.h"

enum entry {
	ENTRY_MODIFY,
	ENTRY_MERGE_EXISTING_RANGE,
	ENTRY_MERGE_NEW_RANGE,
	ENTRY_SPLIT,
	ENTRY_EXPAND,
	ENTRY_SHRINK,
	ENTRY_HELPER,
	ENTRIES,
};

static const char *const names[ENTRIES] = {
	"entry: modify", "entry: merge_existing_range", "entry: merge_new_range",
	"entry: split", "entry: expand", "entry: shrink", "entry: a helper",
};

static unsigned long entered[ENTRIES];

struct vm_area_struct *rust_vma_hook_modify(struct vma_merge_struct *vmg)
{
	entered[ENTRY_MODIFY]++;
	return kernel_c_modify(vmg);
}

struct vm_area_struct *rust_vma_hook_merge_existing_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_MERGE_EXISTING_RANGE]++;
	return kernel_c_merge_existing_range(vmg);
}

struct vm_area_struct *rust_vma_hook_merge_new_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_MERGE_NEW_RANGE]++;
	return c_vma_merge_new_range(vmg);
}

int rust_vma_hook_split(struct vma_iterator *vmi, struct vm_area_struct *vma,
			unsigned long addr, int new_below)
{
	entered[ENTRY_SPLIT]++;
	return kernel_c_split(vmi, vma, addr, new_below);
}

int rust_vma_hook_expand(struct vma_merge_struct *vmg)
{
	entered[ENTRY_EXPAND]++;
	return c_vma_expand(vmg);
}

int rust_vma_hook_shrink(struct vma_iterator *vmi, struct vm_area_struct *vma,
			 unsigned long end)
{
	entered[ENTRY_SHRINK]++;
	return c_vma_shrink(vmi, vma, end);
}

struct vm_area_struct *rust_vma_modify_flags(struct vma_iterator *vmi,
					     struct vm_area_struct *prev,
					     struct vm_area_struct *vma,
					     unsigned long start, unsigned long end,
					     vma_flags_t *flags)
{
	entered[ENTRY_HELPER]++;
	return vma_modify_flags(vmi, prev, vma, start, end, flags);
}

struct vm_area_struct *rust_vma_modify_name(struct vma_iterator *vmi,
					    struct vm_area_struct *prev,
					    struct vm_area_struct *vma,
					    unsigned long start, unsigned long end,
					    struct anon_vma_name *name)
{
	entered[ENTRY_HELPER]++;
	return vma_modify_name(vmi, prev, vma, start, end, name);
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

	entered[ENTRY_HELPER]++;
	vmg.vma_flags = *flags;
	vmg.anon_name = name;
	merged = kernel_c_modify(&vmg);
	if (!IS_ERR(merged) && vmg.state == VMA_MERGE_SUCCESS)
		*flags = merged->flags;
	return merged;
}

struct vm_area_struct *rust_vma_modify_policy(struct vma_iterator *vmi,
					      struct vm_area_struct *prev,
					      struct vm_area_struct *vma,
					      unsigned long start, unsigned long end,
					      struct mempolicy *policy)
{
	entered[ENTRY_HELPER]++;
	return vma_modify_policy(vmi, prev, vma, start, end, policy);
}

struct vm_area_struct *rust_vma_modify_uffd(struct vma_iterator *vmi,
					    struct vm_area_struct *prev,
					    struct vm_area_struct *vma,
					    unsigned long start, unsigned long end,
					    const vma_flags_t *flags, void *ctx,
					    bool give_up_on_oom)
{
	struct vm_userfaultfd_ctx new_ctx = { ctx };

	entered[ENTRY_HELPER]++;
	return vma_modify_flags_uffd(vmi, prev, vma, start, end, flags, new_ctx,
				     give_up_on_oom);
}

struct vm_area_struct *rust_vma_merge_extend(struct vma_iterator *vmi,
					     struct vm_area_struct *vma,
					     unsigned long delta)
{
	entered[ENTRY_HELPER]++;
	return vma_merge_extend(vmi, vma, delta);
}

struct vm_area_struct *rust_vma_merge_copied_range(struct vma_merge_struct *vmg)
{
	entered[ENTRY_HELPER]++;
	return kernel_merge_copied_range(vmg);
}

int rust_vma_split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma,
		       unsigned long addr, int new_below)
{
	entered[ENTRY_HELPER]++;
	return c_split_vma(vmi, vma, addr, new_below);
}

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
