// SPDX-License-Identifier: GPL-2.0
/* All steps, and their relative frequencies. */
#include "steps.h"

const struct step_kind step_kinds[] = {
	{ "map", 40, step_map },
	{ "fault", 22, step_fault },
	{ "mark", 6, step_mark },
	{ "fork", 3, step_fork },
	{ "leave", 2, step_leave },
	{ "limit", 2, step_limit },
	{ "vma_modify_flags", 24, step_modify_flags },
	{ "vma_modify_name", 10, step_modify_name },
	{ "vma_modify_flags_name", 8, step_modify_flags_name },
	{ "vma_modify_policy", 10, step_modify_policy },
	{ "vma_modify_uffd", 10, step_modify_uffd },
	{ "vma_modify", 8, step_modify },
	{ "vma_merge_existing_range", 12, step_merge_existing_range },
	{ "vma_merge_extend", 10, step_merge_extend },
	{ "vma_merge_new_range", 16, step_merge_new_range },
	{ "vma_merge_new_range, just_expand", 6, step_just_expand },
	{ "vma_merge_copied_range", 12, step_merge_copied_range },
	{ "split_vma", 6, step_split_vma },
	{ "__split_vma", 6, step_split },
	{ "vma_expand", 8, step_expand },
	{ "vma_shrink", 5, step_shrink },
	{ "do_vmi_munmap", 12, step_munmap },
	{ "do_brk_flags", 4, step_brk },
	{ "copy_vma", 8, step_copy_vma },
	{ "relocate_vma_down", 4, step_relocate },
	{ "mmap_region", 4, step_mmap_region },
};

const unsigned int step_kinds_count = ARRAY_SIZE(step_kinds);
