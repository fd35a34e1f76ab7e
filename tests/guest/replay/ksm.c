// SPDX-License-Identifier: GPL-2.0
/*
 * KSM. The machine has one, which may merge memory of histories with odd seeds. Only one
 * such history is played at a time, and KSM runs only while none of its processes does.
 */
#include "replay.h"

#define FOLDER "/sys/kernel/mm/ksm/"

/* A page needs one scan for its checksum, one to find an equal page, and one to be found merged. */
#define SCANS 3
#define PATIENCE 60000

bool has_ksm;

static const char *const counters[] = {
	FOLDER "pages_shared", FOLDER "pages_sharing", FOLDER "pages_unshared",
	FOLDER "pages_volatile", FOLDER "ksm_zero_pages",
};

static unsigned long at_first[count_of(counters)];

static unsigned long number_in(const char *file)
{
	char text[32] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		die(file);
	close(fd);
	return strtoul(text, NULL, 10);
}

/* Keeps some mergeable memory, because KSM sleeps and counts no scans while no process has any. */
static void keep_awake(void)
{
	void *mergeable = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mergeable == MAP_FAILED || madvise(mergeable, page, MADV_MERGEABLE) ||
	    madvise(mergeable, page, MADV_DONTFORK))
		die("mergeable memory");
}

static void scan_all(void)
{
	unsigned long end = number_in(FOLDER "full_scans") + SCANS;

	write_setting(FOLDER "run", "1");
	for (int i = 0; number_in(FOLDER "full_scans") < end; i++) {
		if (i == PATIENCE)
			complain("KSM has stopped");
		usleep(1000);
	}
	write_setting(FOLDER "run", "0");
}

void set_up_ksm(void)
{
	if (shared->seed % 2 == 0)
		return;
	has_ksm = true;
	keep_awake();
	/* Undo what earlier histories have left. */
	write_setting(FOLDER "run", "2");
	write_setting(FOLDER "run", "0");
	write_setting(FOLDER "pages_to_scan", "1000000");
	write_setting(FOLDER "sleep_millisecs", "0");
	/* Every scan covers every page, and empty pages share the zero page. */
	write_setting(FOLDER "smart_scan", "0");
	write_setting(FOLDER "use_zero_pages", "1");
	scan_all();
	for (size_t i = 0; i < count_of(counters); i++)
		at_first[i] = number_in(counters[i]);
}

void run_ksm(void)
{
	if (!has_ksm)
		return;
	scan_all();
	for (size_t i = 0; i < count_of(counters); i++)
		note(number_in(counters[i]) - at_first[i]);
}

void note_ksm(void)
{
	if (!has_ksm)
		return;
	read_text("/proc/self/ksm_stat");
	for (const char *c = shared->text; *c; c++)
		note(*c);
}
