// SPDX-License-Identifier: GPL-2.0
/*
 * Outcomes that are longer than the 8 KiB that a file produces at a time, read in pieces
 * of any size; and the choice of the lines that are listed if there is not room for all.
 */
#include "harness.h"

#define MOST_VMAS 400

/* Makes every page a VMA with MADV_DONTDUMP. */
static void map_vmas(void)
{
	must_map(OURS, MOST_VMAS, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < MOST_VMAS; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	madvise(OURS, MOST_VMAS * page, MADV_DONTDUMP);
	expect(count_vmas() == MOST_VMAS);
}

static int append_command(char *text, size_t vmas)
{
	return sprintf(text, "flags %d %lx %lx +dontdump\n", getpid(), (unsigned long)OURS,
		       (unsigned long)OURS + vmas * page);
}

/* Skips the expected words of the text. Complains about other words. */
static const char *take(const char *text, const char *wanted, int line)
{
	size_t length = strlen(wanted);

	if (!text)
		return NULL;
	if (strncmp(text, wanted, length)) {
		complain("line %d: '%.80s' and not '%s'", line, text, wanted);
		return NULL;
	}
	return text + length;
}

/*
 * Skips the outcome of a command about this many VMAs, all of which are unchanged: a line
 * for each VMA, or the number of VMAs that are not listed.
 */
static const char *take_told(const char *text, int number, size_t vmas, size_t *listed)
{
	unsigned long start = (unsigned long)OURS;
	const char *more, *end;
	char wanted[256];
	size_t unlisted = 0;

	snprintf(wanted, sizeof(wanted),
		 "line %d: done: 0 merged, 0 split, 0 changed whole, %zu unchanged\n", number,
		 vmas);
	text = take(text, wanted, __LINE__);
	if (!text)
		return NULL;
	more = strstr(text, "more VMAs are not listed)\n");
	end = strchr(text, '\n');
	if (more && more < end) {
		if (sscanf(text, "line %*d: (%zu more", &unlisted) != 1 || !unlisted)
			complain("how many are not listed? %.80s", text);
		snprintf(wanted, sizeof(wanted), "line %d: (%zu more VMAs are not listed)\n",
			 number, unlisted);
		text = take(text, wanted, __LINE__);
	}
	*listed = vmas - unlisted;
	for (size_t i = 0; i < *listed; i++) {
		snprintf(wanted, sizeof(wanted), "  %lx-%lx unchanged: nothing to change\n",
			 start + i * page, start + (i + 1) * page);
		text = take(text, wanted, __LINE__);
	}
	return text;
}

/* Reads the whole outcome in pieces of this size. */
static size_t read_in_pieces(char *text, size_t size, size_t piece)
{
	int fd = open(CTL, O_RDONLY);
	size_t length = 0;
	ssize_t got;

	while ((got = read(fd, text + length,
			   piece < size - length ? piece : size - length)) > 0)
		length += got;
	expect(got == 0 && length < size);
	text[length] = 0;
	close(fd);
	return length;
}

/* Reads the outcome in pieces of this size, and expects the same text. */
static void expect_same_in_pieces_of(size_t piece)
{
	static char text[65536];

	read_in_pieces(text, sizeof(text), piece);
	if (strcmp(text, outcome))
		complain("in pieces of %zu, it is another text, of %zu bytes and not %zu", piece,
			 strlen(text), strlen(outcome));
}

/* Expects the same text in pieces of several sizes, except single bytes, which take long. */
static void expect_same_in_pieces(void)
{
	static const size_t pieces[] = { 7, 4095, 4096, 8191, 8192, 8193, 40000 };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		expect_same_in_pieces_of(pieces[i]);
}

/*
 * Gives this many commands at once, each about this many VMAs. The outcome has to contain
 * in full those lines before the last that fit, then the number of lines that are left
 * out, and then the last line. Returns how many lines before the last are listed.
 */
static size_t tell(int commands, const size_t *vmas, size_t *told_bytes)
{
	static char lines[4096];
	char *end = lines, wanted[128];
	const char *text = outcome;
	size_t listed;
	int told = 0;

	for (int i = 0; i < commands; i++)
		end += append_command(end, vmas[i]);
	expect(write_to(CTL, lines, end - lines) == 0);
	while (told < commands - 1 && text) {
		snprintf(wanted, sizeof(wanted), "line %d: ", told + 1);
		if (strncmp(text, wanted, strlen(wanted)))
			break;
		text = take_told(text, told + 1, vmas[told], &listed);
		told++;
	}
	*told_bytes = text ? text - outcome : 0;
	if (told < commands - 1) {
		snprintf(wanted, sizeof(wanted),
			 "(earlier lines that were carried out and are not listed: %d)\n",
			 commands - 1 - told);
		text = take(text, wanted, __LINE__);
	}
	text = take_told(text, commands, vmas[commands - 1], &listed);
	if (text && *text)
		complain("something follows: %.80s", text);
	expect_same_in_pieces();
	return told;
}

/* If one VMA does not fit, it is counted. */
static void one_vma_too_many(void)
{
	size_t vmas = 120, lines = vmas;

	map_vmas();
	while (lines == vmas && vmas < MOST_VMAS && !failed) {
		vmas++;
		lines = 0;
		expect(set_flags(0, vmas, "+dontdump") == 0);
		for (char *at = outcome; (at = strstr(at, "\n  ")); at++)
			lines++;
	}
	expect(lines == vmas - 1);
	expect(strstr(outcome, "\n(1 more VMAs are not listed)\n"));
}

/* After a line that did not fit, a shorter line is not listed either. */
static void lines_of_several_lengths(void)
{
	const size_t vmas = 200;

	for (size_t unchanged = 0; unchanged < 16 && !failed; unchanged++) {
		unsigned long at, wanted = (unsigned long)OURS;

		/*
		 * The range has lines of one length, then 130 of another, which do not
		 * fit, and then one more.
		 */
		must_map(OURS, vmas, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		for (size_t i = 0; i < vmas; i += 2)
			madvise(OURS + i * page, page, MADV_DONTFORK);
		madvise(OURS, unchanged * page, MADV_DONTDUMP);
		madvise(OURS + 150 * page, (vmas - 150) * page, MADV_DONTDUMP);
		expect(set_flags(0, vmas, "+dontdump") == 0);
		expect(strstr(outcome, "more VMAs are not listed"));
		for (char *line = strstr(outcome, "\n  "); line; line = strstr(line + 1, "\n  ")) {
			expect(sscanf(line, "\n  %lx-", &at) == 1 && at == wanted);
			wanted += page;
		}
		expect(wanted > (unsigned long)OURS + 64 * page);
	}
}

static void long_outcomes(void)
{
	size_t bytes, room = 0;

	map_vmas();
	/* Everything fits. */
	expect(tell(2, (size_t[]){ 100, 100 }, &bytes) == 1);
	expect(strlen(outcome) > 8192);
	expect_same_in_pieces_of(1);
	expect(tell(3, (size_t[]){ 50, 60, 70 }, &bytes) == 2);
	/* 400 VMAs are more than a command can list. */
	expect(tell(2, (size_t[]){ MOST_VMAS, 1 }, &bytes) == 1);
	expect(bytes > 6000);
	expect(tell(2, (size_t[]){ 1, MOST_VMAS }, &bytes) == 1);
	/* Three lines fit, or two. */
	for (size_t vmas = 90; vmas < 130 && !failed; vmas += 8) {
		size_t told = tell(5, (size_t[]){ vmas, vmas, vmas, vmas, vmas }, &bytes);

		expect(told >= 1 && told < 4);
		expect(bytes > 8000);
		if (bytes > room)
			room = bytes;
	}
	/* Lines are listed in order: no line follows the first one that is left out. */
	expect(tell(5, (size_t[]){ 110, 110, 110, 1, 1 }, &bytes) == 2);
	expect(strstr(outcome, "and are not listed: 2)\n"));
	/* The third line fits, or only its summary fits, or neither. */
	for (size_t vmas = 1; vmas < 120 && !failed; vmas += 13)
		tell(4, (size_t[]){ 110, 110, vmas, 2 }, &bytes);
	expect(room > 12000);
}

/* The last line is refused, with sentences of various lengths. */
static void bad_line_at_the_end(void)
{
	static char lines[4096], text[65536];

	map_vmas();
	for (size_t length = 1; length <= 200; length += 23) {
		char *end = lines;
		char word[256];
		size_t listed;
		const char *rest;

		memset(word, 'x', length);
		word[length] = 0;
		end += append_command(end, 120);
		end += append_command(end, 7);
		end += sprintf(end, "%s\n", word);
		expect(write_to(CTL, lines, end - lines) == EINVAL);
		rest = take_told(outcome, 1, 120, &listed);
		rest = take_told(rest, 2, 7, &listed);
		snprintf(text, sizeof(text), "line 3: refused (EINVAL): there is no verb '%s'; ",
			 word);
		take(rest, text, __LINE__);
		expect_same_in_pieces();
	}
}

/* A read that fails with EFAULT loses no text. */
static void faults_lose_nothing(void)
{
	static char text[65536];
	char *edge = OURS + (MOST_VMAS + 9) * page;
	size_t length = 0;
	int fd;

	map_vmas();
	must_map(edge, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	ctl("flags %d %lx %lx +dontdump\nflags %d %lx %lx +dontdump\n", getpid(),
	    (unsigned long)OURS, (unsigned long)OURS + 120 * page, getpid(), (unsigned long)OURS,
	    (unsigned long)OURS + 120 * page);
	fd = open(CTL, O_RDONLY);
	while (length < 8000) {
		/* The last byte of the buffer is not mapped. */
		expect(read(fd, edge + page - 999, 1000) == -1 && errno == EFAULT);
		expect(read(fd, text + length, 1000) == 1000);
		length += 1000;
	}
	close(fd);
	expect(!strncmp(text, outcome, length));
}

/*
 * A reader gets the rest of the outcome that it has begun to read, even if others write
 * meanwhile.
 */
static void others_write_meanwhile(void)
{
	static char text[65536];
	char whole[sizeof(outcome)];
	size_t length = 0;
	ssize_t got;
	int fd;

	map_vmas();
	ctl("flags %d %lx %lx +dontdump\nflags %d %lx %lx +dontdump\n", getpid(),
	    (unsigned long)OURS, (unsigned long)OURS + 100 * page, getpid(), (unsigned long)OURS,
	    (unsigned long)OURS + 100 * page);
	memcpy(whole, outcome, sizeof(whole));
	fd = open(CTL, O_RDWR);
	while ((got = read(fd, text + length, 3000)) > 0) {
		length += got;
		expect(ctl("nonsense") == EINVAL);
	}
	text[length] = 0;
	expect(length > 8192 && !strcmp(text, whole));
	/* The reader's own write starts a new outcome. */
	expect(write(fd, "verbs", 5) == -1 && errno == EINVAL);
	expect(read(fd, text, 5) == 5 && !memcmp(text, "refus", 5));
	expect(write(fd, "other", 5) == -1 && errno == EINVAL);
	read_all(fd, text, sizeof(text));
	expect(!strncmp(text, "refused (EINVAL): there is no verb 'other'", 42));
	close(fd);
}

static const struct test tests[] = {
	test(one_vma_too_many),
	test(lines_of_several_lengths),
	test(long_outcomes),
	test(bad_line_at_the_end),
	test(faults_lose_nothing),
	test(others_write_meanwhile),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
