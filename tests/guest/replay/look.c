// SPDX-License-Identifier: GPL-2.0
/* Descriptions of the VMAs and the memory of a process. */
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

/* A file about this process, into the shared text. */
static void read_text(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	do {
		got = read(fd, shared->text + length, sizeof(shared->text) - 1 - length);
		length += got > 0 ? got : 0;
	} while (got > 0);
	if (fd < 0 || got || !length)
		die(file);
	shared->text[length] = 0;
	close(fd);
}

void read_smaps(void)
{
	read_text("/proc/self/smaps");
}

static bool is_header(const char *line)
{
	return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

/*
 * VMAs outside the windows are described without counts of pages, because other processes
 * share the pages of the program. No VMA is described by values that depend on more than
 * this history: references to its pages, sharers, and work that a processor has deferred.
 */
static bool is_skipped(const char *line, bool inside)
{
	static const char *const skipped[] = { "Referenced:", "Pss", "Locked:", "LazyFree:" };

	if (is_header(line) || !strncmp(line, "VmFlags:", 8))
		return false;
	for (size_t i = 0; i < count_of(skipped); i++)
		if (!strncmp(line, skipped[i], strlen(skipped[i])))
			return true;
	return !inside;
}

/* Hashes the text of read_smaps(), without devices and inodes, and counts the VMAs. */
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
		if (readable != 'r')
			continue;
		/* The heap begins before its window does. */
		for (; from < to; from += page)
			if (window_of((char *)from) < WINDOWS)
				touch((char *)from, false, 0);
	}
}

/* Of each VMA in a window, where it begins and its policy. */
static void note_policies(void)
{
	char *line, *next, *end;

	read_text("/proc/self/numa_maps");
	for (line = shared->text; *line; line = next) {
		char *from = (char *)strtoul(line, &end, 16);

		next = strchr(line, '\n') + 1;
		if (window_of(from) == WINDOWS)
			continue;
		note((unsigned long)from);
		for (char *c = end + 1; c < next && *c != ' ' && *c != '\n'; c++)
			note(*c);
	}
}

void check(void)
{
	int vmas;

	read_smaps();
	note(hash_smaps(&vmas));
	note_memory();
	note_policies();
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
