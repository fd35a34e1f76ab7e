// SPDX-License-Identifier: GPL-2.0
/*
 * The C functions that the module around the engine needs and bindgen cannot see.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "bindings_helper.h"

bool rust_vma_is_kthread(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD;
}

/* Writes the path that was opened. On a stacked file system, it is the path that users see. */
char *rust_vma_file_path(const struct file *file, char *buffer, int length)
{
	return d_path(file_user_path(file), buffer, length);
}

/* Returns a number that identifies the file's inode. */
unsigned long rust_vma_inode(const struct file *file)
{
	return (unsigned long)file_inode(file);
}

/*
 * Returns a number for the VMA's anon_vma, or zero if it has none, and sets *root to the number of
 * the root anon_vma. The mmap lock is held.
 */
unsigned long rust_vma_anon_vma(const struct vm_area_struct *vma, unsigned long *root)
{
	const struct anon_vma *anon_vma = READ_ONCE(vma->anon_vma);

	if (anon_vma)
		*root = (unsigned long)anon_vma->root;
	return (unsigned long)anon_vma;
}

/* Returns the name that prctl() gave a VMA, or NULL. The mmap lock is held. */
const char *rust_vma_name(struct vm_area_struct *vma)
{
	const struct anon_vma_name *name = anon_vma_name(vma);

	return name ? name->name : NULL;
}

/* The return values of rust_vma_use() other than zero. */
enum {
	RUST_VMA_USED_AS_HEAP = 1,
	RUST_VMA_USED_AS_STACK = 2,
};

/*
 * Returns the purpose of a VMA without a file, or zero if the kernel does not know it. Sets *name
 * to the name of a mapping that the kernel created, or to NULL. The mmap lock is held.
 */
unsigned int rust_vma_use(struct vm_area_struct *vma, const char **name)
{
	*name = vma->vm_ops && vma->vm_ops->name ? vma->vm_ops->name(vma) : NULL;
	if (vma_is_initial_heap(vma))
		return RUST_VMA_USED_AS_HEAP;
	return vma_is_initial_stack(vma) ? RUST_VMA_USED_AS_STACK : 0;
}

/*
 * Returns the mode of a VMA's NUMA policy (MPOL_*). Sets the flags of the mode, a mask of the
 * policy's first nodes, and its home node or NUMA_NO_NODE.
 */
unsigned int rust_vma_policy_mode(struct vm_area_struct *vma, unsigned int *flags,
				  unsigned long *nodes, int *home)
{
#ifdef CONFIG_NUMA
	const struct mempolicy *policy = vma->vm_policy;

	if (policy) {
		*flags = policy->flags & MPOL_MODE_FLAGS;
		*nodes = nodes_addr(policy->nodes)[0];
		*home = policy->home_node;
		return policy->mode;
	}
#endif
	*flags = 0;
	*nodes = 0;
	*home = NUMA_NO_NODE;
	return MPOL_DEFAULT;
}
