// SPDX-License-Identifier: GPL-2.0
/*
 * storm SECONDS [COMMAND...]: threads that map, change and unmap memory, and others that
 * fault on it, fork and exec. Meanwhile engines are changed all the time, the module is
 * unloaded and loaded again, and allocations fail. The command runs beside all that, and
 * has to succeed. The final state cannot be predicted, but written memory has to keep its
 * contents, no call may fail without a failing allocation, the shadow must not see a
 * difference, and the kernel must not report anything.
 */
#include "storm.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define FAILSLAB "/sys/kernel/debug/failslab/"

#define PROCESSES 3
/* The number of threads that change the engine. They wait together for calls in flight. */
#define FLIPPERS 3
#define CHILDREN (PROCESSES + FLIPPERS + 3)

/* The work that is required in ten minutes or more; in less time, a part of it is required. */
#define LONG_ENOUGH 600
#define FLIPS 10000
#define RELOADS 200

struct figures *figures;
size_t page;

static struct {
	pid_t pid;
	const char *name;
} children[CHILDREN];
static unsigned int begun, ended;
static pid_t command;

/*
 * Lowers the priority of the caller. A thread that waits for calls in flight needs a
 * processor now and then, from which the work would keep it.
 */
void step_back(void)
{
	if (setpriority(PRIO_PROCESS, 0, 19))
		wrong("cannot become nice: %s", strerror(errno));
}

unsigned long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000UL + now.tv_nsec / 1000;
}

/*
 * Sleeps for five times as long as the caller has worked, or waited for a processor; to
 * be called often. A change of the engine waits for threads that were preempted in an RCU
 * section. Those wait long for a processor if all threads want to run all the time.
 */
void rest(void)
{
	static __thread unsigned long woken;
	unsigned long now = microseconds();

	if (!woken)
		woken = now;
	if (now - woken < 2000)
		return;
	usleep(5 * (now - woken) % 1000000);
	woken = microseconds();
}

/* Reads files in /proc about processes meanwhile. */
static noreturn void look(void)
{
	static char text[1 << 16];
	static const char *const files[] = { "maps", "smaps", "numa_maps" };

	step_back();
	for (unsigned int i = 0; !figures->over; i++) {
		char name[64];
		int fd;

		snprintf(name, sizeof(name), "/proc/%d/%s", 1 + i % 400, files[i % 3]);
		fd = open(name, O_RDONLY);
		if (fd < 0)
			continue;
		while (read(fd, text, sizeof(text)) > 0)
			figures->reads++;
		close(fd);
		rest();
	}
	exit(0);
}

/* Forks. Returns whether this is the child. */
static bool begin(const char *name)
{
	pid_t child = fork();

	if (!child)
		return true;
	if (child < 0) {
		wrong("cannot fork: %s", strerror(errno));
		return false;
	}
	children[begun].pid = child;
	children[begun++].name = name;
	return false;
}

/* Executes the command, which ends by itself, or when something is wrong. */
static noreturn void run_command(char **words)
{
	step_back();
	setpgid(0, 0);
	execvp(*words, words);
	perror(*words);
	_exit(127);
}

/*
 * Judges the end of a child. Every child has to succeed, and only the command may end
 * before it is told to.
 */
static void judge(pid_t child, int status)
{
	const char *name = "somebody";

	for (unsigned int i = 0; i < begun; i++)
		if (children[i].pid == child)
			name = children[i].name;
	if (status)
		wrong("%s ended with %x", name, status);
	else if (!figures->over && child != command)
		wrong("%s ended early", name);
}

static void wait_for_children(int options)
{
	pid_t child;
	int status;

	while (ended < begun && (child = waitpid(-1, &status, options)) > 0) {
		ended++;
		judge(child, status);
	}
}

void set(const char *name, const char *value)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		wrong("cannot write %s to %s: %s", value, name, strerror(errno));
	close(fd);
}

/* Makes one allocation in a hundred fail, of any kind, for the threads that ask for it. */
static void prepare_failures(void)
{
	set(FAILSLAB "task-filter", "Y");
	set(FAILSLAB "ignore-gfp-wait", "N");
	set(FAILSLAB "verbose", "0");
	set(FAILSLAB "interval", "1");
	set(FAILSLAB "times", "-1");
	set(FAILSLAB "probability", "1");
}

static void begin_all(char **words)
{
	for (unsigned int i = 0; i < PROCESSES; i++)
		if (begin("a process of workers"))
			run_process(i, i == PROCESSES - 1);
	for (int i = 0; i < FLIPPERS; i++)
		if (begin("the process that changes the engines"))
			flip();
	if (begin("the process that takes the module out"))
		reload();
	if (begin("the process that looks on"))
		look();
	if (!*words)
		return;
	if (begin(*words))
		run_command(words);
	command = children[begun - 1].pid;
}

static void report(unsigned long seconds)
{
	unsigned long flips = figures->flips;

	printf("%lu s: %lu steps, of which %lu failed, %lu for want of memory\n", seconds,
	       (unsigned long)figures->steps, (unsigned long)figures->failed_steps,
	       (unsigned long)figures->without_memory);
	printf("%lu racing accesses and %lu refused ones, with %lu page faults\n",
	       (unsigned long)figures->touches, (unsigned long)figures->refused_touches,
	       (unsigned long)figures->faults);
	printf("%lu children, %lu reads\n", (unsigned long)figures->children,
	       (unsigned long)figures->reads);
	printf("%lu pages moved to the other node and back, %lu attachments, %lu files sealed\n",
	       (unsigned long)figures->migrated, (unsigned long)figures->attachments,
	       (unsigned long)figures->sealed);
	printf("huge pages used %lu times\n", (unsigned long)figures->huge);
	printf("%lu flips, of %lu us each, and %lu at most\n", flips,
	       figures->flip_time / (flips ? flips : 1), (unsigned long)figures->longest_flip);
	printf("%lu reloads (and %lu refused)\n", (unsigned long)figures->reloads,
	       (unsigned long)figures->refused_reloads);
	printf("calls executed by C %lu, by Rust %lu, in the shadow %lu\n",
	       (unsigned long)figures->calls[0], (unsigned long)figures->calls[1],
	       (unsigned long)figures->calls[2]);
	printf("%lu compared, %lu differences\n", (unsigned long)figures->compared,
	       (unsigned long)figures->differences);
}

static void expect_at_least(const char *what, unsigned long count, unsigned long least)
{
	if (count < least)
		wrong("too few %s: %lu, not %lu", what, count, least);
}

/* Expects enough work, because a storm that did little proves nothing. */
static void expect_much(unsigned long seconds)
{
	unsigned long part = seconds < LONG_ENOUGH ? seconds : LONG_ENOUGH;

	expect_at_least("flips", figures->flips, FLIPS * part / LONG_ENOUGH);
	expect_at_least("reloads", figures->reloads, RELOADS * part / LONG_ENOUGH);
	expect_at_least("decisions compared", figures->compared, seconds);
	expect_at_least("calls executed by Rust", figures->calls[1], seconds);
	expect_at_least("page faults", figures->faults, seconds);
	expect_at_least("children", figures->children, 1);
	expect_at_least("pages moved", figures->migrated, 1);
	expect_at_least("attachments", figures->attachments, 1);
	expect_at_least("files sealed", figures->sealed, 2);
	expect_at_least("uses of huge pages", figures->huge, 1);
	if (seconds >= 60)
		expect_at_least("failed allocations", figures->without_memory, 1);
}

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
	unsigned long i;

	page = sysconf(_SC_PAGESIZE);
	figures = mmap(NULL, sizeof(*figures), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (figures == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	prepare_failures();
	set_up_counters();
	fflush(stdout);
	begin_all(argv + (argc > 2 ? 2 : argc));
	for (i = 0; i < seconds && !figures->wrong; i++) {
		sleep(1);
		wait_for_children(WNOHANG);
	}
	stop_merging();
	figures->over = true;
	if (command && figures->wrong)
		kill(-command, SIGKILL);
	wait_for_children(0);
	check_counters();
	add_up();
	report(i);
	if (figures->differences)
		wrong("the shadow has seen a difference");
	expect_much(i);
	return figures->wrong != 0;
}
