// SPDX-License-Identifier: GPL-2.0

//! Traces the system calls of a process that leave more VMAs than they find, by their purpose and by the functions
//! that made them.

mod calls;
mod perf_map;
mod report;
mod symbols;
mod sys;

use self::{
    perf_map::Ranges,
    report::Report,
    symbols::Symbols,
    sys::{
        Counting,
        Kind,
        Made,
        FOUND_BELOW, //
    },
};
use crate::{
    arguments::TraceArguments,
    bpf,
    choices::Readers,
    output::Output,
    problem::Result,
    process::Process, //
};
use signal_hook::{
    consts::{
        SIGINT,
        SIGTERM, //
    },
    flag,
};
use std::{
    io::Write,
    rc::Rc,
    sync::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        Arc, //
    },
    thread::sleep,
    time::{
        Duration,
        Instant, //
    },
};

/// The interval at which the end of the trace is checked.
const MOMENT: Duration = Duration::from_millis(100);

/// The time during which the cost of counting is measured.
const MEASURED: Duration = Duration::from_secs(1);

/// The interval at which symbols are looked up, because the process may exit before the end of the trace.
const LOOK: Duration = Duration::from_millis(500);

/// The reason why a trace has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The time is over, or the user has ended the trace.
    Time,
    /// The process has exited, or has other memory.
    Process,
}

/// Counts calls for the requested time, and prints the report.
pub(crate) fn trace(arguments: &TraceArguments, output: &mut Output<impl Write>) -> Result<()> {
    let process = Rc::new(Process::find(&arguments.who)?);
    let mm = bpf::Program::load()?.address_space_of(Rc::clone(&process))?;
    let mut symbols = Symbols::of(process.pid);
    let is_interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The first signal ends the trace, and the second one ends the program at once. Without these two handlers,
        // the first signal would end the program.
        let _ = flag::register_conditional_default(signal, Arc::clone(&is_interrupted));
        let _ = flag::register(signal, Arc::clone(&is_interrupted));
    }

    let mut counting = Counting::begin(mm)?;
    let mut compiled = Ranges::of(process.pid);
    counting.search_for(compiled.now());
    let start = Instant::now();
    let duration = Duration::from_secs(arguments.seconds);
    let mut next_look = LOOK;
    let mut cost = None;
    let end = loop {
        let left = duration.saturating_sub(start.elapsed());
        if left.is_zero() || is_interrupted.load(Ordering::Relaxed) {
            break End::Time;
        }
        sleep(MOMENT.min(left));
        if !process.has_same_memory() {
            break End::Process;
        }
        if cost.is_none() && start.elapsed() >= MEASURED {
            cost = counting.end_measuring();
        }
        if start.elapsed() >= next_look {
            counting.search_for(compiled.now());
            symbols.learn(addresses_of(&counting.kinds()));
            next_look = start.elapsed() + LOOK;
        }
    };
    let cost = cost.or_else(|| counting.end_measuring());
    counting.end();
    let elapsed = start.elapsed();
    let kinds = counting.kinds();
    symbols.learn(addresses_of(&kinds));
    let report = Report {
        process: &process,
        elapsed,
        end,
        kinds,
        totals: counting.totals()?,
        cost,
        symbols: &symbols,
    };
    let text = match arguments.form.readers() {
        Readers::People => report.for_people(),
        Readers::Programs => report.for_programs(),
    };
    output.pass(text.as_bytes())
}

fn addresses_of(kinds: &[(Kind, Made)]) -> Vec<u64> {
    let addresses = kinds.iter().flat_map(|(kind, _)| {
        let Stack {
            framed,
            missed,
            found,
        } = Stack::of(kind);
        framed.into_iter().chain(missed).chain(found)
    });
    addresses.collect()
}

/// The stack of a call, as addresses of instructions: a caller's address is moved back from the return address into
/// the call.
struct Stack {
    /// The address of the call, and those of its callers, by their frames. Empty if the stack could not be read.
    framed: Vec<u64>,
    /// The caller that the kernel's walk over frames may have missed: the caller of a function without a frame.
    missed: Option<u64>,
    /// Addresses that were found by a search, which may be something else than callers.
    found: Vec<u64>,
}

impl Stack {
    fn of(kind: &Kind) -> Self {
        let is_address = |address: &&u64| **address != 0 && **address != FOUND_BELOW;
        let framed: Vec<u64> = kind.stack.iter().take_while(is_address).copied().collect();
        let rest = kind.stack.iter().skip(framed.len()).filter(is_address);
        let found: Vec<u64> = rest.map(|address| address - 1).collect();
        let call = framed.first().copied();
        let callers = framed.iter().skip(1).map(|address| address - 1);
        let framed: Vec<u64> = call.into_iter().chain(callers).collect();
        let next = framed.get(1).or(found.first());
        let missed = kind.caller.checked_sub(1);
        Self {
            missed: missed.filter(|caller| Some(caller) != next),
            framed,
            found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(caller: u64, addresses: &[u64]) -> (Vec<u64>, Option<u64>, Vec<u64>) {
        let mut stack = [0; sys::STACK_DEPTH];
        stack[..addresses.len()].copy_from_slice(addresses);
        let Stack {
            framed,
            missed,
            found,
        } = Stack::of(&Kind {
            call: 0,
            arguments: [0; 2],
            caller,
            stack,
        });
        (framed, missed, found)
    }

    #[test]
    fn stacks() {
        assert_eq!(stack(0, &[]), (vec![], None, vec![]));
        assert_eq!(stack(20, &[10, 20, 30]), (vec![10, 19, 29], None, vec![]));
        assert_eq!(stack(15, &[10, 20]), (vec![10, 19], Some(14), vec![]));
        // The found addresses begin with the caller that has no frame, or come after it.
        assert_eq!(
            stack(50, &[10, FOUND_BELOW, 50, 60]),
            (vec![10], None, vec![49, 59])
        );
        assert_eq!(
            stack(15, &[10, 20, FOUND_BELOW, 50]),
            (vec![10, 19], Some(14), vec![49])
        );
        // Nothing was found, or the stack could not be read.
        assert_eq!(stack(15, &[10, FOUND_BELOW]), (vec![10], Some(14), vec![]));
        assert_eq!(stack(0, &[FOUND_BELOW, 50]), (vec![], None, vec![49]));
    }
}
