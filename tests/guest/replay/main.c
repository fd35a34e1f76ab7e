// SPDX-License-Identifier: GPL-2.0
/*
 * A random history of system calls that merge, split, move, expand and shrink VMAs,
 * the same for the same seed: replay SEED STEPS. Run with C and with Rust behind the
 * kernel's hook, it has to print the same (scripts/replay).
 *
 * The calls are made by up to four processes with one thread each, related by fork.
 * Only the one whose turn it is runs. All draw from one random number generator, in
 * memory that they share, and all that they see goes into one hash: the result of each
 * call, and the VMAs around it. Every hundred steps each process adds its smaps and its
 * readable memory, and a line with the hash is printed.
 *
 * --trace prints each step in words, with a hash of its process's smaps. --show STEP
 * prints the VMAs of the process that makes that step, before it and afterwards.
 */
#include "replay.h"
#include <sched.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/wait.h>

/* Far from all other mappings. */
#define SHARED ((void *)0x100000000000UL)

/* Within reach, so that the limit stops some of the splits. */
#define MAP_LIMIT "90"

struct shared *shared;
size_t page;
int turns[PROCESSES][2], replies[2], ready[2];
int files[FILES], segments[2];

const char *const file_names[] = { "memfd one", "memfd two", "/dev/zero", "secret" };

static void on_child(int signal)
{
	int error = errno;

	if (write(replies[1], "D", 1) != 1)
		_exit(signal);
	errno = error;
}

static void spawn(int in_slot)
{
	pid_t pid = fork();
	char byte;

	if (!pid) {
		signal(SIGCHLD, SIG_DFL);
		place_windows();
		get_ready(in_slot);
	}
	if (pid < 0)
		die("fork");
	shared->process[in_slot] = (struct process){ .pid = pid, .alive = true };
	if (read(ready[0], &byte, 1) != 1)
		die("a process");
}

static void bury(int in_slot)
{
	struct process *process = &shared->process[in_slot];
	int status;

	if (waitpid(process->pid, &status, 0) != process->pid)
		die("waitpid");
	process->alive = false;
	if (!process->exiting || status) {
		print("step %lu: process %d ended with %x: %s\n", shared->step, in_slot, status,
		      shared->words);
		exit(3);
	}
}

static void take_turn(int in_slot, char what)
{
	char reply;

	if (write(turns[in_slot][1], &what, 1) != 1 || read(replies[0], &reply, 1) != 1)
		die("a turn");
	if (reply == 'D')
		bury(in_slot);
}

static void play(void)
{
	int chosen, slot_free;

	while (shared->step < shared->steps) {
		slot_free = free_slot();
		if (!count_alive() || (slot_free >= 0 && one_in(60)))
			spawn(slot_free);
		do {
			chosen = below(PROCESSES);
		} while (!shared->process[chosen].alive);
		take_turn(chosen, 'r');
		if (!at_check())
			continue;
		for (int i = 0; i < PROCESSES; i++)
			if (shared->process[i].alive)
				take_turn(i, 'c');
		print("%lu %lu %016lx\n", shared->seed, shared->step, shared->hash);
	}
}

static void write_setting(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(file);
	close(fd);
}

/* Nothing that the kernel does on its own account, and no choice of processors. */
static void keep_quiet(unsigned long seed)
{
	cpu_set_t one;

	write_setting("/sys/kernel/mm/transparent_hugepage/enabled", "never");
	write_setting("/sys/kernel/mm/ksm/run", "0");
	write_setting("/proc/sys/vm/max_map_count", MAP_LIMIT);
	CPU_ZERO(&one);
	CPU_SET(seed % sysconf(_SC_NPROCESSORS_CONF), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
}

static void set_up(void)
{
	struct sigaction faults = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction child = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	shared = mmap(SHARED, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);
	if (shared != SHARED)
		die("mmap");
	files[MEMFD_ONE] = memfd_create("one", MFD_CLOEXEC);
	files[MEMFD_TWO] = memfd_create("two", MFD_CLOEXEC);
	files[ZERO] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	files[SECRET] = syscall(SYS_memfd_secret, O_CLOEXEC);
	for (int i = 0; i < FILES; i++)
		if (files[i] < 0 || (i != ZERO && ftruncate(files[i], FILE_PAGES * page)))
			die(file_names[i]);
	for (int i = 0; i < 2; i++) {
		segments[i] = shmget(IPC_PRIVATE, SEGMENT_PAGES * page, IPC_CREAT | 0600);
		if (segments[i] < 0)
			die("shmget");
	}
	for (int i = 0; i < PROCESSES; i++)
		if (pipe2(turns[i], O_CLOEXEC))
			die("pipe");
	if (pipe2(replies, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		die("pipe");
	if (sigaction(SIGSEGV, &faults, NULL) || sigaction(SIGBUS, &faults, NULL) ||
	    sigaction(SIGCHLD, &child, NULL))
		die("sigaction");
}

int main(int argc, char **argv)
{
	char *const nothing[] = { NULL };
	const int fixed = ADDR_NO_RANDOMIZE;
	int old = personality(0xffffffff);
	unsigned long seed;

	page = sysconf(_SC_PAGESIZE);
	if (argc < 3) {
		fprintf(stderr, "usage: replay SEED STEPS [--trace] [--show STEP]\n");
		return 2;
	}
	if (!(old & fixed)) {
		personality(old | fixed);
		execve("/proc/self/exe", argv, nothing);
		die("exec");
	}
	seed = strtoul(argv[1], NULL, 0);
	keep_quiet(seed);
	set_up();
	shared->seed = seed;
	shared->steps = strtoul(argv[2], NULL, 0);
	shared->show = -1UL;
	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "--trace"))
			shared->trace = true;
		else if (!strcmp(argv[i], "--show") && i + 1 < argc)
			shared->show = strtoul(argv[++i], NULL, 0);
	}
	shared->random = seed;
	play();
	signal(SIGCHLD, SIG_DFL);
	for (int i = 0; i < PROCESSES; i++)
		if (shared->process[i].alive)
			kill(shared->process[i].pid, SIGKILL);
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 2; i++)
		shmctl(segments[i], IPC_RMID, NULL);
	return 0;
}
