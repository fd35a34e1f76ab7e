// SPDX-License-Identifier: GPL-2.0
/* The commands that ctl accepts, its outcomes, and the processes that may give commands. */
#include "harness.h"

static void splits_and_merges(void)
{
	must_map(OURS, 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 1, 16 * page);
	expect(count_vmas() == 1);

	expect(set_flags(4, 8, "+dontfork") == 0);
	expect(strstr(outcome, "split at both ends: it touches neither end of its VMA"));
	expect(count_vmas() == 3);

	expect(set_flags(4, 8, "+dontfork") == 0);
	expect(strstr(outcome, "unchanged"));
	expect(count_vmas() == 3);

	expect(set_flags(0, 2, "+dontfork") == 0);
	expect(strstr(outcome, "split at its end: below, no VMA touches it there; "
		       "above, the rest of its VMA lies there"));
	expect(set_flags(2, 4, "+dontfork") == 0);
	expect(strstr(outcome, "merged both"));
	expect(set_flags(0, 4, "-dontfork") == 0);
	expect(strstr(outcome, "split at its end"));
	expect(set_flags(4, 6, "-dontfork") == 0);
	expect(strstr(outcome, "merged below"));
	expect(set_flags(7, 8, "-dontfork") == 0);
	expect(strstr(outcome, "merged above"));
	expect(set_flags(6, 7, "-dontfork") == 0);
	expect(strstr(outcome, "merged both"));
	expect(count_vmas() == 1);
}

static void several_vmas_at_once(void)
{
	must_map(OURS, 12, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(2, 4, "+seq") == 0);
	expect(set_flags(6, 8, "+dontdump") == 0);
	expect(count_vmas() == 5);
	expect(set_flags(1, 11, "+dontfork") == 0);
	expect(strstr(outcome, "done:"));
	expect(set_flags(0, 12, "-dontfork -seq -dontdump") == 0);
	expect(count_vmas() == 1);
}

/*
 * Expects that a question is refused with this errno and a sentence with these words, and
 * that nothing changes.
 */
static void expect_no_answer(int error, int errno_wanted, const char *words, int line)
{
	if (error != errno_wanted)
		complain("line %d: errno %d, not %d (outcome: %s)", line, error,
			 errno_wanted, outcome);
	if (!strstr(outcome, words) || strncmp(outcome, "refused (", 9))
		complain("line %d: no '%s' in: %s", line, words, outcome);
	expect_twins(line);
}

/* Expects the same of a command, whose sentence also says that nothing has changed. */
static void expect_refusal(int error, int errno_wanted, const char *words, int line)
{
	expect_no_answer(error, errno_wanted, words, line);
	if (!strstr(outcome, "nothing has changed"))
		complain("line %d: something has changed: %s", line, outcome);
}

static void bad_input(void)
{
	unsigned long start = (unsigned long)OURS, end = start + 8 * page;
	char overlong[300];
	int me = getpid();

	map_twins(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	munmap(OURS + 4 * page, page);
	munmap(TWIN + 4 * page, page);
#define refused(call, number, words) expect_refusal(call, number, words, __LINE__)
	refused(ctl("frobnicate\n"), EINVAL, "no verb 'frobnicate'");
	refused(ctl("\n"), EINVAL, "empty");
	refused(ctl("flags x %lx %lx +dontfork", start, end), ESRCH, "the command 'x'");
	refused(ctl("flags -1 %lx %lx +dontfork", start, end), EINVAL, "'-1'");
	refused(ctl("flags 0 %lx %lx +dontfork", start, end), EINVAL, "'0'");
	refused(ctl("flags 999999 %lx %lx +dontfork", start, end), ESRCH, "999999");
	refused(ctl("flags 2 %lx %lx +dontfork", start, end), EINVAL, "kernel thread");
	refused(ctl("flags %d %lx %lx +dontfork", me, start + 1, end), EINVAL, "page size");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, end - 1), EINVAL, "page size");
	refused(ctl("flags %d %lx %lx +dontfork", me, end, start), EINVAL, "reversed");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, start), EINVAL, "empty");
	refused(ctl("flags %d zzz %lx +dontfork", me, end), EINVAL, "'zzz'");
	refused(ctl("flags %d %lx %lx dontfork", me, start, end), EINVAL, "'dontfork'");
	refused(ctl("flags %d %lx %lx", me, start, end), EINVAL, "change is missing");
	refused(ctl("flags %d %lx %lx +dontfork", me, start, end), ENOMEM, "nothing is mapped");
	refused(ctl("flags %d %lx %lx +dontfork", me, start - page, start + page), ENOMEM,
		"nothing is mapped");
	refused(ctl("flags %d ffffffffffff0000 fffffffffffff000 +dontfork", me), ENOMEM,
		"nothing is mapped");
	refused(write_to(CTL, "flags \xff\xfe", 8), EILSEQ, "UTF-8");
	/* Every byte of the word is escaped, and the sentence is complete nevertheless. */
	memset(overlong, 0x7f, 255);
	refused(write_to(CTL, overlong, 255), EINVAL, "no verb '\\u{7f}");
	memset(overlong, 'x', sizeof(overlong));
	refused(write_to(CTL, overlong, sizeof(overlong)), E2BIG, "300 bytes");
#undef refused
#define refused(call, number, words) expect_no_answer(call, number, words, __LINE__)
	refused(ask_file(MAPS, "999999\n", 7), ESRCH, "999999");
	refused(ask_file(MAPS, "2\n", 2), EINVAL, "kernel thread");
	refused(ask_file(MAPS, "me\n", 3), ESRCH, "the command 'me'");
	refused(ask_file(MAPS, overlong, sizeof(overlong)), E2BIG, "300 bytes");
#undef refused
}

/* An address where nothing is mapped. */
#define NOWHERE ((char *)page)

static void bad_memory(void)
{
	int fd = open(CTL, O_RDWR);

	expect(write(fd, NOWHERE, 20) == -1 && errno == EFAULT);
	expect(ctl("nothing") == EINVAL);
	expect(read(fd, NOWHERE, 20) == -1 && errno == EFAULT);
	close(fd);
}

static void exiting_process(void)
{
	pid_t child = fork();
	siginfo_t info;

	if (!child)
		_exit(0);
	/* The child remains a zombie until its parent waits for it. */
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	expect(ctl("flags %d 1000 2000 +dontfork", child) == ESRCH);
	expect(strstr(outcome, "exiting"));
	waitpid(child, NULL, 0);
	expect(ctl("flags %d 1000 2000 +dontfork", child) == ESRCH);
	expect(strstr(outcome, "no process"));
}

static void another_process(void)
{
	int ready[2];
	pid_t child;
	char byte;

	expect(pipe(ready) == 0);
	child = fork();
	if (!child) {
		must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	expect(read(ready[0], &byte, 1) == 1);
	expect(ctl("flags %d %lx %lx +dontfork", child, (unsigned long)(OURS + page),
		   (unsigned long)(OURS + 2 * page)) == 0);
	expect(strstr(outcome, "split at both ends"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

/* In a new pid namespace, the child is process 1, and its parent has no number. */
static void pid_namespace(void)
{
	pid_t parent = getpid(), child;
	int status = -1;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	child = fork();
	if (!child) {
		pid_t inner;

		if (unshare(CLONE_NEWPID))
			_exit(2);
		inner = fork();
		if (!inner) {
			expect(getpid() == 1);
			expect(ctl("flags %d 1000 2000 +seq", parent) == ESRCH);
			expect(set_flags(1, 2, "+dontfork") == 0);
			expect(count_vmas() == 3);
			fflush(stdout);
			_exit(failed);
		}
		waitpid(inner, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	waitpid(child, &status, 0);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	/* The child's copy was split, not the parent's memory. */
	expect(count_vmas() == 1);
}

static int count_all_vmas(void)
{
	static char text[1 << 18];
	int fd = open("/proc/self/maps", O_RDONLY), count = 0;

	read_all(fd, text, sizeof(text));
	close(fd);
	for (char *c = text; *c; c++)
		count += *c == '\n';
	return count;
}

/* Expects that the outcome says this of these pages. */
static void expect_line(size_t first, size_t last, const char *what)
{
	char line[256];

	snprintf(line, sizeof(line), "\n  %lx-%lx %s",
		 (unsigned long)(OURS + first * page),
		 (unsigned long)(OURS + last * page), what);
	if (!strstr(outcome, line))
		complain("no line '%s' in: %s", line + 1, outcome);
}

/* A limit that is reached half way leaves the changes made before, which are reported. */
static void limit_half_way(void)
{
	int before, error;

	must_map(OURS, 12, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(4, 8, "+dontdump") == 0);
	expect(count_vmas() == 3);
	/* Each of the three VMAs needs one split or two, and there is room for one. */
	before = set_max_map_count(count_all_vmas() + 1);
	error = set_flags(2, 10, "+dontfork");
	set_max_map_count(before);
	expect(error == ENOMEM);
	expect(strstr(outcome, "stopped (ENOMEM)") && strstr(outcome, "vm.max_map_count"));
	expect_line(2, 4, "split at its start");
	expect_line(4, 8, "changed, its extent unchanged");
	expect(!strstr(outcome, "at both ends"));
	expect(count_vmas() == 4);
}

/* A part in the middle needs two splits. With room for one, the first split remains. */
static void room_for_one_split_of_two(void)
{
	int before, error;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	before = set_max_map_count(count_all_vmas() + 1);
	error = set_flags(2, 4, "+dontfork");
	set_max_map_count(before);
	expect(error == ENOMEM);
	expect(strstr(outcome, "stopped (ENOMEM)") && !strstr(outcome, "nothing has changed"));
	expect(strstr(outcome, "was split at its start, but could not be at its end"));
	expect(count_vmas() == 2);
}

static void no_room_to_split(void)
{
	int before, error;

	map_twins(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	before = set_max_map_count(count_all_vmas());
	error = set_flags(1, 2, "+dontfork");
	set_max_map_count(before);
	expect_refusal(error, ENOMEM, "vm.max_map_count", __LINE__);
}

static void many_vmas_at_once(void)
{
	must_map(OURS, 2000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 2000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	expect(set_flags(0, 2000, "+dontdump") == 0);
	expect(strstr(outcome, "0 merged, 0 split, 2000 changed whole"));
	expect(strstr(outcome, "more VMAs are not listed"));
	expect(set_flags(0, 2000, "-dontfork") == 0);
	expect(count_vmas() == 1);
}

/* The first wrong line ends the write; the changes of the lines before it stay. */
static void several_lines(void)
{
	unsigned long start = (unsigned long)OURS;
	char many[5000], *end = many;
	int me = getpid();

	must_map(OURS, 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(ctl("split %d %lx\nsplit %d %lx\n", me, start + 4 * page, me,
		   start + 8 * page) == 0);
	expect(count_vmas() == 3);
	expect(strstr(outcome, "line 1: done: ") && strstr(outcome, "\nline 2: done: "));
	expect(ctl("split %d %lx\nsplit %d %lx\nsplit %d %lx\n", me, start + 12 * page, me,
		   start + 1, me, start + 2 * page) == EINVAL);
	expect(strstr(outcome, "line 1: done: "));
	expect(strstr(outcome, "\nline 2: refused (EINVAL): "));
	expect(strstr(outcome, "this line has changed nothing") && !strstr(outcome, "line 3"));
	expect(count_vmas() == 4);
	/* Blank lines and comments are skipped if there is a command. */
	expect(ctl("# first\n\nsplit %d %lx\n  # last\n\n", me, start + 2 * page) == 0);
	expect(!strncmp(outcome, "line 3: done: ", 14) && !strstr(outcome, "line 4"));
	expect(count_vmas() == 5);
	expect(ctl("\n# split\n") == EINVAL);
	expect(!strncmp(outcome, "line 1: refused (EINVAL): the line is empty", 43));
	expect(ctl("# split %d %lx", me, start + 3 * page) == EINVAL);
	expect(strstr(outcome, "the line is empty") && count_vmas() == 5);

	/*
	 * As many lines as fit: lines without room in the outcome are counted, and the
	 * last one is reported.
	 */
	expect(set_flags(4, 6, "+dontdump") == 0 && set_flags(8, 10, "+dontdump") == 0);
	for (int i = 0; i < 70; i++)
		end += sprintf(end, "flags %d %lx %lx %cdontfork\n", me, start, start + 16 * page,
			       i % 2 ? '-' : '+');
	expect(end - many < 4096 && write_to(CTL, many, end - many) == 0);
	expect(strstr(outcome, "line 1: done: ") && strstr(outcome, "\nline 70: done: "));
	expect(strstr(outcome, "and are not listed: "));
	/* The flags were changed and changed back: the VMAs are mergeable. */
	expect(count_vmas() == 5);
	memset(many, 'x', sizeof(many));
	expect(write_to(CTL, many, sizeof(many)) == E2BIG && strstr(outcome, "5000 bytes"));
}

static void read_byte_by_byte(void)
{
	char text[sizeof(outcome)];
	size_t length = 0;
	int fd = open(CTL, O_RDONLY);

	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(set_flags(1, 2, "+dontfork") == 0);
	while (length < sizeof(text) - 1 && read(fd, text + length, 1) == 1)
		length++;
	text[length] = 0;
	close(fd);
	expect(length > 40 && !strcmp(text, outcome));
}

/* A reader that has written gets the outcome of its own write, whatever others do. */
static void own_outcome(void)
{
	int fd = open(CTL, O_RDWR);
	char text[sizeof(outcome)];

	expect(write(fd, "mine", 4) == -1 && errno == EINVAL);
	expect(ctl("theirs") == EINVAL);
	read_all(fd, text, sizeof(text));
	expect(strstr(text, "'mine'"));
	expect(strstr(outcome, "'theirs'"));
	/* After another write, the outcome is read from the start. */
	expect(write(fd, "again", 5) == -1 && errno == EINVAL);
	read_all(fd, text, sizeof(text));
	expect(strstr(text, "'again'"));
	close(fd);
}

static void take_command(const void *command)
{
	prctl(PR_SET_NAME, command);
}

/* A process can be named by other words than its id, and ranges can be written as in maps. */
static void other_words(void)
{
	unsigned long start = (unsigned long)OURS, end = start + 4 * page;
	static char maps[1 << 16];
	char words[128];
	pid_t one, other;
	siginfo_t info;
	int fd;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(ctl("flags self %lx-%lx +dontfork", start, end) == 0);
	expect(count_vmas() == 2);
	expect(strstr(outcome, "; above, the rest of its VMA lies there\n"));
	expect(ctl("flags self 0X%lx-0x%lx +dontdump", start, end) == 0);
	/* The outcome names the flags that keep the VMA from the one above. */
	expect(strstr(outcome, "above, flags differ (only below: dc dd)\n"));
	expect(ctl("name self %lx-%lx  a name ", start, end) == 0);
	fd = open("/proc/self/maps", O_RDONLY);
	read_all(fd, maps, sizeof(maps));
	close(fd);
	expect(strstr(maps, "[anon:a name]\n"));

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	one = start_child(take_command, "a_longer_command");
	expect(ctl("flags a_longer_command %lx-%lx -dontfork", start, end) == 0);
	expect(ctl("flags a_longer_comman %lx-%lx -dontfork", start, end) == 0);
	expect(ctl("flags a_longer_comma %lx-%lx -dontfork", start, end) == ESRCH);
	expect(strstr(outcome, "no process has the command 'a_longer_comma'; "));
	other = start_child(take_command, "a_longer_comman");
	expect(ctl("flags a_longer_command %lx-%lx -dontfork", start, end) == EINVAL);
	sprintf(words, "2 processes have the command 'a_longer_comman', %d and %d among them; ",
		one, other);
	expect(strstr(outcome, words));
	/* A dead process does not count, even if its parent has not waited for it yet. */
	kill(other, SIGKILL);
	expect(waitid(P_PID, other, &info, WEXITED | WNOWAIT) == 0);
	expect(ctl("flags a_longer_command %lx-%lx -dontfork", start, end) == 0);
	end_child(other);
	end_child(one);
}

static const struct test tests[] = {
	test(splits_and_merges),
	test(several_vmas_at_once),
	test(many_vmas_at_once),
	test(bad_input),
	test(bad_memory),
	test(exiting_process),
	test(another_process),
	test(pid_namespace),
	test(no_room_to_split),
	test(room_for_one_split_of_two),
	test(limit_half_way),
	test(several_lines),
	test(read_byte_by_byte),
	test(own_outcome),
	test(other_words),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
