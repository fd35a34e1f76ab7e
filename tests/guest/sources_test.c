// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the output of vma-explain about memory of many kinds, from its own program in
 * the kernel and from the module. The kernel has to have BTF, as hardened does.
 * `sources_test PAGES` uses a process with that many pages, of which about three quarters
 * are separate VMAs. On a kernel that validates each change of the tree, ten thousand
 * pages take minutes.
 */
#include "harness.h"

#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#define FORKED 200

static int pages = 3000;

static char *place;
static int file, memfd, userfaultfd;

/* Kinds of memory. Each function maps or changes the two pages at `place`. */

static void nothing(void)
{
	must_map(place, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void readable(void)
{
	mmap(place, 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void guard(void)
{
	nothing();
	mprotect(place, page, PROT_NONE);
}

static void written(void)
{
	nothing();
	*place = 1;
}

static void not_forked(void)
{
	nothing();
	madvise(place, page, MADV_DONTFORK);
}

static void not_dumped(void)
{
	nothing();
	madvise(place, page, MADV_DONTDUMP);
}

static void wiped(void)
{
	nothing();
	madvise(place, page, MADV_WIPEONFORK);
}

static void mergeable(void)
{
	nothing();
	madvise(place, page, MADV_MERGEABLE);
}

static void named(void)
{
	nothing();
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, place, page, (long)place & page ? "one" : "other");
}

static void with_policy(void)
{
	int mode = (long)place & page ? MPOL_PREFERRED : MPOL_BIND;
	unsigned long node = 1;

	nothing();
	syscall(SYS_mbind, place, page, mode, &node, 64, 0);
}

static void registered(void)
{
	struct uffdio_register these = {
		.range = { .start = (unsigned long)place, .len = page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	nothing();
	ioctl(userfaultfd, UFFDIO_REGISTER, &these);
}

static void shared(void)
{
	mmap(place, 2 * page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void of_file(void)
{
	mmap(place, 2 * page, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, (long)place & 0xff000);
}

static void of_memfd(void)
{
	mmap(place, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memfd,
	     (long)place & 0xff000);
}

static void moved(void)
{
	char *elsewhere = OURS - 64 * page;

	must_map(elsewhere, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	*elsewhere = 1;
	mremap(elsewhere, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, place);
}

static void (*const kinds[])(void) = {
	nothing, readable, guard, written, not_forked, not_dumped, wiped, mergeable, named,
	with_policy, registered, shared, of_file, of_memfd, moved,
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static void live(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	/* The order is always the same, but looks random. */
	unsigned int random = 1;

	userfaultfd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	expect(!ioctl(userfaultfd, UFFDIO_API, &api));
	for (int i = FORKED / 2; i < pages / 2; i++) {
		place = OURS + 2 * i * page;
		random = random * 1103515245 + 12345;
		kinds[(random >> 16) % KINDS]();
	}
}

/* Starts a child whose first pages were written before the fork, and the other pages after it. */
static pid_t with_memory_of_each_kind(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	must_map(OURS, FORKED, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (int i = 0; i < FORKED; i += 2) {
		OURS[i * page] = 1;
		madvise(OURS + i * page, page, MADV_DONTDUMP);
	}
	expect(!pipe(ready));
	pid = fork();
	if (!pid) {
		live();
		expect(write(ready[1], "", 1) == 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	expect(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

static FILE *begin_to_ask(const char *source, pid_t pid)
{
	char question[128];

	snprintf(question, sizeof(question), "vma-explain --json --boundaries --source %s %d",
		 source, pid);
	return popen(question, "r");
}

/* Removes from the last line what differs between sources: the time, and the name of the source. */
static void cut_own_words(char *line)
{
	char *time = strstr(line, "\"time\":\""), *source = strstr(line, ",\"source\":");

	if (time && strlen(time) > 27)
		memset(time, '-', 27);
	if (source)
		memcpy(source, "}\n", 3);
}

/* All lines have to be the same, except for the time and the name of the source. */
static void the_module_says_the_same(void)
{
	static char ours[1 << 20], theirs[1 << 20];
	pid_t pid = with_memory_of_each_kind();
	FILE *said[] = { begin_to_ask("bpf", pid), begin_to_ask("module", pid) };
	long lines = 0, different = 0;

	while (fgets(ours, sizeof(ours), said[0]) && fgets(theirs, sizeof(theirs), said[1])) {
		lines++;
		if (!strncmp(ours, "{\"pid\":", 7)) {
			cut_own_words(ours);
			cut_own_words(theirs);
		}
		if (strcmp(ours, theirs) && different++ < 5)
			complain("line %ld differs:\n  %s  %s", lines, ours, theirs);
	}
	expect(!fgets(ours, sizeof(ours), said[0]) && !fgets(theirs, sizeof(theirs), said[1]));
	expect(!pclose(said[0]) && !pclose(said[1]));
	expect(!different);
	printf("  %ld lines\n", lines);
	expect(lines > vmas_of(pid));
	expect(vmas_of(pid) > pages / 2);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const struct test tests[] = {
	test(the_module_says_the_same),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		pages = atoi(argv[1]);
	page = sysconf(_SC_PAGESIZE);
	set_max_map_count(4 * pages + 65536);
	file = open("/bin/busybox", O_RDONLY);
	memfd = memfd_create("memory", 0);
	expect(!ftruncate(memfd, 1 << 21));
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
