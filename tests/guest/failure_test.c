// SPDX-License-Identifier: GPL-2.0
/*
 * Commands without memory: each allocation of a command fails in turn. The command then
 * fails and leaves the memory that it names as before, or with only the first of two
 * splits.
 */
#include "harness.h"
#include "fail_nth.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

#define PAGES 12

/* A scene, and the command that is played in it. */
struct scene {
	/* The pages that have the flag already. */
	size_t flagged[2][2];
	/* The pages that are written to after that, and so have an anon_vma. */
	size_t written[2];
	/* The pages that get the flag, and the numbers of VMAs before and after. */
	size_t first, last;
	int before, after;
};

static void set_up(const struct scene *scene)
{
	unmap_twins();
	must_map(OURS, PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (int i = 0; i < 2; i++) {
		size_t first = scene->flagged[i][0], last = scene->flagged[i][1];

		if (first < last)
			madvise(OURS + first * page, (last - first) * page, MADV_DONTFORK);
	}
	for (size_t i = scene->written[0]; i < scene->written[1]; i++)
		OURS[i * page] = i + 1;
	expect(count_vmas() == scene->before);
}

/*
 * Plays the scene with that allocation failing. Returns false if the command makes fewer
 * allocations.
 */
static bool play(const struct scene *scene, int nth)
{
	int fd = open(CTL, O_WRONLY), error = 0, count, rest;

	set_up(scene);
	sprintf(command, "flags %d %lx %lx +dontfork", getpid(),
		(unsigned long)(OURS + scene->first * page),
		(unsigned long)(OURS + scene->last * page));
	fail_nth(nth);
	if (write(fd, command, strlen(command)) < 0)
		error = errno;
	rest = remaining();
	fail_nth(0);
	close(fd);

	count = count_vmas();
	if (error && error != ENOMEM)
		complain("allocation %d: errno %d, not ENOMEM", nth, error);
	if (error && count != scene->before && !(count == 2 && scene->after == 3))
		complain("allocation %d failed and left %d VMAs", nth, count);
	if (!error && count != scene->after)
		complain("allocation %d: %d VMAs, not %d", nth, count, scene->after);
	for (size_t i = scene->written[0]; i < scene->written[1]; i++)
		expect(OURS[i * page] == (char)(i + 1));

	/* With memory, the same command succeeds. */
	expect(set_flags(scene->first, scene->last, "+dontfork") == 0);
	expect(count_vmas() == scene->after);
	return rest == 0;
}

static void play_all(const struct scene *scene)
{
	int nth = 1;

	while (nth < 200 && !failed && play(scene, nth))
		nth++;
	printf("  %d allocations failed\n", nth - 1);
	/*
	 * The first four allocations are the command's own, for its outcome; the others
	 * are the engine's.
	 */
	expect(nth - 1 > 4 && nth < 200);
}

static void split_at_both_ends(void)
{
	static const struct scene scene = {
		.written = { 0, 12 },
		.first = 4,
		.last = 8,
		.before = 1,
		.after = 3,
	};

	play_all(&scene);
}

static void split_untouched(void)
{
	static const struct scene scene = {
		.first = 4,
		.last = 8,
		.before = 1,
		.after = 3,
	};

	play_all(&scene);
}

static void split_at_one_end(void)
{
	static const struct scene scene = {
		.written = { 0, 12 },
		.last = 4,
		.before = 1,
		.after = 2,
	};

	play_all(&scene);
}

static void merge_with_both(void)
{
	static const struct scene scene = {
		.flagged = { { 0, 4 }, { 8, 12 } },
		.written = { 4, 8 },
		.first = 4,
		.last = 8,
		.before = 3,
		.after = 1,
	};

	play_all(&scene);
}

static void merge_with_prev_with_anon_vma_of_middle(void)
{
	static const struct scene scene = {
		.flagged = { { 0, 4 } },
		.written = { 4, 12 },
		.first = 4,
		.last = 12,
		.before = 2,
		.after = 1,
	};

	play_all(&scene);
}

static void merge_part_with_next_with_anon_vma_of_middle(void)
{
	static const struct scene scene = {
		.flagged = { { 8, 12 } },
		.written = { 0, 8 },
		.first = 6,
		.last = 8,
		.before = 2,
		.after = 2,
	};

	play_all(&scene);
}

/* The number of VMAs after the last command, before its userfaultfd is closed. */
static int vmas_left;

/*
 * Registers pages 4 to 8, and unregisters some of them through ctl with the nth
 * allocation failing. Returns the errno, and reads the outcome.
 */
static int unregister(size_t first, size_t last, int nth, bool *has_failed)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	int file = open(CTL, O_RDWR), error;
	unsigned long start = (unsigned long)OURS;
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register registered = {
		.range = { start + 4 * page, 4 * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	unmap_twins();
	must_map(OURS, PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &registered));
	expect(count_vmas() == 3);
	sprintf(command, "uffd %d %lx %lx %d none", getpid(), start + first * page,
		start + last * page, fd);
	*has_failed = with_failure(nth, error = write(file, command, strlen(command)) < 0 ? errno :
				   0);
	read_all(file, outcome, sizeof(outcome));
	expect(!error || (error == ENOMEM && *has_failed));
	vmas_left = count_vmas();
	close(file);
	close(fd);
	return error;
}

/* Returns whether kmemleak and KASAN also allocate, as they do on the debug kernel. */
static bool others_allocate(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

/*
 * Unregisters a whole VMA with each allocation failing in turn. Returns how often its
 * merge was left out.
 */
static int count_left_out(void)
{
	bool has_failed = true;
	int left_out = 0;

	for (int nth = 1; has_failed && nth < 200 && !failed; nth++) {
		int error = unregister(4, 8, nth, &has_failed);

		/*
		 * If kmemleak and KASAN allocate as well, theirs may be the allocation
		 * that failed.
		 */
		expect(vmas_left == (has_failed ? 3 : 1) || (others_allocate() && vmas_left == 1));
		/* The first allocations are the command's own. */
		expect(!error || (vmas_left == 3 && !left_out));
		left_out += vmas_left == 3 && !error;
	}
	expect(!has_failed);
	return left_out;
}

/* When a whole VMA is unregistered, only its merge may lack memory, and is left out then. */
static void unregister_without_a_merge(void)
{
	int left_out = 0;

	/* Without memory, kmemleak stops, and the numbers of later allocations change. */
	for (int turns = others_allocate() ? 3 : 1; turns && !left_out && !failed; turns--)
		left_out = count_left_out();
	expect(left_out);
}

/*
 * If a part cannot be split off, its pages lose their protection nevertheless, and the
 * outcome says so.
 */
static void unregister_a_part(void)
{
	bool has_failed = true;
	int halves = 0;

	for (int nth = 1; has_failed && nth < 200 && !failed; nth++) {
		if (!unregister(5, 7, nth, &has_failed))
			continue;
		if (strstr(outcome, "stopped (ENOMEM): ") && strstr(outcome, "1 changed in part"))
			halves++;
		else
			expect(!halves);
	}
	expect(halves && !has_failed);
}

static const struct test tests[] = {
	/* The first test comes first because the others need it. */
	test(make_failures_possible),
	test(split_at_both_ends),
	test(split_untouched),
	test(split_at_one_end),
	test(merge_with_both),
	test(merge_with_prev_with_anon_vma_of_middle),
	test(merge_part_with_next_with_anon_vma_of_middle),
	test(unregister_without_a_merge),
	test(unregister_a_part),
};

/* The caches that the engine allocates from, as the kernel does for the same purpose. */
static const char * const caches[] = {
	"vm_area_struct", "maple_node", "anon_vma", "anon_vma_chain", "numa_policy",
};

#define CACHES (sizeof(caches) / sizeof(*caches))

static void write_attribute(const char *cache, const char *name, const char *text)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/kernel/slab/%s/%s", cache, name);
	write_file(file, text);
}

static long objects_in(const char *cache)
{
	char name[64];
	long active, count = -1;
	FILE *info = fopen("/proc/slabinfo", "r");
	char line[512];

	while (fgets(line, sizeof(line), info))
		if (sscanf(line, "%63s %ld", name, &active) == 2 && !strcmp(name, cache))
			count = active;
	fclose(info);
	return count;
}

/* Plays all scenes again and again, until this many commands have failed. */
static long fail_commands(long wanted)
{
	static const struct scene scenes[] = {
		{ .written = { 0, 12 }, .first = 4, .last = 8, .before = 1, .after = 3 },
		{ .first = 4, .last = 8, .before = 1, .after = 3 },
		{ .written = { 0, 12 }, .last = 4, .before = 1, .after = 2 },
		{ .flagged = { { 0, 4 }, { 8, 12 } }, .written = { 4, 8 },
		  .first = 4, .last = 8, .before = 3, .after = 1 },
		{ .flagged = { { 0, 4 } }, .written = { 4, 12 },
		  .first = 4, .last = 12, .before = 2, .after = 1 },
		{ .flagged = { { 8, 12 } }, .written = { 0, 8 },
		  .first = 6, .last = 8, .before = 2, .after = 2 },
	};
	long count = 0;

	while (count < wanted && !failed) {
		for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
			int nth = 1;

			while (nth < 200 && !failed && play(&scenes[i], nth))
				nth++;
			count += nth - 1;
		}
	}
	unmap_twins();
	return count;
}

/* Makes only allocations from these caches fail, because kmemleak stops when it lacks memory. */
static void fail_nothing_else(void)
{
	page = sysconf(_SC_PAGESIZE);
	make_failures_possible();
	write_file("/sys/kernel/debug/failslab/cache-filter", "Y");
	for (size_t i = 0; i < CACHES; i++)
		write_attribute(caches[i], "failslab", "1");
	/* Fills the caches that the kernel keeps for later. */
	fail_commands(1);
}

/* Makes this many commands fail, and expects that all their memory is freed. */
static void stay_level(long wanted)
{
	long before[CACHES], after, count;

	sleep(1);
	for (size_t i = 0; i < CACHES; i++)
		before[i] = objects_in(caches[i]);
	count = fail_commands(wanted);
	sleep(1);
	for (size_t i = 0; i < CACHES; i++) {
		after = objects_in(caches[i]);
		printf("%-16s %6ld objects before, %6ld after\n", caches[i], before[i], after);
		/* Some objects are freed later (RCU); a leak would be as large as the count. */
		if (after < 0 || after > before[i] + 100)
			complain("%s is not level", caches[i]);
	}
	printf("%ld commands failed\n", count);
}

/*
 * With "level N" or "fail N", makes N commands fail, for scripts/soak. With the latter,
 * kmemleak checks whether anything was lost.
 */
int main(int argc, char **argv)
{
	if (argc != 3)
		return run_tests(tests, sizeof(tests) / sizeof(*tests));

	fail_nothing_else();
	if (!strcmp(argv[1], "level"))
		stay_level(atol(argv[2]));
	else
		printf("%ld commands failed\n", fail_commands(atol(argv[2])));
	return failed;
}
