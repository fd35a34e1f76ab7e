// SPDX-License-Identifier: GPL-2.0
/*
 * Each hooked helper is served by the engine that was chosen, and by that engine
 * alone: for each there is the system call that leads to it. The file engine counts.
 */
#include "harness.h"
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#define ENGINE "/sys/kernel/debug/rust_vma/engine"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum engine { C, RUST, SHADOW, ENGINES };

static const char *const engines[] = { "c", "rust", "shadow" };

/* Reads how many calls of this helper each engine has served. */
static void read_calls(const char *helper, unsigned long calls[ENGINES])
{
	FILE *file = fopen(ENGINE, "r");
	char line[128], name[32];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long read[ENGINES];

		if (sscanf(line, "%31s %lu %lu %lu", name, &read[C], &read[RUST],
			   &read[SHADOW]) != 4 || strcmp(name, helper))
			continue;
		memcpy(calls, read, sizeof(read));
		found = true;
	}
	if (file)
		fclose(file);
	if (!found)
		complain("%s has no line in engine", helper);
}

static bool by_mprotect(void)
{
	return !mprotect(OURS + 2 * page, page, PROT_READ);
}

static bool by_prctl(void)
{
	return !prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS + 2 * page, page, "helper");
}

static bool by_mbind(void)
{
	unsigned long node = 1;

	return !syscall(SYS_mbind, OURS + 2 * page, page, MPOL_PREFERRED, &node, 64, 0);
}

static bool by_userfaultfd(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register memory = {
		.range = { .start = (unsigned long)OURS + 2 * page, .len = page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	bool done = fd >= 0 && !ioctl(fd, UFFDIO_API, &api) &&
		    !ioctl(fd, UFFDIO_REGISTER, &memory);

	close(fd);
	return done;
}

static bool by_mmap(void)
{
	must_map(OURS + 8 * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	return true;
}

static bool by_mremap_to_another_place(void)
{
	char *place = OURS + 64 * page;

	return mremap(OURS, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place;
}

static bool by_mremap_in_place(void)
{
	return mremap(OURS, 8 * page, 9 * page, 0) == OURS;
}

/* The part of locked memory that moves is cut out of its VMA first. */
static bool by_mremap_of_locked_memory(void)
{
	return !mlock(OURS, 8 * page) &&
	       mremap(OURS + 2 * page, page, page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		      NULL) != MAP_FAILED;
}

static bool by_munmap(void)
{
	return !munmap(OURS + 2 * page, page);
}

/* A program's stack is moved to its place: it grows there, and shrinks again. */
static bool by_execve(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static const struct {
	const char *helper;
	bool (*call)(void);
} helpers[] = {
	{ "vma_modify_flags", by_mprotect },
	{ "vma_modify_name", by_prctl },
	{ "vma_modify_policy", by_mbind },
	{ "vma_modify_flags_uffd", by_userfaultfd },
	{ "vma_merge_new_range", by_mmap },
	{ "vma_merge_copied_range", by_mremap_to_another_place },
	{ "vma_merge_extend", by_mremap_in_place },
	{ "split_vma", by_mremap_of_locked_memory },
	{ "__split_vma", by_munmap },
	{ "vma_expand", by_execve },
	{ "vma_shrink", by_execve },
};

static void served_by(enum engine engine)
{
	expect(!write_to(ENGINE, engines[engine], strlen(engines[engine])));
	for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++) {
		unsigned long before[ENGINES] = { 0 }, after[ENGINES] = { 0 };

		munmap(OURS, 128 * page);
		must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		read_calls(helpers[i].helper, before);
		if (!helpers[i].call())
			complain("the call for %s fails: %s", helpers[i].helper,
				 strerror(errno));
		read_calls(helpers[i].helper, after);
		for (int other = 0; other < ENGINES; other++)
			if ((after[other] > before[other]) != (other == (int)engine))
				complain("with %s: %s by %s: %lu calls, then %lu",
					 engines[engine], helpers[i].helper, engines[other],
					 before[other], after[other]);
	}
	munmap(OURS, 128 * page);
	expect(!write_to(ENGINE, "c", 1));
}

static void each_helper_by_c(void)
{
	served_by(C);
}

static void each_helper_by_rust(void)
{
	served_by(RUST);
}

static void each_helper_by_the_shadow(void)
{
	served_by(SHADOW);
}

static const struct test tests[] = {
	test(each_helper_by_c),
	test(each_helper_by_rust),
	test(each_helper_by_the_shadow),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
