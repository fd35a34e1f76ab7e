/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The trace events of the engine. rust/report/sys/events.rs calls them, and passes
 * helpers, endings and blockers by their names.
 */
#undef TRACE_SYSTEM
#ifdef RUST_VMA_KUNIT
/* The test module has its own, so that both can be loaded. */
#define TRACE_SYSTEM rust_vma_kunit
#else
#define TRACE_SYSTEM rust_vma
#endif

#if !defined(RUST_VMA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RUST_VMA_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(rust_vma_call,
		    TP_PROTO(const char *helper, const char *outcome,
			     unsigned long start, unsigned long end),
		    TP_ARGS(helper, outcome, start, end),
		    TP_STRUCT__entry(__field(unsigned long, start)
				     __field(unsigned long, end)
				     __string(helper, helper)
				     __string(outcome, outcome)),
		    TP_fast_assign(__entry->start = start;
				   __entry->end = end;
				   __assign_str(helper);
				   __assign_str(outcome);),
		    TP_printk("range=%lx-%lx helper=%s outcome=%s",
			      __entry->start, __entry->end,
			      __get_str(helper), __get_str(outcome)));

/* A helper that makes a range ready for a change has ended. */
DEFINE_EVENT(rust_vma_call, vma_modify,
	     TP_PROTO(const char *helper, const char *outcome,
		      unsigned long start, unsigned long end),
	     TP_ARGS(helper, outcome, start, end));

/* A range has become part of the VMAs beside it. */
DEFINE_EVENT(rust_vma_call, vma_merge,
	     TP_PROTO(const char *helper, const char *outcome,
		      unsigned long start, unsigned long end),
	     TP_ARGS(helper, outcome, start, end));

/* A VMA was cut, or could not be. */
DEFINE_EVENT(rust_vma_call, vma_split,
	     TP_PROTO(const char *helper, const char *outcome,
		      unsigned long start, unsigned long end),
	     TP_ARGS(helper, outcome, start, end));

/* A VMA beside a range has not joined it. */
TRACE_EVENT(vma_blocked,
	    TP_PROTO(const char *helper, const char *side, const char *blocker,
		     unsigned long start, unsigned long end,
		     unsigned long neighbour_start, unsigned long neighbour_end),
	    TP_ARGS(helper, side, blocker, start, end, neighbour_start,
		    neighbour_end),
	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(unsigned long, end)
			     __field(unsigned long, neighbour_start)
			     __field(unsigned long, neighbour_end)
			     __string(helper, helper)
			     __string(side, side)
			     __string(blocker, blocker)),
	    TP_fast_assign(__entry->start = start;
			   __entry->end = end;
			   __entry->neighbour_start = neighbour_start;
			   __entry->neighbour_end = neighbour_end;
			   __assign_str(helper);
			   __assign_str(side);
			   __assign_str(blocker);),
	    TP_printk("range=%lx-%lx helper=%s side=%s blocker=%s neighbour=%lx-%lx",
		      __entry->start, __entry->end, __get_str(helper),
		      __get_str(side), __get_str(blocker),
		      __entry->neighbour_start, __entry->neighbour_end));

#endif /* RUST_VMA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE rust_vma_trace
#include <trace/define_trace.h>
