// SPDX-License-Identifier: GPL-2.0

//! Traces the system calls of a process that leave more VMAs than they find, by their purpose and by the functions
//! that made them.

mod calls;
mod perf_map;
mod report;
mod symbols;
mod sys;

use self::{
    report::Report,
    symbols::Symbols,
    sys::{
        Counting,
        Kind,
        Made,
        STACK_DEPTH, //
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
    counting.search_for(perf_map::ranges_of(process.pid));
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
            counting.search_for(perf_map::ranges_of(process.pid));
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
    let addresses = kinds
        .iter()
        .flat_map(|(kind, _)| instructions(kind).into_iter().chain(missed_caller(kind)));
    addresses.collect()
}

/// Returns the addresses of a stack as addresses of instructions: a caller's address is moved back from the return
/// address into the call. Zeros follow the last one.
fn instructions(kind: &Kind) -> [u64; STACK_DEPTH] {
    let mut is_caller = false;
    kind.stack.map(|address| {
        let instruction = address.saturating_sub(u64::from(is_caller));
        is_caller = true;
        instruction
    })
}

/// Returns the caller that the kernel's walk over frames may have missed: the caller of a function without a frame.
fn missed_caller(kind: &Kind) -> Option<u64> {
    let [_, next, ..] = kind.stack;
    (kind.caller != next).then(|| kind.caller.saturating_sub(1))
}
