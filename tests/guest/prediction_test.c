// SPDX-License-Identifier: GPL-2.0
/*
 * Predictions of plan: random commands of all verbs, each given to plan and then, word
 * for word, to ctl. The errno, the sentence and the outcome of each part of the range
 * have to be the same, and the VMAs at the end have to be those that plan has drawn.
 *
 * The same is done with several commands in one line for plan, which ctl executes one
 * after the other, and with munmap() and mremap(), which the process calls itself, with
 * either engine.
 *
 * "prediction_test 10000" plays 10,000 commands, "prediction_test 10000 7" different
 * ones.
 */
#include "harness.h"
#include "twin.h"
#include "told.h"

#define ENGINE "/sys/kernel/debug/rust_vma/engine"

static struct twin ours;
static char planned[32768], done[32768];
static unsigned int wanted = 400, first_seed = 1;

/* The numbers of commands of each kind, to show that none was left out. */
static struct {
	unsigned int commands, done, refused, stopped, parts, several, limits, cut_short;
	unsigned int calls, failed_calls, moved, lines, ended, fewer;
} seen;

/*
 * Copies the words of the first line between a beginning and an end. Returns false if the
 * line does not have both.
 */
static bool between(const char *said, const char *start, const char *end, char *what)
{
	const char *stop = strchr(said, '\n'), *last;

	if (!begins(said, start))
		return false;
	said += strlen(start);
	last = strstr(said, end);
	/* The end has to be in the first line. */
	if (!last || last > stop)
		return false;
	sprintf(what, "%.*s", (int)(last - said), said);
	return true;
}

/* Returns whether the two first lines have the same meaning. */
static bool same_sentence(void)
{
	static const char here[] = "as things are now, ";
	static const char stopped[] =
		"as things are now, this would happen, and then it would be stopped (";
	static char one[4096], other[4096];
	char *skip;

	/* For pairs of VMAs, both lines have the numbers. */
	if (strstr(done, " merged, which leaves "))
		return between(done, "done: ", "\n", one) &&
		       between(planned, "as things are now, this would happen: ",
			       "; nothing has changed\n", other) && !strcmp(one, other);
	if (begins(done, "done: "))
		return begins(planned, "as things are now, this would happen; ") ||
		       begins(planned, "as things are now, this would happen, and more: ");
	if (between(done, "refused (", "; nothing has changed", one)) {
		if (!between(planned, "refused (", "; nothing has changed", other))
			return false;
		skip = strstr(other, here);
		if (skip)
			memmove(skip, skip + strlen(here), strlen(skip + strlen(here)) + 1);
		return !strcmp(one, other);
	}
	if (!between(done, "stopped (", "; before that: ", one))
		return false;
	/* plan does not know the VMAs above the last one that it reports. */
	if (strstr(planned, ", and more: "))
		return true;
	return between(planned, stopped, "; nothing has changed", other) && !strcmp(one, other);
}

static void differ(const char *why)
{
	complain("command %u (%s): %s", seen.commands, command, why);
	printf("plan:\n%s\nctl:\n%s\n", planned, done);
}

/* Compares the words about the parts, and the drawing. */
static void compare_parts(struct layout *layout)
{
	static struct story plan, ctl;
	bool cut_short = strstr(planned, ", and more: ");

	read_story(planned, &plan);
	read_story(done, &ctl);
	seen.cut_short += cut_short;
	seen.parts += plan.count;
	seen.several += plan.count > 1;
	if (plan.count != ctl.count && !(cut_short && plan.count < ctl.count)) {
		differ("not so many parts");
		return;
	}
	for (int i = 0; i < plan.count; i++) {
		struct part *one = &plan.parts[i], *other = &ctl.parts[i];
		struct area now;
		struct layout after;
		bool drawn_so = false;

		if (memcmp(&one->range, &other->range, sizeof(one->range))) {
			differ("another part");
			return;
		}
		if (!same_kind(one->line, other->line)) {
			differ("another kind");
			return;
		}
		if (!same_reasons(one, other->line)) {
			differ("other reasons");
			return;
		}
		if (!draw(layout, one, &after)) {
			differ("other VMAs before");
			return;
		}
		if (sscanf(other->line, "merged %*[a-z]: now %lx-%lx", &now.start, &now.end) != 2)
			continue;
		for (int k = 0; k < after.count; k++)
			drawn_so |= !memcmp(&after.areas[k], &now, sizeof(now));
		if (!drawn_so) {
			differ("the merged VMA is another");
			return;
		}
	}
	if (cut_short)
		read_layout(&ours, layout);
}

/* Gives the command to ctl, after plan has predicted its outcome for this layout. */
static int compare_with_ctl(int plan_error, struct layout before)
{
	int error = write_to(CTL, command, strlen(command));
	struct layout after;

	memcpy(done, outcome, sizeof(done));
	seen.commands++;
	seen.done += begins(done, "done: ");
	seen.refused += begins(done, "refused (");
	seen.stopped += begins(done, "stopped (");
	if (error != plan_error && !strstr(planned, ", and more: "))
		differ("another errno");
	else if (!same_sentence())
		differ("another sentence");
	else
		compare_parts(&before);
	read_layout(&ours, &after);
	if (!failed && !same_layout(&before, &after)) {
		differ("another layout");
		print_layout("foreseen", &before);
		print_layout("found", &after);
	}
	return error;
}

/* Gives the line to plan, and returns its errno. */
static int foresee(const char *line, struct layout *before)
{
	struct layout after;
	int error;

	read_layout(&ours, before);
	error = write_and_read(PLAN, line, strlen(line), PLAN);
	memcpy(planned, outcome, sizeof(planned));
	read_layout(&ours, &after);
	if (!same_layout(before, &after))
		complain("plan has changed something");
	return error;
}

/* Gives the command to plan and to ctl. */
static void compare_command(void)
{
	struct layout before;
	int error = foresee(command, &before);

	compare_with_ctl(error, before);
}

/* Makes the process call the function whose result plan has predicted for this layout. */
static int compare_with_call(const struct request *request, int plan_error, struct layout before)
{
	static struct story plan;
	const char *engine = any(2) ? "rust" : "c";
	struct layout after;
	int error;

	expect(write_to(ENGINE, engine, strlen(engine)) == 0);
	error = ask(&ours, request);
	seen.calls++;
	seen.failed_calls += error != 0;
	seen.moved += !error && request->what == DO_MOVE;
	snprintf(done, sizeof(done), "(a call)");
	if (error != plan_error)
		complain("command %s: errno %d, foreseen %d: %s", command, error, plan_error,
			 planned);
	read_story(planned, &plan);
	for (int i = 0; i < plan.count && !failed; i++)
		if (!draw(&before, &plan.parts[i], &after))
			differ("other VMAs before");
	read_layout(&ours, &after);
	if (!failed && !same_layout(&before, &after)) {
		differ("another layout");
		print_layout("foreseen", &before);
		print_layout("found", &after);
	}
	return error;
}

/* Prints a command with wrong words, or with words that are wrong for some commands. */
static void random_nonsense(unsigned long start, unsigned long end)
{
	int pid = ours.pid;

	switch (any(10)) {
	case 0:
		print_command("frob %d %lx %lx", pid, start, end);
		break;
	case 1:
		print_command("flags %d %lx %lx +seq +rand", pid, start, end);
		break;
	case 2:
		print_command("protect %d %lx %lx rwz", pid, start, end);
		break;
	case 3:
		print_command("name %d %lx %lx a[b", pid, start, end);
		break;
	case 4:
		print_command("policy %d %lx %lx bind:9", pid, start, end);
		break;
	case 5:
		print_command("uffd %d %lx %lx 77 missing", pid, start, end);
		break;
	case 6:
		print_command("new %d %lx %lx", pid, end, start);
		break;
	case 7:
		print_command("extend %d %lx %lx", pid, start + 1, end);
		break;
	case 8:
		print_command("policy 2000000000 %lx %lx bind:9", start, end);
		break;
	default:
		print_command("split 2000000000 %lx", start);
		break;
	}
}

/* The verbs, and words that may follow the range. */
static const struct {
	const char *verb, *words[8];
} verbs[] = {
	{ "flags", { "+dontfork", "-dontfork", "+dontdump", "-dontdump", "+seq",
		     "-seq -rand", "+dontfork -dontdump", "+dontfork" } },
	{ "protect", { "---", "r--", "rw-", "rw-", "r-x", "--x", "rwx", "r--" } },
	{ "name", { "", "", "one", "two words", "", "one", "", "one" } },
	{ "policy", { "default", "bind:0", "bind:1", "preferred:1", "interleave:0-1",
		      "default", "bind:0", "bind:1" } },
	{ "uffd", { "100 missing", "100 wp", "100 minor", "100 missing wp", "100 none",
		    "100 none", "100 missing", "100 wp" } },
	{ "new", { "---", "r--", "rw-", "rw-", "r-x", "rwx", "", "" } },
	{ "extend", { "", "", "", "", "", "", "", "" } },
	{ "merge", { "", "", "", "", "", "", "", "" } },
	{ "split", { } },
	/* These have to be called by the process itself. */
	{ "unmap", { } },
	{ "move", { } },
};

#define CARRIED_OUT (COUNT_OF(verbs) - 2)

/* Chooses a call of the process, and prints the command that predicts its result. */
static void random_call(struct request *request)
{
	size_t first = 1 + any(PAGES - 2), last = first + 1 + any(any(4) ? 12 : 3), pages, to;

	if (last > PAGES - 1)
		last = PAGES - 1;
	pages = last - first;
	to = 1 + any(PAGES - 1 - pages);
	/* In some cases, the destination is next to the range, or overlaps it. */
	if (!any(4))
		to = any(2) && first > pages ? first - pages :
		     last + pages < PAGES ? last : to;
	if (any(2)) {
		*request = (struct request){ DO_UNMAP, first, last };
		print_command("unmap %d %lx %lx", ours.pid, address(first), address(last));
	} else {
		*request = (struct request){ DO_MOVE, first, last, to };
		print_command("move %d %lx %lx %lx", ours.pid, address(first), address(last),
			      address(to));
	}
}

/* Prints a command with a verb that ctl executes. */
static void random_command(bool sensible)
{
	size_t first = 1 + any(PAGES - 2), last = first + 1 + any(any(4) ? 12 : 3);
	unsigned int which = any(4 * CARRIED_OUT + !sensible) / 4;
	unsigned long start, end;

	if (last > PAGES - 1)
		last = PAGES - 1;
	start = address(first);
	end = address(last);
	if (which < CARRIED_OUT - 1)
		print_command("%s %d %lx %lx %s", verbs[which].verb, ours.pid, start, end,
			      verbs[which].words[any(8)]);
	else if (which == CARRIED_OUT - 1)
		print_command("split %d %lx", ours.pid, start);
	else
		random_nonsense(start, end);
}

/* Returns the size of the data that the twin has mapped, in bytes. */
static unsigned long data_of_twin(void)
{
	char path[64], text[4096], *found;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", ours.pid);
	fd = open(path, O_RDONLY);
	read_all(fd, text, sizeof(text));
	close(fd);
	found = strstr(text, "VmData:");
	return found ? strtoul(found + 7, NULL, 10) * 1024 : 0;
}

/* Makes the twin change something itself, which a later command finds. */
static void random_event(void)
{
	size_t first = 1 + any(PAGES - 2), last = first + 1 + any(3);

	if (last > PAGES - 1)
		last = PAGES - 1;
	switch (any(16)) {
	case 0 ... 4:
		ask_for(&ours, DO_TOUCH, first, last, .more = any(255));
		break;
	case 5 ... 6:
		ask_for(&ours, DO_UNMAP, first, last);
		break;
	case 7 ... 9:
		ask_for(&ours, DO_MAP, first, last, any(2) ? PROT_READ : PROT_READ | PROT_WRITE);
		break;
	case 10:
		ask_for(&ours, DO_MAP_FD, first, last, PROT_READ | PROT_WRITE);
		break;
	case 11:
		ask_for(&ours, DO_MAP_FILE, first, first + 1, PROT_READ);
		break;
	case 12:
		ask_for(&ours, DO_LOCK, first, last, any(2));
		break;
	case 13:
		if (!any(4))
			ask_for(&ours, DO_SEAL, first, first + 1);
		break;
	case 14:
		if (!any(20))
			ask_for(&ours, DO_DENY_WRITE_EXEC);
		break;
	default:
		ask_for(&ours, DO_LIMIT, .how = RLIMIT_DATA,
			.more = any(2) ? data_of_twin() + any(6) * page : RLIM_INFINITY);
		break;
	}
}

/*
 * Starts a twin with memory all over PLACE. In every other round, some of it is inherited
 * from the parent.
 */
static void start_round(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	bool inherited = any(2);

	if (inherited) {
		mmap(PLACE + 8 * page, 16 * page, PROT_READ | PROT_WRITE, flags, -1, 0);
		memset(PLACE + 12 * page, 1, 8 * page);
	}
	ours = start_twin();
	if (inherited)
		munmap(PLACE, PAGES * page);
	ask_for(&ours, DO_MAP, 1, inherited ? 8 : 24, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MAP, 24, PAGES - 1, PROT_READ | PROT_WRITE);
}

static void random_commands(void)
{
	const unsigned int in_a_round = 100;

	for (unsigned int round = 0; seen.commands < wanted && !failed; round++) {
		seed = first_seed * 1000003 + round;
		start_round();
		for (unsigned int i = 0; i < in_a_round && seen.commands < wanted && !failed; i++) {
			struct layout layout;
			int before = 0;

			while (any(3))
				random_event();
			random_command(false);
			/* There is room for few more VMAs, or for none. */
			if (!any(6)) {
				before = set_max_map_count(read_layout(&ours, &layout) + any(3));
				seen.limits++;
			}
			compare_command();
			if (before)
				set_max_map_count(before);
		}
		end_twin(&ours);
	}
	printf("  %u commands: %u done, %u refused, %u stopped half way\n",
	       seen.commands, seen.done, seen.refused, seen.stopped);
	printf("  %u parts, %u commands with several, %u with more than plan has room for\n",
	       seen.parts, seen.several, seen.cut_short);
	printf("  %u near vm.max_map_count\n", seen.limits);
	expect(seen.commands == wanted && seen.done > wanted / 4 && seen.refused > wanted / 10);
	expect(seen.stopped > wanted / 400 && seen.several > wanted / 20);
	expect(seen.cut_short < wanted / 20 && seen.limits > wanted / 20);
}

/* Predicts the same number of system calls, one at a time. */
static void random_calls(void)
{
	const unsigned int in_a_round = 100;

	memset(&seen, 0, sizeof(seen));
	for (unsigned int round = 0; seen.calls < wanted && !failed; round++) {
		seed = first_seed * 1000003 + 77 + round;
		start_round();
		for (unsigned int i = 0; i < in_a_round && seen.calls < wanted && !failed; i++) {
			struct request request;
			struct layout layout;
			int before = 0, error;

			while (any(3))
				random_event();
			if (any(2)) {
				random_command(true);
				write_to(CTL, command, strlen(command));
			}
			random_call(&request);
			if (!any(6)) {
				before = set_max_map_count(read_layout(&ours, &layout) + any(5));
				seen.limits++;
			}
			error = foresee(command, &layout);
			compare_with_call(&request, error, layout);
			if (before)
				set_max_map_count(before);
		}
		end_twin(&ours);
	}
	write_to(ENGINE, "c", 1);
	printf("  %u system calls: %u moved something, %u failed, %u near vm.max_map_count\n",
	       seen.calls, seen.moved, seen.failed_calls, seen.limits);
	expect(seen.calls == wanted && seen.failed_calls > wanted / 20);
	expect(seen.failed_calls < wanted * 2 / 3 && seen.moved > wanted / 20);
}

#define MOST_JOINED 3

/*
 * The answer of plan to a line, and to each change, in the form in which it would answer
 * that change alone.
 */
static char said_of_line[32768], said_of_change[MOST_JOINED][32768];

/*
 * Finds the answer of plan about a change, counted from one. Returns the number of VMAs
 * after it.
 */
static int read_change(int number, char *said)
{
	char head[32], *line, *end, *vmas;
	int count = -1;

	sprintf(head, "\nchange %d: ", number);
	line = strstr(said_of_line, head);
	if (!line)
		return -1;
	line += strlen(head);
	end = strchr(line, '\n');
	for (vmas = end; vmas > line && strncmp(vmas, "; ", 2); vmas--)
		;
	if (sscanf(vmas, "; %d VMAs then\n", &count) != 1)
		return -1;
	if (begins(line, "it would be refused ("))
		said += sprintf(said, "refused (%.*s", (int)(vmas - line - 21), line + 21);
	else
		said += sprintf(said, "as things are now, %.*s", (int)(vmas - line), line);
	said += sprintf(said, "; nothing has changed\n");
	sprintf(head, "\nchange %d:\n", number);
	line = strstr(said_of_line, head);
	if (!line)
		return count;
	line += strlen(head) - 1;
	end = strstr(line, "\nchange ");
	/* The newline before the first part is skipped. */
	line++;
	if (end && end < line)
		end = line - 1;
	sprintf(said, "%.*s", end ? (int)(end + 1 - line) : (int)strlen(line), line);
	return count;
}

/* Compares several commands in a line, some of which are system calls. */
static void compare_line(void)
{
	static char texts[MOST_JOINED][sizeof(command)], line[MOST_JOINED * sizeof(command)];
	struct request calls[MOST_JOINED];
	int count = 2 + any(MOST_JOINED - 1), error = 0, plan_error, after[MOST_JOINED];
	int vmas_before, vmas = 0, before = 0, in_the_end, i;
	const char *end;
	bool is_call[MOST_JOINED], unlisted;
	struct layout layout;

	*line = 0;
	for (i = 0; i < count; i++) {
		is_call[i] = !any(4);
		if (is_call[i])
			random_call(&calls[i]);
		else
			random_command(true);
		memcpy(texts[i], command, sizeof(command));
		sprintf(line + strlen(line), "%s%s", i ? " and " : "", command);
	}
	vmas_before = read_layout(&ours, &layout);
	if (!any(6)) {
		before = set_max_map_count(vmas_before + any(4));
		seen.limits++;
	}
	plan_error = foresee(line, &layout);
	memcpy(said_of_line, planned, sizeof(said_of_line));
	unlisted = strstr(planned, " more VMAs are not listed)");
	for (i = 0; i < count; i++)
		after[i] = read_change(i + 1, said_of_change[i]);
	seen.lines++;
	for (i = 0; i < count && !error && !failed; i++) {
		if (after[i] < 0) {
			complain("nothing is said of change %d of '%s': %s", i + 1, line,
				 said_of_line);
			break;
		}
		memcpy(command, texts[i], sizeof(command));
		memcpy(planned, said_of_change[i], sizeof(planned));
		read_layout(&ours, &layout);
		error = i + 1 < count && after[i + 1] >= 0 ? 0 : plan_error;
		if (unlisted)
			error = is_call[i] ? ask(&ours, &calls[i]) :
					     write_to(CTL, command, strlen(command));
		else if (is_call[i])
			error = compare_with_call(&calls[i], error, layout);
		else
			error = compare_with_ctl(error, layout);
		vmas = read_layout(&ours, &layout);
		if (vmas != after[i])
			complain("%d VMAs after change %d of '%s': %s", vmas, i + 1, line,
				 said_of_line);
	}
	if (before)
		set_max_map_count(before);
	end = strstr(said_of_line, ", with ");
	if (!end || sscanf(end, ", with %d VMAs in the end; ", &in_the_end) != 1)
		in_the_end = -1;
	if (error != plan_error || in_the_end != vmas || (i < count && after[i] >= 0))
		complain("errno %d, foreseen %d, %d VMAs, for '%s': %s", error, plan_error, vmas,
			 line, said_of_line);
	seen.ended += error != 0;
	seen.fewer += !error && vmas < vmas_before;
}

static void random_lines(void)
{
	const unsigned int in_a_round = 60;

	memset(&seen, 0, sizeof(seen));
	for (unsigned int round = 0; seen.lines < wanted / 2 && !failed; round++) {
		seed = first_seed * 1000003 + 777 + round;
		start_round();
		for (unsigned int i = 0; i < in_a_round && !failed; i++) {
			while (any(3))
				random_event();
			compare_line();
			if (seen.lines == wanted / 2)
				break;
		}
		end_twin(&ours);
	}
	write_to(ENGINE, "c", 1);
	printf("  %u lines of several: %u end early, %u lead to fewer VMAs, %u near the limit\n",
	       seen.lines, seen.ended, seen.fewer, seen.limits);
	expect(seen.lines == wanted / 2 && seen.ended > wanted / 20 && seen.fewer > 0);
	expect(seen.lines - seen.ended > wanted / 20);
}

/* The outcome of an earlier part affects that of the next one. */
static void a_merge_takes_the_next_part(void)
{
	ours = start_twin();
	ask_for(&ours, DO_MAP, 4, 16, PROT_READ | PROT_WRITE);
	ask_for(&ours, DO_MADVISE, 8, 12, MADV_DONTFORK);
	print_command("flags %d %lx %lx +dontfork", ours.pid, address(4), address(16));
	compare_command();
	expect(strstr(planned, "merged above") && strstr(planned, "merged below"));
	expect(!strstr(planned, "unchanged: nothing to change"));
	end_twin(&ours);
	memset(&seen, 0, sizeof(seen));
}

static void every_verb(void)
{
	expect_every_verb(verbs, sizeof(verbs) / sizeof(*verbs), sizeof(*verbs));
}

static const struct test tests[] = {
	test(every_verb),
	test(a_merge_takes_the_next_part),
	test(random_commands),
	test(random_calls),
	test(random_lines),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		wanted = strtoul(argv[1], NULL, 0);
	if (argc > 2)
		first_seed = strtoul(argv[2], NULL, 0);
	return run_tests(tests, COUNT_OF(tests));
}
