/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The trace events of the engine. rust/report/sys/events.rs calls them, and passes helpers, endings
 * and blockers by name.
 */
#undef TRACE_SYSTEM
#ifdef RUST_VMA_KUNIT
/* The test module has its own trace system, so that both modules can be loaded. */
#define TRACE_SYSTEM rust_vma_kunit
#else
#define TRACE_SYSTEM rust_vma
#endif

#if !defined(RUST_VMA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RUST_VMA_TRACE_H

#include <linux/kdev_t.h>
#include <linux/tracepoint.h>

#include "traced.h"

/* The end of a call, and the VMA that contains the start of the range afterwards. */
DECLARE_EVENT_CLASS(rust_vma_call,
		    TP_PROTO(const struct rust_vma_traced *call, const char *outcome,
			     const struct rust_vma_seen *vma),
		    TP_ARGS(call, outcome, vma),
		    TP_STRUCT__entry(__field(unsigned long, start)
				     __field(unsigned long, end)
				     __field(unsigned long, vma_start)
				     __field(unsigned long, vma_end)
				     __field(unsigned long, ino)
				     __field(dev_t, dev)
				     __field(pid_t, pid)
				     __field(pid_t, tgid)
				     __string(engine, call->engine)
				     __string(helper, call->helper)
				     __string(outcome, outcome)),
		    TP_fast_assign(__entry->start = call->start;
				   __entry->end = call->end;
				   __entry->vma_start = vma->start;
				   __entry->vma_end = vma->end;
				   __entry->ino = vma->ino;
				   __entry->dev = vma->dev;
				   __entry->pid = call->pid;
				   __entry->tgid = call->tgid;
				   __assign_str(engine);
				   __assign_str(helper);
				   __assign_str(outcome);),
		    TP_printk("range=%lx-%lx helper=%s outcome=%s engine=%s pid=%d tgid=%d vma=%lx-%lx dev=%02x:%02x ino=%lu",
			      __entry->start, __entry->end,
			      __get_str(helper), __get_str(outcome),
			      __get_str(engine), __entry->pid, __entry->tgid,
			      __entry->vma_start, __entry->vma_end,
			      MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino));

/* A helper that prepares a range for a change has returned. */
DEFINE_EVENT_FN(rust_vma_call, vma_modify,
		TP_PROTO(const struct rust_vma_traced *call, const char *outcome,
			 const struct rust_vma_seen *vma),
		TP_ARGS(call, outcome, vma),
		rust_vma_trace_used, rust_vma_trace_unused);

/* A range has become part of the VMAs beside it. */
DEFINE_EVENT_FN(rust_vma_call, vma_merge,
		TP_PROTO(const struct rust_vma_traced *call, const char *outcome,
			 const struct rust_vma_seen *vma),
		TP_ARGS(call, outcome, vma),
		rust_vma_trace_used, rust_vma_trace_unused);

/* A VMA was cut, or could not be cut. */
DEFINE_EVENT_FN(rust_vma_call, vma_split,
		TP_PROTO(const struct rust_vma_traced *call, const char *outcome,
			 const struct rust_vma_seen *vma),
		TP_ARGS(call, outcome, vma),
		rust_vma_trace_used, rust_vma_trace_unused);

/*
 * A VMA beside a range did not merge with it. If the flags are the blocker, the event names the
 * flags that only the range was to have, and the flags that only its neighbour has, as explain
 * does.
 */
TRACE_EVENT_FN(vma_blocked,
	       TP_PROTO(const struct rust_vma_traced *call, const char *side,
			const char *blocker, const struct rust_vma_seen *range,
			const struct rust_vma_seen *neighbour,
			const char *only_range, const char *only_neighbour),
	       TP_ARGS(call, side, blocker, range, neighbour, only_range,
		       only_neighbour),
	       TP_STRUCT__entry(__field(unsigned long, start)
				__field(unsigned long, end)
				__field(unsigned long, neighbour_start)
				__field(unsigned long, neighbour_end)
				__field(unsigned long, ino)
				__field(unsigned long, neighbour_ino)
				__field(dev_t, dev)
				__field(dev_t, neighbour_dev)
				__field(pid_t, pid)
				__field(pid_t, tgid)
				__string(engine, call->engine)
				__string(helper, call->helper)
				__string(side, side)
				__string(blocker, blocker)
				__string(only_range, only_range)
				__string(only_neighbour, only_neighbour)),
	       TP_fast_assign(__entry->start = call->start;
			      __entry->end = call->end;
			      __entry->neighbour_start = neighbour->start;
			      __entry->neighbour_end = neighbour->end;
			      __entry->ino = range->ino;
			      __entry->neighbour_ino = neighbour->ino;
			      __entry->dev = range->dev;
			      __entry->neighbour_dev = neighbour->dev;
			      __entry->pid = call->pid;
			      __entry->tgid = call->tgid;
			      __assign_str(engine);
			      __assign_str(helper);
			      __assign_str(side);
			      __assign_str(blocker);
			      __assign_str(only_range);
			      __assign_str(only_neighbour);),
	       TP_printk("range=%lx-%lx helper=%s side=%s blocker=%s neighbour=%lx-%lx engine=%s pid=%d tgid=%d dev=%02x:%02x ino=%lu neighbour_dev=%02x:%02x neighbour_ino=%lu only_range=%s only_neighbour=%s",
			 __entry->start, __entry->end, __get_str(helper),
			 __get_str(side), __get_str(blocker),
			 __entry->neighbour_start, __entry->neighbour_end,
			 __get_str(engine), __entry->pid, __entry->tgid,
			 MAJOR(__entry->dev), MINOR(__entry->dev), __entry->ino,
			 MAJOR(__entry->neighbour_dev), MINOR(__entry->neighbour_dev),
			 __entry->neighbour_ino,
			 __get_str(only_range), __get_str(only_neighbour)),
	       rust_vma_trace_used, rust_vma_trace_unused);

#endif /* RUST_VMA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE rust_vma_trace
#include <trace/define_trace.h>
