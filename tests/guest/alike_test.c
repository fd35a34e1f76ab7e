// SPDX-License-Identifier: GPL-2.0
/*
 * Plays the same history of system calls with engine rust and with engine shadow. The
 * counters and the trace events have to be the same, except for the field that names the
 * engine.
 */
#include "harness.h"
#include "stats.h"

#define TRACING "/sys/kernel/tracing/"
#define EVENTS TRACING "events/rust_vma/"
#define RANDOMIZE "/proc/sys/kernel/randomize_va_space"
#define HUGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"

/* This number of steps of replay causes some thousand events. */
#define STEPS "600"
#define BYTES 16777216

#define END_OF_WORD "\n "

/* The results of one engine. */
struct seen {
	char *stats;
	char *events;
};

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		complain("cannot write '%s' to %s: %s", text, file, strerror(errno));
	close(fd);
}

static char *room(size_t bytes)
{
	char *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (place == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return place;
}

/* Words that differ from one run to the next, in the order in which they were first seen. */
struct words {
	char known[512][24];
	size_t count;
};

static size_t number_of(struct words *words, const char *word, size_t length)
{
	size_t i = 0;

	while (i < words->count && (strncmp(words->known[i], word, length) ||
				    words->known[i][length]))
		i++;
	if (i == sizeof(words->known) / sizeof(*words->known))
		complain("too many of %.*s", (int)length, word);
	else if (i == words->count)
		snprintf(words->known[words->count++], 24, "%.*s", (int)length, word);
	return i;
}

/*
 * Copies the trace without everything that has to differ: times, the engine, and the
 * numbers of processes and files, which are replaced by the order of their first
 * appearance.
 */
static void normalise(const char *trace, char *out)
{
	static const char *const numbered[] = { "pid=", "tgid=", "dev=" };
	static struct words processes, files;
	const char *line, *end, *name, *at;

	processes.count = 0;
	files.count = 0;
	number_of(&files, "00:00 ino=0", 11);
	for (line = trace; *line; line = end + 1) {
		end = strchr(line, '\n');
		name = strstr(line, ": vma_");
		if (*line == '#' || !name || name > end)
			continue;
		for (at = name + 2; at <= end;) {
			size_t i = 0, length;

			if (!strncmp(at, "engine=", 7)) {
				at = strchr(at, ' ');
				continue;
			}
			while (i < 3 && strncmp(at, numbered[i], strlen(numbered[i])))
				i++;
			/*
			 * The name has to begin a word, or follow an underscore, as in
			 * neighbour_dev.
			 */
			if (i == 3 || (at[-1] != ' ' && at[-1] != '_')) {
				*out++ = *at++;
				continue;
			}
			at += strlen(numbered[i]);
			length = strcspn(at, END_OF_WORD);
			/*
			 * The inode is part of the file: "00:01 ino=2" or "00:01
			 * neighbour_ino=2".
			 */
			if (i == 2) {
				char file[64];
				const char *ino = strstr(at, "ino=");
				size_t digits = strcspn(ino, END_OF_WORD);

				snprintf(file, sizeof(file), "%.*s %.*s", (int)length, at,
					 (int)digits, ino);
				out += sprintf(out, "file=%zu",
					       number_of(&files, file, strlen(file)));
				at = ino + digits;
				continue;
			}
			out += sprintf(out, "%s%zu", numbered[i],
				       number_of(&processes, at, length));
			at += length;
		}
	}
	*out = 0;
}

/* Plays the history, and returns the counters and the trace of it. */
static void play(const char *engine, const char *seed, char *trace, struct seen *seen)
{
	char pid[16];
	int status, ends[2];
	pid_t child;

	expect(!pipe(ends));
	child = fork();
	if (!child) {
		char byte;

		close(ends[1]);
		dup2(open("/dev/null", O_WRONLY), 1);
		if (read(ends[0], &byte, 1) == 1)
			execlp("replay", "replay", seed, STEPS, NULL);
		_exit(127);
	}
	sprintf(pid, "%d", child);
	put(TRACING "set_event_pid", pid);
	put(ENGINE, engine);
	put(TRACING "trace", "");
	put(EVENTS "enable", "1");
	put(STATS, "reset");
	expect(write(ends[1], "", 1) == 1);
	close(ends[0]);
	close(ends[1]);
	expect(waitpid(child, &status, 0) == child);
	if (status)
		complain("replay has ended with %x", status);
	read_file(STATS, seen->stats, sizeof(before));
	put(EVENTS "enable", "0");
	put(ENGINE, "c");
	read_file(TRACING "trace", trace, BYTES);
	if (strlen(trace) == BYTES - 1)
		complain("the trace does not fit");
	normalise(trace, seen->events);
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		lines++;
	}
	return lines;
}

/* Complains of the first line that differs. */
static void compare(const char *what, const char *rust, const char *shadow)
{
	size_t i = 0, line = 0;

	while (rust[i] && rust[i] == shadow[i]) {
		if (rust[i] == '\n')
			line = i + 1;
		i++;
	}
	if (rust[i] == shadow[i])
		return;
	complain("%s differ:\nrust:   %.*s\nshadow: %.*s", what,
		 (int)strcspn(rust + line, "\n"), rust + line,
		 (int)strcspn(shadow + line, "\n"), shadow + line);
}

/*
 * Uses up file numbers. Each processor numbers files in memory in portions of 1024, and
 * System V segments, which are on the same device, have small numbers of their own.
 * Afterwards no two numbers are the same.
 */
static void use_up_numbers(void)
{
	cpu_set_t one;

	for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		expect(!sched_setaffinity(0, sizeof(one), &one));
		for (int i = 0; i < 1100; i++)
			close(memfd_create("number", 0));
	}
}

static void a_history(const char *seed)
{
	static struct seen rust, shadow;
	static char *trace;
	char limit[16], choices[64], huge_pages[16] = "";

	if (!trace) {
		trace = room(BYTES);
		rust = (struct seen){ room(sizeof(before)), room(BYTES) };
		shadow = (struct seen){ room(sizeof(before)), room(BYTES) };
		put(TRACING "buffer_size_kb", "8192");
		use_up_numbers();
	}
	/* Histories also execute programs, whose addresses have to be the same. */
	put(RANDOMIZE, "0");
	read_file(MAX_MAP_COUNT, limit, sizeof(limit));
	/* The current choice is in brackets. */
	read_file(HUGE_PAGES, choices, sizeof(choices));
	expect(sscanf(choices, "%*[^[][%15[a-z]", huge_pages) == 1 ||
	       sscanf(choices, "[%15[a-z]", huge_pages) == 1);
	put(TRACING "options/event-fork", "1");
	play("rust", seed, trace, &rust);
	play("shadow", seed, trace, &shadow);
	put(RANDOMIZE, "2");
	/* replay has changed these settings. */
	put(MAX_MAP_COUNT, limit);
	put(HUGE_PAGES, huge_pages);
	put(TRACING "options/event-fork", "0");
	/* A history with few events would show little. */
	if (count_lines(rust.events) < 500)
		complain("only %zu events", count_lines(rust.events));
	compare("events", rust.events, shadow.events);
	compare("counters", rust.stats, shadow.stats);
}

static void the_first_history(void)
{
	a_history("1");
}

static void the_second_history(void)
{
	a_history("2");
}

static void the_third_history(void)
{
	a_history("3");
}

static const struct test tests[] = {
	test(the_first_history),
	test(the_second_history),
	test(the_third_history),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
