// SPDX-License-Identifier: GPL-2.0
/*
 * The beginning and the end of the call under test, with the engine that
 * executes it, and its outcome.
 */
#include "engine.h"
#include "steps.h"

#include <stdarg.h>

FILE *story;
enum entrance entrance;
void (*test_watch)(bool begins);

void tell(const char *format, ...)
{
	va_list arguments;

	if (!story || world->engine)
		return;
	va_start(arguments, format);
	vfprintf(story, format, arguments);
	va_end(arguments);
}

static void watch(bool begins)
{
	if (test_watch)
		test_watch(begins);
}

void test_begin_caller(void)
{
	if (world->engine)
		vma_hook_ops = &rust_vma_ops;
	watch(true);
}

bool test_begin(struct choice *choice)
{
	bool direct = choose(choice, 2);

	if (entrance == ENTRANCE_HOOK)
		direct = false;
	tell(direct ? " directly" : " through the hook");
	if (world->engine && direct) {
		watch(true);
		return true;
	}
	test_begin_caller();
	return false;
}

bool test_begin_unhooked(void)
{
	watch(true);
	return world->engine;
}

void test_end(void)
{
	watch(false);
	vma_hook_ops = NULL;
}

void outcome_vma(const struct vm_area_struct *vma)
{
	if (IS_ERR(vma))
		outcome_error(PTR_ERR(vma));
	else
		record_number("*result: VMA", vma_seen(vma));
}

void outcome_error(int err)
{
	record_number("*result", (unsigned long)(long)err);
}

void outcome_iterator(const struct vma_iterator *vmi)
{
	struct vma_iterator copy = *vmi;

	record_number("*iterator", 1);
	record_number("index", vmi->mas.index);
	record_number("last", vmi->mas.last);
	record_number("status", vmi->mas.status);
	record_number("result of vma_next()", vma_seen(vma_next(&copy)));
	copy = *vmi;
	record_number("result of vma_prev()", vma_seen(vma_prev(&copy)));
}

void outcome_request(const struct vma_merge_struct *vmg)
{
	record_number("*request", 1);
	record_number("state", vmg->state);
	record_number("target", vma_seen(vmg->target));
	record_number("prev", vma_seen(vmg->prev));
	record_number("middle", vma_seen(vmg->middle));
	record_number("next", vma_seen(vmg->next));
	record_number("copied_from", vma_seen(vmg->copied_from));
	record_number("start", vmg->start);
	record_number("end", vmg->end);
	record_number("pgoff", vmg->pgoff);
	record_number("anon_pgoff", vmg->anon_pgoff);
	record_number("flags that are asked for", vmg->vm_flags);
}
