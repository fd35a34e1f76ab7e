// SPDX-License-Identifier: GPL-2.0

//! All processes, those nearest to their limit first.

use crate::{asked::Asked, problem::Result, process::Process, summary::Summary};
use std::{
    fmt,
    io::ErrorKind, //
};

/// The figures of all processes that could be looked at, those nearest to their limit first.
pub(crate) struct Overview {
    /// The figures.
    pub(crate) summaries: Vec<Summary>,
    /// How many processes have memory that could not be looked at.
    pub(crate) not_seen: usize,
}

impl Overview {
    /// Looks at all processes, and keeps the figures of the first `most`.
    pub(crate) fn of_all(asked: &Asked, most: Option<usize>) -> Result<Self> {
        let mut summaries = Vec::new();
        let mut not_seen = 0;
        for pid in Process::numbers()? {
            match Process::open(pid) {
                Ok(process) => {
                    // One without a summary, or with one of a part, has exited meanwhile.
                    let summary = asked.summary(process).ok();
                    summaries.extend(summary.filter(Summary::is_whole));
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => not_seen += 1,
                Err(_) => {}
            }
        }
        summaries.sort_by(|one, other| other.vmas.cmp(&one.vmas).then(one.pid.cmp(&other.pid)));
        summaries.truncate(most.unwrap_or(usize::MAX));
        Ok(Self {
            summaries,
            not_seen,
        })
    }
}

const NOT_YOURS: &str = "not yours to look at: it takes root, with all its capabilities";

impl fmt::Display for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "   VMAs  of limit  mergeable  would remain      PID  command          main cause"
        )?;
        for summary in &self.summaries {
            let limit = summary.max_map_count.unwrap_or(usize::MAX).max(1);
            let share = summary.vmas.saturating_mul(100) / limit;
            let (remaining, causes) = match summary.steps.first() {
                Some(step) => (step.remaining, step.causes.join(", ")),
                None => (summary.remaining, "none".to_owned()),
            };
            writeln!(
                f,
                "{:7} {:8}% {:10} {:13} {:8}  {:15}  {causes}",
                summary.vmas,
                share,
                summary.mergeable,
                remaining,
                summary.pid.unwrap_or(0),
                summary.command.escape_debug().to_string(),
            )?;
        }
        match self.not_seen {
            0 => Ok(()),
            1 => writeln!(f, "1 process is {NOT_YOURS}"),
            count => writeln!(f, "{count} processes are {NOT_YOURS}"),
        }
    }
}
