// SPDX-License-Identifier: GPL-2.0
/*
 * storm SECONDS [COMMAND...]: threads that map, change and unmap memory, fork and exec,
 * while engines are changed every millisecond, the module is taken out and put in
 * again, and allocations fail; and the command beside all that, which has to succeed.
 * Nobody can say what should come of it, but that what was written is still there, that
 * the shadow sees no difference, and that the kernel has nothing to complain of.
 */
#include "harness.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

#define ENGINE "/sys/kernel/debug/rust_vma/engine"
#define FAILSLAB "/sys/kernel/debug/failslab/"
#define MODULE "/lib/modules/rust_vma.ko"

/* Each worker has a window of its own, and all of a process have one tree. */
#define PROCESSES 3
#define WORKERS 2
#define WINDOW 48

/* What is shared by all processes. */
struct figures {
	atomic_bool over, wrong;
	atomic_ulong flips, reloads, refused_reloads, steps, failed_steps, reads, children;
	atomic_ulong compared, differences, calls[3];
};

static struct figures *figures;

static const char *const engines[] = { "c", "rust", "shadow" };

/* What a worker knows of its window. */
struct worker {
	unsigned int seed;
	char *base;
	int memory;
	bool mapped[WINDOW];
	/* What was written to each page last. */
	unsigned char value[WINDOW];
};

#define wrong(...)                                                             \
	do {                                                                   \
		printf("  " __VA_ARGS__);                                      \
		puts("");                                                      \
		fflush(stdout);                                                \
		figures->wrong = true;                                         \
	} while (0)

static unsigned int below(struct worker *worker, unsigned int limit)
{
	return rand_r(&worker->seed) % limit;
}

/* A part of the window, all of it mapped or none. Returns its length. */
static size_t choose_run(struct worker *worker, bool mapped, size_t *first)
{
	size_t start = below(worker, WINDOW), length = 0;
	size_t most = 1 + below(worker, 8);

	for (size_t i = 0; i < WINDOW && worker->mapped[start] != mapped; i++)
		start = (start + 1) % WINDOW;
	while (length < most && start + length < WINDOW &&
	       worker->mapped[start + length] == mapped)
		length++;
	*first = start;
	return length;
}

/* Whatever its protection says. */
static void check_page(struct worker *worker, size_t at)
{
	char *address = worker->base + at * page;
	unsigned char found;

	if (pread(worker->memory, &found, 1, (off_t)address) != 1) {
		/* There may be no memory to fault it in. */
		if (errno != EIO && errno != EFAULT && errno != ENOMEM)
			wrong("page %p is not there: %s", address, strerror(errno));
		return;
	}
	if (found != worker->value[at])
		wrong("page %p holds %u, not %u", address, found, worker->value[at]);
}

static void write_page(struct worker *worker, size_t at)
{
	unsigned char value = 1 + below(worker, 255);

	if (pwrite(worker->memory, &value, 1, (off_t)(worker->base + at * page)) == 1)
		worker->value[at] = value;
}

static void map_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, false, &first);
	char *start = worker->base + first * page;

	if (!length)
		return;
	if (mmap(start, length * page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != start) {
		figures->failed_steps++;
		return;
	}
	for (size_t i = first; i < first + length; i++) {
		worker->mapped[i] = true;
		worker->value[i] = 0;
	}
}

static void unmap_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, true, &first);

	if (!length)
		return;
	if (munmap(worker->base + first * page, length * page)) {
		figures->failed_steps++;
		return;
	}
	for (size_t i = first; i < first + length; i++)
		worker->mapped[i] = false;
}

/* The pages go to another place of the window, one by one after the other. */
static void move_some(struct worker *worker)
{
	size_t from, to, length = choose_run(worker, true, &from);
	size_t room = choose_run(worker, false, &to);
	char *target = worker->base + to * page;

	if (length > room)
		length = room;
	if (!length)
		return;
	/* A move takes pages of one VMA only, and says so. */
	if (mremap(worker->base + from * page, length * page, length * page,
		   MREMAP_MAYMOVE | MREMAP_FIXED, target) != target) {
		figures->failed_steps++;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		worker->mapped[from + i] = false;
		worker->mapped[to + i] = true;
		worker->value[to + i] = worker->value[from + i];
	}
}

static void change_some(struct worker *worker)
{
	static const int advice[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP,
		MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
	};
	size_t first, length = choose_run(worker, true, &first);
	char *start = worker->base + first * page;
	int failed;

	if (!length)
		return;
	switch (below(worker, 6)) {
	case 0:
		failed = mprotect(start, length * page, PROT_READ);
		break;
	case 1:
		failed = mprotect(start, length * page, PROT_READ | PROT_WRITE);
		break;
	case 2:
		failed = mlock(start, length * page);
		break;
	case 3:
		failed = munlock(start, length * page);
		break;
	default:
		failed = madvise(start, length * page,
				 advice[below(worker, sizeof(advice) / sizeof(*advice))]);
		break;
	}
	if (failed)
		figures->failed_steps++;
}

static void touch_some(struct worker *worker)
{
	size_t first, length = choose_run(worker, true, &first);

	for (size_t i = first; i < first + length; i++) {
		if (below(worker, 2))
			write_page(worker, i);
		else
			check_page(worker, i);
	}
}

static void *work(void *data)
{
	static void (*const steps[])(struct worker *worker) = {
		map_some, map_some, unmap_some, move_some, change_some, change_some,
		change_some, touch_some,
	};
	struct worker *worker = data;

	while (!figures->over) {
		steps[below(worker, sizeof(steps) / sizeof(*steps))](worker);
		figures->steps++;
	}
	for (size_t i = 0; i < WINDOW; i++)
		if (worker->mapped[i])
			check_page(worker, i);
	return NULL;
}

/*
 * What waits for calls in flight needs a processor now and then, which all that work
 * would keep it from.
 */
static void step_back(void)
{
	if (setpriority(PRIO_PROCESS, 0, 19))
		wrong("cannot become nice: %s", strerror(errno));
}

/* Whoever asks for it fails to allocate, now and then. */
static void let_allocations_fail(void)
{
	int fd = open("/proc/thread-self/make-it-fail", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		wrong("cannot let allocations fail: %s", strerror(errno));
	close(fd);
}

static void *work_and_fail(void *data)
{
	let_allocations_fail();
	return work(data);
}

/* A process of workers, which also forks and executes. */
static void run_workers(unsigned int number, bool fails)
{
	static struct worker workers[WORKERS];
	pthread_t threads[WORKERS];
	int memory = open("/proc/self/mem", O_RDWR);

	step_back();
	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].seed = 1 + number * WORKERS + i;
		workers[i].base = OURS + i * WINDOW * page;
		workers[i].memory = memory;
		if (pthread_create(&threads[i], NULL, fails ? work_and_fail : work,
				   &workers[i]))
			wrong("cannot create a thread");
	}
	while (!figures->over) {
		pid_t child = fork();

		if (!child) {
			/* A new program, whose stack moves. */
			execl("/bin/true", "true", NULL);
			_exit(1);
		}
		if (child > 0 && waitpid(child, NULL, 0) == child)
			figures->children++;
		usleep(5000);
	}
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	exit(0);
}

/* What the file engine says. It begins anew with the module. */
struct said {
	unsigned long calls[3], compared, differences;
};

static struct said ask(void)
{
	FILE *file = fopen(ENGINE, "r");
	struct said said = { 0 };
	unsigned long calls[3];
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "shadow %lu compared, %lu differences", &said.compared,
			   &said.differences) == 2)
			continue;
		if (sscanf(line, "%*s %lu %lu %lu", &calls[0], &calls[1], &calls[2]) == 3)
			for (int i = 0; i < 3; i++)
				said.calls[i] += calls[i];
	}
	if (file)
		fclose(file);
	return said;
}

static void add_up(struct said said)
{
	for (int i = 0; i < 3; i++)
		figures->calls[i] += said.calls[i];
	figures->compared += said.compared;
	figures->differences += said.differences;
}

static void flip(void)
{
	while (!figures->over) {
		const char *engine = engines[figures->flips % 3];
		int fd = open(ENGINE, O_WRONLY);

		/* The module may be out. */
		if (fd >= 0 && write(fd, engine, strlen(engine)) > 0)
			figures->flips++;
		if (fd >= 0)
			close(fd);
		usleep(500);
	}
	exit(0);
}

static void reload(void)
{
	while (!figures->over) {
		char parameters[16];
		struct said said;
		int fd;

		usleep(50000);
		said = ask();
		/* Refused while somebody has a file open. */
		if (syscall(SYS_delete_module, "rust_vma", O_NONBLOCK)) {
			figures->refused_reloads++;
			continue;
		}
		add_up(said);
		fd = open(MODULE, O_RDONLY);
		snprintf(parameters, sizeof(parameters), "engine=%lu", figures->reloads % 3);
		if (syscall(SYS_finit_module, fd, parameters, 0))
			wrong("the module does not load: %s", strerror(errno));
		close(fd);
		figures->reloads++;
	}
	exit(0);
}

/* Whoever looks at processes meanwhile. */
static void look(void)
{
	static char text[1 << 16];
	static const char *const files[] = { "maps", "smaps", "numa_maps" };

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
	}
	exit(0);
}

static pid_t begin(void (*run)(void))
{
	pid_t child = fork();

	if (!child)
		run();
	return child;
}

static void set(const char *name, const char *value)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		wrong("cannot write %s to %s: %s", value, name, strerror(errno));
	close(fd);
}

/* One allocation in a hundred, of those who ask for it, whatever it is for. */
static void prepare_failures(void)
{
	set(FAILSLAB "task-filter", "Y");
	set(FAILSLAB "ignore-gfp-wait", "N");
	set(FAILSLAB "verbose", "0");
	set(FAILSLAB "interval", "1");
	set(FAILSLAB "times", "-1");
	set(FAILSLAB "probability", "1");
}

/* It ends by itself, or when something is wrong. */
static pid_t run_command(char **command)
{
	pid_t child = fork();

	if (!child) {
		step_back();
		setpgid(0, 0);
		execvp(*command, command);
		perror(*command);
		_exit(127);
	}
	return child;
}

static void report(unsigned long seconds)
{
	printf("%lu s: %lu steps, of which %lu failed; %lu children, %lu reads\n", seconds,
	       (unsigned long)figures->steps, (unsigned long)figures->failed_steps,
	       (unsigned long)figures->children, (unsigned long)figures->reads);
	printf("%lu flips, %lu reloads (and %lu refused)\n", (unsigned long)figures->flips,
	       (unsigned long)figures->reloads, (unsigned long)figures->refused_reloads);
	printf("calls served by C %lu, by Rust %lu, in the shadow %lu\n",
	       (unsigned long)figures->calls[0], (unsigned long)figures->calls[1],
	       (unsigned long)figures->calls[2]);
	printf("%lu compared, %lu differences\n", (unsigned long)figures->compared,
	       (unsigned long)figures->differences);
}

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
	unsigned int i, children = 0;
	pid_t command = 0, child;
	int status;

	page = sysconf(_SC_PAGESIZE);
	figures = mmap(NULL, sizeof(*figures), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (figures == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	prepare_failures();
	fflush(stdout);
	for (i = 0; i < PROCESSES; i++, children++)
		if (!fork())
			run_workers(i, i == PROCESSES - 1);
	begin(flip);
	begin(reload);
	begin(look);
	children += 3;
	if (argc > 2) {
		command = run_command(argv + 2);
		children++;
	}
	for (i = 0; i < seconds && !figures->wrong; i++)
		sleep(1);
	figures->over = true;
	if (command && figures->wrong)
		kill(-command, SIGKILL);
	while (children && (child = wait(&status)) > 0) {
		children--;
		if (child == command && status)
			wrong("%s ended with %x", argv[2], status);
	}
	add_up(ask());
	report(i);
	if (figures->differences)
		wrong("the shadow has seen a difference");
	if (figures->flips < seconds || figures->reloads < seconds / 10 || !figures->compared)
		wrong("too little was done");
	return figures->wrong;
}
