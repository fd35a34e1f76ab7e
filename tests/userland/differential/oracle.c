// SPDX-License-Identifier: GPL-2.0
/*
 * Checks that this driver notices a faulty engine, and names the fault: one
 * flaw after the other, in each number and each argument of each call that is
 * recorded.
 */
#include "oracle.h"
#include "shrink.h"

#include <string.h>
#include <sys/mman.h>

/* The number of histories in which an occasion for a flaw has to come up. */
#define HISTORIES	1000
/* The number of histories that are searched for a number that is not listed. */
#define SEARCHED	100

/*
 * Everything that is recorded. A number that is not in this list is a failure.
 */
static const char *const numbers[] = {
	"*result", "*result: VMA",
	"*iterator", "index", "last", "status", "result of vma_next()",
	"result of vma_prev()",
	"*request", "state", "target", "prev", "middle", "next", "copied_from", "start",
	"end", "pgoff", "anon_pgoff", "flags that are asked for", "state of a request",
	"flags that the caller has then", "source", "whether rmap locks are needed",
	"munmap of the source",
	"*address space", "map_count", "total_vm", "locked_vm", "data_vm", "exec_vm",
	"stack_vm",
	"*VMA", "vm_start", "vm_end", "vm_pgoff", "anonymous page offset",
	"flags", "page protection", "file", "vm_ops", "anon_vma", "policy",
	"content of its policy", "name", "references to its name",
	"userfaultfd context", "whether it is write-locked", "whether it is attached",
	"mapping whose tree it is in", "anon_vma in its chain",
	"first offset in that tree",
	"*file", "references to it", "*mapping", "writable mappings", "VMAs in its tree",
	"*anon_vma", "references", "num_children", "num_active_vmas", "parent",
	"chains in its tree",
	"*objects of kind", "alive", "made so far", "*fallible calls",
	NULL
};

static unsigned long flaws, found;
/*
 * The start of the random histories, which is the same for all flaws in one
 * thing.
 */
static unsigned long seed;

/*
 * Runs random histories until there is an occasion for the flaw. Returns
 * whether there was one.
 */
static bool run(const struct flaw *wanted, unsigned long histories)
{
	unsigned char bytes[HISTORY_BYTES];
	unsigned long state = seed, i;

	*flaw = *wanted;
	for (i = 0; i < histories && !flaw->done; i++) {
		seed = state;
		history_choose(bytes, &state);
		if (!run_apart(bytes, HISTORY_STEPS, false) && !flaw->done) {
			printf("without a flaw: %s\n", progress->why);
			return false;
		}
	}
	return flaw->done;
}

/* Checks that the flaw is found, and that its report contains these words. */
static void is_found(const struct flaw *wanted, const char *kind, const char *words)
{
	bool is_number = wanted->what;

	flaws++;
	if (!run(wanted, HISTORIES))
		printf("%s %s: there was no occasion\n", kind, words);
	else if (!strstr(progress->why, words) ||
		 is_number != !strstr(progress->why, "call "))
		printf("%s %s: \"%s\"\n", kind, words, progress->why);
	else
		found++;
}

static void try_number(const char *what)
{
	struct flaw wanted = { .what = what };
	const char *words = what + (*what == '*');

	seed = 1;
	wanted.way = NUMBER_WRONG;
	/* No VMA is a stack here, so that this number is always zero. */
	if (strcmp(what, "stack_vm"))
		is_found(&wanted, "another", words);
	wanted.way = NUMBER_RENAMED;
	is_found(&wanted, "a renamed", "something else");
	wanted.way = NUMBER_LOST;
	/* The last number is missed without its name. */
	is_found(&wanted, "no", strcmp(what, "*fallible calls") ? words : "numbers");
}

static void try_event(enum event_kind kind)
{
	struct flaw wanted = { .kind = kind };
	const char *words = event_name(kind);

	seed = 1;
	wanted.way = EVENT_WRONG;
	for (wanted.argument = 0; wanted.argument < event_arguments(kind); wanted.argument++)
		is_found(&wanted, "another argument of", words);
	wanted.way = EVENT_LOST;
	is_found(&wanted, "no", words);
	wanted.way = EVENT_TWICE;
	is_found(&wanted, "twice", words);
	wanted.way = EVENT_EARLY;
	is_found(&wanted, "too early", words);
}

int oracle_run(void)
{
	struct flaw unlisted = { .way = NUMBER_UNLISTED, .list = numbers };
	const char *const *what;
	unsigned int kind;

	flaw = mmap(NULL, sizeof(*flaw), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (flaw == MAP_FAILED) {
		perror("mmap");
		return EXIT_FAILURE;
	}
	for (what = numbers; *what; what++)
		try_number(*what);
	for (kind = 0; kind < EVENTS; kind++)
		try_event(kind);
	seed = 1;
	if (run(&unlisted, SEARCHED)) {
		printf("a number is not listed: %s\n", progress->why);
		flaws++;
	}
	printf("%lu flaws, %lu found\n", flaws, found);
	return flaws == found ? EXIT_SUCCESS : EXIT_FAILURE;
}
