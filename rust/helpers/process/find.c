// SPDX-License-Identifier: GPL-2.0
/* Functions to find a process, for rust/process/sys/find.rs. */
#include <linux/delay.h>
#include <linux/mmap_lock.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "bindings_helper.h"

/* Values that bindgen cannot see. */
enum {
	RUST_VMA_MAY_READ = PTRACE_MODE_READ_FSCREDS,
	RUST_VMA_MAY_ATTACH = PTRACE_MODE_ATTACH_REALCREDS,
};

/*
 * Counts the processes in the caller's pid namespace that have this command of TASK_COMM_LEN bytes,
 * and sets the ids of the first two.
 */
unsigned int rust_vma_called(const char *command, pid_t *ids)
{
	struct task_struct *process;
	unsigned int count = 0;

	guard(rcu)();
	for_each_process(process) {
		pid_t id = task_tgid_vnr(process);

		/* A process that has exited but was not waited for has no memory. */
		if (process->exit_state && thread_group_empty(process))
			continue;
		if (!id || strncmp(process->comm, command, TASK_COMM_LEN))
			continue;
		if (count < 2)
			ids[count] = id;
		count++;
	}
	return count;
}

/* Writes the command of a task, padded with NULs, into TASK_COMM_LEN bytes. */
void rust_vma_command(const struct task_struct *task, char *command)
{
	strscpy_pad(command, task->comm, TASK_COMM_LEN);
}

/* Writes the time of day in UTC, and returns the number of bytes without the NUL. */
int rust_vma_time_of_day(char *text, int length)
{
	time64_t now = ktime_get_real_seconds();

	return scnprintf(text, length, "%ptTs", &now);
}

/*
 * Sets *count to a number that changes whenever the mmap lock is taken for write or released.
 * Returns false if the kernel does not have this count.
 */
bool rust_vma_write_count(const struct mm_struct *mm, unsigned int *count)
{
#ifdef CONFIG_PER_VMA_LOCK
	*count = READ_ONCE(mm->mm_lock_seq.sequence);
	return true;
#else
	return false;
#endif
}

/* Sleeps while other tasks wait for the mmap lock, but for at most 10 ms. */
void rust_vma_give_way(struct mm_struct *mm)
{
	for (int i = 0; i < 100 && mmap_lock_is_contended(mm); i++)
		usleep_range(20, 100);
}

bool rust_vma_reading_implies_executing(const struct task_struct *task)
{
	return task->personality & READ_IMPLIES_EXEC;
}
