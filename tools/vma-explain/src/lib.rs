// SPDX-License-Identifier: GPL-2.0

//! The program vma-explain: explains why a process has so many VMAs, and what would reduce them.
//!
//! ```text
//!   arguments.rs    the command line
//!   choices.rs      the values of its options
//!   subject.rs      the subject of a question: a process, or a range of its memory
//!   process.rs      a process, as /proc shows it
//!   kernel.rs       the running kernel
//!   asked.rs        the source to ask
//!   source.rs       the interface of sources of VMAs
//!   bpf/            the source that is a program in the kernel
//!   smaps/          the source that reads smaps and numa_maps
//!   record.rs       a VMA, with all that the rules and the sentences need
//!   walk.rs         a walk over the VMAs
//!   answer.rs       the answer that follows from a walk
//!   answerer.rs     the origin of an answer
//!   module.rs       the answer of the module rust_vma
//!   output.rs       text on its way out
//!   terminal.rs     colours and lines for a terminal
//!   summary.rs      the figures of an answer, read back
//!   saved.rs        the figures and the VMAs of an answer, read back
//!   groups.rs       the VMAs of an answer, in groups of equal ones
//!   overview.rs     the figures of all processes
//!   watch.rs        the figures of a process over time
//!   openmetrics.rs  the figures for a monitoring system
//!   trace/          the system calls that make VMAs
//!   diff/           the difference between two answers
//!   html/           the answer as a page for a browser
//!   generated.rs    the manual pages and completions
//!   problem.rs      the reason why there is no answer
//!   fuzzing.rs      the answer about files that a fuzzer has written
//! ```
//!
//! The rules and the sentences are the module's own files: rust/vma and rust/explain.

#![deny(unsafe_code)]

mod answer;
mod answerer;
mod arguments;
mod asked;
mod bpf;
mod choices;
mod diff;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod generated;
mod groups;
#[allow(dead_code)]
mod host;
mod html;
mod kernel;
mod module;
mod openmetrics;
mod output;
mod overview;
mod problem;
mod process;
mod record;
mod saved;
mod smaps;
mod source;
mod subject;
mod summary;
mod terminal;
mod trace;
mod walk;
mod watch;

// The pure files, and the bit of each flag in Linux 7.3. Some items are used only by the module.
#[allow(dead_code)]
#[path = "../../../tests/host/src/bits.rs"]
mod bits;
#[allow(dead_code)]
#[path = "../../../rust/bounded.rs"]
mod bounded;
#[allow(dead_code, unused_imports)]
#[path = "../../../rust/explain/mod.rs"]
mod explain;
#[allow(dead_code)]
#[path = "../../../tests/host/src/vma.rs"]
mod vma;
#[allow(dead_code)]
#[path = "../../../rust/vocabulary.rs"]
mod vocabulary;

use self::{
    arguments::{
        Arguments,
        OtherQuestion, //
    },
    asked::{
        explain_files,
        Asked, //
    },
    choices::{
        Level,
        Readers, //
    },
    groups::{
        Groups,
        Known, //
    },
    openmetrics::Metrics,
    output::Output,
    overview::Overview,
    problem::{
        Problem,
        Result, //
    },
    process::Process,
    saved::Saved,
    subject::{
        FileSubject,
        Subject, //
    },
    summary::Summary,
};
use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::ExitCode,
    time::Duration, //
};

/// Answers the questions on the command line of this process. Returns its exit status.
pub fn run() -> ExitCode {
    let arguments = Arguments::of_command_line();
    let is_for_people = arguments.readers() == Readers::People
        && !arguments.openmetrics
        && arguments.generate.is_none();
    let to = if is_for_people {
        terminal::for_people()
    } else {
        terminal::for_programs()
    };
    let mut output = Output::new(to);
    let mut status = ExitCode::SUCCESS;
    for problem in answer(&arguments, &mut output) {
        eprintln!("vma-explain: {problem}");
        status = ExitCode::FAILURE;
    }
    status
}

/// Answers all questions. Returns the problems with those that were not answered.
fn answer(arguments: &Arguments, output: &mut Output<impl Write>) -> Vec<Problem> {
    if let Some(other) = &arguments.other {
        let told = match other {
            OtherQuestion::Trace(arguments) => trace::trace(arguments, output),
            OtherQuestion::Diff(arguments) => diff::diff(arguments, output),
        };
        return problems_of(told);
    }
    if let Some(generated) = arguments.generate {
        return problems_of(output.pass(&generated::text_of(generated)));
    }
    if let Some(subject) = &arguments.smaps {
        return problems_of(explain_saved(subject, arguments, output));
    }
    let asked = match arguments.source {
        Some(name) => Asked::named(name),
        None => Ok(Asked::best()),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(problem) => return vec![problem],
    };
    if arguments.all {
        return overview(&asked, arguments, output).unwrap_or_else(|problem| vec![problem]);
    }
    if arguments.openmetrics {
        return metrics(&asked, &arguments.subjects, output);
    }
    if let (Some(interval), [subject]) = (arguments.watch, arguments.subjects.as_slice()) {
        let interval = Duration::from_secs(interval.max(1));
        let told = watch::watch(&asked, subject, interval, arguments.readers(), output);
        return problems_of(told);
    }
    let subjects = arguments.subjects.iter();
    let told = subjects.map(|subject| {
        let process = Process::find(&subject.who)?;
        let range = subject.range;
        if let Some(page) = &arguments.html {
            return html::write_page(page, |lines| {
                asked.explain(process, range, Level::Boundaries, Readers::Programs, lines)
            });
        }
        let (level, readers) = (arguments.level(), arguments.readers());
        if arguments.groups {
            let known = Known::of_process(&process);
            let answer = Saved::from(|lines| {
                asked.explain(process, range, Level::Boundaries, Readers::Programs, lines)
            })?;
            return Groups::of(&answer, &known).print(readers, output);
        }
        asked.explain(process, range, level, readers, output)
    });
    told.filter_map(Result::err).collect()
}

fn problems_of(told: Result<()>) -> Vec<Problem> {
    told.err().into_iter().collect()
}

/// Prints the answer about saved files, or makes a page of the answer.
fn explain_saved(
    subject: &FileSubject,
    arguments: &Arguments,
    output: &mut Output<impl Write>,
) -> Result<()> {
    let FileSubject { path, range } = subject;
    let numa_maps = arguments.numa_maps.as_deref();
    if let Some(page) = &arguments.html {
        return html::write_page(page, |lines| explain_boundaries(subject, numa_maps, lines));
    }
    let (level, readers) = (arguments.level(), arguments.readers());
    if arguments.groups {
        let answer = Saved::from(|lines| explain_boundaries(subject, numa_maps, lines))?;
        return Groups::of(&answer, &Known::of_file(path)).print(readers, output);
    }
    explain_files(path, numa_maps, *range, level, readers, output)
}

/// Prints the boundaries of saved files for programs, from which other answers are made.
fn explain_boundaries(
    FileSubject { path, range }: &FileSubject,
    numa_maps: Option<&Path>,
    lines: &mut Output<impl Write>,
) -> Result<()> {
    let (level, readers) = (Level::Boundaries, Readers::Programs);
    explain_files(path, numa_maps, *range, level, readers, lines)
}

/// Prints the figures of all processes. Returns the problems with those that are missing.
fn overview(
    asked: &Asked,
    arguments: &Arguments,
    output: &mut Output<impl Write>,
) -> Result<Vec<Problem>> {
    let overview = Overview::of_all(asked, arguments.top)?;
    let text = if arguments.openmetrics {
        Metrics(&overview.summaries).to_string()
    } else if arguments.readers() == Readers::Programs {
        let summaries = overview.summaries.iter();
        summaries
            .map(|summary| format!("{}\n", summary.line))
            .collect()
    } else {
        overview.to_string()
    };
    output.pass(text.as_bytes())?;
    Ok(overview.problems)
}

/// Prints the figures of these processes for a monitoring system. Returns the problems with those that are missing.
fn metrics(asked: &Asked, subjects: &[Subject], output: &mut Output<impl Write>) -> Vec<Problem> {
    // A monitoring system accepts each figure only once.
    let mut summaries = BTreeMap::new();
    let mut problems = Vec::new();
    for subject in subjects {
        let figures = Process::find(&subject.who).and_then(|process| asked.summary(process));
        match figures {
            Ok(summary) if summary.is_whole() => {
                summaries.insert(summary.pid, summary);
            }
            Ok(_) => problems.push(Problem::new("a process has exited, or called execve()")),
            Err(problem) => problems.push(problem),
        }
    }
    let summaries: Vec<Summary> = summaries.into_values().collect();
    let text = Metrics(&summaries).to_string();
    problems.extend(output.pass(text.as_bytes()).err());
    problems
}
