// SPDX-License-Identifier: GPL-2.0
/*
 * The verb merge: VMAs that are mergeable, but that no operation has tried to merge, in
 * random layouts of two processes. One process is given to ctl. The other makes, with C,
 * the minimum number of calls of madvise() with the same result: the two pages around a
 * border get an advice that no other memory has, and lose it again. That takes two calls
 * for all the VMAs of a run.
 */
#include "harness.h"
#include "twins.h"
#include "told.h"

#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"
#define ENGINE "/sys/kernel/debug/rust_vma/engine"

/* All VMAs have an even number of pages, so that one page is never a whole VMA. */
#define EVEN(n) ((n) & ~1UL)

static struct {
	unsigned int pairs, merged, calls, runs;
} seen;

/*
 * Maps memory that the twins inherit: a run of VMAs, of which every other one is locked.
 * Children have no locked memory, so that their VMAs are mergeable.
 */
static void inherit(void)
{
	must_map(PLACE + 2 * page, 12, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(PLACE + 4 * page, 3, any(5) * page);
	for (size_t first = 2; first < 14; first += 4)
		expect(!mlock2(PLACE + first * page, 2 * page, MLOCK_ONFAULT));
}

/* Makes both twins carry out the same request, so that only merge can make them differ. */
static void both_do(const struct request *request)
{
	if (ask(&ours, request) != ask(&theirs, request))
		complain("the twins differ by themselves");
}

/* Cuts the same VMA of both twins in two. */
static void split_both(unsigned long at)
{
	ctl("split %d %lx", ours.pid, at);
	ctl("split %d %lx", theirs.pid, at);
}

static void random_layout(void)
{
	static const enum what kinds[] = {
		DO_MADVISE, DO_PROTECT, DO_NAME, DO_BIND, DO_TOUCH, DO_TOUCH, DO_UNMAP, DO_MAP,
		DO_LOCK, DO_MAP_FD, DO_REGISTER,
	};
	static const int advice[] = { MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP };

	both_do(&(struct request){ DO_MAP, 14, 46, PROT_READ | PROT_WRITE });
	for (int i = 0; i < 10; i++) {
		struct request r = { .what = kinds[any(COUNT_OF(kinds))] };

		r.first = 2 + EVEN(any(42));
		r.last = r.first + 2 + EVEN(any(8));
		if (r.last > 46)
			r.last = 46;
		if (r.what == DO_MADVISE)
			r.how = advice[any(4)];
		else if (r.what == DO_PROTECT || r.what == DO_MAP)
			r.how = any(3) ? PROT_READ | PROT_WRITE : PROT_READ;
		else if (r.what == DO_NAME && any(2))
			snprintf(r.name, sizeof(r.name), "named");
		else if (r.what == DO_BIND && any(2))
			r.how = MPOL_BIND, r.more = 1;
		else if (r.what == DO_TOUCH)
			r.more = 1 + any(200);
		else if (r.what == DO_LOCK)
			r.how = any(2);
		else if (r.what == DO_MAP_FD)
			r.how = PROT_READ | PROT_WRITE;
		else if (r.what == DO_REGISTER)
			r.how = UFFDIO_REGISTER_MODE_MISSING;
		both_do(&r);
	}
	for (int i = any(16); i > 0; i--)
		split_both(address(2 + EVEN(any(44))));
}

/*
 * Writes the borders in the range at which explain finds mergeable VMAs into borders, as
 * page numbers. Returns their number.
 */
static size_t mergeable_borders(size_t first, size_t last, size_t *borders)
{
	char question[64];
	size_t count = 0;

	sprintf(question, "%d %lx %lx", theirs.pid, address(first), address(last));
	expect(ask_file(EXPLAIN, question, strlen(question)) == 0);
	for (char *line = outcome; line && *line; line = strchr(line, '\n')) {
		unsigned long start, border, end;
		int length = 0;

		line += *line == '\n';
		if (sscanf(line, "%lx-%lx-%lx mergeable, but%n", &start, &border, &end,
			   &length) == 3 && length)
			borders[count++] = (border - address(0)) / page;
	}
	return count;
}

static bool is_border(const struct layout *layout, size_t at)
{
	for (int i = 0; i < layout->count; i++)
		if (layout->areas[i].start == address(at))
			return true;
	return false;
}

/* Makes the twin merge its VMAs itself. */
static void merge_by_madvise(size_t first, size_t last)
{
	size_t borders[PAGES], count = mergeable_borders(first, last, borders);
	struct layout layout;

	read_layout(&theirs, &layout);
	for (size_t i = 0, next; i < count; i = next) {
		struct request request;

		/* A run continues as long as the next border of a VMA is mergeable as well. */
		for (next = i + 1; next < count; next++) {
			bool other = false;

			for (size_t at = borders[next - 1] + 1; at < borders[next]; at++)
				other |= is_border(&layout, at);
			if (other)
				break;
		}
		request = (struct request){ DO_MADVISE, borders[i] - 1, borders[next - 1] + 1,
					    MADV_RANDOM };
		expect(ask(&theirs, &request) == 0);
		request.how = MADV_NORMAL;
		expect(ask(&theirs, &request) == 0);
		seen.calls += 2;
		seen.runs++;
	}
	seen.pairs += count;
}

/* Returns the number of pairs of adjacent VMAs that both lie in the range at least in part. */
static int touching_pairs(const struct layout *layout, size_t first, size_t last)
{
	int count = 0;

	for (int i = 0; i + 1 < layout->count; i++) {
		unsigned long border = layout->areas[i].end;

		count += border == layout->areas[i + 1].start && border > address(first) &&
			 border < address(last);
	}
	return count;
}

static int vmas_in(const struct layout *layout, size_t first, size_t last)
{
	int count = 0;

	for (int i = 0; i < layout->count; i++)
		count += layout->areas[i].end > address(first) &&
			 layout->areas[i].start < address(last);
	return count;
}

/* Returns the sum of the numbers in brackets after the reasons. */
static int reasons_of(const char *said)
{
	const char *reasons = strstr(said, "; the others stay: "), *end = strchr(said, '\n');
	int sum = 0;

	for (const char *at = reasons; at && (at = strchr(at, '(')) && at < end; at++)
		sum += atoi(at + 1);
	return sum;
}

/* Expects that the first line has these words, and counts that match the layouts. */
static void expect_counts(const char *words, const struct layout *before,
			  const struct layout *after, size_t first, size_t last, int line)
{
	int merged = -1, pairs = -1, vmas = -1;
	const char *said = strstr(outcome, words);

	if (!said ||
	    (sscanf(said + strlen(words), "%d of %d pairs merged, which leaves %d VMA", &merged,
		    &pairs, &vmas) != 3 &&
	     sscanf(said + strlen(words), "%d of %d pair merged, which leaves %d VMA", &merged,
		    &pairs, &vmas) != 3)) {
		complain("line %d: no counts: %s", line, outcome);
		return;
	}
	if (merged != before->count - after->count || vmas != vmas_in(after, first, last) ||
	    pairs != touching_pairs(before, first, last) ||
	    pairs - merged != reasons_of(said)) {
		complain("line %d: wrong counts for %zu-%zu: %s", line, first, last, outcome);
		print_layout("before", before);
		print_layout("after", after);
	}
}

static void merge_twins(int round)
{
	size_t first = 1 + any(20), last = first + 2 + any(46 - first);
	struct layout before, after, again;
	int error, planned;

	if (last > PAGES)
		last = PAGES;
	read_layout(&ours, &before);
	print_command("merge %d %lx %lx", ours.pid, address(first), address(last));
	planned = write_and_read(PLAN, command, strlen(command), PLAN);
	read_layout(&ours, &after);
	expect(same_layout(&before, &after));
	if (!vmas_in(&before, first, last)) {
		expect(planned == ENOMEM && write_to(CTL, command, strlen(command)) == ENOMEM);
		return;
	}
	expect(planned == 0);
	merge_by_madvise(first, last);
	read_layout(&theirs, &after);
	write_and_read(PLAN, command, strlen(command), PLAN);
	expect_counts("as things are now, this would happen: ", &before, &after, first, last,
		      __LINE__);
	error = write_to(CTL, command, strlen(command));
	expect(error == 0);
	expect_counts("done: ", &before, &after, first, last, __LINE__);
	seen.merged += before.count - after.count;
	expect_alike(&ours, &theirs, "merged", round);

	/* A second merge finds nothing. */
	expect(write_to(CTL, command, strlen(command)) == 0);
	expect(begins(outcome, "done: 0 of "));
	read_layout(&ours, &again);
	expect(same_layout(&after, &again));
	expect_alike(&ours, &theirs, "merged again", round);
}

static void random_layouts(void)
{
	expect(write_to(ENGINE, "c", 1) == 0);
	for (int round = 0; round < 60 && !failed; round++) {
		bool inherited;

		seed = round + 1;
		inherited = any(2);
		if (inherited)
			inherit();
		start_twins();
		if (inherited)
			munmap(PLACE, PAGES * page);
		random_layout();
		for (int i = 0; i < 4 && !failed; i++)
			merge_twins(round);
		end_twins();
	}
	printf("  %u mergeable pairs, %u merged, %u runs, %u calls of madvise()\n", seen.pairs,
	       seen.merged, seen.runs, seen.calls);
	expect(seen.merged > 100 && seen.runs > 50 && seen.pairs >= seen.merged);
}

/* Both VMAs of a pair have to lie in the range; a VMA that is only adjacent to the pair stays. */
static void borders_of_the_range(void)
{
	struct layout layout;

	start_twins();
	both(DO_MAP, 4, 12, PROT_READ | PROT_WRITE);
	for (size_t at = 6; at < 12; at += 2)
		expect(ctl("split %d %lx", ours.pid, address(at)) == 0);
	/* The borders of the range are borders of VMAs. */
	expect(ctl("merge %d %lx %lx", ours.pid, address(6), address(10)) == 0);
	expect(begins(outcome, "done: 1 of 1 pair merged, which leaves 1 VMA in the range\n"));
	expect(strstr(outcome, "  600000006000-600000008000 merged above: now 600000006000-6000"));
	expect(read_layout(&ours, &layout) && layout.count == 3);
	/* VMAs that lie partly in the range count, and merge as a whole. */
	expect(ctl("merge %d %lx %lx", ours.pid, address(5), address(7)) == 0);
	expect(begins(outcome, "done: 1 of 1 pair merged, "));
	expect(strstr(outcome, "now 600000004000-60000000a000\n"));
	/* A VMA without a pair, and a VMA that begins at the end of the range. */
	expect(ctl("merge %d %lx %lx", ours.pid, address(4), address(10)) == 0);
	expect(begins(outcome, "done: 0 of 0 pairs merged, which leaves 1 VMA in the range\n"));
	expect(ctl("merge %d %lx %lx", ours.pid, address(10), address(30)) == 0);
	expect(begins(outcome, "done: 0 of 0 pairs merged, which leaves 1 VMA in the range\n"));
	expect(ctl("merge %d %lx %lx", ours.pid, address(0), address(4)) == ENOMEM);
	expect(strstr(outcome, "refused (ENOMEM): nothing is mapped in 600000000000-600000004000"));
	expect(ctl("merge %d %lx %lx", ours.pid, address(0), address(48)) == 0);
	expect(begins(outcome, "done: 1 of 1 pair merged, which leaves 1 VMA in the range\n"));
	end_twins();
}

/* The reasons why other pairs stay apart, each with its number, and with the flags in its line. */
static void why_others_stay(void)
{
	start_twins();
	both(DO_MAP, 4, 16, PROT_READ | PROT_WRITE);
	both(DO_MADVISE, 6, 8, MADV_DONTFORK);
	both(DO_NAME, 10, 12, .name = "one");
	both(DO_MAP_FD, 16, 18, PROT_READ | PROT_WRITE);
	expect(ctl("split %d %lx", ours.pid, address(14)) == 0);
	expect(ctl("merge %d %lx %lx", ours.pid, address(4), address(18)) == 0);
	expect(begins(outcome, "done: 1 of 6 pairs merged, which leaves 6 VMAs in the range; the"));
	expect(strstr(outcome, "; the others stay: flags differ (3), names differ (2)\n"
		      "  600000004000-600000006000 stays apart from the VMA above: flags differ"));
	expect(strstr(outcome, "the VMA above: flags differ (only above: dc)\n"));
	expect(strstr(outcome, "  60000000c000-60000000e000 merged above: now 60000000c000-60000"));
	end_twins();
}

/* Special mappings are named as the reason: the [vdso] and the VMA below it. */
static void special_mappings(void)
{
	unsigned long start = 0, end = 0, below = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (!end && fgets(line, sizeof(line), maps)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		if (strstr(line, "[vdso]") && below == from)
			start = from - page, end = to;
		below = to;
	}
	fclose(maps);
	if (!end) {
		complain("nothing lies below [vdso]");
		return;
	}
	expect(ctl("merge %d %lx %lx", getpid(), start, end) == 0);
	expect(strstr(outcome, "the others stay: special mappings never merge (1)\n"));
}

/* Merging needs no room, even if the limit is below the current number of VMAs. */
static void at_the_limit(void)
{
	struct layout layout;
	int before;

	start_twins();
	both(DO_MAP, 4, 12, PROT_READ | PROT_WRITE);
	expect(ctl("split %d %lx", ours.pid, address(6)) == 0);
	expect(ctl("split %d %lx", ours.pid, address(8)) == 0);
	before = set_max_map_count(read_layout(&ours, &layout) - 2);
	expect(ctl("merge %d %lx %lx", ours.pid, address(4), address(12)) == 0);
	set_max_map_count(before);
	expect(begins(outcome, "done: 2 of 2 pairs merged, which leaves 1 VMA in the range\n"));
	expect_alike(&ours, &theirs, "at the limit", 0);
	end_twins();
}

/* Pairs that are not listed are counted, by plan as well. */
static void many_pairs(void)
{
	unsigned long start = (unsigned long)OURS, end = start + 1000 * page;

	must_map(OURS, 1000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 1000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	print_command("merge %d %lx %lx", getpid(), start, end);
	expect(write_and_read(PLAN, command, strlen(command), PLAN) == 0);
	expect(begins(outcome, "as things are now, this would happen: 0 of 999 pairs merged, whi"));
	expect(strstr(outcome, "; the others stay: flags differ (999); nothing has changed\n"));
	expect(strstr(outcome, "; nothing has changed\n(935 more VMAs are not listed)\n"));
	expect(write_to(CTL, command, strlen(command)) == 0);
	expect(begins(outcome, "done: 0 of 999 pairs merged, which leaves 1000 VMAs in the range"));
	expect(strstr(outcome, "; the others stay: flags differ (999)\n"));
	expect(strstr(outcome, " more VMAs are not listed)\n"));
}

/* Does nothing, because the memory is inherited. */
static void inherit_only(const void *argument)
{
	(void)argument;
}

static int vmas_from_ours(pid_t pid)
{
	char path[64], line[512];
	unsigned long start;
	int count = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (fgets(line, sizeof(line), maps))
		count += sscanf(line, "%lx-", &start) == 1 && start >= (unsigned long)OURS &&
			 start < (unsigned long)OURS + (1UL << 32);
	fclose(maps);
	return count;
}

/*
 * A merge of many pairs ends early if its writer is killed, and the pairs merged so far
 * are reported. A second merge merges the rest.
 */
static void killed_half_way(void)
{
	const int vmas = 2000;
	unsigned long start = (unsigned long)OURS, end = start + vmas * page;
	int merged = -1, pairs = -1, left, fd;
	pid_t target, writer;

	/* The same as inherit(), with more VMAs. */
	must_map(OURS, vmas, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (int i = 0; i < vmas; i += 2)
		expect(!mlock2(OURS + i * page, page, MLOCK_ONFAULT));
	target = start_child(inherit_only, NULL);
	expect(vmas_from_ours(target) == vmas);
	print_command("merge %d %lx %lx", target, start, end);
	fflush(stdout);
	writer = fork();
	if (!writer) {
		fd = open(CTL, O_WRONLY);
		_exit(write(fd, command, strlen(command)) != (ssize_t)strlen(command));
	}
	while (vmas_from_ours(target) > vmas - 10)
		;
	end_child(writer);
	left = vmas_from_ours(target);
	fd = open(CTL, O_RDONLY);
	read_all(fd, outcome, sizeof(outcome));
	close(fd);
	expect(begins(outcome, "stopped (EINTR): killed while waiting for the mmap lock; before "));
	expect(sscanf(outcome, "%*[^;]; before that: %d of %d pairs merged, ", &merged,
		      &pairs) == 2);
	expect(merged == vmas - left && merged == pairs && left > 1);
	expect(ctl("merge %d %lx %lx", target, start, end) == 0);
	sprintf(command, "done: %d of %d pairs merged, which leaves 1 VMA in the range\n", left - 1,
		left - 1);
	expect(begins(outcome, command) && vmas_from_ours(target) == 1);
	end_child(target);
}

static const struct test tests[] = {
	test(borders_of_the_range),
	test(why_others_stay),
	test(special_mappings),
	test(at_the_limit),
	test(many_pairs),
	test(killed_half_way),
	test(random_layouts),
};

int main(void)
{
	return run_tests(tests, COUNT_OF(tests));
}
