// SPDX-License-Identifier: GPL-2.0
/* What the VMAs and the memory of a process look like. */
#include "replay.h"

void note_vma(const char *address)
{
	struct procmap_query found;

	if (query(address, &found)) {
		note(found.vma_start);
		note(found.vma_end);
		note(found.vma_flags);
		note(found.vma_offset);
	}
}

/* The process's smaps, into the shared text. */
void read_smaps(void)
{
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	do {
		got = read(fd, shared->text + length, sizeof(shared->text) - 1 - length);
		length += got > 0 ? got : 0;
	} while (got > 0);
	if (fd < 0 || got || !length)
		die("/proc/self/smaps");
	shared->text[length] = 0;
	close(fd);
}

static bool is_header(const char *line)
{
	return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

/*
 * Of the VMAs outside the windows the counts of pages are left out: others share the
 * program's. Of all, how often pages were referenced, and by how many others.
 */
static bool is_skipped(const char *line, bool inside)
{
	if (is_header(line) || !strncmp(line, "VmFlags:", 8))
		return false;
	return !inside || !strncmp(line, "Referenced:", 11) || !strncmp(line, "Pss", 3);
}

/* A hash of what read_smaps() has read, without devices and inodes; and how many VMAs. */
unsigned long hash_smaps(int *vmas)
{
	bool inside = false;
	char *line, *next;
	unsigned long hash = 0;

	*vmas = 0;
	for (line = shared->text; *line; line = next) {
		bool header = is_header(line);
		int field = 0;

		next = strchr(line, '\n') + 1;
		if (header) {
			++*vmas;
			inside = window_of((char *)strtoul(line, NULL, 16)) < WINDOWS;
		}
		if (is_skipped(line, inside))
			continue;
		for (char *c = line; c < next; c++) {
			if (*c == ' ')
				field++;
			else if (!header || field < 3 || field > 4)
				hash = mixed(hash, *c);
		}
	}
	return hash;
}

static void note_memory(void)
{
	unsigned long from, to;
	char *line, readable;

	for (line = shared->text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!is_header(line))
			continue;
		from = strtoul(line, &line, 16);
		to = strtoul(line + 1, &line, 16);
		readable = line[1];
		if (window_of((char *)from) == WINDOWS || readable != 'r')
			continue;
		for (; from < to && window_of((char *)from) < WINDOWS; from += page)
			touch((char *)from, false, 0);
	}
}

void check(void)
{
	int vmas;

	read_smaps();
	note(hash_smaps(&vmas));
	note_memory();
}

void show(const char *when)
{
	char *line, *next;

	read_smaps();
	print("%s step %lu, process %d:\n", when, shared->step, slot);
	for (line = shared->text; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (is_header(line) || !strncmp(line, "VmFlags:", 8))
			print("  %.*s", (int)(next - line), line);
	}
}
