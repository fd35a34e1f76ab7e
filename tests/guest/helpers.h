/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooked helpers, each with a system call that leads to it. The call is made on eight
 * pages at OURS, which are as mmap() has mapped them.
 */
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static inline bool by_mprotect(void)
{
	return !mprotect(OURS + 2 * page, page, PROT_READ);
}

static inline bool by_prctl(void)
{
	return !prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS + 2 * page, page, "helper");
}

static inline bool by_mbind(void)
{
	unsigned long node = 1;

	return !syscall(SYS_mbind, OURS + 2 * page, page, MPOL_PREFERRED, &node, 64, 0);
}

static inline bool by_userfaultfd(void)
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

static inline bool by_mmap(void)
{
	must_map(OURS + 8 * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	return true;
}

static inline bool by_mremap_to_another_place(void)
{
	char *place = OURS + 64 * page;

	return mremap(OURS, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place;
}

static inline bool by_mremap_in_place(void)
{
	return mremap(OURS, 8 * page, 9 * page, 0) == OURS;
}

/* Moves a part of locked memory, which is cut out of its VMA first. */
static inline bool by_mremap_of_locked_memory(void)
{
	return !mlock(OURS, 8 * page) &&
	       mremap(OURS + 2 * page, page, page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		      NULL) != MAP_FAILED;
}

static inline bool by_munmap(void)
{
	return !munmap(OURS + 2 * page, page);
}

/* Executes a program, whose stack is moved to its place: it grows there, and shrinks again. */
static inline bool by_execve(void)
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

/* Maps the pages, and makes the call. */
static inline bool call_helper(size_t i)
{
	munmap(OURS, 128 * page);
	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	return helpers[i].call();
}
