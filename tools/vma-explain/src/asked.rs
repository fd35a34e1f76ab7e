// SPDX-License-Identifier: GPL-2.0

//! The sources to ask about processes: a program in the kernel, the module rust_vma, or /proc.

use crate::{
    answer::Question,
    answerer::Answerer,
    bpf,
    choices::{
        Level,
        Readers,
        SourceName, //
    },
    kernel::{
        name_of_this_kernel,
        Release,
        Tested, //
    },
    module,
    output::Output,
    problem::{
        Problem,
        Result, //
    },
    process::{
        check_namespace,
        max_map_count,
        may_run_programs,
        Process, //
    },
    smaps,
    summary::Summary,
    vma::extent::Range,
};
use chrono::{
    DateTime,
    Utc, //
};
use std::{
    fs,
    io::Write,
    path::Path,
    rc::Rc,
    time::SystemTime, //
};

/// A source of answers about processes.
pub(crate) enum Asked {
    /// A program in the kernel.
    Bpf(bpf::Program),
    /// The module.
    Module,
    /// /proc.
    Smaps {
        /// The way to see what /proc does not show.
        remedy: String,
    },
}

impl Asked {
    /// Returns the source with this name. Fails if this process cannot ask it.
    pub(crate) fn named(name: SourceName) -> Result<Self> {
        Ok(match name {
            SourceName::Bpf => {
                check_namespace()?;
                Self::Bpf(bpf::Program::load()?)
            }
            SourceName::Module => {
                check_namespace()?;
                module::check()?;
                Self::Module
            }
            SourceName::Smaps => Self::Smaps {
                remedy: "--source bpf does".to_owned(),
            },
        })
    }

    /// Returns the source that sees the most, among those that this process may ask.
    pub(crate) fn best() -> Self {
        let program = if may_run_programs() {
            Self::named(SourceName::Bpf)
        } else {
            Err(Problem::new("root sees it"))
        };
        program.unwrap_or_else(|problem| {
            Self::named(SourceName::Module).unwrap_or_else(|_| Self::Smaps {
                remedy: problem.to_string(),
            })
        })
    }

    /// Prints the answer about a process, or a range of its memory.
    pub(crate) fn explain(
        &self,
        process: Process,
        range: Option<Range>,
        level: Level,
        readers: Readers,
        output: &mut Output<impl Write>,
    ) -> Result<()> {
        let process = Rc::new(process);
        let question = Question {
            pid: Some(process.pid),
            command: &process.command,
            time: SystemTime::now().into(),
            max_map_count: Some(max_map_count()?),
            range,
            level,
        };
        let kernel = name_of_this_kernel()?;
        let tested = Release::parse(&kernel).map_or(Tested::No, Release::tested);
        let origin = Answerer {
            source: "bpf",
            kernel: Some((&kernel, tested)),
            remedy: None,
        };
        match self {
            Self::Bpf(program) => {
                let mut source = program.walk_over(Rc::clone(&process))?;
                question.answer(&mut source, &origin, readers, output)
            }
            Self::Smaps { remedy } => {
                let mut source = smaps::walk_over(Rc::clone(&process))?;
                let origin = Answerer {
                    source: "smaps",
                    remedy: Some(remedy),
                    ..origin
                };
                question.answer(&mut source, &origin, readers, output)
            }
            Self::Module => {
                module::explain(process.pid, readers, range, level, output)?;
                let origin = Answerer {
                    source: "module",
                    ..origin
                };
                match readers {
                    Readers::People => output.pass(format!("{origin}\n").as_bytes()),
                    // The answer itself tells programs its origin.
                    Readers::Programs => Ok(()),
                }
            }
        }
    }

    /// Returns the figures of all memory of a process.
    pub(crate) fn summary(&self, process: Process) -> Result<Summary> {
        Summary::read(|output| {
            self.explain(process, None, Level::Summary, Readers::Programs, output)
        })
    }
}

/// Prints the answer about files that were saved from /proc.
pub(crate) fn explain_files(
    smaps: &Path,
    numa_maps: Option<&Path>,
    range: Option<Range>,
    level: Level,
    readers: Readers,
    output: &mut Output<impl Write>,
) -> Result<()> {
    let name = smaps.display().to_string();
    let mut source = smaps::walk_over_file(smaps, numa_maps)?;
    // A copy of a file in /proc has the time at which it was saved, if nobody has changed it since.
    let time = fs::metadata(smaps)
        .and_then(|file| file.modified())
        .unwrap_or_else(|_| SystemTime::now());
    let question = Question {
        pid: None,
        command: name.as_bytes(),
        time: DateTime::<Utc>::from(time),
        max_map_count: None,
        range,
        level,
    };
    question.answer(&mut source, &ORIGIN_OF_FILES, readers, output)
}

/// The origin of an answer about saved files.
pub(crate) const ORIGIN_OF_FILES: Answerer<'_> = Answerer {
    source: "smaps",
    kernel: None,
    remedy: Some("root sees it where the process runs"),
};
