// SPDX-License-Identifier: GPL-2.0

//! The user's questions, on the command line.

use crate::{
    answer::Level,
    asked::SourceName,
    subject::{
        FileSubject,
        Subject, //
    }, //
};
use clap::Parser;
use std::path::PathBuf;

/// Says why processes have so many VMAs (areas of memory), and what would help.
///
/// A process may have vm.max_map_count of them, 65530 if nobody has changed that. Neighbours that are alike
/// merge; this command says what keeps them apart, and how many would remain without it.
#[derive(Parser, Debug)]
#[command(version, after_help = AFTERWORD)]
pub(crate) struct Arguments {
    /// A process: its number, or its name if only one process has it. With a range, as /proc/PID/maps prints them,
    /// only that part of its memory is explained.
    #[arg(required_unless_present_any = ["all", "smaps"], value_name = "PID|NAME[:START-END]")]
    pub(crate) subjects: Vec<Subject>,

    /// Print a line for each boundary between two VMAs, too: why they do not merge.
    #[arg(short, long, conflicts_with_all = ["all", "openmetrics"])]
    pub(crate) boundaries: bool,

    /// Look at every process: a line each, those nearest to their limit first.
    #[arg(short, long, conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) all: bool,

    /// With --all, stop after so many processes.
    #[arg(long, value_name = "N", requires = "all", conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) top: Option<usize>,

    /// Print the answer for programs: an object a line, as the file explain.jsonl of the module rust_vma has them.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print figures for Prometheus, as the textfile collector of its node exporter takes them.
    #[arg(long, conflicts_with_all = ["json", "smaps"])]
    pub(crate) openmetrics: bool,

    /// Where the answer comes from, if not from the best that may be asked.
    #[arg(long, value_name = "SOURCE", conflicts_with = "smaps")]
    pub(crate) source: Option<SourceName>,

    /// Explain what was saved from /proc/PID/smaps; after a colon, a range of it.
    #[arg(long, value_name = "FILE[:START-END]", conflicts_with = "subjects")]
    pub(crate) smaps: Option<FileSubject>,

    /// What was saved from /proc/PID/numa_maps at the same time: the NUMA policies.
    #[arg(long, value_name = "FILE", requires = "smaps", conflicts_with_all = ["subjects", "all"])]
    pub(crate) numa_maps: Option<PathBuf>,
}

/// The readers of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// People read sentences.
    People,
    /// Programs read objects.
    Programs,
}

impl Arguments {
    /// The readers.
    pub(crate) fn readers(&self) -> Readers {
        if self.json {
            Readers::Programs
        } else {
            Readers::People
        }
    }

    /// How much is told.
    pub(crate) fn level(&self) -> Level {
        if self.boundaries {
            Level::Boundaries
        } else {
            Level::Summary
        }
    }
}

const AFTERWORD: &str = "\
Exit status: 0 if each question was answered, 1 if not, 2 if a question is wrong.

It takes the right to look at the process, as for /proc/PID/maps. Root, or CAP_BPF and CAP_PERFMON, see everything;
without them, the answer says what could not be seen.";
