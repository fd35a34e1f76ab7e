// SPDX-License-Identifier: GPL-2.0

//! Whom to ask about processes: a program in the kernel, the module rust_vma, or /proc.

use crate::{
    answer::{
        Level,
        Question, //
    },
    arguments::Readers,
    bpf,
    explain::{
        Origin,
        Tested, //
    },
    kernel::{
        name_of_this_kernel,
        Release, //
    },
    module,
    output::Output,
    problem::{
        Problem,
        Result, //
    },
    process::{
        max_map_count,
        may_run_programs,
        Process, //
    },
    smaps,
    source::Source,
    summary::Summary,
    vma::extent::Range,
};
use chrono::{
    DateTime,
    Utc, //
};
use clap::ValueEnum;
use std::{
    fs,
    io::Write,
    path::Path,
    rc::Rc,
    time::SystemTime, //
};

/// A source of answers, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum SourceName {
    /// A program that runs in the kernel: sees everything
    Bpf,
    /// The file explain of the module rust_vma, in debugfs: sees everything
    Module,
    /// /proc/PID/smaps and numa_maps: shows less, and takes no privilege for your own processes
    Smaps,
}

/// A source of answers about processes.
pub(crate) enum Asked {
    /// A program in the kernel.
    Bpf(bpf::Program),
    /// The module.
    Module,
    /// /proc.
    Smaps,
}

impl Asked {
    /// The source with this name.
    pub(crate) fn named(name: SourceName) -> Result<Self> {
        Ok(match name {
            SourceName::Bpf => Self::Bpf(bpf::Program::load()?),
            SourceName::Module => {
                module::check()?;
                Self::Module
            }
            SourceName::Smaps => Self::Smaps,
        })
    }

    /// The one that sees most, of those that this process may ask.
    pub(crate) fn best() -> Self {
        let program = may_run_programs().then(bpf::Program::load);
        match program {
            Some(Ok(program)) => Self::Bpf(program),
            _ if module::check().is_ok() => Self::Module,
            _ => Self::Smaps,
        }
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
        let mut answer = |name, source: &mut dyn Source| {
            let kernel = name_of_this_kernel()?;
            let origin = Origin {
                source: name,
                kernel: Some(&kernel),
                tested: Release::of_this_kernel()?.tested(),
            };
            question.answer(source, origin, readers, output)
        };
        match self {
            Self::Bpf(program) => answer("bpf", &mut program.walk_over(Rc::clone(&process))?),
            Self::Smaps => answer("smaps", &mut smaps::walk_over(Rc::clone(&process))?),
            Self::Module => module::explain(process.pid, readers, range, level, output),
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
    // What was copied from /proc is as old as the file, or nobody knows.
    let time = fs::metadata(smaps)
        .and_then(|file| file.modified())
        .map_err(|error| Problem::new(format!("{name} cannot be opened: {error}")))?;
    let question = Question {
        pid: None,
        command: name.as_bytes(),
        time: DateTime::<Utc>::from(time),
        max_map_count: None,
        range,
        level,
    };
    let origin = Origin {
        source: "smaps",
        kernel: None,
        tested: Tested::No,
    };
    let mut source = smaps::walk_over_file(smaps, numa_maps)?;
    question.answer(&mut source, origin, readers, output)
}
