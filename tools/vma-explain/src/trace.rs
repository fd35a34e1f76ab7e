// SPDX-License-Identifier: GPL-2.0

//! Who makes the VMAs of a process: the system calls that left more of them than they found, by what they were for and
//! by the functions that made them.

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

/// How often it is looked at whether there is an end.
const MOMENT: Duration = Duration::from_millis(100);

/// How long it is measured what the counting costs.
const MEASURED: Duration = Duration::from_secs(1);

/// How often symbols are looked up: the process may exit before the end.
const LOOK: Duration = Duration::from_millis(500);

/// The reason why a trace has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The time is over, or the user has asked for it.
    Time,
    /// The process has exited, or has other memory.
    Process,
}

/// Counts for as long as was asked for, and prints what was counted.
pub(crate) fn trace(arguments: &TraceArguments, output: &mut Output<impl Write>) -> Result<()> {
    let process = Rc::new(Process::find(&arguments.who)?);
    let mm = bpf::Program::load()?.address_space_of(Rc::clone(&process))?;
    let mut symbols = Symbols::of(process.pid);
    let is_interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The second one ends the program at once. Without these two, the first one would.
        let _ = flag::register_conditional_default(signal, Arc::clone(&is_interrupted));
        let _ = flag::register(signal, Arc::clone(&is_interrupted));
    }

    let mut counting = Counting::begin(mm)?;
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

/// The instructions that a stack consists of: of callers, the last one before that to which the call returns. Zeroes at
/// the end.
fn instructions(kind: &Kind) -> [u64; STACK_DEPTH] {
    let mut is_caller = false;
    kind.stack.map(|address| {
        let instruction = address.saturating_sub(u64::from(is_caller));
        is_caller = true;
        instruction
    })
}

/// The caller that the kernel's walk over the frames may have missed: that of a function without a frame.
fn missed_caller(kind: &Kind) -> Option<u64> {
    let [_, next, ..] = kind.stack;
    (kind.caller != next).then(|| kind.caller.saturating_sub(1))
}
