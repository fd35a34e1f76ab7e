/* SPDX-License-Identifier: GPL-2.0 */
/* Parses the words of plan and ctl about the parts of a range: lines, drawings, reasons. */
#define COUNT_OF(list) (sizeof(list) / sizeof(*(list)))

/* The maximum number of VMAs, and of parts of one command. */
#define MOST 128

/* A VMA. */
struct area {
	unsigned long start, end;
};

struct layout {
	struct area areas[MOST];
	int count;
};

/* The words about one part of a range. */
struct part {
	struct area range;
	/* The line about the part, and the lines below it. */
	char line[512], more[2048];
};

struct story {
	struct part parts[MOST];
	int count;
};

/*
 * Reads the VMAs of a twin. Those in PLACE go into the layout. Returns the number of all
 * VMAs, without the vsyscall page, which is not a VMA.
 */
static inline int read_layout(const struct twin *twin, struct layout *layout)
{
	static char text[1 << 16];
	int fd, vmas = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", twin->pid);
	fd = open(path, O_RDONLY);
	read_all(fd, text, sizeof(text));
	close(fd);
	layout->count = 0;
	for (char *line = text; *line; line = strchr(line, '\n') + 1) {
		struct area area;

		if (sscanf(line, "%lx-%lx", &area.start, &area.end) != 2)
			break;
		vmas += (long)area.start >= 0;
		if (area.start >= address(0) && area.start < address(PAGES))
			layout->areas[layout->count++] = area;
	}
	return vmas;
}

static inline bool same_layout(const struct layout *one, const struct layout *other)
{
	return one->count == other->count &&
	       !memcmp(one->areas, other->areas, one->count * sizeof(*one->areas));
}

static inline void print_layout(const char *what, const struct layout *layout)
{
	printf("  %s:", what);
	for (int i = 0; i < layout->count; i++)
		printf(" %lu-%lu", (layout->areas[i].start - address(0)) / page,
		       (layout->areas[i].end - address(0)) / page);
	printf("\n");
}

/* Removes an area. Returns false if it is not in the layout. */
static inline bool take(struct layout *layout, struct area area)
{
	for (int i = 0; i < layout->count; i++) {
		if (memcmp(&layout->areas[i], &area, sizeof(area)))
			continue;
		memmove(layout->areas + i, layout->areas + i + 1,
			(layout->count - i - 1) * sizeof(area));
		layout->count--;
		return true;
	}
	return false;
}

/* Inserts an area in order. */
static inline void put(struct layout *layout, struct area area)
{
	int i = layout->count++;

	for (; i > 0 && layout->areas[i - 1].start > area.start; i--)
		layout->areas[i] = layout->areas[i - 1];
	layout->areas[i] = area;
}

/* Reads the parts that the text describes. */
static inline void read_story(const char *said, struct story *story)
{
	char line[512];

	story->count = 0;
	while (*said) {
		size_t length = strcspn(said, "\n");
		struct part *part = &story->parts[story->count];

		snprintf(line, sizeof(line), "%.*s", (int)length, said);
		said += length + (said[length] == '\n');
		if (sscanf(line, "  %lx-%lx ", &part->range.start, &part->range.end) == 2 &&
		    !strncmp(line, "  ", 2) && line[2] != ' ') {
			snprintf(part->line, sizeof(part->line), "%s", strchr(line + 2, ' ') + 1);
			*part->more = 0;
			story->count++;
		} else if (story->count) {
			size_t used;

			part--;
			used = strlen(part->more);
			snprintf(part->more + used, sizeof(part->more) - used, "%s\n", line);
		}
	}
}

/* Finds a line of a drawing, without its name. */
static inline bool drawn(const struct part *part, const char *name, int which, char *row,
			 size_t size)
{
	for (const char *line = part->more; *line; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, "\n");

		if (length < 12 || strncmp(line, "    ", 4) || line[11] != ' ' ||
		    strncmp(line + 4, name, strlen(name)) || line[4 + strlen(name)] != ' ')
			continue;
		if (which--)
			continue;
		snprintf(row, size, "%.*s", (int)length - 12, line + 12);
		return true;
	}
	return false;
}

/* Reads the addresses below a drawing, the first of which is that of the first column. */
static inline int read_marks(const struct part *part, unsigned long *marks)
{
	char row[256];
	int count = 0;

	for (int which = 0; which < 2; which++) {
		char *at = row, *word;
		int index = which;

		/* The second row has no name. */
		if (which) {
			const char *line = strstr(part->more, "\n    at ");
			const char *next = line ? strchr(line + 1, '\n') : NULL;

			if (!next)
				break;
			snprintf(row, sizeof(row), "%.*s", (int)strcspn(next + 1, "\n"), next + 1);
			if (strncmp(row, "           ", 11))
				break;
		} else if (!drawn(part, "at", 0, row, sizeof(row))) {
			break;
		}
		while ((word = strtok(at, " "))) {
			at = NULL;
			marks[index] = strtoul(word, NULL, 16);
			if (index >= count)
				count = index + 1;
			index += 2;
		}
	}
	return count;
}

/* Reads the VMAs of a row. Two adjacent VMAs share a bar; unmapped addresses are blank. */
static inline void read_row(const char *row, const unsigned long *marks, int count,
			    struct layout *layout)
{
	const int width = 9;

	layout->count = 0;
	for (int i = 0; i + 1 < count; i++) {
		size_t column = i * width;
		int end = i;

		if (column + 1 >= strlen(row) || row[column] != '|' || row[column + 1] == ' ')
			continue;
		do
			end++;
		while (end < count - 1 && row[end * width] != '|');
		put(layout, (struct area){ marks[i], marks[end] });
		i = end - 1;
	}
}

/* Applies the drawing of a part to a layout. Returns false if it begins with different VMAs. */
static inline bool draw(struct layout *layout, const struct part *part, struct layout *after)
{
	static const char *const rows[] = { "before", "after" };
	unsigned long marks[32];
	int count = read_marks(part, marks);
	struct layout before;
	char row[256];

	after->count = 0;
	if (!drawn(part, rows[0], 0, row, sizeof(row)))
		return true;
	read_row(row, marks, count, &before);
	for (int i = 0; i < before.count; i++)
		if (!take(layout, before.areas[i]))
			return false;
	drawn(part, rows[1], 0, row, sizeof(row));
	read_row(row, marks, count, after);
	for (int i = 0; i < after->count; i++)
		put(layout, after->areas[i]);
	return true;
}

static inline bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Returns whether both lines say the same about a part, each in its own words. */
static inline bool same_kind(const char *plan_line, const char *ctl_line)
{
	static const struct {
		const char *plan, *ctl;
	} kinds[] = {
		{ "merged both", "merged both: now " },
		{ "merged below", "merged below: now " },
		{ "merged above", "merged above: now " },
		{ "unchanged: nothing to change", "unchanged: nothing to change" },
		{ "changed, its extent unchanged", "changed, its extent unchanged: " },
		{ "split off", "split at its start: " },
		{ "split off", "split at its end: " },
		{ "split off", "split at both ends: " },
		{ "split at its start only, and not changed",
		  "split at its start only, and not changed" },
		{ "changed in part only", "changed in part only" },
		{ "not merged", "is a separate VMA: " },
		{ "stays apart from the VMA above", "stays apart from the VMA above: " },
	};

	/* A cut has only its address. */
	if (begins(plan_line, "split at ") && !strcmp(plan_line, ctl_line))
		return true;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (!strcmp(plan_line, kinds[i].plan) && begins(ctl_line, kinds[i].ctl))
			return true;
	return false;
}

/* Returns whether plan gives this reason on that side, among others. */
static inline bool gives(const struct part *part, const char *side, const char *reason)
{
	const char *line = strstr(part->more, side), *found;
	size_t length = strlen(reason);

	if (!line)
		return false;
	for (found = line; (found = strstr(found, reason)) && found < strchr(line, '\n'); found++)
		if (found[length] == ';' || found[length] == '\n')
			return true;
	return false;
}

/* Returns whether the first reason of ctl, on either side, is among those of plan. */
static inline bool same_reasons(const struct part *plan, const char *ctl_line)
{
	char text[512], *below, *above;

	snprintf(text, sizeof(text), "%s", ctl_line);
	below = strstr(text, "; on the other side, ");
	if (below) {
		below += strlen("; on the other side, ");
		return gives(plan, begins(text, "merged below") ? "    above: " : "    below: ",
			     below);
	}
	below = strstr(text, ": below, ");
	if (below) {
		below += strlen(": below, ");
		above = strstr(below, "; above, ");
		*above = 0;
		above += strlen("; above, ");
		return gives(plan, "    below: ", below) && gives(plan, "    above: ", above);
	}
	if (begins(text, "merged") || begins(text, "unchanged") || !strstr(text, ": "))
		return true;
	above = strstr(text, ": ") + 2;
	if (begins(text, "stays apart"))
		return gives(plan, "    above: ", above);
	return gives(plan, "    below: ", above) && gives(plan, "    above: ", above);
}
