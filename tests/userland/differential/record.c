// SPDX-License-Identifier: GPL-2.0
/* What happened, and how two records differ. */
#include "world.h"

#include <string.h>

/* Whether it matters when, in relation to other events, or just how often. */
enum order {
	ORDERED,
	COUNTED,
};

static const struct {
	const char *name;
	enum order order;
} kinds[EVENTS] = {
	[EVENT_START_WRITE] = { "vma_start_write", ORDERED },
	[EVENT_PREALLOC] = { "vma_iter_prealloc", ORDERED },
	[EVENT_STORE] = { "vma_iter_store", ORDERED },
	[EVENT_CLEAR] = { "vma_iter_clear", ORDERED },
	[EVENT_ITER_FREE] = { "vma_iter_free", ORDERED },
	[EVENT_VALIDATE] = { "validate_mm", ORDERED },
	[EVENT_VMA_ALLOC] = { "a VMA is allocated", ORDERED },
	[EVENT_VMA_FREE] = { "vm_area_free", ORDERED },
	[EVENT_MAPPING_INSERT] = { "mapping_rmap_tree_insert", ORDERED },
	[EVENT_MAPPING_REMOVE] = { "mapping_rmap_tree_remove", ORDERED },
	[EVENT_ANON_INSERT] = { "anon_rmap_tree_insert", ORDERED },
	[EVENT_ANON_REMOVE] = { "anon_rmap_tree_remove", ORDERED },
	[EVENT_MAPPING_LOCK] = { "i_mmap_lock_write", ORDERED },
	[EVENT_MAPPING_UNLOCK] = { "i_mmap_unlock_write", ORDERED },
	[EVENT_FLUSH_LOCK] = { "flush_dcache_mmap_lock", ORDERED },
	[EVENT_FLUSH_UNLOCK] = { "flush_dcache_mmap_unlock", ORDERED },
	[EVENT_ANON_LOCK] = { "anon_vma_lock_write", ORDERED },
	[EVENT_ANON_UNLOCK] = { "anon_vma_unlock_write", ORDERED },
	[EVENT_ALLOW_WRITABLE] = { "mapping_allow_writable", ORDERED },
	[EVENT_UNMAP_WRITABLE] = { "mapping_unmap_writable", ORDERED },
	[EVENT_ADJUST_TRANS_HUGE] = { "vma_adjust_trans_huge", ORDERED },
	[EVENT_HUGETLB_SPLIT] = { "hugetlb_split", ORDERED },
	[EVENT_UPROBE_MMAP] = { "uprobe_mmap", ORDERED },
	[EVENT_UPROBE_MUNMAP] = { "uprobe_munmap", ORDERED },
	[EVENT_KHUGEPAGED] = { "khugepaged_enter_vma", ORDERED },
	[EVENT_GET_FILE] = { "get_file", ORDERED },
	[EVENT_FPUT] = { "fput", ORDERED },
	[EVENT_POLICY_DUP] = { "vma_dup_policy", ORDERED },
	[EVENT_POLICY_PUT] = { "mpol_put", ORDERED },
	[EVENT_NAME_GET] = { "a name is taken", ORDERED },
	[EVENT_NAME_PUT] = { "a name is put", ORDERED },
	[EVENT_OPEN] = { "vm_ops->open", ORDERED },
	[EVENT_CLOSE] = { "vm_ops->close", ORDERED },
	[EVENT_MAY_SPLIT] = { "vm_ops->may_split", ORDERED },
	[EVENT_ANON_CLONE] = { "anon_vma_clone", ORDERED },
	[EVENT_ANON_UNLINK] = { "unlink_anon_vmas", ORDERED },
};

void record_reset(void)
{
	world->record.events = 0;
	world->record.numbers = 0;
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
}

void record_number(const char *what, unsigned long number)
{
	struct record *record = &world->record;

	WARN_ON(record->numbers == RECORD_NUMBERS);
	record->what[record->numbers] = what;
	record->number[record->numbers++] = number;
}

static const struct event *next_ordered(const struct record *record, size_t *i)
{
	while (*i < record->events) {
		const struct event *event = &record->event[(*i)++];

		if (kinds[event->kind].order == ORDERED)
			return event;
	}
	return NULL;
}

static void describe(const struct event *event, char *text, size_t room)
{
	if (event)
		snprintf(text, room, "%s(%lx, %lx, %lx, %lx, %lx)",
			 kinds[event->kind].name, event->arguments[0],
			 event->arguments[1], event->arguments[2],
			 event->arguments[3], event->arguments[4]);
	else
		snprintf(text, room, "nothing more");
}

static bool same_order(const struct record *c, const struct record *engine,
		       char *why, size_t room)
{
	const struct event *c_event, *engine_event;
	size_t i = 0, j = 0;
	char in_c[160], in_engine[160];

	do {
		c_event = next_ordered(c, &i);
		engine_event = next_ordered(engine, &j);
		if (!c_event && !engine_event)
			return true;
	} while (c_event && engine_event &&
		 !memcmp(c_event, engine_event, sizeof(*c_event)));

	describe(c_event, in_c, sizeof(in_c));
	describe(engine_event, in_engine, sizeof(in_engine));
	snprintf(why, room, "call %zu: C: %s; engine: %s", i, in_c, in_engine);
	return false;
}

static bool same_counts(const struct record *c, const struct record *engine,
			char *why, size_t room)
{
	long count[EVENTS] = { 0 };
	size_t i;

	for (i = 0; i < c->events; i++)
		count[c->event[i].kind]++;
	for (i = 0; i < engine->events; i++)
		count[engine->event[i].kind]--;
	for (i = 0; i < EVENTS; i++) {
		if (!count[i])
			continue;
		snprintf(why, room, "C does %s %ld times more often than the engine",
			 kinds[i].name, count[i]);
		return false;
	}
	return true;
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
	char calls[512], numbers[512];
	bool order, count, result;

	/* Nearly always. */
	if (c->events == engine->events && c->numbers == engine->numbers &&
	    !memcmp(c->event, engine->event, c->events * sizeof(c->event[0])) &&
	    !memcmp(c->number, engine->number, c->numbers * sizeof(c->number[0])))
		return true;

	calls[0] = '\0';
	numbers[0] = '\0';
	order = same_order(c, engine, calls, sizeof(calls));
	count = order && same_counts(c, engine, calls, sizeof(calls));
	result = same_numbers(c, engine, numbers, sizeof(numbers));
	if (order && count && result)
		return true;
	snprintf(why, room, "%s%s%s", numbers, *numbers && *calls ? "\n" : "", calls);
	return false;
}
