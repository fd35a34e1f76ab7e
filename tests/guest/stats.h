/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations for the tests of the file stats: the lines that an action changes, and by
 * how much.
 */
#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define STATS "/sys/kernel/debug/rust_vma/stats"

/* The contents of the file before and after the action. */
static char before[16384], after[16384];

/* Reads a whole file, without a call of a hooked helper that would be counted. */
static inline void read_file(const char *name, char *text, size_t size)
{
	int fd = open(name, O_RDONLY);

	*text = 0;
	if (fd < 0) {
		complain("cannot open %s: %s", name, strerror(errno));
		return;
	}
	read_all(fd, text, size);
	close(fd);
}

static inline void begin(void)
{
	read_file(STATS, before, sizeof(before));
}

/* A line: its words, and one number for a call, or two for a blocker. */
struct line {
	char words[64];
	unsigned long counts[2];
	int numbers;
};

/* Reads the line at text. Returns the next line. */
static inline const char *read_line(const char *text, struct line *line)
{
	char first[64], second[64];
	const char *end = strchr(text, '\n');

	memset(line, 0, sizeof(*line));
	if (sscanf(text, "%63s %lu %lu", first, &line->counts[0], &line->counts[1]) == 3) {
		sprintf(line->words, "%.63s", first);
		line->numbers = 2;
	} else if (sscanf(text, "%31s %31s %lu", first, second, &line->counts[0]) == 3) {
		sprintf(line->words, "%.31s %.31s", first, second);
		line->numbers = 1;
	}
	return end ? end + 1 : text + strlen(text);
}

/* Finds the line with these words. Returns a line without numbers if there is none. */
static inline struct line find(const char *text, const char *words)
{
	struct line line;

	while (*text) {
		text = read_line(text, &line);
		if (line.numbers && !strcmp(line.words, words))
			return line;
	}
	memset(&line, 0, sizeof(line));
	return line;
}

/* Lists the lines that have changed since begin(), and by how much, without the sums. */
static char *changes(void)
{
	static char text[4096];
	const char *at = after;
	struct line line, old;
	char *out = text;

	read_file(STATS, after, sizeof(after));
	*text = 0;
	while (*at) {
		at = read_line(at, &line);
		if (!line.numbers || strstr(line.words, " all"))
			continue;
		old = find(before, line.words);
		line.counts[0] -= old.counts[0];
		line.counts[1] -= old.counts[1];
		if (line.numbers == 1 && line.counts[0])
			out += sprintf(out, "%s %lu; ", line.words, line.counts[0]);
		if (line.numbers == 2 && (line.counts[0] || line.counts[1]))
			out += sprintf(out, "%s %lu %lu; ", line.words, line.counts[0],
				       line.counts[1]);
	}
	return text;
}

/* Expects that these changes were counted since begin(). */
static inline void expect_changes(const char *wanted, int line)
{
	const char *found = changes();

	if (strcmp(found, wanted))
		complain("line %d: counted '%s', not '%s'", line, found, wanted);
}

/* Does something, and expects these changes. */
#define counts(action, wanted)                                                 \
	(begin(), expect_that(action, #action, __LINE__), expect_changes(wanted, __LINE__))

static inline void expect_that(bool so, const char *what, int line)
{
	if (!so)
		complain("line %d: not so: %s", line, what);
}

static inline void choose(const char *engine)
{
	expect(!write_to(ENGINE, engine, strlen(engine)));
}
