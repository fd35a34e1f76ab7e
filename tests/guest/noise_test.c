// SPDX-License-Identifier: GPL-2.0
/*
 * noise_test [MALFORMED [VALID [SEED]]]: writes malformed lines, and some valid ones, to
 * ctl and plan. The lines are about processes that fork and exit meanwhile, and about
 * some that stay. Every refusal has to have a sentence with the errno of the failed
 * write, and the processes that stay have to keep the contents of their memory.
 * scripts/vm fails on any report of the kernel.
 */
#include "harness.h"
#include "twin.h"

/*
 * The numbers of processes whose memory is checked at the end, and of places for
 * processes that come and go.
 */
#define STEADY 3
#define FLEETING 6

#define MOST_WRITERS 8

/* The state that all processes share. */
static struct {
	pid_t fleeting[FLEETING];
	unsigned long malformed, valid, carried_out, gone;
	bool failed, over;
} *shared;

static struct twin steady[STEADY];

#define wrong(...)                                                             \
	do {                                                                   \
		complain(__VA_ARGS__);                                         \
		shared->failed = true;                                         \
	} while (0)

static unsigned char pattern(size_t number)
{
	return number * 37 + 11;
}

/* Keeps starting children that have some memory, have children, and exit soon. */
static void come_and_go(size_t place)
{
	char *memory = PLACE + page;

	/* Most of the time is for the writers. */
	if (setpriority(PRIO_PROCESS, 0, 19))
		_exit(1);
	while (!__atomic_load_n(&shared->over, __ATOMIC_RELAXED)) {
		pid_t child = fork();

		if (child < 0)
			continue;
		if (!child) {
			shared->fleeting[place] = getpid();
			mmap(memory, 20 * page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			/* Commands about this process may make the write fail. */
			touch(memory, 4 * page, 1);
			for (int i = 0; i < 3; i++) {
				if (!fork()) {
					touch(memory, 20 * page, 2);
					_exit(0);
				}
			}
			touch(memory, 20 * page, 3);
			usleep(any(3000));
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	_exit(0);
}

/* Makes a valid line about some process. */
static void good_line(char *line, size_t size)
{
	struct twin twin = { .pid = steady[any(STEADY)].pid };
	struct request request;

	if (any(2))
		twin.pid = __atomic_load_n(&shared->fleeting[any(FLEETING)], __ATOMIC_RELAXED);
	do {
		command[0] = 0;
		if (any(8) == 0)
			print_command("split %d %lx", twin.pid, address(1 + any(PAGES - 2)));
		else if (random_request(&request))
			command_for(&twin, &request);
	} while (!command[0]);
	snprintf(line, size, "%s", command);
}

static char some_byte(void)
{
	static const char liked[] = "\n\n \t0xf-+:,rwx\\[]`$\"'%s\x7f";

	switch (any(4)) {
	case 0:
		return any(256);
	case 1:
		return 32 + any(95);
	default:
		return liked[any(sizeof(liked))];
	}
}

/* Spoils a line, which may become longer. Returns its new length. */
static size_t spoil(char *line, size_t length, size_t size)
{
	for (unsigned int times = 1 + any(4); times; times--) {
		size_t at = length ? any(length) : 0, count = 1 + any(8);

		switch (any(7)) {
		case 0:	/* a byte */
			line[at] = some_byte();
			break;
		case 1:	/* some bytes go */
			if (count > length - at)
				count = length - at;
			memmove(line + at, line + at + count, length - at - count);
			length -= count;
			break;
		case 2:	/* some bytes are added */
			if (length + count > size)
				break;
			memmove(line + at + count, line + at, length - at);
			for (size_t i = 0; i < count; i++)
				line[at + i] = some_byte();
			length += count;
			break;
		case 3:	/* the end goes */
			length = at;
			break;
		case 4:	/* all of it is noise */
			length = any(any(8) ? 80 : size);
			for (size_t i = 0; i < length; i++)
				line[i] = some_byte();
			break;
		case 5:	/* a number becomes huge */
			if (length + 20 > size)
				break;
			memmove(line + at + 20, line + at, length - at);
			memset(line + at, '9', 20);
			length += 20;
			break;
		default:	/* the line is doubled */
			if (2 * length > size)
				break;
			memcpy(line + length, line, length);
			length *= 2;
		}
	}
	return length;
}

/* Returns whether the outcome names the errno of a refusal in a sentence. */
static bool has_sentence(const char *said, int error)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ E2BIG, "E2BIG" },   { EACCES, "EACCES" }, { EAGAIN, "EAGAIN" },
		{ EBADF, "EBADF" },   { EBUSY, "EBUSY" },   { EEXIST, "EEXIST" },
		{ EFAULT, "EFAULT" }, { EILSEQ, "EILSEQ" }, { EINVAL, "EINVAL" },
		{ ENOMEM, "ENOMEM" }, { EPERM, "EPERM" },   { ESRCH, "ESRCH" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
	};
	char refused[32], stopped[32];
	const char *start;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].number != error)
			continue;
		snprintf(refused, sizeof(refused), "refused (%s): ", names[i].name);
		snprintf(stopped, sizeof(stopped), "stopped (%s): ", names[i].name);
		start = strstr(said, refused);
		if (!start)
			start = strstr(said, stopped);
		return start && strlen(start) > 40 && strchr(start, '\n');
	}
	return false;
}

/* Writes to a file that stays open, and reads the answer. */
static int write_line(int fd, const char *line, size_t length)
{
	int error = write(fd, line, length) == (ssize_t)length ? 0 : errno;

	read_all(fd, outcome, sizeof(outcome));
	if (error && !has_sentence(outcome, error))
		wrong("errno %d without a sentence: %.*s\nsaid: %s", error, (int)length, line,
		      outcome);
	if (!error && !strstr(outcome, "done: ") && !strstr(outcome, "this would happen"))
		wrong("no word about: %.*s\nsaid: %s", (int)length, line, outcome);
	return error;
}

static void make_noise(unsigned long malformed, unsigned long valid)
{
	int files[] = { open(CTL, O_RDWR), open(PLAN, O_RDWR) };
	char line[5000];

	while ((malformed || valid) && !shared->failed) {
		/* Both kinds are written until there are enough of each. */
		bool good = any(malformed + valid) < valid;
		int error, fd = files[any(2)];
		size_t length;

		good_line(line, sizeof(line));
		length = strlen(line);
		if (!good)
			length = spoil(line, length, any(50) ? 300 : sizeof(line));
		error = write_line(fd, line, length);
		/* Some spoilt lines are still valid. */
		if (good) {
			valid--;
			__atomic_add_fetch(&shared->valid, 1, __ATOMIC_RELAXED);
			if (!error)
				__atomic_add_fetch(&shared->carried_out, 1, __ATOMIC_RELAXED);
			else if (error == ESRCH)
				__atomic_add_fetch(&shared->gone, 1, __ATOMIC_RELAXED);
		} else if (error == EINVAL || error == EILSEQ || error == E2BIG) {
			malformed--;
			__atomic_add_fetch(&shared->malformed, 1, __ATOMIC_RELAXED);
		}
	}
	fflush(stdout);
	_exit(shared->failed);
}

/*
 * Expects the contents of the memory of the processes that stay: all pages are still in
 * place, in whatever VMA.
 */
static void expect_contents(void)
{
	for (size_t i = 0; i < STEADY; i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/mem", steady[i].pid);
		fd = open(path, O_RDONLY);
		for (size_t number = 8; number < 24; number++) {
			unsigned char byte = 0;

			if (pread(fd, &byte, 1, address(number)) != 1 || byte != pattern(number))
				complain("process %zu, page %zu: %x, not %x", i, number, byte,
					 pattern(number));
		}
		close(fd);
	}
}

static unsigned long wanted_malformed = 20000, wanted_valid = 2000, first_seed = 1;

static void noise(void)
{
	long writers = sysconf(_SC_NPROCESSORS_ONLN);
	pid_t children[FLEETING], writing[MOST_WRITERS];
	int status;

	if (writers > MOST_WRITERS)
		writers = MOST_WRITERS;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	for (size_t i = 0; i < STEADY; i++) {
		steady[i] = start_twin();
		ask_for(&steady[i], DO_MAP, 8, 24, PROT_READ | PROT_WRITE);
		for (size_t number = 8; number < 24; number++)
			ask_for(&steady[i], DO_TOUCH, number, number + 1, .more = pattern(number));
	}
	fflush(stdout);
	for (size_t i = 0; i < FLEETING; i++) {
		shared->fleeting[i] = steady[0].pid;
		children[i] = fork();
		if (!children[i]) {
			seed = first_seed + i;
			come_and_go(i);
		}
	}
	for (long i = 0; i < writers; i++) {
		writing[i] = fork();
		if (!writing[i]) {
			seed = first_seed * 1000 + i;
			make_noise(wanted_malformed / writers + 1, wanted_valid / writers + 1);
		}
	}
	for (long i = 0; i < writers; i++) {
		waitpid(writing[i], &status, 0);
		expect(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	shared->over = true;
	for (size_t i = 0; i < FLEETING; i++)
		waitpid(children[i], NULL, 0);
	expect_contents();
	for (size_t i = 0; i < STEADY; i++)
		end_twin(&steady[i]);
	printf("  %lu malformed lines, %lu valid ones: %lu carried out, %lu too late\n",
	       shared->malformed, shared->valid, shared->carried_out, shared->gone);
	expect(shared->malformed >= wanted_malformed && shared->valid >= wanted_valid);
	expect(shared->carried_out > wanted_valid / 20);
}

static const struct test tests[] = {
	test(noise),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		wanted_malformed = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		wanted_valid = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		first_seed = strtoul(argv[3], NULL, 10);
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
