// SPDX-License-Identifier: GPL-2.0

//! vma-explain: why a process has so many VMAs, and what would help.
//!
//! ```text
//!   arguments.rs    what is asked
//!   choices.rs      what may be chosen there
//!   subject.rs      a process, or a range of its memory
//!   process.rs      what /proc says of a process
//!   kernel.rs       what kernel it is
//!   asked.rs        whom to ask
//!   source.rs       where VMAs come from
//!   bpf/            from a program in the kernel
//!   smaps/          from smaps and numa_maps
//!   record.rs       a VMA, as the rules and the sentences ask of one
//!   walk.rs         a walk over the VMAs
//!   answer.rs       what follows from it
//!   answerer.rs     who has given it
//!   module.rs       the answer of the module rust_vma
//!   output.rs       text on its way out
//!   terminal.rs     colours and lines for a terminal
//!   summary.rs      the figures of an answer, read back
//!   saved.rs        its VMAs as well
//!   groups.rs       what they are, equal ones in groups
//!   overview.rs     those of all processes
//!   watch.rs        those of one process, as it goes on
//!   openmetrics.rs  the same for a monitoring system
//!   trace/          who makes VMAs
//!   diff/           what is different in another answer
//!   html/           the answer as a page for a browser
//!   generated.rs    the manual page, and completions
//!   problem.rs      why there is no answer
//! ```
//!
//! The rules and the sentences are those of the module, as they are: rust/vma and rust/explain.

#![deny(unsafe_code)]

mod answer;
mod answerer;
mod arguments;
mod asked;
mod bpf;
mod choices;
mod diff;
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

// The pure files, and where Linux 7.3 has each flag. What only the module uses has no use here.
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
    process::ExitCode,
    time::Duration, //
};

fn main() -> ExitCode {
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

/// Answers all questions, and returns why some were not answered.
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

/// Prints the answer about files that were saved, or makes a page of it.
fn explain_saved(
    subject: &FileSubject,
    arguments: &Arguments,
    output: &mut Output<impl Write>,
) -> Result<()> {
    let FileSubject { path, range } = subject;
    let numa_maps = arguments.numa_maps.as_deref();
    if let Some(page) = &arguments.html {
        return html::write_page(page, |lines| {
            explain_files(
                path,
                numa_maps,
                *range,
                Level::Boundaries,
                Readers::Programs,
                lines,
            )
        });
    }
    let (level, readers) = (arguments.level(), arguments.readers());
    if arguments.groups {
        let answer = Saved::from(|lines| {
            explain_files(
                path,
                numa_maps,
                *range,
                Level::Boundaries,
                Readers::Programs,
                lines,
            )
        })?;
        return Groups::of(&answer, &Known::of_file(path)).print(readers, output);
    }
    explain_files(path, numa_maps, *range, level, readers, output)
}

/// Prints the figures of all processes, and returns why some are missing.
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

/// Prints the figures of these processes for a monitoring system, and returns why some are missing.
fn metrics(asked: &Asked, subjects: &[Subject], output: &mut Output<impl Write>) -> Vec<Problem> {
    // A monitoring system takes no figure twice.
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
