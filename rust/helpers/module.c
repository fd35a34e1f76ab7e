// SPDX-License-Identifier: GPL-2.0
/*
 * What the module around the engine needs of C and bindgen cannot see.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "bindings_helper.h"

bool rust_vma_is_kthread(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD;
}

void rust_vma_mmap_read_unlock(struct mm_struct *mm)
{
	mmap_read_unlock(mm);
}

int rust_vma_mmap_read_lock_killable(struct mm_struct *mm)
{
	return mmap_read_lock_killable(mm);
}
