// SPDX-License-Identifier: GPL-2.0
/*
 * The processes, and the steps that start and end them. All are children of the first
 * process, which can therefore wait for each of them.
 */
#include "replay.h"
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int slot = -1;
int maps_fd, pagemap_fd;

static int generation;

int free_slot(void)
{
	for (int i = 0; i < PROCESSES; i++)
		if (!shared->process[i].alive)
			return i;
	return -1;
}

int count_alive(void)
{
	int count = 0;

	for (int i = 0; i < PROCESSES; i++)
		count += shared->process[i].alive;
	return count;
}

static void open_maps(void)
{
	maps_fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (maps_fd < 0 || pagemap_fd < 0)
		die("/proc/self");
}

void get_ready(int in_slot)
{
	/* The parent is the first process, even for a child of a child. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("prctl");
	slot = in_slot;
	open_maps();
	if (write(ready[1], "r", 1) != 1)
		_exit(2);
	take_turns();
}

/*
 * Prevents wiping by a fork. The kernel's own check of offsets (assert_sane_pgoff())
 * reports a moved VMA that a fork has wiped when it is split. Droppable memory is always
 * wiped, huge pages never.
 */
static void keep_all_on_fork(void)
{
	for (int i = 0; i < IN_HUGE; i++)
		for (char *at = windows[i].start; at < end_of(i); at += page)
			if (madvise(at, page, MADV_KEEPONFORK) && errno == EINVAL)
				munmap(at, page);
}

long do_fork(void)
{
	int child = free_slot();
	pid_t pid;
	char byte;

	if (child < 0 || generation == GENERATIONS) {
		say("no fork");
		return 0;
	}
	say("fork into %d", child);
	if (has_moved)
		keep_all_on_fork();
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		generation++;
		close(maps_fd);
		close(pagemap_fd);
		close_uffd(0);
		close_uffd(1);
		get_ready(child);
	}
	if (pid < 0)
		return -errno;
	shared->process[child] = (struct process){ .pid = pid, .alive = true };
	if (read(ready[0], &byte, 1) != 1)
		die("a child");
	return 0;
}

long do_exit(void)
{
	if (count_alive() == 1 || is_healing()) {
		say("no exit");
		return 0;
	}
	say("exit");
	shared->process[slot].exiting = true;
	return 0;
}

/* Executes a program. Its stack has a random address, so that the stack is moved there. */
long do_exec(void)
{
	char *const arguments[] = { "true", NULL };
	int status;
	pid_t pid;

	say("exec");
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		personality(0);
		execve("/bin/true", arguments, arguments + 1);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status;
}
