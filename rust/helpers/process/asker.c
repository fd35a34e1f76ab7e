// SPDX-License-Identifier: GPL-2.0
/*
 * The relation of a caller to a thread, for rust/process/sys/asker.rs.
 */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "bindings_helper.h"

/* The maximum number of ancestors that a search visits. */
#define RUST_VMA_GENERATIONS 64

/* Takes references to the ids of the calling thread and of its session. */
struct pid *rust_vma_caller(struct pid **session)
{
	scoped_guard(rcu) {
		*session = get_pid(task_session(current));
	}
	return get_pid(task_pid(current));
}

/* Returns whether a thread is the caller, or belongs to an ancestor of the caller's process. */
bool rust_vma_is_behind_caller(const struct task_struct *thread)
{
	const struct task_struct *ancestor = current;
	bool found = thread == current;

	guard(rcu)();
	for (int i = 0; !found && i < RUST_VMA_GENERATIONS && ancestor->pid; i++) {
		ancestor = rcu_dereference(ancestor->real_parent);
		found = ancestor->signal == thread->signal;
	}
	return found;
}
