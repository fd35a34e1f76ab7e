/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine of the hooked helpers while modules register, switch engines, fall back and unregister: a model for spin,
 * which scripts/models runs.
 *
 * Two callers are in helpers of two processes, and each takes its steps in order. Two modules want the hook; the first
 * is loaded twice. In every interleaving of their steps:
 *
 *   - a call runs in a table only while the module that has the table is loaded;
 *   - one table executes a call from its beginning to its end, and the helpers that it calls;
 *   - after a fallback, C executes all calls until the next switch;
 *   - when a switch has returned, no call is in flight that began before it;
 *   - one module is registered at a time;
 *   - no step waits forever.
 *
 * A comment that begins with a file and a colon names the line that the step below stands for. The model takes one step
 * after the other, as if processors saw each other's stores at once, so it cannot see that a barrier is missing. It
 * assumes that SRCU, the mutex and the static key work: no caller sees the old value of the key after a change.
 *
 * With one of the FAULT_... defined, the model has a fault, and spin must find it.
 */

#define CALLERS 2
#define MODULES 2

/* A caller's place among its sections, which it counts. */
#define OUTSIDE 0

/* Tables: C's bodies have none. Each module has two, for the engines rust and shadow. */
#define C 0
#define RUST(module) (1 + 2 * (module))
#define SHADOW(module) (2 + 2 * (module))
#define MODULE_OF(table) (((table) - 1) / 2)

/* mm/vma_hook.c: DEFINE_STATIC_KEY_FALSE(vma_hook_key); */
bool key = false;
/* mm/vma_hook.c: static const struct vma_hook_ops __rcu *vma_hook_ops; */
byte ops = C;
/* mm/vma_hook.c: static bool vma_hook_is_taken; */
bool is_taken = false;
/* mm/vma_hook.c: static DEFINE_MUTEX(vma_hook_mutex); */
bool mutex = false;
/* mm/vma_hook.c: DEFINE_STATIC_SRCU_FAST(vma_hook_srcu); */
byte section[CALLERS];

/* State for the assertions, which is not part of the code. */
bool loaded[MODULES];
byte registered = 0;
bool has_fallen_back = false;
byte executing[CALLERS];
bool is_older_than_switch[CALLERS];

inline lock()
{
#ifndef FAULT_WITHOUT_MUTEX
	atomic { !mutex -> mutex = true }
#else
	skip
#endif
}

inline unlock()
{
	mutex = false
}

/* All sections that have begun are waited for, and no others. */
inline synchronize()
{
	d_step { first = section[0]; second = section[1] };
	atomic { (first == OUTSIDE || section[0] != first) && (second == OUTSIDE || section[1] != second);
		first = OUTSIDE; second = OUTSIDE }
}

inline enter_section()
{
	number++;
	section[me] = number
}

inline leave_section()
{
	section[me] = OUTSIDE
}

inline fall_back()
{
	atomic {
		has_fallen_back = true;
#ifndef FAULT_FALLBACK_WITHOUT_STORE
		/* mm/vma_hook.c: return xchg(&vma_hook_ops, NULL); */
		ops = C
#endif
	}
#ifdef FAULT_FALLBACK_WAITS
	;
	synchronize()
#endif
}

/* A helper that the engine calls in turn. */
inline call_inside()
{
#ifdef FAULT_DISPATCHES_INSIDE
	/* A dispatcher in place of a body. */
	assert(ops == table)
#else
	/* mm/vma_hook.h: * A body calls only bodies, so one implementation executes the whole of an */
	skip
#endif
}

inline run_table()
{
	assert(table != C);
	assert(loaded[MODULE_OF(table)]);
	executing[me] = table;
	if
	:: skip
	:: call_inside()
	/* rust/hook/fallback.rs: if kernel::fall_back() { */
	:: fall_back()
	fi;
	assert(loaded[MODULE_OF(table)]);
	atomic { executing[me] = C; is_older_than_switch[me] = false }
}

proctype caller(byte me; byte calls)
{
	byte table;
	byte number = OUTSIDE;
	byte first, second;

	do
	:: calls > 0 ->
		calls--;
		if
		/* mm/vma_hook.h: if (vma_hook_is_registered()) */
		:: !key -> skip
		:: key ->
#ifdef FAULT_READS_OUTSIDE_SECTION
			table = ops;
			enter_section();
#else
			/* mm/vma_hook.c: guard(srcu_fast)(&vma_hook_srcu); */
			enter_section();
			/* mm/vma_hook.c: const struct vma_hook_ops *ops = srcu_dereference(vma_hook_ops, &vma_hook_srcu); */
			atomic {
				table = ops;
				assert(!has_fallen_back || table == C)
			};
#endif
			if
			:: table == C
			:: table != C ->
#ifdef FAULT_READS_TWICE
				table = ops;
#endif
#ifdef FAULT_LEAVES_SECTION_EARLY
				leave_section();
				run_table();
				enter_section()
#else
				run_table()
#endif
			fi;
			leave_section()
		fi
	:: else -> break
	od
}

inline note_older_calls()
{
	is_older_than_switch[0] = executing[0] != C;
	is_older_than_switch[1] = executing[1] != C
}

inline switch_to(new)
{
	/* mm/vma_hook.c: scoped_guard(mutex, &vma_hook_mutex) */
	lock();
	d_step {
		/* mm/vma_hook.c: rcu_assign_pointer(vma_hook_ops, ops); */
		ops = new;
		has_fallen_back = false;
		note_older_calls()
	};
	unlock();
#ifndef FAULT_SWITCH_WITHOUT_WAIT
	/* mm/vma_hook.c: synchronize_srcu_expedited(&vma_hook_srcu); */
	synchronize();
#endif
	assert(!is_older_than_switch[0] && !is_older_than_switch[1])
}

inline unregister()
{
	/* mm/vma_hook.c: guard(mutex)(&vma_hook_mutex); */
	lock();
#ifdef FAULT_WAITS_FIRST
	synchronize();
#endif
#ifndef FAULT_TABLE_STAYS
	/* mm/vma_hook.c: rcu_assign_pointer(vma_hook_ops, NULL); */
	ops = C;
#endif
	/* mm/vma_hook.c: static_branch_disable(&vma_hook_key); */
	key = false;
#if !defined(FAULT_UNREGISTER_WITHOUT_WAIT) && !defined(FAULT_WAITS_FIRST)
	/* mm/vma_hook.c: synchronize_srcu_expedited(&vma_hook_srcu); */
	synchronize();
#endif
	registered--;
	/* mm/vma_hook.c: vma_hook_is_taken = false; */
	is_taken = false;
	unlock()
}

proctype module(byte me; byte loads; byte most)
{
	byte switches = 0;
	byte first, second;

	do
	:: loads > 0 ->
		loads--;
		loaded[me] = true;

		/* mm/vma_hook.c: guard(mutex)(&vma_hook_mutex); */
		lock();
		if
		/* mm/vma_hook.c: if (vma_hook_is_taken) */
		:: is_taken ->
			unlock()
		:: else ->
			/* mm/vma_hook.c: vma_hook_is_taken = true; */
			is_taken = true;
			registered++;
			assert(registered == 1);
			/* rust/hook/sys/kernel.rs: to_result(unsafe { bindings::vma_hook_register(ptr::null()) })?; */
			ops = C;
			/* mm/vma_hook.c: static_branch_enable(&vma_hook_key); */
			key = true;
			unlock();

			switches = most;
			do
			/* rust/hook/sys/kernel.rs: to_result(unsafe { bindings::vma_hook_switch(as_ptr(table)) }) */
			:: switches > 0 ->
				switches--;
				if
				:: switch_to(C)
				:: switch_to(RUST(me))
				:: switch_to(SHADOW(me))
				fi
			:: switches = 0; break
			od;

#ifdef FAULT_GOES_FIRST
			loaded[me] = false;
#endif
			/* rust/hook/sys/kernel.rs: unsafe { bindings::vma_hook_unregister() }; */
			unregister()
		fi;
		loaded[me] = false
	:: else -> break
	od
}

init {
	atomic {
		run caller(0, 2);
		run caller(1, 1);
		run module(0, 2, 2);
		run module(1, 1, 1)
	}
}
