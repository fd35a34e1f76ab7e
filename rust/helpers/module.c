// SPDX-License-Identifier: GPL-2.0
/*
 * What the module around the engine needs of C and bindgen cannot see.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "bindings_helper.h"

bool rust_vma_is_kthread(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD;
}

/* The path that was opened: of a file on a stacked file system, not the one beneath. */
char *rust_vma_file_path(const struct file *file, char *buffer, int length)
{
	return d_path(file_user_path(file), buffer, length);
}

/* The name that prctl() has given a VMA; NULL if none has. The mmap lock is held. */
const char *rust_vma_name(struct vm_area_struct *vma)
{
	const struct anon_vma_name *name = anon_vma_name(vma);

	return name ? name->name : NULL;
}

/* How a VMA's NUMA policy places memory, MPOL_*, and on which of the first nodes. */
unsigned int rust_vma_policy_mode(struct vm_area_struct *vma, unsigned long *nodes)
{
#ifdef CONFIG_NUMA
	const struct mempolicy *policy = vma->vm_policy;

	if (policy) {
		*nodes = nodes_addr(policy->nodes)[0];
		return policy->mode;
	}
#endif
	*nodes = 0;
	return MPOL_DEFAULT;
}

/* How many calls of each hooked function each engine has served. */

enum {
	RUST_VMA_ENGINES = 3,
	RUST_VMA_ENTRIES = 6,
};

struct rust_vma_calls {
	u64 served[RUST_VMA_ENGINES][RUST_VMA_ENTRIES];
};

static DEFINE_PER_CPU(struct rust_vma_calls, rust_vma_calls);

void rust_vma_count_served(unsigned int engine, unsigned int entry)
{
	this_cpu_inc(rust_vma_calls.served[engine][entry]);
}

u64 rust_vma_served(unsigned int engine, unsigned int entry)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(rust_vma_calls, cpu).served[engine][entry];
	return sum;
}
