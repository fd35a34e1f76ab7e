// SPDX-License-Identifier: GPL-2.0
/*
 * Several changes in one line of plan: each change finds the VMAs as the change before it
 * has left them, with their anon_vmas and userfaultfds. Each line leads to a merge, or to
 * none, only because of what an earlier change of the line has passed on.
 *
 * The changes are then made one after the other. After each one, there have to be as many
 * VMAs as plan has predicted, and in the end the VMAs of the table.
 */
#include "harness.h"
#include <pthread.h>
#include "twin.h"
#include "told.h"

#define RW (PROT_READ | PROT_WRITE)
/* The maximum number of steps, of changes and of VMAs in a row of the table. */
#define MOST_IN_ROW 10

/* Replaces the twin's userfaultfd by one that is told of moves. */
#define DO_FOLLOW_MOVES DO_MORE

/* A change, in pages of PLACE, by ctl or, for a move, by the twin itself. */
struct change {
	const char *verb;
	size_t first, last;
	const char *words;
	size_t to;
};

static const struct row {
	const char *what;
	struct request before[MOST_IN_ROW];
	struct change changes[MOST_IN_ROW];
	/* The borders of the VMAs in the end. */
	size_t left[MOST_IN_ROW][2];
} rows[] = {
	{
		"mapped memory joins both sides, and the lower one takes over an anon_vma",
		{
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 12, 20, RW },
			{ DO_MADVISE, 16, 20, MADV_DONTFORK }, { DO_TOUCH, 12, 20 },
		},
		{ { "new", 8, 12, "rw-" }, { "flags", 16, 20, "-dontfork" } },
		{ { 4, 16 }, { 16, 20 } },
	},
	{
		"a part joins both sides, and the lower one takes over an anon_vma",
		{
			{ DO_MAP, 4, 20, RW }, { DO_MADVISE, 8, 12, MADV_DONTFORK },
			{ DO_MADVISE, 16, 20, MADV_DONTFORK }, { DO_TOUCH, 12, 20 },
		},
		{ { "flags", 8, 12, "-dontfork" }, { "flags", 16, 20, "-dontfork" } },
		{ { 4, 16 }, { 16, 20 } },
	},
	{
		"a part joins the VMA above, which takes over its anon_vma",
		{
			{ DO_MAP, 8, 20, RW }, { DO_MADVISE, 8, 12, MADV_DONTFORK },
			{ DO_MADVISE, 16, 20, MADV_DONTFORK }, { DO_TOUCH, 8, 12 },
			{ DO_TOUCH, 16, 20 },
		},
		{ { "flags", 8, 12, "-dontfork" }, { "flags", 16, 20, "-dontfork" } },
		{ { 8, 16 }, { 16, 20 } },
	},
	{
		"a part joins the VMA below, which takes over its anon_vma",
		{
			{ DO_MAP, 1, 12, RW }, { DO_MADVISE, 1, 4, MADV_DONTFORK },
			{ DO_MADVISE, 8, 12, MADV_DONTFORK }, { DO_TOUCH, 1, 4 },
			{ DO_TOUCH, 8, 12 },
		},
		{ { "flags", 8, 12, "-dontfork" }, { "flags", 1, 4, "-dontfork" } },
		{ { 1, 4 }, { 4, 12 } },
	},
	{
		"a part joins the VMA below, and the anon_vma above stays where it is",
		{
			{ DO_MAP, 1, 16, RW }, { DO_MADVISE, 1, 4, MADV_DONTFORK },
			{ DO_MADVISE, 8, 12, MADV_DONTFORK }, { DO_MADVISE, 12, 16, MADV_RANDOM },
			{ DO_TOUCH, 1, 4 }, { DO_TOUCH, 12, 16 },
		},
		{ { "flags", 8, 12, "-dontfork" }, { "flags", 1, 4, "-dontfork" } },
		{ { 1, 12 }, { 12, 16 } },
	},
	{
		"memory that moves loses its userfaultfd",
		{
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 20, 24, RW },
			{ DO_MADVISE, 20, 24, MADV_DONTFORK },
			{ DO_REGISTER, 4, 8, UFFDIO_REGISTER_MODE_MISSING },
		},
		{ { "move", 4, 8, "", 16 }, { "flags", 20, 24, "-dontfork" } },
		{ { 16, 24 } },
	},
	{
		"memory that moves keeps a userfaultfd that is told of moves",
		{
			{ DO_FOLLOW_MOVES },
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 20, 24, RW },
			{ DO_MADVISE, 20, 24, MADV_DONTFORK },
			{ DO_REGISTER, 4, 8, UFFDIO_REGISTER_MODE_MISSING },
		},
		{ { "move", 4, 8, "", 16 }, { "flags", 20, 24, "-dontfork" } },
		{ { 16, 20 }, { 20, 24 } },
	},
	{
		"memory that was unregistered before in the line has nothing to lose",
		{
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 20, 24, RW },
			{ DO_REGISTER, 4, 8, UFFDIO_REGISTER_MODE_MISSING },
		},
		{ { "uffd", 4, 8, "100 none" }, { "move", 4, 8, "", 16 } },
		{ { 16, 24 } },
	},
	{
		"memory that was registered before in the line loses its userfaultfd",
		{
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 20, 24, RW },
			{ DO_MADVISE, 20, 24, MADV_DONTFORK },
		},
		{
			{ "uffd", 4, 8, "100 missing" }, { "move", 4, 8, "", 16 },
			{ "flags", 20, 24, "-dontfork" },
		},
		{ { 16, 24 } },
	},
	{
		"memory that was registered before in the line keeps one that is told of moves",
		{
			{ DO_FOLLOW_MOVES },
			{ DO_MAP, 4, 8, RW }, { DO_MAP, 20, 24, RW },
			{ DO_MADVISE, 20, 24, MADV_DONTFORK },
		},
		{
			{ "uffd", 4, 8, "100 missing" }, { "move", 4, 8, "", 16 },
			{ "flags", 20, 24, "-dontfork" },
		},
		{ { 16, 20 }, { 20, 24 } },
	},
};

static struct twin ours;

/* A move waits until its event has been read. */
static void *read_events(void *nothing)
{
	struct uffd_msg event;

	while (read(UFFD, &event, sizeof(event)) == sizeof(event))
		;
	return nothing;
}

static int follow_moves(const struct request *request)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_EVENT_REMAP };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	pthread_t reader;

	if (request->what != DO_FOLLOW_MOVES)
		abort();
	if (fd < 0 || dup2(fd, UFFD) != UFFD || close(fd) || ioctl(UFFD, UFFDIO_API, &api))
		return errno;
	return pthread_create(&reader, NULL, read_events, NULL);
}

static void print_change(const struct change *change)
{
	int used = print_command("%s %d %lx %lx %s", change->verb, ours.pid,
				 address(change->first), address(change->last), change->words);

	if (change->to)
		snprintf(command + used, sizeof(command) - used, "%lx", address(change->to));
}

/* Returns the number of VMAs that plan predicts after a change, counted from one. */
static int vmas_after(const char *said, int number)
{
	char head[32];
	int vmas = -1;

	snprintf(head, sizeof(head), "\nchange %d: ", number);
	said = strstr(said, head);
	for (const char *end = said ? strchr(said + 1, '\n') : NULL; said && said < end;
	     said = strstr(said + 1, "; "))
		if (sscanf(said, "; %d VMAs then\n", &vmas) == 1)
			break;
	return vmas;
}

static void play(const struct row *row)
{
	static char line[MOST_IN_ROW * sizeof(command)], said[sizeof(outcome)];
	const struct change *change = row->changes;
	struct layout layout, expected = { };
	int vmas;

	ours = start_twin();
	for (const struct request *step = row->before; step->last || step->what; step++)
		expect(ask(&ours, step) == 0);
	*line = 0;
	for (; change->verb; change++) {
		print_change(change);
		sprintf(line + strlen(line), "%s%s", change == row->changes ? "" : " and ",
			command);
	}
	expect(write_and_read(PLAN, line, strlen(line), PLAN) == 0);
	memcpy(said, outcome, sizeof(said));
	for (change = row->changes; change->verb && !failed; change++) {
		print_change(change);
		if (change->to)
			expect(ask_for(&ours, DO_MOVE, change->first, change->last,
				       change->to) == 0);
		else
			expect(write_to(CTL, command, strlen(command)) == 0);
		vmas = read_layout(&ours, &layout);
		if (vmas != vmas_after(said, change - row->changes + 1))
			complain("%d VMAs after %s", vmas, command);
	}
	for (int i = 0; row->left[i][1]; i++)
		put(&expected, (struct area){ address(row->left[i][0]), address(row->left[i][1]) });
	if (!failed && !same_layout(&layout, &expected)) {
		print_layout("found", &layout);
		print_layout("expected", &expected);
		complain("other VMAs are left");
	}
	if (failed)
		complain("%s: %s", row->what, said);
	end_twin(&ours);
}

static void rows_of_the_table(void)
{
	carry_out_more = follow_moves;
	for (size_t i = 0; i < COUNT_OF(rows) && !failed; i++)
		play(&rows[i]);
}

static const struct test tests[] = {
	test(rows_of_the_table),
};

int main(void)
{
	return run_tests(tests, COUNT_OF(tests));
}
