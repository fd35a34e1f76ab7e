// SPDX-License-Identifier: GPL-2.0
/* Records of events and numbers, and the difference between two records. */
#include "world.h"

#include <string.h>

struct flaw *flaw;

static const struct {
	const char *name;
	unsigned int arguments;
} kinds[EVENTS] = {
	[EVENT_START_WRITE] = { "vma_start_write", 1 },
	[EVENT_PREALLOC] = { "vma_iter_prealloc", 3 },
	[EVENT_PREALLOC_FAILED] = { "vma_iter_prealloc fails", 4 },
	[EVENT_STORE] = { "vma_iter_store", 5 },
	[EVENT_CLEAR] = { "vma_iter_clear", 2 },
	[EVENT_ITER_FREE] = { "vma_iter_free", 2 },
	[EVENT_VALIDATE] = { "validate_mm", 2 },
	[EVENT_VMA_ALLOC] = { "a VMA is allocated", 1 },
	[EVENT_VMA_FREE] = { "vm_area_free", 1 },
	[EVENT_MAPPING_INSERT] = { "mapping_rmap_tree_insert", 4 },
	[EVENT_MAPPING_REMOVE] = { "mapping_rmap_tree_remove", 2 },
	[EVENT_ANON_INSERT] = { "anon_rmap_tree_insert", 4 },
	[EVENT_ANON_REMOVE] = { "anon_rmap_tree_remove", 2 },
	[EVENT_MAPPING_LOCK] = { "i_mmap_lock_write", 1 },
	[EVENT_MAPPING_UNLOCK] = { "i_mmap_unlock_write", 1 },
	[EVENT_FLUSH_LOCK] = { "flush_dcache_mmap_lock", 1 },
	[EVENT_FLUSH_UNLOCK] = { "flush_dcache_mmap_unlock", 1 },
	[EVENT_ANON_LOCK] = { "anon_vma_lock_write", 1 },
	[EVENT_ANON_UNLOCK] = { "anon_vma_unlock_write", 1 },
	[EVENT_ALLOW_WRITABLE] = { "mapping_allow_writable", 1 },
	[EVENT_UNMAP_WRITABLE] = { "mapping_unmap_writable", 1 },
	[EVENT_ADJUST_TRANS_HUGE] = { "vma_adjust_trans_huge", 5 },
	[EVENT_HUGETLB_SPLIT] = { "hugetlb_split", 4 },
	[EVENT_UPROBE_MMAP] = { "uprobe_mmap", 4 },
	[EVENT_UPROBE_MUNMAP] = { "uprobe_munmap", 3 },
	[EVENT_KHUGEPAGED] = { "khugepaged_enter_vma", 5 },
	[EVENT_GET_FILE] = { "get_file", 1 },
	[EVENT_FPUT] = { "fput", 1 },
	[EVENT_POLICY_DUP] = { "vma_dup_policy", 2 },
	[EVENT_POLICY_PUT] = { "mpol_put", 1 },
	[EVENT_NAME_GET] = { "a name is taken", 1 },
	[EVENT_NAME_PUT] = { "a name is put", 1 },
	[EVENT_OPEN] = { "vm_ops->open", 4 },
	[EVENT_CLOSE] = { "vm_ops->close", 4 },
	[EVENT_MAY_SPLIT] = { "vm_ops->may_split", 2 },
	[EVENT_ANON_CLONE] = { "anon_vma_clone", 3 },
	[EVENT_ANON_UNLINK] = { "unlink_anon_vmas", 2 },
};

const char *event_name(enum event_kind kind)
{
	return kinds[kind].name;
}

unsigned int event_arguments(enum event_kind kind)
{
	return kinds[kind].arguments;
}

void record_reset(void)
{
	world->record.events = 0;
	world->record.numbers = 0;
}

/* Falsifies the event that was just recorded, if the flaw is about it. */
static void spoil_event(struct record *record, struct event *event)
{
	struct event before;

	if (!world->engine || flaw->done || event->kind != flaw->kind)
		return;
	switch (flaw->way) {
	case EVENT_WRONG:
		/* An argument that is always zero need not be recorded. */
		if (!event->arguments[flaw->argument])
			return;
		event->arguments[flaw->argument] ^= 1;
		break;
	case EVENT_LOST:
		record->events--;
		break;
	case EVENT_TWICE:
		event[1] = event[0];
		record->events++;
		break;
	case EVENT_EARLY:
		if (record->events < 2 || !memcmp(event - 1, event, sizeof(*event)))
			return;
		before = event[-1];
		event[-1] = event[0];
		event[0] = before;
		break;
	default:
		return;
	}
	flaw->done = true;
}

static bool is_listed(const char *what)
{
	const char *const *known;

	for (known = flaw->list; *known; known++)
		if (!strcmp(*known, what))
			return true;
	return false;
}

/* Falsifies the number that was just recorded, if the flaw is about it. */
static void spoil_number(struct record *record)
{
	size_t last = record->numbers - 1;
	const char *what = record->what[last];

	if (!world->engine || flaw->done)
		return;
	if (flaw->way == NUMBER_UNLISTED ? is_listed(what) :
	    !flaw->what || strcmp(what, flaw->what))
		return;
	switch (flaw->way) {
	case NUMBER_WRONG:
		if (!record->number[last])
			return;
		fallthrough;
	case NUMBER_UNLISTED:
		record->number[last] ^= 1;
		break;
	case NUMBER_LOST:
		record->numbers--;
		break;
	case NUMBER_RENAMED:
		record->what[last] = "something else";
		break;
	default:
		return;
	}
	flaw->done = true;
}

void record_event(enum event_kind kind, unsigned long a, unsigned long b,
		  unsigned long c, unsigned long d, unsigned long e)
{
	struct record *record = &world->record;
	struct event *event = &record->event[record->events++];

	WARN_ON(record->events > RECORD_EVENTS);
	event->kind = kind;
	event->arguments[0] = a;
	event->arguments[1] = b;
	event->arguments[2] = c;
	event->arguments[3] = d;
	event->arguments[4] = e;
	if (flaw)
		spoil_event(record, event);
}

void record_number(const char *what, unsigned long number)
{
	struct record *record = &world->record;

	WARN_ON(record->numbers == RECORD_NUMBERS);
	record->what[record->numbers] = what;
	record->number[record->numbers++] = number;
	if (flaw)
		spoil_number(record);
}

static void describe(const struct record *record, size_t i, char *text, size_t room)
{
	const struct event *event = &record->event[i];

	if (i < record->events)
		snprintf(text, room, "%s(%lx, %lx, %lx, %lx, %lx)",
			 kinds[event->kind].name, event->arguments[0],
			 event->arguments[1], event->arguments[2],
			 event->arguments[3], event->arguments[4]);
	else
		snprintf(text, room, "nothing more");
}

static bool same_events(const struct record *c, const struct record *engine,
			char *why, size_t room)
{
	char in_c[160], in_engine[160];
	size_t i = 0;

	/* The events are nearly always equal. */
	if (c->events == engine->events &&
	    !memcmp(c->event, engine->event, c->events * sizeof(c->event[0])))
		return true;

	while (i < c->events && i < engine->events &&
	       !memcmp(&c->event[i], &engine->event[i], sizeof(c->event[i])))
		i++;
	if (i == c->events && i == engine->events)
		return true;
	describe(c, i, in_c, sizeof(in_c));
	describe(engine, i, in_engine, sizeof(in_engine));
	snprintf(why, room, "call %zu: C: %s; engine: %s", i + 1, in_c, in_engine);
	return false;
}

static bool same_numbers(const struct record *c, const struct record *engine,
			 char *why, size_t room)
{
	size_t i, head;

	if (c->numbers == engine->numbers &&
	    !memcmp(c->number, engine->number, c->numbers * sizeof(c->number[0])) &&
	    !memcmp(c->what, engine->what, c->numbers * sizeof(c->what[0])))
		return true;

	for (i = 0; i < c->numbers && i < engine->numbers; i++)
		if (c->number[i] != engine->number[i] || c->what[i] != engine->what[i])
			break;
	if (i == c->numbers || i == engine->numbers) {
		snprintf(why, room, "C comes to %zu numbers, the engine to %zu",
			 c->numbers, engine->numbers);
		return false;
	}
	for (head = i; head && c->what[head][0] != '*'; head--)
		;
	snprintf(why, room, "%s %lu, %s: C: 0x%lx; engine: 0x%lx (%s)",
		 c->what[head] + 1, c->number[head],
		 c->what[i][0] == '*' ? "which is" : c->what[i],
		 c->number[i], engine->number[i], engine->what[i]);
	return false;
}

bool record_same(const struct record *c, const struct record *engine,
		 char *why, size_t room)
{
	char calls[512] = "", numbers[512] = "";
	bool events = same_events(c, engine, calls, sizeof(calls));

	if (same_numbers(c, engine, numbers, sizeof(numbers)) && events)
		return true;
	snprintf(why, room, "%s%s%s", numbers, *numbers && *calls ? "\n" : "", calls);
	return false;
}
