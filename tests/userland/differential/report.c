// SPDX-License-Identifier: GPL-2.0
/*
 * Replays a difference that the shadow of the running kernel reported, with the
 * same VMAs and the same call, by mm/vma.c and by the engine. The report is in
 * the kernel's log; rust/hook/shadow/telling.rs writes it.
 */
#include "engine.h"
#include "report.h"

#include <string.h>

/* A line of the report. */
struct told {
	bool is_there;
	unsigned long start, end, pgoff, anon_pgoff, flags;
	char words[200];
};

struct report {
	char entry[32];
	struct told asked, prev, middle, next;
	/*
	 * The VMAs that each engine leaves, by the report: "start-end pgoff
	 * anon_pgoff" for each VMA.
	 */
	char by_rust[512], by_c[512];
};

/* The place of the source of a move, far from everything else. */
#define ELSEWHERE 0x10000000000UL

/* VMAs that share an anon_vma in the report share one here. */
enum family { SAME, PREVS, NEXTS, FAMILIES };

static bool has(const struct told *told, const char *word)
{
	const char *at = strstr(told->words, word);

	/* " file" is not in " other-file". */
	return at && at[-1] == ' ';
}

static bool parse_vma(const char *text, const char *name, struct told *told)
{
	struct told this = { .is_there = true };
	char format[64];

	snprintf(format, sizeof(format), " %s %%lx-%%lx %%lx %%lx flags %%lx%%199[^\n]", name);
	if (sscanf(text, format, &this.start, &this.end, &this.pgoff, &this.anon_pgoff,
		   &this.flags, this.words) < 5)
		return false;
	*told = this;
	return true;
}

/* Parses a VMA that is left: " middle  start-end pgoff anon_pgoff". */
static void parse_left(const char *text, char *left, size_t size)
{
	unsigned long start, end, pgoff, anon_pgoff;
	size_t length = strlen(left);

	if (sscanf(text, " %*s %lx-%lx %lx %lx", &start, &end, &pgoff, &anon_pgoff) == 4)
		snprintf(left + length, size - length, "%lx-%lx %lx %lx\n", start, end,
			 pgoff, anon_pgoff);
}

static bool parse(FILE *file, struct report *report)
{
	char line[512], *text, *left = NULL;

	while (fgets(line, sizeof(line), file)) {
		/* The text follows the time, if any, and the module's name. */
		text = strstr(line, "rust_vma");
		text = text ? strchr(text, ':') : NULL;
		if (!text)
			continue;
		text++;
		if (strstr(text, ": Rust and C differ") && !report->entry[0]) {
			if (sscanf(text, " %31[a-z_]", report->entry) != 1)
				return false;
		} else if (strstr(text, "Rust ") && strstr(text, ", and leaves")) {
			left = report->by_rust;
		} else if (strstr(text, "C ") && strstr(text, ", and leaves")) {
			left = report->by_c;
		} else if (left) {
			parse_left(text, left, sizeof(report->by_c));
		} else if (!parse_vma(text, "asked", &report->asked) &&
			   !parse_vma(text, "prev", &report->prev) &&
			   !parse_vma(text, "middle", &report->middle)) {
			parse_vma(text, "next", &report->next);
		}
	}
	return report->entry[0] && report->asked.is_there && report->by_c[0];
}

static vma_flags_t flags_of(const struct told *told)
{
	return legacy_to_vma_flags(told->flags);
}

static struct vm_area_struct *map(const struct told *told)
{
	struct kind_of_vma kind = {
		.flags = flags_of(told),
		.pgoff = has(told, "file") ? told->pgoff : told->start >> PAGE_SHIFT,
		.policy = has(told, "other-policy"),
		.name = has(told, "other-name"),
	};
	struct vm_area_struct *vma;

	if (!told->is_there)
		return NULL;
	if (has(told, "file")) {
		kind.file = &world->files[has(told, "other-file")].file;
		kind.ops = all_ops[has(told, "closes") ? 3 : 1];
	}
	if (has(told, "other-uffd"))
		kind.ctx = &world->contexts[0];
	vma = map_vma(told->start, told->end, &kind);
	WARN_ON(!vma);
	vma_set_anon_pgoff(vma, told->anon_pgoff);
	return vma;
}

/*
 * Gives the VMA an anon_vma, which is inherited from another address space if
 * the report says so.
 */
static void fault(struct vm_area_struct *vma, const struct told *told,
		  struct vm_area_struct **first)
{
	struct mm_struct *mm = world->mm, *parent;
	struct vm_area_struct *theirs;

	if (*first) {
		WARN_ON(anon_vma_prepare_like(vma, *first));
		return;
	}
	*first = vma;
	if (!has(told, "forked")) {
		WARN_ON(anon_vma_prepare_fresh(vma));
		return;
	}
	parent = space_create();
	WARN_ON(!parent);
	world->mm = parent;
	theirs = map(told);
	WARN_ON(anon_vma_prepare_fresh(theirs));
	world->mm = mm;
	WARN_ON(anon_vma_fork(vma, theirs));
}

/* Allows as many more VMAs as when the difference was reported. */
static void limit(const struct told *asked)
{
	const char *vmas = strstr(asked->words, " vmas ");
	int count, most;

	if (vmas && sscanf(vmas, " vmas %d/%d", &count, &most) == 2)
		sysctl_max_map_count = world->mm->map_count + most - count;
}

/* Makes the request as its callers do, and has C or the engine execute it. */
static void execute(const struct report *report, struct vm_area_struct *prev,
		    struct vm_area_struct *middle, struct vm_area_struct *next,
		    struct vm_area_struct *source)
{
	const struct told *asked = &report->asked;
	struct vm_area_struct *vma = middle;
	bool engine = world->engine;
	struct vma_iterator vmi;
	int err;

	vma_iter_init(&vmi, world->mm, asked->start);
	VMG_STATE(vmg, world->mm, &vmi, asked->start, asked->end, flags_of(asked),
		  asked->pgoff, asked->anon_pgoff);
	vmg.prev = middle && asked->start > middle->vm_start ? middle : prev;
	vmg.middle = middle;
	vmg.file = has(asked, "file") ? &world->files[0].file : NULL;
	vmg.give_up_on_oom = has(asked, "gives-up");
	if (middle)
		vmg.anon_vma = middle->anon_vma;
	else if (source)
		vmg.anon_vma = source->anon_vma;
	else if (has(asked, "anon_vma"))
		vmg.anon_vma = (has(&report->prev, "anon_vma") ? prev : next)->anon_vma;

	if (!strncmp(report->entry, "vma_modify_", strlen("vma_modify_"))) {
		/*
		 * The report does not say which attribute changes, but has the
		 * flags afterwards.
		 */
		vma = engine ? rust_vma_modify(&vmg) : kernel_modify(&vmg);
		outcome_vma(vma);
	} else if (!strcmp(report->entry, "vma_merge_new_range")) {
		vmg.next = next;
		vma = engine ? rust_vma_merge_new_range(&vmg) : c_vma_merge_new_range(&vmg);
		outcome_vma(vma);
	} else if (!strcmp(report->entry, "vma_merge_copied_range")) {
		vmg.next = next;
		vmg.middle = source;
		vmg.skip_vma_uprobe = vmg.file;
		vma = engine ? rust_vma_merge_copied_range(&vmg) :
			       c_vma_merge_copied_range(&vmg);
		outcome_vma(vma);
	} else if (!strcmp(report->entry, "vma_merge_extend")) {
		unsigned long delta = asked->end - asked->start;

		vma = engine ? rust_vma_merge_extend(&vmi, prev, delta) :
			       c_vma_merge_extend(&vmi, prev, delta);
		outcome_vma(vma);
	} else if (!strcmp(report->entry, "split_vma") ||
		   !strcmp(report->entry, "__split_vma")) {
		bool below = asked->start == middle->vm_start;
		unsigned long addr = below ? asked->end : asked->start;

		if (!strcmp(report->entry, "split_vma"))
			err = engine ? rust_vma_split_vma(&vmi, vma, addr, below) :
				       c_split_vma(&vmi, vma, addr, below);
		else
			err = engine ? rust_vma_split_vma_past_limit(&vmi, vma, addr, below) :
				       c___split_vma(&vmi, vma, addr, below);
		outcome_error(err);
	} else if (!strcmp(report->entry, "vma_expand")) {
		vmg.middle = NULL;
		vmg.target = middle;
		vmg.next = next;
		err = engine ? rust_vma_expand(&vmg) : c_vma_expand(&vmg);
		outcome_error(err);
	} else if (!strcmp(report->entry, "vma_shrink")) {
		err = engine ? rust_vma_shrink(&vmi, vma, asked->start) :
			       c_vma_shrink(&vmi, vma, asked->start);
		outcome_error(err);
	} else {
		fprintf(stderr, "%s cannot be done again\n", report->entry);
		exit(EXIT_FAILURE);
	}
}

/* Lists the remaining VMAs of the report, and those that were made of them. */
static void look(char *left, size_t size)
{
	struct vm_area_struct *vma;
	struct vma_iterator vmi;
	size_t length = 0;

	vma_iter_init(&vmi, world->mm, 0);
	for_each_vma(vmi, vma) {
		if (vma->vm_start >= ELSEWHERE && vma->vm_start < 2 * ELSEWHERE)
			continue;
		length += snprintf(left + length, size - length, "%lx-%lx %lx %lx\n",
				   vma->vm_start, vma->vm_end, vma_start_pgoff(vma),
				   vma_start_anon_pgoff(vma));
	}
}

/*
 * Returns the source of a move, which has the attributes of the requested
 * range.
 */
static struct told elsewhere(const struct told *asked)
{
	struct told source = *asked;

	source.is_there = has(asked, "moves");
	source.start = ELSEWHERE;
	source.end = ELSEWHERE + (asked->end - asked->start);
	return source;
}

static void run(struct world *in, const struct report *report, char *left, size_t size)
{
	struct vm_area_struct *families[FAMILIES] = { NULL };
	const struct told source = elsewhere(&report->asked);
	const struct told *tolds[] = {
		&source, &report->middle, &report->prev, &report->next,
	};
	struct vm_area_struct *vmas[4];
	unsigned int i;

	world = in;
	world_step_begin(0);
	for (i = 0; i < 4; i++)
		vmas[i] = map(tolds[i]);
	for (i = 0; i < 4; i++) {
		bool shares = has(&report->asked, "ends-share-anon_vma");
		enum family family = i == 3 && !shares ? NEXTS : PREVS;

		if (!tolds[i]->is_there)
			continue;
		if (has(tolds[i], "anon_vma"))
			family = SAME;
		else if (!has(tolds[i], "other-anon_vma"))
			continue;
		fault(vmas[i], tolds[i], &families[family]);
	}
	/*
	 * Moved memory has kept its offset, which it may only after it was
	 * faulted in.
	 */
	for (i = 0; i < 4; i++)
		if (vmas[i])
			vma_set_pgoff(vmas[i], tolds[i]->pgoff);
	world_step_end();
	world_step_begin(0);
	limit(&report->asked);
	execute(report, vmas[2], vmas[1], vmas[3], vmas[0]);
	world_step_end();
	snapshot();
	look(left, size);
}

static const char *verdict(const char *left, const char *told)
{
	return strcmp(left, told) ? "other than the report says" : "as the report says";
}

bool report_replay(FILE *file, char *why, size_t room)
{
	static struct report report;
	struct world *c = world_create("C", false);
	struct world *engine = world_create("engine", true);
	char by_c[512] = "", by_rust[512] = "";

	if (!parse(file, &report)) {
		snprintf(why, room, "there is no report in it that can be done again");
		return false;
	}
	run(c, &report, by_c, sizeof(by_c));
	run(engine, &report, by_rust, sizeof(by_rust));
	printf("%s\nC leaves, %s:\n%s", report.entry, verdict(by_c, report.by_c), by_c);
	printf("Rust leaves, %s:\n%s", verdict(by_rust, report.by_rust), by_rust);
	if (strcmp(by_c, report.by_c)) {
		snprintf(why, room, "this is not what happened: C did something else");
		return false;
	}
	return record_same(&c->record, &engine->record, why, room);
}
