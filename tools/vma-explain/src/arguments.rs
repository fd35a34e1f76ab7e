// SPDX-License-Identifier: GPL-2.0

//! The user's questions, on the command line.

use crate::{
    choices::{
        Generated,
        Level,
        Readers,
        SourceName, //
    },
    subject::{
        FileSubject,
        Subject,
        Who, //
    }, //
};
use clap::{
    error::ErrorKind,
    Args,
    CommandFactory,
    Parser,
    Subcommand, //
};
use std::path::PathBuf;

/// Explains why processes have so many VMAs (areas of memory), and what would help.
///
/// A process may have vm.max_map_count VMAs, 65530 by default. Adjacent VMAs that are alike merge. This command tells
/// the causes that keep VMAs apart, and how many VMAs would remain without each cause.
#[derive(Parser, Debug)]
#[command(version, after_help = AFTERWORD, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    /// Another question.
    #[command(subcommand)]
    pub(crate) other: Option<OtherQuestion>,

    /// A process: its number, or its name if only one process has that name. A range, as printed by /proc/PID/maps,
    /// restricts the answer to that part of the memory.
    #[arg(required_unless_present_any = ["all", "smaps", "generate"], value_name = "PID|NAME[:START-END]")]
    pub(crate) subjects: Vec<Subject>,

    /// Also print a line for each boundary between two VMAs, with the reasons why the two do not merge.
    #[arg(short, long, conflicts_with_all = ["all", "openmetrics"])]
    pub(crate) boundaries: bool,

    /// Print the VMAs instead of the causes: equal VMAs in groups, their sizes, and how much of each group
    /// is in memory.
    #[arg(short, long, conflicts_with_all = ["all", "watch", "boundaries", "openmetrics"])]
    pub(crate) groups: bool,

    /// Print one line for every process. Processes that are nearest to their limit come first.
    #[arg(short, long, conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) all: bool,

    /// With --all, print only the first N processes.
    #[arg(long, value_name = "N", requires = "all", conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) top: Option<usize>,

    /// Print a line every five seconds, or every SECONDS: the number of VMAs, the growth since the last line, the time
    /// until the limit is reached, and the number of boundaries of each cause.
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5",
        conflicts_with_all = ["all", "smaps", "boundaries", "openmetrics"])]
    pub(crate) watch: Option<u64>,

    #[command(flatten)]
    form: Form,

    /// Print metrics for Prometheus, in the format of the node exporter's textfile collector.
    #[arg(long, conflicts_with_all = ["json", "smaps"])]
    pub(crate) openmetrics: bool,

    /// Write the answer as a web page in one file, with a description of every VMA and the reasons why it
    /// does not merge.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "watch", "boundaries", "groups", "json", "openmetrics"])]
    pub(crate) html: Option<PathBuf>,

    /// The source of the answer. By default, the best source that the user may ask.
    #[arg(long, value_name = "SOURCE", conflicts_with = "smaps")]
    pub(crate) source: Option<SourceName>,

    /// Explain a file that was saved from /proc/PID/smaps, or a range of it.
    #[arg(long, value_name = "FILE[:START-END]", conflicts_with = "subjects")]
    pub(crate) smaps: Option<FileSubject>,

    /// A file that was saved from /proc/PID/numa_maps at the same time. It has the NUMA policies.
    #[arg(long, value_name = "FILE", requires = "smaps", conflicts_with_all = ["subjects", "all"])]
    pub(crate) numa_maps: Option<PathBuf>,

    /// Print the manual page, or completions for a shell.
    #[arg(long, hide = true, value_name = "WHAT", exclusive = true)]
    pub(crate) generate: Option<Generated>,
}

/// Other questions than why there are so many VMAs.
#[derive(Subcommand, Debug)]
pub(crate) enum OtherQuestion {
    /// Find the callers that make the VMAs of a process: system calls that leave more VMAs than they found.
    Trace(TraceArguments),
    /// Compare two answers: causes with more boundaries or fewer, and VMAs that came and went.
    Diff(DiffArguments),
}

/// The arguments of `diff`.
#[derive(Args, Debug)]
pub(crate) struct DiffArguments {
    /// A saved answer of --boundaries --json.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// A later answer.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// The arguments of `trace`.
#[derive(Args, Debug)]
pub(crate) struct TraceArguments {
    /// The process: its number, or its name if only one process has that name.
    #[arg(value_name = "PID|NAME")]
    pub(crate) who: Who,

    /// The seconds for which calls are counted. Counting ends earlier if the process exits, or with Ctrl+C.
    #[arg(short, long, value_name = "S", default_value_t = 10)]
    pub(crate) seconds: u64,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// The form of an answer.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Print the answer for programs: one object per line, as in the file explain.jsonl of the module rust_vma.
    /// --groups, trace and diff print a single object.
    #[arg(long)]
    json: bool,
}

impl Form {
    /// The readers.
    pub(crate) fn readers(self) -> Readers {
        if self.json {
            Readers::Programs
        } else {
            Readers::People
        }
    }
}

impl Arguments {
    /// Reads the arguments, or exits with a message about the wrong argument.
    pub(crate) fn of_command_line() -> Self {
        let arguments = Self::parse();
        if arguments.openmetrics && arguments.subjects.iter().any(|each| each.range.is_some()) {
            let words = "--openmetrics is about whole processes: leave out the range";
            let error = Self::command().error(ErrorKind::ArgumentConflict, words);
            error.exit();
        }
        let is_about_one = arguments.watch.is_some() || arguments.html.is_some();
        if is_about_one && arguments.subjects.len() > 1 {
            let words = "--watch and --html are about one process: leave out the others";
            let error = Self::command().error(ErrorKind::ArgumentConflict, words);
            error.exit();
        }
        arguments
    }

    /// The readers.
    pub(crate) fn readers(&self) -> Readers {
        match &self.other {
            Some(OtherQuestion::Trace(trace)) => trace.form.readers(),
            Some(OtherQuestion::Diff(diff)) => diff.form.readers(),
            None => self.form.readers(),
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

The user must be allowed to look at the process, as for /proc/PID/maps. Root, or a user with CAP_BPF and CAP_PERFMON, sees
everything. For other users, the answer says what could not be seen.";
