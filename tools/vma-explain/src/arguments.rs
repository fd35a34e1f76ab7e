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

/// Says why processes have so many VMAs (areas of memory), and what would help.
///
/// A process may have vm.max_map_count of them, 65530 if nobody has changed that. Neighbours that are alike
/// merge; this command says what keeps them apart, and how many would remain without it.
#[derive(Parser, Debug)]
#[command(version, after_help = AFTERWORD, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    /// Another question.
    #[command(subcommand)]
    pub(crate) other: Option<OtherQuestion>,

    /// A process: its number, or its name if only one process has it. With a range, as /proc/PID/maps prints them,
    /// only that part of its memory is explained.
    #[arg(required_unless_present_any = ["all", "smaps", "generate"], value_name = "PID|NAME[:START-END]")]
    pub(crate) subjects: Vec<Subject>,

    /// Print a line for each boundary between two VMAs, too: why they do not merge.
    #[arg(short, long, conflicts_with_all = ["all", "openmetrics"])]
    pub(crate) boundaries: bool,

    /// Print what the VMAs are in place of why there are so many: equal ones in groups, their sizes, and how much of them is
    /// in memory.
    #[arg(short, long, conflicts_with_all = ["all", "watch", "boundaries", "openmetrics"])]
    pub(crate) groups: bool,

    /// Look at every process: a line each, those nearest to their limit first.
    #[arg(short, long, conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) all: bool,

    /// With --all, stop after so many processes.
    #[arg(long, value_name = "N", requires = "all", conflicts_with_all = ["subjects", "smaps"])]
    pub(crate) top: Option<usize>,

    /// Look again and again, each five seconds or as many as are written here, and print a line each time: how many VMAs
    /// there are, how many more than before, when the limit will be reached, and at how many boundaries each cause is.
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "5",
        conflicts_with_all = ["all", "smaps", "boundaries", "openmetrics"])]
    pub(crate) watch: Option<u64>,

    #[command(flatten)]
    form: Form,

    /// Print figures for Prometheus, as the textfile collector of its node exporter takes them.
    #[arg(long, conflicts_with_all = ["json", "smaps"])]
    pub(crate) openmetrics: bool,

    /// Make a page for a browser of the answer, in one file: every VMA, what it is, and why it is one by itself.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "watch", "boundaries", "groups", "json", "openmetrics"])]
    pub(crate) html: Option<PathBuf>,

    /// Where the answer comes from, if not from the best that may be asked.
    #[arg(long, value_name = "SOURCE", conflicts_with = "smaps")]
    pub(crate) source: Option<SourceName>,

    /// Explain what was saved from /proc/PID/smaps; after a colon, a range of it.
    #[arg(long, value_name = "FILE[:START-END]", conflicts_with = "subjects")]
    pub(crate) smaps: Option<FileSubject>,

    /// What was saved from /proc/PID/numa_maps at the same time: the NUMA policies.
    #[arg(long, value_name = "FILE", requires = "smaps", conflicts_with_all = ["subjects", "all"])]
    pub(crate) numa_maps: Option<PathBuf>,

    /// Print the manual page, or what a shell completes.
    #[arg(long, hide = true, value_name = "WHAT", exclusive = true)]
    pub(crate) generate: Option<Generated>,
}

/// Questions that are not why there are so many VMAs.
#[derive(Subcommand, Debug)]
pub(crate) enum OtherQuestion {
    /// Say who makes the VMAs of a process: the system calls that leave more of them than they find, by their callers.
    Trace(TraceArguments),
    /// Say what has become of a process: causes that have more boundaries or fewer, and VMAs that came and went.
    Diff(DiffArguments),
}

/// The question what has become of a process.
#[derive(Args, Debug)]
pub(crate) struct DiffArguments {
    /// An answer that was saved, of --boundaries --json.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// A later one.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// The question who makes the VMAs of a process.
#[derive(Args, Debug)]
pub(crate) struct TraceArguments {
    /// The process: its number, or its name if only one process has it.
    #[arg(value_name = "PID|NAME")]
    pub(crate) who: Who,

    /// How long its calls are counted; it ends earlier if the process does, or with Ctrl+C.
    #[arg(short, long, value_name = "S", default_value_t = 10)]
    pub(crate) seconds: u64,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// The form of an answer.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Print the answer for programs: an object a line, as the file explain.jsonl of the module rust_vma has them; of
    /// --groups, trace and diff, one object.
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
    /// Reads them, or ends with a word about what is wrong.
    pub(crate) fn of_command_line() -> Self {
        let arguments = Self::parse();
        if arguments.openmetrics && arguments.subjects.iter().any(|each| each.range.is_some()) {
            let words =
                "figures for --openmetrics are those of a whole process: leave out the range";
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

It takes the right to look at the process, as for /proc/PID/maps. Root, or CAP_BPF and CAP_PERFMON, see everything;
without them, the answer says what could not be seen.";
