// SPDX-License-Identifier: GPL-2.0
/* Limits, mapped pages and committed memory, for rust/process/sys/account.rs. */
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/security.h>

#include "bindings_helper.h"

/* Returns a limit, RLIMIT_*, in bytes. */
unsigned long rust_vma_limit(const struct task_struct *task, unsigned int which)
{
	return task_rlimit(task, which);
}

unsigned long rust_vma_highest_limit(const struct task_struct *task,
				     unsigned int which)
{
	return task_rlimit_max(task, which);
}

void rust_vma_count_mapped(struct mm_struct *mm, const vma_flags_t *flags,
			   long pages)
{
	vm_stat_account(mm, vma_flags_to_legacy(*flags), pages);
}

bool rust_vma_is_data(const vma_flags_t *flags)
{
	return is_data_mapping_vma_flags(flags);
}

void rust_vma_uncharge(unsigned long pages)
{
	vm_unacct_memory(pages);
}

int rust_vma_charge(struct mm_struct *mm, unsigned long pages)
{
	return security_vm_enough_memory_mm(mm, pages);
}
