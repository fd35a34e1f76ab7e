// SPDX-License-Identifier: GPL-2.0
/*
 * What the module around the engine needs of C and bindgen cannot see.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
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
