// SPDX-License-Identifier: GPL-2.0
/* A process of workers, and a thread that races with them. It also forks and executes. */
#include "storm.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define WINDOWS ((unsigned char *)0x700000000000UL)

/* The workers check the first byte of a page; racing threads write elsewhere in the page. */
#define RACED (page / 2)

/* The workers of a process, whose threads share its memory; another thread races with them. */
static struct worker workers[WORKERS];
static bool allocations_fail;
static unsigned int race_seed;

/* Makes allocations of the calling thread fail now and then. */
void let_allocations_fail(bool fail)
{
	static __thread int file = -1;

	if (file < 0)
		file = open("/proc/thread-self/make-it-fail", O_WRONLY);
	if (file < 0 || pwrite(file, fail ? "1" : "0", 1, 0) != 1)
		wrong("cannot let allocations fail: %s", strerror(errno));
}

static void *begin_work(void *data)
{
	if (allocations_fail)
		let_allocations_fail(true);
	return work(data);
}

/*
 * Faults on all pages of all windows, even while they are split, merged, moved or
 * unmapped. A page may be missing or read-only.
 */
static void *race(void *data)
{
	unsigned int *seed = data;
	unsigned long touches = 0, refused = 0;
	struct rusage usage;
	unsigned char value;

	if (allocations_fail)
		let_allocations_fail(true);
	while (!figures->over) {
		unsigned char *address = WINDOWS + RACED;

		address += rand_r(seed) % (WORKERS * WINDOW) * page;
		if (rand_r(seed) % 2 ? load(address, &value) : store(address, 1))
			touches++;
		else
			refused++;
		if ((touches + refused) % 16 == 0)
			rest();
	}
	getrusage(RUSAGE_THREAD, &usage);
	figures->touches += touches;
	figures->refused_touches += refused;
	figures->faults += usage.ru_minflt;
	return NULL;
}

/* Executes a new program, whose stack moves. Allocations of this thread never fail. */
static void fork_and_execute(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	if (child < 0)
		wrong("cannot fork: %s", strerror(errno));
	else if (waitpid(child, &status, 0) != child || status)
		wrong("a child that executes ended with %x", status);
	else
		figures->children++;
}

/* Opens a separate file for a worker, in which forked processes share. */
static int open_file(void)
{
	int file = memfd_create("storm", MFD_ALLOW_SEALING);

	if (file < 0 || ftruncate(file, WINDOW * page))
		wrong("cannot make a file: %s", strerror(errno));
	return file;
}

static int create_segment(void)
{
	int segment = shmget(IPC_PRIVATE, WINDOW * page, IPC_CREAT | 0600);

	if (segment < 0)
		wrong("cannot make a segment: %s", strerror(errno));
	return segment;
}

/* The kinds of memory of each process. Allocations of the last process fail now and then. */
static const enum memory kinds[][WORKERS] = {
	{ ANONYMOUS, SHARED_FILE },
	{ PRIVATE_FILE, SEGMENT },
	{ ANONYMOUS, SHARED_FILE },
};

static void prepare(struct worker *worker, enum memory kind)
{
	worker->kind = kind;
	worker->file = kind == PRIVATE_FILE || kind == SHARED_FILE ? open_file() : -1;
	worker->segment = kind == SEGMENT ? create_segment() : -1;
}

void run_process(unsigned int number, bool fails)
{
	pthread_t threads[WORKERS + 1];
	int memory = open("/proc/self/mem", O_RDWR);

	step_back();
	catch_faults();
	allocations_fail = fails;
	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].seed = 1 + number * WORKERS + i;
		workers[i].fails = fails;
		workers[i].base = WINDOWS + i * WINDOW * page;
		workers[i].memory = memory;
		prepare(&workers[i], kinds[number][i]);
		if (pthread_create(&threads[i], NULL, begin_work, &workers[i]))
			wrong("cannot create a thread");
	}
	race_seed = 100 + number;
	if (pthread_create(&threads[WORKERS], NULL, race, &race_seed))
		wrong("cannot create a thread");
	for (unsigned int i = 0; !figures->over; i++) {
		fork_and_execute();
		if (i % 32 == 0)
			use_huge_pages();
		usleep(5000);
	}
	for (unsigned int i = 0; i <= WORKERS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < WORKERS; i++)
		check_worker(&workers[i]);
	exit(0);
}
