// SPDX-License-Identifier: GPL-2.0
/*
 * A merge keeps the flag for possible guard pages, regardless of which part has it. fork relies on
 * that flag: without it, a child has no guard pages in shared memory. ctl keeps the flag
 * when it names memory. prctl() does not on this kernel; Documentation/upstream has a
 * note about that.
 */
#include "harness.h"
#include <sys/prctl.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static void name(char *at, const char *text)
{
	expect(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at, page, text));
}

/* Returns whether reading the first page kills a child of this process. */
static bool child_is_guarded(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(*OURS);
	expect(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

/* Maps two pages with different names, the first of which is a guard page. */
static void map_guard_and_page(int flags)
{
	must_map(OURS, 2, flags | MAP_ANONYMOUS, -1);
	name(OURS, "one");
	name(OURS + page, "other");
	expect(!madvise(OURS, page, MADV_GUARD_INSTALL));
	expect(count_vmas() == 2 && child_is_guarded());
}

/* Returns whether the only remaining VMA has the flag for possible guard pages in smaps. */
static bool may_have_guards(void)
{
	static char text[1 << 12];

	expect(count_vmas() == 1);
	describe(OURS, text, sizeof(text));
	return strstr(text, " gu");
}

static void name_by_ctl(char *at, const char *text)
{
	expect(!ctl("name %d %lx %lx %s\n", getpid(), (unsigned long)at,
		    (unsigned long)at + page, text));
}

static void ctl_keeps_them(int flags)
{
	map_guard_and_page(flags);
	name_by_ctl(OURS + page, "one");
	expect(may_have_guards() && child_is_guarded());

	map_guard_and_page(flags);
	name_by_ctl(OURS, "other");
	expect(may_have_guards() && child_is_guarded());
}

static void ctl_keeps_guards_of_anonymous_memory(void)
{
	ctl_keeps_them(MAP_PRIVATE);
}

static void ctl_keeps_guards_of_shared_memory(void)
{
	ctl_keeps_them(MAP_SHARED);
}

/*
 * Returns true, and says so: a later kernel may keep the flag
 * (Documentation/upstream/prctl-guard-pages.rst).
 */
static bool is_fixed(const char *memory)
{
	printf("  prctl() keeps the flag of %s memory: this kernel has been fixed\n", memory);
	return true;
}

/*
 * The page without guards gets the name of the page with guards, and the merged VMA has
 * the flags of the former. Anonymous memory with guards has an anon_vma, so that fork
 * copies the guards nevertheless.
 */
static void prctl_drops_flag_of_anonymous_memory(void)
{
	map_guard_and_page(MAP_PRIVATE);
	name(OURS + page, "one");
	expect(child_is_guarded());
	expect(!may_have_guards() || is_fixed("anonymous"));
}

static void prctl_drops_guards_of_shared_memory(void)
{
	map_guard_and_page(MAP_SHARED);
	name(OURS + page, "one");
	expect(child_is_guarded() == may_have_guards());
	expect(!may_have_guards() || is_fixed("shared"));
}

/* In the opposite case, the flags are those of the page with guards. */
static void prctl_keeps_guards_below(void)
{
	map_guard_and_page(MAP_SHARED);
	name(OURS, "other");
	expect(may_have_guards() && child_is_guarded());
}

static const struct test tests[] = {
	test(ctl_keeps_guards_of_anonymous_memory),
	test(ctl_keeps_guards_of_shared_memory),
	test(prctl_drops_flag_of_anonymous_memory),
	test(prctl_drops_guards_of_shared_memory),
	test(prctl_keeps_guards_below),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
