// SPDX-License-Identifier: GPL-2.0
/* The trace points, and their data about processes and VMAs. */
#include <linux/fs.h>
#include <linux/maple_tree.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "traced.h"

/* rust/report/sys/events.rs reads the static keys of the trace points. */
#ifndef CONFIG_TRACEPOINTS
#error rust_vma is for kernels with CONFIG_TRACEPOINTS=y
#endif

/*
 * An event that is in use keeps the module loaded: the kernel releases an enabled event when its
 * module goes away, but not an event with a trigger.
 */
static int rust_vma_trace_used(void)
{
	return try_module_get(THIS_MODULE) ? 0 : -ENODEV;
}

static void rust_vma_trace_unused(void)
{
	module_put(THIS_MODULE);
}

#define CREATE_TRACE_POINTS
#define CREATE_RUST_TRACE_POINTS
#include "rust_vma_trace.h"

/* Describes memory that has no address yet. The file may be NULL. */
void rust_vma_see_file(const struct file *file, struct rust_vma_seen *seen)
{
	const struct inode *inode = file ? file_user_inode(file) : NULL;

	*seen = (struct rust_vma_seen){};
	if (inode) {
		seen->dev = inode->i_sb->s_dev;
		seen->ino = inode->i_ino;
	}
}

/*
 * Describes the VMA at this address, or sets all members to 0 if there is no VMA. The mmap lock is
 * held for write, so the VMA is not freed and keeps its file.
 */
void rust_vma_see(struct mm_struct *mm, unsigned long addr, struct rust_vma_seen *seen)
{
	const struct vm_area_struct *vma;

	mmap_assert_write_locked(mm);
	vma = mtree_load(&mm->mm_mt, addr);
	if (!vma) {
		*seen = (struct rust_vma_seen){};
		return;
	}
	rust_vma_see_file(vma->vm_file, seen);
	seen->start = vma->vm_start;
	seen->end = vma->vm_end;
	seen->flags = vma->flags;
}

/*
 * Returns a task that has this mm, or NULL if only kernel threads borrow the mm. The caller is in
 * an RCU read-side critical section, so the task is not freed.
 */
static struct task_struct *rust_vma_task_of(const struct mm_struct *mm)
{
#ifdef CONFIG_MEMCG
	/* The owner is updated whenever a task gives up its mm. */
	return rcu_dereference(mm->owner);
#else
	struct task_struct *process, *thread;

	/*
	 * One live thread of each process is enough: all threads share one mm, and exited threads
	 * have none.
	 */
	for_each_process(process) {
		if (process->flags & PF_KTHREAD)
			continue;
		for_each_thread(process, thread) {
			const struct mm_struct *its = READ_ONCE(thread->mm);

			if (its == mm)
				return thread;
			if (its)
				break;
		}
	}
	return NULL;
#endif
}

/*
 * Sets *tgid to the process that has this mm, and *pid to the calling thread if it belongs to that
 * process, otherwise to the first thread of the process. Both are 0 if no process has the mm. An mm
 * outlives its process while another task, such as a reader of /proc/PID/mem, holds a reference.
 */
void rust_vma_trace_target(const struct mm_struct *mm, pid_t *pid, pid_t *tgid)
{
	struct task_struct *task;

	*pid = task_pid_nr(current);
	*tgid = task_tgid_nr(current);
	if (current->mm == mm)
		return;
	guard(rcu)();
	task = rust_vma_task_of(mm);
	/* The id of a process is the id of its first thread. */
	*tgid = task ? task_tgid_nr(task) : 0;
	*pid = *tgid;
}
