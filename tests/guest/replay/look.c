// SPDX-License-Identifier: GPL-2.0
/* Descriptions of the VMAs and the memory of a process. */
#include "replay.h"
#include <sys/sysmacros.h>

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

/* Reads a file about this process into the shared text. */
void read_text(const char *file)
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
 * Returns whether a line is left out of the description. VMAs outside the windows are
 * described without counts of pages, because other processes share the pages of the
 * program. Values that depend on more than this history are always left out: references
 * to pages, sharers, and work that a processor has deferred.
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

bool is_called(const struct vma *vma, const char *beginning)
{
	return !strncmp(vma->name, beginning, strlen(beginning));
}

/*
 * Reads the VMA that begins in this line of read_smaps(). Returns the line in which the
 * next VMA begins.
 */
static const char *read_vma(const char *line, struct vma *vma)
{
	const char *flags = strstr(line, "\nVmFlags:");
	unsigned int major, minor;
	char access[5];
	int name;

	if (!flags ||
	    sscanf(line, "%lx-%lx %4s %*s %x:%x %lu%n", &vma->from, &vma->to, access, &major,
		   &minor, &vma->inode, &name) != 6)
		die("smaps");
	vma->device = makedev(major, minor);
	vma->name = line + name;
	vma->name += strspn(vma->name, " ");
	vma->readable = access[0] == 'r';
	line = strchr(flags + 1, '\n') + 1;
	vma->shared_maywrite = memmem(flags, line - flags, " sh", 3) &&
			       memmem(flags, line - flags, " mw", 3);
	return line;
}

static void visit_vmas(void (*act)(const struct vma *vma))
{
	struct vma vma;

	for (const char *line = shared->text; *line;) {
		line = read_vma(line, &vma);
		act(&vma);
	}
}

static void note_memory(const struct vma *vma)
{
	if (!vma->readable)
		return;
	/* The VMA of the heap begins before its window. */
	for (unsigned long at = vma->from; at < vma->to;) {
		int which = window_of((char *)at);

		/* Untouched huge pages stay reserved, because clearing one takes long. */
		if (which < WINDOWS && (which != IN_HUGE || is_present((char *)at)))
			touch((char *)at, false, 0);
		at += unit_of(which) * page;
	}
}

/* Adds the start and the policy of each VMA in a window. */
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

/* Prints the hash with a name, so that a difference can be located. */
void tell_noted(const char *what)
{
	if (shared->trace)
		print("%lu %lu check of process %d: %s, %016lx\n", shared->seed, shared->step,
		      slot, what, shared->hash);
}

void check(void)
{
	int vmas;

	read_smaps();
	note(hash_smaps(&vmas));
	tell_noted("smaps");
	visit_vmas(count_attachment);
	visit_vmas(count_writable);
	note_pagemap();
	note_huge_pages();
	tell_noted("pagemap");
	if (at_long_check()) {
		visit_vmas(collect_pages);
		migrate_all();
		tell_noted("migration");
	}
	visit_vmas(note_memory);
	tell_noted("memory");
	note_policies();
	tell_noted("policies");
	if (at_long_check()) {
		note_ksm();
		tell_noted("KSM");
	}
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
