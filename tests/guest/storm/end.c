// SPDX-License-Identifier: GPL-2.0
/*
 * Counts in the kernel that have to be right whatever the storm did: the attachments of
 * segments, the writable mappings of files, the mappings of each page, huge pages, and
 * the pages that KSM has merged.
 */
#include "storm.h"
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define HUGE_PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define KSM "/sys/kernel/mm/ksm/"

/* Enough for three processes with a child each, and for stress-ng. */
#define POOL 24

/* The place of a process's huge pages, and their number. */
#define HUGE ((unsigned char *)0x600000000000UL)
#define HUGE_COUNT 3
#define HUGE_SIZE 0x200000UL

/* Other processes may hold a page for a moment. */
#define TRIALS 1000

static unsigned long number_in(const char *name)
{
	char text[32] = "";
	int fd = open(name, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		wrong("cannot read %s: %s", name, strerror(errno));
	close(fd);
	return strtoul(text, NULL, 10);
}

static void expect(const char *name, unsigned long wanted)
{
	unsigned long number = number_in(name);

	if (number != wanted)
		wrong("%s is %lu, not %lu", name, number, wanted);
}

static void expect_no_huge_pages_used(void)
{
	expect(HUGE_PAGES "nr_hugepages", POOL);
	expect(HUGE_PAGES "free_hugepages", POOL);
	expect(HUGE_PAGES "resv_hugepages", 0);
	expect(HUGE_PAGES "surplus_hugepages", 0);
}

void set_up_counters(void)
{
	char pool[16];

	snprintf(pool, sizeof(pool), "%d", POOL);
	set(HUGE_PAGES "nr_hugepages", pool);
	expect_no_huge_pages_used();
	set(KSM "run", "1");
}

/* Stops KSM. Pages that are written afterwards stay unmerged. */
void stop_merging(void)
{
	set(KSM "run", "0");
}

/* Checks the counters after all processes have ended. */
void check_counters(void)
{
	expect_no_huge_pages_used();
	/* This splits all merged pages. */
	set(KSM "run", "2");
	expect(KSM "pages_shared", 0);
	expect(KSM "pages_sharing", 0);
}

/* Starts a child that writes to its copies of the huge pages, none of which is reserved. */
static void write_in_child(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		for (size_t i = 0; i < HUGE_COUNT; i++)
			store(HUGE + i * HUGE_SIZE, 99);
		_exit(0);
	}
	if (child < 0)
		wrong("cannot fork: %s", strerror(errno));
	else if (waitpid(child, &status, 0) != child || status)
		wrong("a child with huge pages ended with %x", status);
}

/* Maps huge pages, which are split, inherited, merged, and unmapped one after the other. */
void use_huge_pages(void)
{
	const int flags = MAP_ANONYMOUS | MAP_HUGETLB | MAP_FIXED_NOREPLACE;
	unsigned char found;

	if (mmap(HUGE, HUGE_COUNT * HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags, -1,
		 0) != HUGE) {
		if (errno != ENOMEM)
			wrong("cannot map huge pages: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < HUGE_COUNT; i++)
		if (!store(HUGE + i * HUGE_SIZE, i + 1))
			wrong("huge page %zu cannot be written", i);
	if (mprotect(HUGE + HUGE_SIZE, HUGE_SIZE, PROT_READ) ||
	    madvise(HUGE + 2 * HUGE_SIZE, HUGE_SIZE, MADV_DONTFORK))
		wrong("huge pages are not split: %s", strerror(errno));
	write_in_child();
	for (size_t i = 0; i < HUGE_COUNT; i++)
		if (!load(HUGE + i * HUGE_SIZE, &found) || found != i + 1)
			wrong("huge page %zu has lost its contents", i);
	if (mprotect(HUGE + HUGE_SIZE, HUGE_SIZE, PROT_READ | PROT_WRITE) ||
	    munmap(HUGE + HUGE_SIZE, HUGE_SIZE) ||
	    munmap(HUGE, HUGE_COUNT * HUGE_SIZE))
		wrong("huge pages are not merged, or not unmapped: %s", strerror(errno));
	figures->huge++;
}

static int node_of(void *address)
{
	int node;

	if (syscall(SYS_move_pages, 0, 1, &address, NULL, &node, 0))
		wrong("cannot find a node: %s", strerror(errno));
	return node;
}

/* Moves a page to a node. The page only moves if the kernel finds all of its mappings. */
static void move(void *address, int node)
{
	int status = 0;

	for (int i = 0; node_of(address) != node; i++) {
		if (i == TRIALS) {
			wrong("page %p cannot be moved to node %d: %d", address, node, status);
			return;
		}
		syscall(SYS_move_pages, 0, 1, &address, &node, &status, MPOL_MF_MOVE_ALL);
	}
}

/* Returns the number of VMAs of the segment. maps shows its number instead of an inode number. */
static unsigned long count_vmas(int segment)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long vmas = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps)) {
		int inode;

		if (strstr(line, " /SYSV") && sscanf(line, "%*s %*s %*s %*s %d", &inode) == 1)
			vmas += inode == segment;
	}
	if (maps)
		fclose(maps);
	return vmas;
}

static void expect_attachments(int segment, unsigned long wanted)
{
	struct shmid_ds found;

	if (shmctl(segment, IPC_STAT, &found))
		wrong("shmctl failed: %s", strerror(errno));
	else if (found.shm_nattch != wanted)
		wrong("a segment has %lu attachments, not %lu", found.shm_nattch, wanted);
	figures->attachments += wanted;
}

/*
 * Makes the page one that KSM has not merged. A page that a fork has shared may be found
 * only at its old address, if KSM met it in the child, and then cannot move.
 */
static void unmerge(struct worker *worker, size_t at)
{
	unsigned char *address = worker->base + at * page;

	if (mprotect(address, page, PROT_READ | PROT_WRITE) ||
	    !store(address, worker->value[at]))
		wrong("page %p cannot be written", address);
}

/*
 * Checks that the pages of the worker move to the other node and back, and keep their
 * contents. Then frees everything.
 */
void check_worker(struct worker *worker)
{
	for (size_t i = 0; i < WINDOW; i++) {
		void *address = worker->base + i * page;
		int node;

		if (!worker->mapped[i])
			continue;
		unmerge(worker, i);
		node = node_of(address);
		move(address, !node);
		check_page(worker, i);
		move(address, node);
		check_page(worker, i);
		figures->migrated++;
	}
	if (worker->kind == SEGMENT)
		expect_attachments(worker->segment, count_vmas(worker->segment));
	give_up(worker, 0, WINDOW);
	if (worker->kind == SEGMENT) {
		expect_attachments(worker->segment, 0);
		shmctl(worker->segment, IPC_RMID, NULL);
	}
	if (worker->kind != SHARED_FILE)
		return;
	if (fcntl(worker->file, F_ADD_SEALS, F_SEAL_WRITE))
		wrong("a file that nobody maps cannot be sealed: %s", strerror(errno));
	figures->sealed++;
}
