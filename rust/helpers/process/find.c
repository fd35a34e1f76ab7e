// SPDX-License-Identifier: GPL-2.0
/*
 * A process, for rust/process/sys/find.rs.
 */
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

#include "bindings_helper.h"

/* Numbers that bindgen cannot see as such. */
enum {
	RUST_VMA_MAY_READ = PTRACE_MODE_READ_FSCREDS,
	RUST_VMA_MAY_ATTACH = PTRACE_MODE_ATTACH_REALCREDS,
};

bool rust_vma_reading_implies_executing(const struct task_struct *task)
{
	return task->personality & READ_IMPLIES_EXEC;
}
