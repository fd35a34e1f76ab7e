// SPDX-License-Identifier: GPL-2.0
/*
 * A random history of system calls that merge, split, move, expand and shrink VMAs. The
 * history is the same for the same seed: replay SEED STEPS. With C and with Rust behind
 * the kernel's hook, it has to print the same (scripts/replay).
 *
 * The calls are made by up to four processes with one thread each, related by fork. Only
 * the process whose turn it is runs. All processes draw from one random number generator
 * in shared memory, and everything that they see is added to one hash: the result of each
 * call, the VMAs around it, the attachments of System V segments and the counts of huge
 * pages. Every hundred steps, each process adds its smaps, its pagemap and its readable
 * memory, a file is sealed if that is possible, and a line with the hash is printed.
 * Every five hundred steps, KSM merges what it can, and all pages move to the other node
 * and back.
 *
 * Some results can be checked without another engine: the number of attachments, whether
 * a file can be sealed, that written pages are soft-dirty, that pages move, and that
 * everything is freed with the processes. If a check fails, the history ends with a
 * complaint.
 *
 * --trace prints each step in words, with a hash of its process's smaps. --show STEP
 * prints the VMAs of the process that makes that step, before and after it.
 */
#include "replay.h"
#include <sched.h>
#include <sys/personality.h>
#include <sys/wait.h>

/* The address of the shared memory, far from all other mappings. */
#define SHARED ((void *)0x100000000000UL)

/* The limit is low, so that it stops some of the splits. */
#define MAP_LIMIT "90"

struct shared *shared;
size_t page;
int turns[PROCESSES][2], replies[2], ready[2];
int files[FILES];

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

/* Makes all processes add what they see of themselves, and their counts. */
static void check_all(void)
{
	memset(shared->attached, 0, sizeof(shared->attached));
	shared->writable = 0;
	if (at_long_check()) {
		run_ksm();
		tell_noted("KSM as a whole");
	}
	for (int i = 0; i < PROCESSES; i++)
		if (shared->process[i].alive)
			take_turn(i, 'c');
	check_attachments();
	try_to_seal();
	tell_noted("sealing");
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
		check_all();
		print("%lu %lu %016lx\n", shared->seed, shared->step, shared->hash);
	}
}

void write_setting(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(file);
	close(fd);
}

/* Prevents changes that the kernel makes on its own, and migration between processors. */
static void keep_quiet(unsigned long seed)
{
	cpu_set_t one;

	write_setting("/sys/kernel/mm/transparent_hugepage/enabled", "never");
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
	files[MEMFD_ONE] = memfd_create("one", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	files[MEMFD_TWO] = memfd_create("two", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	files[ZERO] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	files[SECRET] = syscall(SYS_memfd_secret, O_CLOEXEC);
	for (int i = 0; i < FILES; i++)
		if (files[i] < 0 || (i != ZERO && ftruncate(files[i], FILE_PAGES * page)))
			die(file_names[i]);
	create_segments();
	create_sealable_files();
	for (int i = 0; i < PROCESSES; i++)
		if (pipe2(turns[i], O_CLOEXEC))
			die("pipe");
	if (pipe2(replies, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		die("pipe");
	if (sigaction(SIGSEGV, &faults, NULL) || sigaction(SIGBUS, &faults, NULL) ||
	    sigaction(SIGCHLD, &child, NULL))
		die("sigaction");
}

/* Prints what this machine lacks, which the history then leaves out. */
static void say_what_lacks(void)
{
	static const char *const lacking[] = { "protection keys", "shadow stacks",
					       "soft-dirty bits", "swap" };
	char swaps[256];
	int fd = open("/proc/swaps", O_RDONLY);
	ssize_t length = read(fd, swaps, sizeof(swaps));
	bool has[] = { set_up_keys(), has_shadow_stacks(), has_soft_dirty,
		       memchr(swaps, '\n', length) != swaps + length - 1 };

	close(fd);
	for (size_t i = 0; i < count_of(lacking); i++)
		if (!has[i])
			print("%lu 0 without %s\n", shared->seed, lacking[i]);
}

/* Checks that everything is freed after all processes have ended. */
static void check_end(void)
{
	memset(shared->attached, 0, sizeof(shared->attached));
	check_attachments();
	seal_all();
	if (has_huge_pages)
		close(huge_file);
	check_huge_pages("in the end");
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
	set_up_huge_pages();
	set_up_ksm();
	find_soft_dirty();
	say_what_lacks();
	play();
	signal(SIGCHLD, SIG_DFL);
	for (int i = 0; i < PROCESSES; i++)
		if (shared->process[i].alive)
			kill(shared->process[i].pid, SIGKILL);
	while (wait(NULL) > 0)
		;
	check_end();
	remove_segments();
	return 0;
}
