// SPDX-License-Identifier: GPL-2.0
/*
 * The words of commands. A refusal names the wrong word, or the position of a byte that
 * is not UTF-8; correct words have the effect that they name.
 */
#include "harness.h"
#include <sys/prctl.h>

#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"

/* Expects that a line is refused with this errno and these words, and changes nothing. */
static void expect_refused(const char *line, size_t length, int wanted, const char *name,
			   const char *words)
{
	char sentence[512];
	int error = write_to(CTL, line, length);

	snprintf(sentence, sizeof(sentence), "refused (%s): %s", name, words);
	if (error != wanted || strncmp(outcome, sentence, strlen(sentence)) ||
	    !strstr(outcome, "; nothing has changed\n"))
		complain("'%.*s': errno %d, and not '%s' but: %s", (int)length, line, error,
			 sentence, outcome);
}

static void invalid(const char *line, const char *words)
{
	expect_refused(line, strlen(line), EINVAL, "EINVAL", words);
}

static void verbs_and_pids(void)
{
	invalid("\n", "the line is empty");
	invalid("  \t ", "the line is empty");
	invalid("frobnicate 1", "there is no verb 'frobnicate'; the verbs are: flags, ");
	expect(strstr(outcome, ", protect, name, policy, uffd, new, extend, split, "));
	expect(strstr(outcome, ", split, merge, unmap, move; "));
	invalid("Flags 1 0 1000 +seq", "there is no verb 'Flags'");
	invalid("flags", "the process is missing; write: flags <pid> <start> <end> ");
	invalid("split", "the process is missing; write: split <pid> <address>");
	invalid("uffd", "the process is missing; write: uffd <pid> <start> <end> <descriptor> ");
	invalid("flags 0 0 1000 +seq", "'0' is not a process;");
	invalid("flags +1 0 1000 +seq", "'+1' is not a process;");
	invalid("flags -1 0 1000 +seq", "'-1' is not a process;");
	invalid("flags 2147483648 0 1000 +seq", "'2147483648' is not a process;");
	invalid("flags 1x 0 1000 +seq", "'1x' is not a process;");
	expect(ctl("flags 2147483647 0 1000 +seq") == ESRCH);
	expect(strstr(outcome, "there is no process 2147483647;"));
	/* Bytes that are not printable ASCII are escaped. */
	invalid("fl\xc3\xa4gs 1", "there is no verb 'fl\\u{e4}gs'");
	invalid("a'b 1", "there is no verb 'a\\'b'");
}

static void addresses(void)
{
	invalid("flags 1", "the range is missing; write two hexadecimal addresses: flags <pid> ");
	invalid("new 1 1000", "the range is missing; write two hexadecimal addresses: new <pid> ");
	invalid("merge 1", "the range is missing; write two hexadecimal addresses: merge <pid> ");
	invalid("split 1", "the address is missing; write it in hexadecimal: split <pid> ");
	invalid("flags 1 x 1000 +seq", "'x' is not an address");
	invalid("flags 1 0 0x +seq", "'0x' is not an address");
	invalid("flags 1 0 -1000 +seq", "'-1000' is not an address");
	invalid("flags 1 0 +1000 +seq", "'+1000' is not an address");
	invalid("flags 1 0 0X +seq", "'0X' is not an address");
	invalid("flags 1 0-1000-2000 +seq", "'1000-2000' is not an address");
	invalid("flags 1 0- +seq", "'' is not an address");
	invalid("flags 1 -1000 +seq", "'' is not an address");
	invalid("flags 1 0 10000000000000000 +seq", "'10000000000000000' is not an address");
	invalid("split 1 0x0x1000", "'0x0x1000' is not an address");
	invalid("flags 1 1234 2000 +seq", "1234 is not a multiple of the page size, 1000; ");
	expect(strstr(outcome, "the page starts at 1000;"));
	invalid("flags 1 1000 5678 +seq", "5678 is not a multiple of the page size, 1000; ");
	expect(strstr(outcome, "the page starts at 5000;"));
	invalid("split 1 abcd", "abcd is not a multiple of the page size, 1000; ");
	expect(strstr(outcome, "the page starts at a000;"));
	invalid("flags 1 2000 1000 +seq", "the range 2000-1000 is empty or reversed");
	invalid("flags 1 2000 2000 +seq", "the range 2000-2000 is empty or reversed");
}

static void changes(void)
{
	invalid("flags 1 0 1000", "the change is missing");
	invalid("flags 1 0 1000 seq", "there is no change 'seq'");
	invalid("flags 1 0 1000 +seq *rand", "there is no change '*rand'");
	invalid("flags 1 0 1000 ++seq", "there is no change '++seq'");
	invalid("flags 1 0 1000 +seq -seq", "'-seq' contradicts or repeats an earlier word");
	invalid("flags 1 0 1000 +rand +seq", "'+seq' contradicts or repeats an earlier word");
	invalid("flags 1 0 1000 -dontfork +seq -dontfork", "'-dontfork' contradicts");
	invalid("protect 1 0 1000", "the protection is missing");
	invalid("protect 1 0 1000 rw", "'rw' is not a protection");
	invalid("protect 1 0 1000 rwxs", "'rwxs' is not a protection");
	invalid("protect 1 0 1000 xwr", "'xwr' is not a protection");
	invalid("protect 1 0 1000 rrr", "'rrr' is not a protection");
	invalid("protect 1 0 1000 www", "'www' is not a protection");
	invalid("protect 1 0 1000 xxx", "'xxx' is not a protection");
	invalid("protect 1 0 1000 rw- r--", "'r--' is one word too many");
	invalid("new 1 0 1000 rw", "'rw' is not a protection");
	invalid("new 1 0 1000 rw- r--", "'r--' is one word too many");
	invalid("extend 1 0 1000 2000", "'2000' is one word too many");
	invalid("split 1 1000 2000", "'2000' is one word too many");
	invalid("merge 1 0 1000 2000", "'2000' is one word too many");
	invalid("unmap 1 0 1000 2000", "'2000' is one word too many");
	invalid("move 1 0 1000", "the address is missing; write it in hexadecimal: move <pid> ");
	invalid("move 1 0 1000 2001", "2001 is not a multiple of the page size, 1000; ");
	invalid("move 1 0 1000 2000 3", "'3' is one word too many");
}

static void policies_and_userfaultfds(void)
{
	invalid("policy 1 0 1000", "the policy is missing");
	invalid("policy 1 0 1000 bind", "'bind' is not a policy");
	invalid("policy 1 0 1000 default:0", "'default:0' is not a policy");
	invalid("policy 1 0 1000 nearby:0", "'nearby:0' is not a policy");
	invalid("policy 1 0 1000 bind:", "'' is not a list of nodes");
	invalid("policy 1 0 1000 bind:64",
		"'64' is not a list of nodes; write numbers from 0 to 63");
	invalid("policy 1 0 1000 bind:0-64", "'0-64' is not a list of nodes");
	invalid("policy 1 0 1000 bind:1-0", "'1-0' is not a list of nodes");
	invalid("policy 1 0 1000 bind:0:1", "'0:1' is not a list of nodes");
	invalid("policy 1 0 1000 bind:0-1-2", "'0-1-2' is not a list of nodes");
	/* This is the last node that can be named; it does not exist. */
	invalid("policy 1 0 1000 bind:63", "there is no such policy");
	invalid("policy 1 0 1000 preferred:0-1", "'preferred:0-1' prefers several nodes");
	invalid("policy 1 0 1000 bind:0 bind:1", "'bind:1' is one word too many");
	invalid("uffd 1 0 1000", "the descriptor is missing");
	invalid("uffd 1 0 1000 -1 wp", "'-1' is not a descriptor");
	invalid("uffd 1 0 1000 2147483648 wp", "'2147483648' is not a descriptor");
	expect(ctl("uffd 1 0 1000 2147483647 wp") == EBADF);
	expect(strstr(outcome, "the process has no descriptor 2147483647;"));
	invalid("uffd 1 0 1000 3", "the events to register for are missing");
	invalid("uffd 1 0 1000 3 all", "'all' is not an event of a userfaultfd");
	invalid("uffd 1 0 1000 3 wp none", "'none' is not an event of a userfaultfd");
	invalid("uffd 1 0 1000 3 none wp", "'wp' is one word too many");
	invalid("uffd 1 0 1000 3 wp missing wp", "'wp' contradicts or repeats an earlier word");
}

/* A range of nodes may consist of one node, and a node may be named twice. */
static void nodes(void)
{
	static const char *const names[][2] = {
		{ "bind:0-0", "bind:0" },	  { "bind:1-1", "bind:1" },
		{ "bind:0-1", "bind:0-1" },	  { "bind:1,0", "bind:0-1" },
		{ "bind:0,0-1,1", "bind:0-1" },	  { "preferred:1-1", "prefer:1" },
		{ "interleave:0-0", "interleave:0" },
	};
	unsigned long start = (unsigned long)OURS;

	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char line[512], policy[64] = "";
		unsigned long at;
		FILE *file;

		expect(ctl("policy %d %lx %lx %s", getpid(), start, start + 4 * page,
			   names[i][0]) == 0);
		file = fopen("/proc/self/numa_maps", "r");
		while (fgets(line, sizeof(line), file))
			if (sscanf(line, "%lx %63s", &at, policy) == 2 && at == start)
				break;
		fclose(file);
		if (strcmp(policy, names[i][1]))
			complain("%s leads to %s, not %s", names[i][0], policy, names[i][1]);
	}
}

/* Names may contain the bytes that prctl() accepts, in the middle and at the end. */
static void names(void)
{
	unsigned long start = (unsigned long)OURS;

	map_twins(2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (int byte = 1; byte < 256; byte++) {
		char name[16], line[64];
		int length, error, other;

		/* A newline ends the line. */
		if (byte == '\n')
			continue;
		length = sprintf(line, "name %d %lx %lx ", getpid(), start, start + page);
		sprintf(name, "a%cb", byte);
		sprintf(line + length, "a%cb", byte);
		error = write_to(CTL, line, strlen(line));
		other = prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, TWIN, page, name) ? errno : 0;
		/* The check for UTF-8 comes first. */
		if (byte >= 0x80 ? error != EILSEQ || other != EINVAL : error != other)
			complain("byte %x: errno %d, prctl's %d: %s", byte, error, other, outcome);
		if (error == EINVAL && !strstr(outcome, "' cannot be a name; "))
			complain("byte %x: no sentence: %s", byte, outcome);
		if (strchr("\\`$[]", byte) && error != EINVAL)
			complain("byte %x is taken", byte);
		/* Blanks at the end are not part of the name. */
		if (strchr(" \t\v\f\r", byte))
			continue;
		error = write_to(CTL, line, length + 2);
		if (!error != !other)
			complain("byte %x at the end: errno %d: %s", byte, error, outcome);
	}
	for (int length = 78; length < 82; length++) {
		char name[100] = "", line[256], words[64];
		int error, other;

		memset(name, 'n', length);
		sprintf(line, "name %d %lx %lx %s", getpid(), start, start + page, name);
		error = write_to(CTL, line, strlen(line));
		other = prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, TWIN, page, name) ? errno : 0;
		sprintf(words, "a name of %d bytes is too long; write at most 79;", length);
		if (error != other || !strstr(outcome, length > 79 ? words : "done: "))
			complain("%d bytes: errno %d, prctl's %d: %s", length, error, other,
				 outcome);
	}
}

/* The refusal names the position of the first wrong byte, counted from 0. */
static void positions(void)
{
	static const struct {
		const char *line;
		int position;
	} lines[] = {
		{ "\xff", 0 },
		{ "flags \xff", 6 },
		{ "flags \xff\xfe", 6 },
		{ "\xc3\xa4\xff", 2 },
		{ "flags 1 0 1000 +se\xc3", 18 },
		{ "name 1 0 1000 \xe2\x82", 14 },
		{ "name 1 0 1000 \xe2\x82\xac\x80 and more", 17 },
		/* An overlong encoding of '/'. */
		{ "name 1 0 1000 a\xc0\xaf", 15 },
	};
	char words[128], several[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		sprintf(words, "the byte at position %d is not valid UTF-8",
			lines[i].position);
		expect_refused(lines[i].line, strlen(lines[i].line), EILSEQ, "EILSEQ", words);
		/* The position is counted from the beginning of the line. */
		sprintf(several, "split %d 1000\n%s\n", getpid(), lines[i].line);
		expect(write_to(CTL, several, strlen(several)) == EINVAL);
		expect(strstr(outcome, "line 1: refused") && !strstr(outcome, "line 2"));
		must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		sprintf(several, "flags %d %lx %lx +seq\n%s\n", getpid(), (unsigned long)OURS,
			(unsigned long)OURS + page, lines[i].line);
		expect(write_to(CTL, several, strlen(several)) == EILSEQ);
		sprintf(several, "\nline 2: refused (EILSEQ): %s", words);
		expect(strstr(outcome, several));
		expect(ask_file(MAPS, lines[i].line, strlen(lines[i].line)) == EILSEQ);
		expect(strstr(outcome, words));
		expect(ask_file(EXPLAIN, lines[i].line, strlen(lines[i].line)) == EILSEQ);
		expect(strstr(outcome, words));
	}
}

/* A line may have 255 bytes, and a write 4096. */
static void lengths(void)
{
	char text[5000], words[64];

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(text, ' ', sizeof(text));
	text[sprintf(text, "flags %d %lx %lx +seq", getpid(), (unsigned long)OURS,
		     (unsigned long)OURS + page)] = ' ';
	expect(write_to(CTL, text, 255) == 0);
	text[255] = '\n';
	expect(write_to(CTL, text, 256) == 0);
	text[255] = ' ';
	expect_refused(text, 256, E2BIG, "E2BIG",
		       "a line of 256 bytes is too long; write at most 255;");
	expect_refused(text, 4096, E2BIG, "E2BIG", "a line of 4096 bytes is too long;");
	expect_refused(text, 4097, E2BIG, "E2BIG",
		       "a write of 4097 bytes is too long; write at most 4096 at a time;");
	/* The second line is too long. */
	text[255] = '\n';
	text[256] = 'x';
	expect(write_to(CTL, text, 256 + 256) == E2BIG);
	expect(strstr(outcome, "\nline 2: refused (E2BIG): a line of 256 bytes is too long;"));
	/* maps accepts one line. */
	sprintf(words, "%d\n", getpid());
	expect(ask_file(MAPS, words, strlen(words)) == 0);
	memset(text, ' ', 300);
	memcpy(text, words, strlen(words) - 1);
	expect(ask_file(MAPS, text, 255) == 0);
	expect(ask_file(MAPS, text, 256) == E2BIG);
	expect(strstr(outcome, "a line of 256 bytes is too long; write at most 255\n"));
	expect(ask_file(MAPS, text, 257) == E2BIG);
	expect(strstr(outcome, "a line of 257 bytes is too long; write at most 255\n"));
}

static const struct test tests[] = {
	test(verbs_and_pids),
	test(addresses),
	test(changes),
	test(policies_and_userfaultfds),
	test(nodes),
	test(names),
	test(positions),
	test(lengths),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
