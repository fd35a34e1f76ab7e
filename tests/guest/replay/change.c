// SPDX-License-Identifier: GPL-2.0
/* The steps that change mapped memory, and those that undo such changes. */
#include "replay.h"
#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/uio.h>

static const struct advice {
	int advice;
	const char *name;
} advices[] = {
	{ MADV_DONTFORK, "DONTFORK" },
	{ MADV_DOFORK, "DOFORK" },
	{ MADV_DOFORK, "DOFORK" },
	{ MADV_DONTDUMP, "DONTDUMP" },
	{ MADV_DODUMP, "DODUMP" },
	{ MADV_SEQUENTIAL, "SEQUENTIAL" },
	{ MADV_RANDOM, "RANDOM" },
	{ MADV_NORMAL, "NORMAL" },
	{ MADV_NORMAL, "NORMAL" },
	{ MADV_HUGEPAGE, "HUGEPAGE" },
	{ MADV_NOHUGEPAGE, "NOHUGEPAGE" },
	{ MADV_MERGEABLE, "MERGEABLE" },
	{ MADV_MERGEABLE, "MERGEABLE" },
	{ MADV_UNMERGEABLE, "UNMERGEABLE" },
	{ MADV_WIPEONFORK, "WIPEONFORK" },
	{ MADV_KEEPONFORK, "KEEPONFORK" },
	{ MADV_DONTNEED, "DONTNEED" },
	{ MADV_REMOVE, "REMOVE" },
	{ MADV_FREE, "FREE" },
	{ MADV_COLD, "COLD" },
	{ MADV_PAGEOUT, "PAGEOUT" },
	{ MADV_WILLNEED, "WILLNEED" },
	{ MADV_POPULATE_READ, "POPULATE_READ" },
	{ MADV_POPULATE_WRITE, "POPULATE_WRITE" },
	{ MADV_GUARD_INSTALL, "GUARD_INSTALL" },
	{ MADV_GUARD_REMOVE, "GUARD_REMOVE" },
};

/*
 * Guards cannot be installed where a marker says that a userfaultfd has write-protected
 * the page: the kernel would retry until it is killed.
 */
static bool is_possible(int advice)
{
	return (advice != MADV_GUARD_INSTALL || !has_uffd()) &&
	       (advice != MADV_MERGEABLE || has_ksm);
}

static struct advice choose_advice(void)
{
	struct advice advice;

	do {
		advice = advices[below(count_of(advices))];
	} while (!is_possible(advice.advice));
	return advice;
}

long do_madvise(void)
{
	struct advice advice = choose_advice();

	choose();
	say_range("madvise");
	say(" %s", advice.name);
	return call(SYS_madvise, start, pages * page, advice.advice);
}

long do_process_madvise(void)
{
	struct advice advice = choose_advice();
	struct iovec ranges[3];

	for (int i = 0; i < 3; i++) {
		choose();
		say_range(i ? "," : "process_madvise");
		ranges[i] = (struct iovec){ start, pages * page };
	}
	say(" %s", advice.name);
	return call(SYS_process_madvise, PIDFD_OF_SELF, ranges, 3, advice.advice, 0);
}

long do_mlock(void)
{
	choose();
	switch (below(4)) {
	case 0:
		say_range("mlock");
		return call(SYS_mlock, start, pages * page);
	case 1:
		say_range("mlock2(ONFAULT)");
		return call(SYS_mlock2, start, pages * page, MLOCK_ONFAULT);
	}
	say_range("munlock");
	return call(SYS_munlock, start, pages * page);
}

long do_mlockall(void)
{
	static const int all[] = {
		MCL_CURRENT, MCL_FUTURE, MCL_CURRENT | MCL_ONFAULT, MCL_FUTURE | MCL_ONFAULT,
	};
	int flags = all[below(count_of(all))];

	if (one_in(3)) {
		say("mlockall %x", flags);
		return call(SYS_mlockall, flags);
	}
	say("munlockall");
	return call(SYS_munlockall);
}

static long bind(int mode, unsigned long nodes)
{
	say_range("mbind");
	say(" mode %x nodes %lx", mode, nodes);
	return call(SYS_mbind, start, pages * page, mode, nodes ? &nodes : NULL,
		    nodes ? 64UL : 0UL, 0);
}

long do_mbind(void)
{
	choose();
	switch (below(8)) {
	case 0:
		return bind(MPOL_BIND, 1UL << below(2));
	case 1:
		return bind(MPOL_INTERLEAVE, 3);
	case 2:
		return bind(MPOL_PREFERRED, 1UL << below(2));
	case 3:
		return bind(MPOL_BIND, 3);
	case 4:
		say_range("set_mempolicy_home_node");
		return call(SYS_set_mempolicy_home_node, start, pages * page, below(2), 0);
	}
	return bind(MPOL_DEFAULT, 0);
}

static long name_range(const char *name)
{
	say_range("name");
	say(" %s", name ? name : "(none)");
	return call(SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, pages * page, name);
}

long do_name(void)
{
	static const char *const names[] = { NULL, NULL, "one", "two" };

	choose();
	return name_range(names[below(count_of(names))]);
}

long do_mseal(void)
{
	choose_in(IN_SEAL);
	if (pages > 4)
		pages = 1 + below(4);
	say_range("mseal");
	return call(SYS_mseal, start, pages * page, 0);
}

long do_memory_merge(void)
{
	bool on = has_ksm && one_in(3);

	say("PR_SET_MEMORY_MERGE %d", on);
	return call(SYS_prctl, PR_SET_MEMORY_MERGE, on, 0, 0, 0);
}

/* Set while the changes of a large range are undone, one call at a time, so that VMAs merge. */
static int healing;
static struct window wound;

bool is_healing(void)
{
	return healing;
}

long heal(void)
{
	static const int undone[] = {
		MADV_NORMAL, MADV_DOFORK, MADV_DODUMP, MADV_KEEPONFORK, MADV_UNMERGEABLE,
		MADV_NOHUGEPAGE, MADV_GUARD_REMOVE,
	};
	int remaining = healing--;

	start = wound.start;
	pages = wound.pages;
	place = window_of(start);
	switch (remaining) {
	case 1:
		say_range("undo: mprotect rw");
		return protect_with(0, PROT_READ | PROT_WRITE);
	case 2:
		say("undo: ");
		return name_range(NULL);
	case 3:
		say("undo: ");
		return bind(MPOL_DEFAULT, 0);
	case 4:
		say_range("undo: munlock");
		return call(SYS_munlock, start, pages * page);
	}
	say_range("undo: madvise");
	say(" %d", undone[remaining - 5]);
	return call(SYS_madvise, start, pages * page, undone[remaining - 5]);
}

long do_heal(void)
{
	choose();
	pages = 16;
	if (start + pages * page > end_of(place))
		start = end_of(place) - pages * page;
	wound = (struct window){ start, pages };
	healing = 11;
	return heal();
}
