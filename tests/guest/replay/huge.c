// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages. The machine has one pool of them, which histories with even seeds use. Only
 * one such history is played at a time.
 */
#include "replay.h"

#define POOL 16
#define SURPLUS "4"

#define FOLDER "/sys/kernel/mm/hugepages/hugepages-2048kB/"

bool has_huge_pages;
int huge_file = -1;

static const char *const counters[] = { "free", "resv", "surplus", "nr" };
static int counter_files[count_of(counters)];

static unsigned long counter(int which)
{
	char text[32] = "";

	if (pread(counter_files[which], text, sizeof(text) - 1, 0) <= 0)
		die(counters[which]);
	return strtoul(text, NULL, 10);
}

void set_up_huge_pages(void)
{
	char text[128];

	if (shared->seed % 2)
		return;
	snprintf(text, sizeof(text), "%d", POOL);
	write_setting(FOLDER "nr_hugepages", text);
	write_setting(FOLDER "nr_overcommit_hugepages", SURPLUS);
	for (size_t i = 0; i < count_of(counters); i++) {
		snprintf(text, sizeof(text), FOLDER "%s_hugepages", counters[i]);
		counter_files[i] = open(text, O_RDONLY | O_CLOEXEC);
		if (counter_files[i] < 0)
			die(text);
	}
	huge_file = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (huge_file < 0 || ftruncate(huge_file, HUGE_UNITS * HUGE_UNIT * page))
		die("huge memfd");
	has_huge_pages = true;
	check_huge_pages("in the beginning");
}

void note_huge_pages(void)
{
	for (size_t i = 0; has_huge_pages && i < count_of(counters); i++)
		note(counter(i));
}

/* Expects that nothing uses a huge page. */
void check_huge_pages(const char *when)
{
	if (!has_huge_pages)
		return;
	if (counter(0) != POOL || counter(1) || counter(2) || counter(3) != POOL)
		complain("%lu huge pages, %lu free, %lu reserved, %lu surplus %s", counter(3),
			 counter(0), counter(1), counter(2), when);
}
