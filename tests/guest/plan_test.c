// SPDX-License-Identifier: GPL-2.0
/* The forecasts of plan, compared with the outcomes of ctl. plan itself changes nothing. */
#include "harness.h"
#include "twin.h"
#include "told.h"

static struct twin ours;

/* Gives the command to plan. */
static int plan(char *said, size_t size)
{
	int error = write_and_read(PLAN, command, strlen(command), PLAN);

	snprintf(said, size, "%s", outcome);
	return error;
}

/* Returns the kind of change that the words for a single part express, or NULL for other words. */
static const char *kind_of(const char *said)
{
	static const struct {
		const char *words, *kind;
	} kinds[] = {
		{ "merged both", "both" },
		{ "merged below", "below" },
		{ "merged above", "above" },
		{ "unchanged: nothing to change", "unchanged" },
		{ "changed, its extent unchanged", "whole" },
		{ "split off", "split" },
		{ "split at its start", "split" },
		{ "split at its end", "split" },
		{ "split at both ends", "split" },
		{ "split at ", "cut" },
		{ "is a separate VMA", "alone" },
		{ "not merged", "alone" },
	};
	const char *details = strstr(said, "\n  ");

	if (!details)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strstr(details, kinds[i].words))
			return kinds[i].kind;
	return NULL;
}

/* Returns the number of parts that ctl reports. */
static int count_parts(const char *said)
{
	int count = 0;

	while ((said = strstr(said, "\n  "))) {
		count++;
		said++;
	}
	return count;
}

/*
 * Expects that plan has every reason that ctl gives, where ctl gives the first blocker on
 * either side.
 */
static void expect_reasons(const char *planned, const char *done, int step)
{
	static const char *const reasons[] = {
		"flags differ", "files differ", "names differ", "NUMA policies differ",
		"userfaultfd contexts differ", "page offsets do not continue",
		"no VMA touches it there", "the rest of its VMA lies there",
		"it touches neither end of its VMA",
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strstr(done, reasons[i]) && !strstr(planned, reasons[i]))
			complain("step %d: plan lacks '%s': %s\nctl: %s", step, reasons[i], planned,
				 done);
}

static void planned_changes_happen(void)
{
	static char planned[32768], before[1 << 16], after[1 << 16];
	int compared = 0, refused = 0;

	for (int round = 0; round < 6 && !failed; round++) {
		ours = start_twin();
		seed = 100 + round;
		for (int step = 0; step < 400 && !failed; step++) {
			struct request request;
			const char *plan_kind, *done_kind;
			int plan_error, error;

			if (!random_request(&request)) {
				ask(&ours, &request);
				continue;
			}
			command_for(&ours, &request);
			describe_twin(&ours, before, sizeof(before));
			plan_error = plan(planned, sizeof(planned));
			describe_twin(&ours, after, sizeof(after));
			if (strcmp(before, after))
				complain("step %d: plan has changed something: %s", step, command);
			error = write_to(CTL, command, strlen(command));
			if (error != plan_error)
				complain("step %d: %s: errno %d, planned %d: %s\nctl: %s", step,
					 command, error, plan_error, planned, outcome);
			if (error) {
				refused++;
				if (!strstr(planned, "refused (") &&
				    !strstr(planned, "then it would be stopped ("))
					complain("step %d: no sentence: %s", step, planned);
				/* plan also reports the changes before the obstacle. */
				if (strstr(outcome, "stopped (") &&
				    !strstr(planned, "be stopped ("))
					complain("step %d: planned: %s\nctl: %s", step, planned,
						 outcome);
				continue;
			}
			/* Earlier parts may have changed the outcome of later ones. */
			if (count_parts(outcome) != 1)
				continue;
			plan_kind = kind_of(planned);
			done_kind = kind_of(outcome);
			if (!plan_kind || !done_kind || strcmp(plan_kind, done_kind))
				complain("step %d: %s: planned: %s\nctl: %s", step, command,
					 planned, outcome);
			expect_reasons(planned, outcome, step);
			compared++;
		}
		end_twin(&ours);
	}
	printf("  %d compared, %d refused by both\n", compared, refused);
	expect(compared > 200 && refused > 100);
}

/* The drawing, and every reason. */
static void picture(void)
{
	static char said[32768];

	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 8, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MAP, 8, 12, PROT_READ);
	ask_for(&ours, DO_NAME, 8, 12, .name = "named");
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(5), address(6));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "as things are now"));
	expect(strstr(said, "split off"));
	expect(strstr(said, "    before  |---------*middle*---------|--next--|\n"));
	expect(strstr(said, "    after   |--new---|*middle*|--new---|--next--|\n"));
	expect(strstr(said, "    at      600000004000      600000006000      60000000c000\n"));
	expect(strstr(said, "below: it touches neither end of its VMA"));
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(4), address(8));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "below: no VMA touches it there\n"));
	expect(strstr(said, "above: flags differ (only below: wr dc ac); names differ\n"));
	/* The VMA below takes the beginning of a VMA; the rest and the VMA above stay. */
	ask_for(&ours, DO_MAP, 2, 4, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MADVISE, 2, 4, MADV_DONTFORK);
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(4), address(6));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    before  |--prev--|*****middle------|--next--|\n"));
	expect(strstr(said, "    after   |------prev*******|-middle-|--next--|\n"));
	/* The end of a VMA merges with the VMA above; the rest stays. */
	print_command("protect %d %lx %lx r--", ours.pid, address(7), address(8));
	ask_for(&ours, DO_NAME, 8, 12);
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    before  |--prev--|-----middle******|--next--|\n"));
	expect(strstr(said, "    after   |--prev--|-middle-|******next-------|\n"));
	/* One of the neighbours takes the whole VMA, or both do. */
	print_command("protect %d %lx %lx r--", ours.pid, address(4), address(8));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    before  |--prev--|*middle*|--next--|\n"));
	expect(strstr(said, "    after   |--prev--|******next-------|\n"));
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(4), address(8));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    before  |--prev--|*middle*|--next--|\n"));
	expect(strstr(said, "    after   |------prev*******|--next--|\n"));
	ask_for(&ours, DO_PROTECT, 8, 12, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MADVISE, 8, 12, MADV_DONTFORK);
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    before  |--prev--|*middle*|--next--|\n"));
	expect(strstr(said, "    after   |---------**prev**---------|\n"));
	ask_for(&ours, DO_UNMAP, 2, 4);
	print_command("split %d %lx", ours.pid, address(5));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "split at"));
	expect(strstr(said, "    before  |-----middle------|--next--|\n"));
	expect(strstr(said, "    after   |-middle-|--new---|--next--|\n"));
	print_command("protect %d %lx %lx r--", ours.pid, address(8), address(30));
	expect(plan(said, sizeof(said)) == ENOMEM);
	expect(strstr(said, "refused (ENOMEM)") && strstr(said, "nothing is mapped at"));
	end_twin(&ours);
}

/* Without room for another VMA, plan predicts where ctl will stop. */
static void no_room(void)
{
	static char said[32768];
	int before, error, planned_error, count = 0;
	FILE *file;
	char line[512];

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	file = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), file))
		count++;
	fclose(file);
	print_command("flags %d %lx %lx +dontfork", getpid(), (unsigned long)OURS + 2 * page,
		      (unsigned long)OURS + 4 * page);
	/* There is room for one of the two cuts. */
	before = set_max_map_count(count + 1);
	planned_error = plan(said, sizeof(said));
	error = write_to(CTL, command, strlen(command));
	set_max_map_count(before);
	expect(error == ENOMEM && planned_error == ENOMEM);
	expect(strstr(said, "vm.max_map_count") && strstr(said, "was split at its start"));
	expect(strstr(outcome, "vm.max_map_count"));
	count++;

	/* The first VMA is split, which leaves no room for the next one, which is not mergeable. */
	madvise(OURS + 2 * page, 6 * page, MADV_DONTFORK);
	print_command("flags %d %lx %lx +dontdump", getpid(), (unsigned long)OURS + page,
		      (unsigned long)OURS + 4 * page);
	before = set_max_map_count(count + 1);
	planned_error = plan(said, sizeof(said));
	error = write_to(CTL, command, strlen(command));
	expect(error == ENOMEM && planned_error == ENOMEM);
	expect(strstr(said, "vm.max_map_count") && strstr(said, "split off"));
	count++;

	print_command("split %d %lx", getpid(), (unsigned long)OURS + 6 * page);
	set_max_map_count(count);
	planned_error = plan(said, sizeof(said));
	error = write_to(CTL, command, strlen(command));
	set_max_map_count(before);
	expect(error == ENOMEM && planned_error == ENOMEM);
}

/* plan does not look at a long range to its end, and says so. */
static void long_range(void)
{
	static char said[32768];

	must_map(OURS, 400, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 400; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	print_command("flags %d %lx %lx +dontdump", getpid(), (unsigned long)OURS,
		      (unsigned long)OURS + 400 * page);
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "and more: only the first"));
	expect(count_vmas() == 400);
}

/* Expects that plan answers the command with exactly this. */
static void expect_plan(const char *wanted, int line)
{
	static char said[32768];

	expect(plan(said, sizeof(said)) == 0);
	if (strcmp(said, wanted))
		complain("line %d: %s is planned:\n%s\nnot:\n%s", line, command, said, wanted);
}

#define HAPPENS "as things are now, this would happen; nothing has changed\n"
#define NONE_TOUCHES "no VMA touches it there\n"

/* A neighbour that is not adjacent is not drawn, and gives no reason. */
static void only_what_touches(void)
{
	static char said[32768];

	ours = start_twin();
	ask_for(&ours, DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MAP, 6, 10, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MAP, 12, 16, PROT_READ);

	print_command("flags %d %lx %lx +dontfork", ours.pid, address(6), address(10));
	expect_plan(HAPPENS
		    "  600000006000-60000000a000 changed, its extent unchanged\n"
		    "    before  |*middle*|\n"
		    "    after   |*middle*|\n"
		    "    at      600000006000\n"
		    "                     60000000a000\n"
		    "    below: " NONE_TOUCHES
		    "    above: " NONE_TOUCHES, __LINE__);
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(6), address(8));
	expect_plan(HAPPENS
		    "  600000006000-600000008000 split off\n"
		    "    before  |*****middle------|\n"
		    "    after   |*middle*|--new---|\n"
		    "    at      600000006000      60000000a000\n"
		    "                     600000008000\n"
		    "    below: " NONE_TOUCHES
		    "    above: the rest of its VMA lies there\n", __LINE__);
	print_command("split %d %lx", ours.pid, address(9));
	expect_plan(HAPPENS
		    "  600000006000-60000000a000 split at 600000009000\n"
		    "    before  |-----middle------|\n"
		    "    after   |-middle-|--new---|\n"
		    "    at      600000006000      60000000a000\n"
		    "                     600000009000\n", __LINE__);
	/* A page is free between the new range and the VMA below. */
	print_command("new %d %lx %lx r--", ours.pid, address(17), address(18));
	expect(plan(said, sizeof(said)) == 0);
	expect(!strstr(said, "prev") && !strstr(said, "next"));
	expect(strstr(said, "    below: " NONE_TOUCHES "    above: " NONE_TOUCHES));
	/* An adjacent VMA is drawn, but only on its side. */
	print_command("new %d %lx %lx", ours.pid, address(10), address(11));
	expect_plan(HAPPENS
		    "  60000000a000-60000000b000 merged below\n"
		    "    before  |--prev--|\n"
		    "    after   |------prev*******|\n"
		    "    at      600000006000      60000000b000\n"
		    "                     60000000a000\n"
		    "    above: " NONE_TOUCHES, __LINE__);
	print_command("new %d %lx %lx", ours.pid, address(11), address(12));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "|--next--|\n") && !strstr(said, "prev"));
	expect(strstr(said, "    below: " NONE_TOUCHES
			    "    above: flags differ (only below: wr ac)\n"));
	print_command("extend %d %lx %lx", ours.pid, address(4), address(5));
	expect_plan(HAPPENS
		    "  600000004000-600000005000 merged below\n"
		    "    before  |--prev--|\n"
		    "    after   |------prev*******|\n"
		    "    at      600000000000      600000005000\n"
		    "                     600000004000\n"
		    "    above: " NONE_TOUCHES, __LINE__);
	end_twin(&ours);
}

#define HAPPENS_AND_MORE                                                       \
	"as things are now, this would happen, and more: only the first %zu "  \
	"VMAs of the range are listed; nothing has changed\n"

/* Maps this many VMAs of one page each, which the command leaves unchanged. */
static void map_like(size_t vmas)
{
	must_map(OURS, vmas, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < vmas; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	madvise(OURS, vmas * page, MADV_DONTDUMP);
	print_command("flags %d %lx %lx +dontdump", getpid(), (unsigned long)OURS,
		      (unsigned long)OURS + vmas * page);
}

/* Expects that plan lists this many of the VMAs, and says so if these are not all. */
static void expect_listed(size_t vmas, size_t listed, int line)
{
	static char said[32768], wanted[32768];
	char *end = wanted;

	map_like(vmas);
	expect(plan(said, sizeof(said)) == 0);
	if (listed == vmas)
		end += sprintf(end, HAPPENS);
	else
		end += sprintf(end, HAPPENS_AND_MORE, listed);
	for (size_t i = 0; i < listed; i++)
		end += sprintf(end, "  %lx-%lx unchanged: nothing to change\n",
			       (unsigned long)OURS + i * page,
			       (unsigned long)OURS + (i + 1) * page);
	if (strcmp(said, wanted))
		complain("line %d: of %zu VMAs, it says: %s", line, vmas, said);
}

static void most_that_are_listed(void)
{
	expect_listed(1, 1, __LINE__);
	expect_listed(63, 63, __LINE__);
	expect_listed(64, 64, __LINE__);
	expect_listed(65, 64, __LINE__);
	expect_listed(200, 64, __LINE__);
}

/* Without room for all parts, plan lists some of them in full, and counts the others. */
static void listed_in_full(void)
{
	static char said[32768];
	const char *end;
	size_t count = 0, parts = 0;

	map_like(64);
	print_command("flags %d %lx %lx -dontdump", getpid(), (unsigned long)OURS,
		      (unsigned long)OURS + 64 * page);
	expect(plan(said, sizeof(said)) == 0);
	expect(sscanf(said, "as things are now, this would happen, and more: only the first %zu ",
		      &count) == 1);
	expect(count > 10 && count < 64);
	for (const char *part = said; (part = strstr(part, " changed, its extent")); part++)
		parts++;
	expect(parts == count);
	/* The last listed part is complete, with both of its sides. */
	end = strstr(said, "\n    above: flags differ (");
	for (size_t i = 1; end && i < count; i++)
		end = strstr(end + 1, "\n    above: flags differ (");
	expect(end && !strcmp(strchr(end + 1, '\n'), "\n"));
}

/* An unmapped range is drawn part by part, with the remaining parts of its VMAs. */
static void an_unmapped_range(void)
{
	static char said[32768];
	int before;

	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 8, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MAP, 8, 12, PROT_READ);
	print_command("unmap %d %lx %lx", ours.pid, address(6), address(10));
	expect_plan(HAPPENS
		    "  600000006000-600000008000 unmapped, split at its start\n"
		    "    before  |-----middle******|--next--|\n"
		    "    after   |--new---|        |--next--|\n"
		    "    at      600000004000      600000008000\n"
		    "                     600000006000      60000000c000\n"
		    "  600000008000-60000000a000 unmapped, split at its end\n"
		    "    before  |*****middle------|\n"
		    "    after            |--new---|\n"
		    "    at      600000008000      60000000c000\n"
		    "                     60000000a000\n", __LINE__);
	print_command("unmap %d %lx %lx", ours.pid, address(5), address(6));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, " unmapped, split at both ends\n"));
	expect(strstr(said, "    before  |---------*middle*---------|--next--|\n"));
	expect(strstr(said, "    after   |--new---|        |--new---|--next--|\n"));
	print_command("unmap %d %lx %lx", ours.pid, address(0), address(30));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "  600000004000-600000008000 unmapped, a whole VMA\n"));
	expect(strstr(said, "  600000008000-60000000c000 unmapped, a whole VMA\n"));
	print_command("unmap %d %lx %lx", ours.pid, address(20), address(30));
	expect_plan(HAPPENS "  600000014000-60000001e000 unchanged: nothing is mapped there\n",
		    __LINE__);
	print_command("unmap %d fffffffffffe0000 ffffffffffff0000", ours.pid);
	expect(plan(said, sizeof(said)) == EINVAL && strstr(said, "address space"));

	/* At the limit, cutting a VMA in two is refused, but shortening a VMA is not. */
	before = set_max_map_count(5);
	print_command("unmap %d %lx %lx", ours.pid, address(5), address(6));
	expect(plan(said, sizeof(said)) == ENOMEM && strstr(said, "vm.max_map_count"));
	print_command("unmap %d %lx %lx", ours.pid, address(5), address(9));
	expect(plan(said, sizeof(said)) == 0);
	set_max_map_count(before);

	/*
	 * Sealed memory prevents the whole operation, but the VMA at the start of the
	 * range is already cut.
	 */
	ask_for(&ours, DO_SEAL, 8, 12);
	print_command("unmap %d %lx %lx", ours.pid, address(6), address(10));
	expect(plan(said, sizeof(said)) == EPERM);
	expect(strstr(said, "this would happen, and then it would be stopped (EPERM): 6000000"));
	expect(strstr(said, "-60000000a000 is sealed (mseal); nothing has changed\n"
		      "  600000006000-600000008000 split at its start only, and not changed\n"));
	expect(!strstr(said, "unmapped"));
	print_command("unmap %d %lx %lx", ours.pid, address(4), address(10));
	expect(plan(said, sizeof(said)) == EPERM && begins(said, "refused (EPERM): "));
	expect(write_to(CTL, command, strlen(command)) == EOPNOTSUPP);
	expect(begins(outcome, "refused (EOPNOTSUPP): only the process itself can unmap its "));
	expect(strstr(outcome, " memory, with munmap(); write this to plan to see the effect;"));
	end_twin(&ours);
}

/* A moved range leaves a hole, and may merge at its destination, even with the rest of its VMA. */
static void a_moved_range(void)
{
	static char said[32768];

	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 8, PROT_READ | PROT_WRITE);
	print_command("move %d %lx %lx %lx", ours.pid, address(6), address(8), address(8));
	expect_plan(HAPPENS
		    "  600000008000-60000000a000 moved here from 600000006000-600000008000, merged below\n"
		    "    before  |--prev--|\n"
		    "    after   |------prev*******|\n"
		    "    at      600000004000      60000000a000\n"
		    "                     600000008000\n"
		    "    above: " NONE_TOUCHES
		    "  600000006000-600000008000 gone from here, split at both ends\n"
		    "    before  |---------*middle*---------|\n"
		    "    after   |--new---|        |--new---|\n"
		    "    at      600000004000      600000008000\n"
		    "                     600000006000      60000000a000\n", __LINE__);
	/* Pages keep their offsets, if there are any pages. */
	ask_for(&ours, DO_TOUCH, 4, 8, .more = 1);
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "moved here from 600000006000-600000008000, not merged\n"));
	expect(strstr(said, "    below: page offsets do not continue\n"));
	/* Existing memory at the destination is unmapped first. */
	ask_for(&ours, DO_MAP, 20, 24, PROT_READ);
	print_command("move %d %lx %lx %lx", ours.pid, address(4), address(8), address(22));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "  600000016000-600000018000 unmapped, split at its start\n"));
	expect(strstr(said, "  600000004000-600000008000 gone from here, a whole VMA\n"));
	print_command("move %d %lx %lx %lx", ours.pid, address(4), address(8), address(7));
	expect(plan(said, sizeof(said)) == EINVAL && strstr(said, " overlaps 600000007000-"));
	print_command("move %d %lx %lx %lx", ours.pid, address(3), address(8), address(30));
	expect(plan(said, sizeof(said)) == EFAULT);
	expect(strstr(said, "nothing is mapped at 600000003000, where the range starts; nothing"));
	print_command("move %d %lx %lx fffffffffffff000", ours.pid, address(4), address(8));
	expect(plan(said, sizeof(said)) == EINVAL && strstr(said, "cannot be moved to ffffffff"));
	/* Registered memory can only be moved separately, and without its userfaultfd. */
	ask_for(&ours, DO_REGISTER, 4, 6, UFFDIO_REGISTER_MODE_MISSING);
	print_command("move %d %lx %lx %lx", ours.pid, address(4), address(8), address(30));
	expect(plan(said, sizeof(said)) == EFAULT);
	expect(strstr(said, " can only be moved on its own: "));
	print_command("move %d %lx %lx %lx", ours.pid, address(4), address(6), address(30));
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "    below: it moves here without its userfaultfd\n"));
	expect(write_to(CTL, command, strlen(command)) == EOPNOTSUPP);
	expect(begins(outcome,
		      "refused (EOPNOTSUPP): only the process itself can move its memory, with "));
	end_twin(&ours);
}

/* Returns the number of VMAs of the twin. */
static int vmas_of_twin(void)
{
	struct layout layout;

	return read_layout(&ours, &layout);
}

#define ALL_HAPPEN                                                             \
	"as things are now, all %d changes would happen, with %d VMAs in the end; nothing has changed\n"
#define ONE_FAILS                                                              \
	"as things are now, change %d of %d would fail (EINVAL), with %d VMAs in the end; nothing has changed\n"

/* Two changes lead to fewer VMAs together, but neither does alone. */
static void two_changes_together(void)
{
	static char said[32768], wanted[2048], registration[64];
	int vmas;

	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 12, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MADVISE, 4, 8, MADV_DONTFORK);
	ask_for(&ours, DO_MADVISE, 8, 12, MADV_DONTDUMP);
	vmas = vmas_of_twin();
	print_command("flags %d %lx %lx -dontfork and flags %d %lx %lx -dontdump", ours.pid,
		      address(4), address(8), ours.pid, address(8), address(12));
	sprintf(wanted, ALL_HAPPEN
		"change 1: this would happen; %d VMAs then\n"
		"change 2: this would happen; %d VMAs then\n"
		"change 1:\n"
		"  600000004000-600000008000 changed, its extent unchanged\n"
		"    before  |*middle*|--next--|\n"
		"    after   |*middle*|--next--|\n"
		"    at      600000004000      60000000c000\n"
		"                     600000008000\n"
		"    below: " NONE_TOUCHES
		"    above: flags differ (only above: dd)\n"
		"change 2:\n"
		"  600000008000-60000000c000 merged below\n"
		"    before  |--prev--|*middle*|\n"
		"    after   |------prev*******|\n"
		"    at      600000004000      60000000c000\n"
		"                     600000008000\n"
		"    above: " NONE_TOUCHES, 2, vmas - 1, vmas, vmas - 1);
	expect_plan(wanted, __LINE__);
	expect(vmas_of_twin() == vmas);

	sprintf(registration, "uffd %d %lx %lx 100 missing", ours.pid, address(22), address(24));
	/*
	 * The second change changes the range that the first one maps, and the last
	 * change unmaps it.
	 */
	print_command("new %d %lx %lx and protect %d %lx %lx r-- and %s and unmap %d %lx %lx",
		      ours.pid, address(20), address(24), ours.pid, address(21), address(23),
		      registration, ours.pid, address(20), address(24));
	expect(plan(said, sizeof(said)) == 0);
	sprintf(wanted, ALL_HAPPEN
		"change 1: this would happen; %d VMAs then\n"
		"change 2: this would happen; %d VMAs then\n"
		"change 3: this would happen; %d VMAs then\n"
		"change 4: this would happen; %d VMAs then\n",
		4, vmas, vmas + 1, vmas + 3, vmas + 4, vmas);
	if (!begins(said, wanted))
		complain("not as it would be: %s", said);

	/* Changes after one that fails are not looked at. */
	print_command("split %d %lx and split %d %lx and split %d %lx", ours.pid, address(6),
		      ours.pid, address(6), ours.pid, address(7));
	expect(plan(said, sizeof(said)) == EINVAL);
	sprintf(wanted, ONE_FAILS
		"change 1: this would happen; %d VMAs then\n"
		"change 2: it would be refused (EINVAL): no VMA starts below 600000006000",
		2, 3, vmas + 1, vmas + 1);
	if (!begins(said, wanted))
		complain("not as it would be: %s", said);
	expect(!strstr(said, "change 3"));
	print_command("split 2000000000 %lx and split 2000000000 %lx", address(6), address(7));
	expect(plan(said, sizeof(said)) == ESRCH);
	expect(begins(said, "refused (ESRCH): as things are now, there is no process 2000000000;"));
	end_twin(&ours);
}

/* Expects that plan refuses the command with these words. */
static void expect_unread(int wanted, const char *words, int line)
{
	static char said[32768];
	int error = plan(said, sizeof(said));

	if (error != wanted || !strstr(said, words))
		complain("line %d: %s: errno %d: %s", line, command, error, said);
}

/* Words between commands. */
static void words_between(void)
{
	static char said[32768];
	char *end = command;

	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 12, PROT_READ | PROT_WRITE);
	/* Eight commands are allowed, nine are too many. */
	for (int i = 0; i < 8; i++)
		end += sprintf(end, "%ssplit %d %lx", i ? "  and\t" : "", ours.pid,
			       address(4 + (i + 1) % 8));
	expect_unread(EINVAL, "change 8 of 8 would fail (EINVAL)", __LINE__);
	sprintf(end, " and split %d %lx", ours.pid, address(5));
	expect_unread(EINVAL, "refused (EINVAL): more than 8 commands are joined by 'and';",
		      __LINE__);

	print_command("split %d %lx and split %d %lx", ours.pid, address(6), getpid(), address(7));
	expect_unread(EINVAL, "commands joined by 'and' have to name one process, in the same",
		      __LINE__);
	print_command("split %d %lx and", ours.pid, address(6));
	expect_unread(EINVAL, "a command is missing after 'and';", __LINE__);
	print_command("split %d %lx and\tand split %d %lx", ours.pid, address(6), ours.pid,
		      address(7));
	expect_unread(EINVAL, "there is no verb 'and';", __LINE__);
	print_command("split %d %lx and frob %d", ours.pid, address(6), ours.pid);
	expect_unread(EINVAL, "there is no verb 'frob';", __LINE__);
	print_command("split %d %lx and split %d %lx\xff", ours.pid, address(6), ours.pid,
		      address(7));
	sprintf(said, "the byte at position %zu is not valid UTF-8;",
		strlen(command) - 1);
	expect_unread(EILSEQ, said, __LINE__);
	/* A name may contain the word 'and', unless a verb follows it. */
	print_command("name %d %lx %lx cats and dogs", ours.pid, address(4), address(8));
	expect_unread(0, "as things are now, this would happen; ", __LINE__);
	print_command("name %d %lx %lx cats and split %d %lx", ours.pid, address(4), address(8),
		      ours.pid, address(10));
	expect_unread(0, "as things are now, all 2 changes would happen, ", __LINE__);
	expect(write_to(CTL, command, strlen(command)) == EINVAL);
	expect(begins(outcome,
		      "refused (EINVAL): only plan takes commands joined by 'and'; here, "));
	expect(strstr(outcome, " write one command per line; nothing has changed\n"));
	/* Each command may be as long as a line. The last command may be in a line of several. */
	memset(command, ' ', sizeof(command));
	end = command + sprintf(command, "split %d %lx", ours.pid, address(6));
	*end = ' ';
	sprintf(command + 250, " and split %d %lx", ours.pid, address(8));
	expect_unread(0, "all 2 changes would happen, ", __LINE__);
	memset(command, ' ', sizeof(command));
	end = command + sprintf(command, "split %d %lx", ours.pid, address(6));
	*end = ' ';
	sprintf(command + 256, " and split %d %lx", ours.pid, address(8));
	expect_unread(E2BIG, " bytes is too long; write at most 255;", __LINE__);
	print_command("split %d %lx\nsplit %d %lx and split %d %lx\n", ours.pid, address(6),
		      ours.pid, address(6), ours.pid, address(8));
	expect_unread(0, "line 2: as things are now, all 2 changes would happen, ", __LINE__);
	end_twin(&ours);
}

/* Parts that do not fit are counted, and the changes after them are still predicted. */
static void more_than_is_listed(void)
{
	static char said[32768];
	unsigned long start = (unsigned long)OURS, end = start + 200 * page;

	map_like(200);
	print_command("flags %d %lx %lx -dontdump and flags %d %lx %lx -dontfork", getpid(), start,
		      end, getpid(), start, end);
	expect(plan(said, sizeof(said)) == 0);
	expect(strstr(said, "all 2 changes would happen, "));
	expect(strstr(said, "\nchange 1: (") && strstr(said, " more VMAs are not listed)\n"));
	expect(ctl("flags %d %lx %lx -dontdump", getpid(), start, end) == 0);
	expect(ctl("flags %d %lx %lx -dontfork", getpid(), start, end) == 0);
	expect(count_vmas() == 1);
	/* The change has more parts than plan can keep. */
	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	end = start + 2000 * page;
	print_command("flags %d %lx %lx +dontdump and flags %d %lx %lx -dontfork", getpid(), start,
		      end, getpid(), start, end);
	expect_unread(E2BIG,
		      "as things are now, change 1 of 2 would reach further than plan examines, so that no change after it can be foreseen; nothing has changed",
		      __LINE__);
	/* If this is the last change, the number of VMAs at the end is unknown. */
	print_command("split %d %lx and flags %d %lx %lx +dontdump", getpid(),
		      (unsigned long)TWIN + page, getpid(), start, end);
	must_map(TWIN, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect_unread(E2BIG,
		      "as things are now, change 2 of 2 would reach further than plan examines; "
		      "nothing has changed\nchange 1: this would happen; ", __LINE__);
	expect(plan(said, sizeof(said)) == E2BIG);
	expect(strstr(said, " of the range are listed\n") && !strstr(said, "in the end"));
}

/* Maps this many VMAs of one page, each followed by a free page. */
static void map_apart(char *place, size_t vmas)
{
	must_map(place, 2 * vmas, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < vmas; i++)
		expect(!munmap(place + (2 * i + 1) * page, page));
}

/* Gives the command to plan. Returns the number of predicted parts, listed or not. */
static size_t count_foreseen(int line)
{
	static char said[32768];
	size_t listed = 0, unlisted = 0;

	expect(plan(said, sizeof(said)) == 0);
	if (sscanf(said,
		   "as things are now, this would happen, and more: only the first %zu VMAs of the range are listed; "
		   "nothing has changed\n(%zu more VMAs are not listed)",
		   &listed, &unlisted) != 2)
		complain("line %d: %s is not told as cut short: %s", line, command, said);
	return listed + unlisted;
}

/* If plan cannot keep all parts, it predicts no step that depends on the others. */
static void more_than_is_kept_in_mind(void)
{
	static char said[32768];
	unsigned long here = (unsigned long)OURS, there = (unsigned long)TWIN;
	unsigned long length = 800 * page;
	int pid = getpid();
	size_t unmapped;

	map_apart(TWIN, 400);
	must_map(OURS, 800, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	print_command("unmap %d %lx %lx", pid, there, there + length);
	unmapped = count_foreseen(__LINE__);
	expect(unmapped > 300 && unmapped < 400);
	/* Nothing moves to a place that is still occupied. */
	print_command("move %d %lx %lx %lx", pid, here, here + length, there);
	expect(count_foreseen(__LINE__) == unmapped);
	print_command("split %d %lx and unmap %d %lx %lx", pid, here + page, pid, there,
		      there + length);
	expect(plan(said, sizeof(said)) == E2BIG);
	expect(strstr(said, "change 2 of 2 would reach further than plan examines; nothing has"));
	/* Moved memory is shown at both places, or at neither. */
	print_command("move %d %lx %lx %lx", pid, there, there + length, there + 2 * length);
	expect(count_foreseen(__LINE__) % 2 == 0);
}

/* Expects this errno and these words from plan, and the same errno from the call, which follows. */
#define foretold(number, words, call)                                           \
	do {                                                                    \
		int wanted = (number), error;                                   \
		expect_unread(wanted, words, __LINE__);                         \
		error = result_of((long)(call));                                \
		if (error != wanted)                                            \
			complain("line %d: %s: the call's errno is %d", __LINE__, command, error); \
	} while (0)

#define NO_SPLIT " could not be split: its driver says EINVAL"
#define THEN_STOPPED "as things are now, this would happen, and then it would be stopped (EINVAL): "

/* VMAs of huge pages can only be cut between two huge pages. */
static void huge_pages_are_cut_between_two(void)
{
	const size_t huge = 2 << 20;
	unsigned long start = (unsigned long)OURS + huge, middle = start + huge;
	char *place = OURS + huge, *below = place - 4 * page;
	int pid = getpid();

	must_map(place, 2 * huge / page,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1);
	must_map(below, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	print_command("unmap %d %lx %lx", pid, start, start + page);
	foretold(EINVAL, "refused (EINVAL): as things are now, 700000200000-700000600000" NO_SPLIT,
		 munmap(place, page));
	print_command("unmap %d %lx %lx", pid, start + page, middle + huge);
	foretold(EINVAL, "refused (EINVAL): as things are now, 700000200000-700000600000" NO_SPLIT,
		 munmap(place + page, 2 * huge - page));
	expect(count_vmas() == 2);
	/* If the start was already cut, that cut stays. */
	print_command("unmap %d %lx %lx", pid, start - 2 * page, start + page);
	foretold(EINVAL, THEN_STOPPED "700000200000-700000600000" NO_SPLIT "; nothing has changed\n"
		 "  7000001fe000-700000200000 split at its start only, and not changed\n",
		 munmap(place - 2 * page, 3 * page));
	expect(count_vmas() == 3);
	print_command("unmap %d %lx %lx", pid, middle, middle + page);
	foretold(EINVAL, THEN_STOPPED "700000400000-700000600000" NO_SPLIT "; nothing has changed\n"
		 "  700000400000-700000600000 split at its start only, and not changed\n",
		 munmap(place + huge, page));
	expect(count_vmas() == 4);
	/* ctl asks the driver. */
	print_command("split %d %lx", pid, start + page);
	foretold(EINVAL, "refused (EINVAL): as things are now, 700000200000-700000400000" NO_SPLIT,
		 (errno = write_to(CTL, command, strlen(command)), errno ? -1 : 0));
	expect(strstr(outcome, "refused (EINVAL): 700000200000-700000400000" NO_SPLIT));
	print_command("protect %d %lx %lx r--", pid, start, start + page);
	foretold(EINVAL, "700000200000-700000201000" NO_SPLIT, mprotect(place, page, PROT_READ));
	print_command("flags %d %lx %lx +dontfork", pid, middle + page, middle + huge);
	foretold(EINVAL, "700000401000-700000600000" NO_SPLIT,
		 madvise(place + huge + page, huge - page, MADV_DONTFORK));
	expect(count_vmas() == 4);
	must_map(place, 2 * huge / page,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1);
	print_command("protect %d %lx %lx r--", pid, middle, middle + page);
	foretold(EINVAL,
		 THEN_STOPPED
		 "700000400000-700000401000 was split at its start, but could not be at its end: its driver says EINVAL; nothing has changed\n",
		 mprotect(place + huge, page, PROT_READ));
	expect(count_vmas() == 4);
	/* The same applies to memory that a move would unmap. */
	print_command("move %d %lx %lx %lx", pid, start - 4 * page, start - 3 * page, start + page);
	foretold(EINVAL, "700000200000-700000400000" NO_SPLIT,
		 mremap(below, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, place + page));
	/* A range with huge pages at both ends is allowed. */
	print_command("unmap %d %lx %lx", pid, start, middle);
	foretold(0, "as things are now, this would happen; ", munmap(place, huge));
}

/* Huge pages move as a whole, and only to places where they fit. */
static void huge_pages_are_moved_whole(void)
{
	const size_t huge = 2 << 20;
	unsigned long start = (unsigned long)OURS, there = (unsigned long)TWIN;
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	int pid = getpid();

	must_map(OURS, 2 * huge / page,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1);
	print_command("move %d %lx %lx %lx", pid, start + page, start + huge, there);
	foretold(EINVAL,
		 "700000001000-700000200000 cuts its huge pages; start at a multiple of 200000; nothing has changed\n",
		 mremap(OURS + page, huge - page, huge - page, flags, TWIN));
	print_command("move %d %lx %lx %lx", pid, start, start + huge, there + page);
	foretold(EINVAL,
		 "700000000000-700000200000 cannot be moved to 710000001000, which is not a multiple of 200000, its huge page size; nothing has changed\n",
		 mremap(OURS, huge, huge, flags, TWIN + page));
	/* The rest of the last huge page moves as well. */
	print_command("move %d %lx %lx %lx", pid, start, start + page, there);
	foretold(0, "  710000000000-710000200000 moved here from 700000000000-700000200000, not",
		 mremap(OURS, page, page, flags, TWIN));
	expect(count_vmas() == 1);
}

/* Permission to map low addresses is checked for the process, not for the writer. */
static void low_addresses(void)
{
	const unsigned long low = page, number = (low - (unsigned long)PLACE) / page;
	FILE *file = fopen("/proc/sys/vm/mmap_min_addr", "r+");
	int before = 0;

	expect(file && fscanf(file, "%d", &before) == 1);
	rewind(file);
	fprintf(file, "65536\n");
	fflush(file);
	for (int uid = 0; uid <= 1000; uid += 1000) {
		ours = start_twin();
		ask_for(&ours, DO_MAP, 4, 5, PROT_READ | PROT_WRITE);
		expect(ask_for(&ours, DO_BECOME, .how = uid) == 0);
		print_command("move %d %lx %lx %lx", ours.pid, address(4), address(5), low);
		expect_unread(uid ? EPERM : 0,
			      uid ? "refused by a security module, which says EPERM; nothing has" :
				    " moved here from 600000004000-600000005000, not merged\n",
			      __LINE__);
		expect(ask_for(&ours, DO_MOVE, 4, 5, number) == (uid ? EPERM : 0));
		end_twin(&ours);
	}
	rewind(file);
	fprintf(file, "%d\n", before);
	fclose(file);
}

static const struct test tests[] = {
	test(picture),
	test(only_what_touches),
	test(no_room),
	test(long_range),
	test(most_that_are_listed),
	test(an_unmapped_range),
	test(a_moved_range),
	test(two_changes_together),
	test(words_between),
	test(more_than_is_listed),
	test(more_than_is_kept_in_mind),
	test(huge_pages_are_cut_between_two),
	test(huge_pages_are_moved_whole),
	test(low_addresses),
	test(listed_in_full),
	test(planned_changes_happen),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
