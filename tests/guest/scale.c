// SPDX-License-Identifier: GPL-2.0
/*
 * scale [VMAS]: measures the time and the kernel memory that explain takes for a process
 * with many VMAs, and the time that changes of its VMAs have to wait meanwhile, each
 * compared with /proc. Fails if explain takes longer than the limit.
 */
#include "harness.h"
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#define ROUNDS 3
#define WAITS 5
#define PROC_MAPS "/proc/self/maps"
#define PROC_SMAPS "/proc/self/smaps"
#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"
#define EXPLAIN_JSONL "/sys/kernel/debug/rust_vma/explain.jsonl"

static unsigned long vmas = 1000000;

/* The cost of a reading. */
struct reading {
	unsigned long bytes, nanoseconds;
	/* The maximum of the kernel's own memory that was seen to be in use, in kB. */
	long kilobytes;
};

static unsigned long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

/* Returns the memory of the kernel itself: slabs, and pages without another account. */
static long kernel_memory(void)
{
	static const char *const subtracted[] = {
		"MemFree:", "Buffers:", "Cached:", "AnonPages:", "PageTables:",
	};
	long value, sum = 0;
	char line[128], name[64];
	FILE *file = fopen("/proc/meminfo", "r");

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %ld", name, &value) != 2)
			continue;
		if (!strcmp(name, "MemTotal:"))
			sum += value;
		for (size_t i = 0; i < sizeof(subtracted) / sizeof(*subtracted); i++)
			if (!strcmp(name, subtracted[i]))
				sum -= value;
	}
	fclose(file);
	return sum;
}

static void must_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		perror(file);
		exit(2);
	}
	close(fd);
}

static struct reading read_file(const char *file, bool look_at_memory)
{
	static char buffer[1 << 16];
	struct reading reading = { 0 };
	long before = look_at_memory ? kernel_memory() : 0;
	unsigned long start = now();
	int fd = open(file, O_RDONLY), reads = 0;
	ssize_t got;

	if (fd < 0) {
		perror(file);
		exit(2);
	}
	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		reading.bytes += got;
		if (look_at_memory && reads++ % 512 == 0) {
			long more = kernel_memory() - before;

			if (more > reading.kilobytes)
				reading.kilobytes = more;
		}
	}
	if (got < 0) {
		perror(file);
		exit(2);
	}
	close(fd);
	reading.nanoseconds = now() - start;
	return reading;
}

static void explain_all(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", getpid());
	must_write(EXPLAIN, text);
	must_write(EXPLAIN_JSONL, text);
}

static void explain_summary(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%d summary", getpid());
	must_write(EXPLAIN, text);
}

/* Keeps the quickest of several readings, which is the least disturbed one. */
static void keep_quicker(struct reading *quickest, struct reading reading)
{
	if (!quickest->nanoseconds || reading.nanoseconds < quickest->nanoseconds)
		*quickest = reading;
}

static bool waiting_ends;
static unsigned long longest_wait;

/* Maps and unmaps a page again and again, and remembers the longest time that this took. */
static void *map_and_unmap(void *place)
{
	while (!__atomic_load_n(&waiting_ends, __ATOMIC_RELAXED)) {
		unsigned long start = now(), took;

		mmap(place, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		munmap(place, page);
		took = now() - start;
		if (took > longest_wait)
			longest_wait = took;
	}
	return NULL;
}

/* Returns the longest wait while a file is read, or during two seconds. */
static unsigned long wait_beside(const char *file)
{
	pthread_t thread;

	longest_wait = 0;
	waiting_ends = false;
	pthread_create(&thread, NULL, map_and_unmap, TWIN);
	if (file)
		read_file(file, false);
	else
		usleep(2000000);
	__atomic_store_n(&waiting_ends, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	return longest_wait;
}

static int compare_waits(const void *one, const void *other)
{
	unsigned long a = *(const unsigned long *)one, b = *(const unsigned long *)other;

	return (a > b) - (a < b);
}

static unsigned long median_wait_beside(const char *file)
{
	unsigned long waits[WAITS];

	for (int i = 0; i < WAITS; i++)
		waits[i] = wait_beside(file);
	qsort(waits, WAITS, sizeof(*waits), compare_waits);
	return waits[WAITS / 2];
}

static void print_reading(const char *name, const struct reading *reading)
{
	printf("%-28s %8lu ms %12lu bytes %6.1f ns a byte\n", name,
	       reading->nanoseconds / 1000000, reading->bytes,
	       (double)reading->nanoseconds / reading->bytes);
}

static int check(bool holds, const char *what)
{
	if (!holds)
		printf("not so: %s\n", what);
	return !holds;
}

int main(int argc, char **argv)
{
	struct reading maps = { 0 }, summary = { 0 }, text = { 0 }, json = { 0 }, memory;
	unsigned long quiet, beside_explain, beside_smaps;
	int failures = 0;

	page = sysconf(_SC_PAGESIZE);
	if (argc > 1)
		vmas = strtoul(argv[1], NULL, 10);
	must_write(MAX_MAP_COUNT, "2000000");
	if (mmap(OURS, vmas * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
	    OURS) {
		perror("mmap");
		return 2;
	}
	for (unsigned long i = 0; i < vmas; i += 2) {
		if (madvise(OURS + i * page, page, MADV_DONTFORK)) {
			perror("madvise");
			return 2;
		}
	}

	for (int round = 0; round < ROUNDS; round++) {
		keep_quicker(&maps, read_file(PROC_MAPS, false));
		explain_summary();
		keep_quicker(&summary, read_file(EXPLAIN, false));
		explain_all();
		keep_quicker(&text, read_file(EXPLAIN, false));
		keep_quicker(&json, read_file(EXPLAIN_JSONL, false));
	}
	memory = read_file(EXPLAIN, true);
	quiet = median_wait_beside(NULL);
	beside_explain = median_wait_beside(EXPLAIN);
	beside_smaps = median_wait_beside(PROC_SMAPS);

	printf("%lu VMAs\n", vmas);
	print_reading("/proc/PID/maps", &maps);
	print_reading("explain, the summary", &summary);
	print_reading("explain", &text);
	print_reading("explain.jsonl", &json);
	printf("kernel memory                %8ld kB\n", memory.kilobytes);
	printf("mmap() and munmap(), the longest, median of %d: %lu us by themselves,\n"
	       "    %lu us beside explain, %lu us beside /proc/PID/smaps\n",
	       WAITS, quiet / 1000, beside_explain / 1000, beside_smaps / 1000);

	failures += check(summary.nanoseconds <= maps.nanoseconds, "the summary is as quick");
	failures += check(text.nanoseconds <= 2 * maps.nanoseconds, "explain is half as quick");
	failures += check((double)text.nanoseconds / text.bytes <=
			  (double)maps.nanoseconds / maps.bytes, "a byte is as quick");
	failures += check(memory.kilobytes < 1024, "it takes less than 1 MiB");
	return failures > 0;
}
