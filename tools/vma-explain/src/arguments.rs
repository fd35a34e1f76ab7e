// SPDX-License-Identifier: GPL-2.0

//! The user's questions, on the command line.

use crate::subject::Subject;
use clap::Parser;

/// Says why processes have so many VMAs (areas of memory), and what would help.
///
/// A process may have vm.max_map_count of them, 65530 if nobody has changed that. Neighbours that are alike
/// merge; this command says what keeps them apart, and how many would remain without it.
#[derive(Parser, Debug)]
#[command(version, after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    /// A process: its number, or its name if only one process has it. With a range, as /proc/PID/maps prints them,
    /// only that part of its memory is explained.
    #[arg(required = true, value_name = "PID|NAME[:START-END]")]
    pub(crate) subjects: Vec<Subject>,

    /// Print a line for each boundary between two VMAs, too: why they do not merge.
    #[arg(short, long)]
    pub(crate) boundaries: bool,

    /// Print the answer for programs: an object a line, as the file explain.jsonl of the module rust_vma has them.
    #[arg(long)]
    pub(crate) json: bool,
}

const EXIT_STATUS: &str = "\
Exit status: 0 if each question was answered, 1 if not, 2 if a question is wrong.

It needs the right to look at the process, and CAP_BPF and CAP_PERFMON, or root.";
