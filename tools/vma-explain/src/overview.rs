// SPDX-License-Identifier: GPL-2.0

//! The figures of all processes, with those nearest to their limit first.

use crate::{
    asked::Asked,
    explain::text::Printable,
    problem::{
        Problem,
        Result, //
    },
    process::Process,
    summary::Summary,
};
use std::{
    fmt,
    io::ErrorKind, //
};

/// The figures of all processes that could be examined, with those nearest to their limit first.
pub(crate) struct Overview {
    /// The figures.
    pub(crate) summaries: Vec<Summary>,
    /// The number of processes whose memory the caller may not inspect.
    not_yours: usize,
    /// The reasons why the figures of others are missing.
    pub(crate) problems: Vec<Problem>,
}

impl Overview {
    /// Examines all processes, and keeps the figures of the first `most`.
    pub(crate) fn of_all(asked: &Asked, most: Option<usize>) -> Result<Self> {
        let mut overview = Self {
            summaries: Vec::new(),
            not_yours: 0,
            problems: Vec::new(),
        };
        for pid in Process::numbers()? {
            overview.add(asked, pid);
        }
        let summaries = &mut overview.summaries;
        summaries.sort_by(|one, other| other.vmas.cmp(&one.vmas).then(one.pid.cmp(&other.pid)));
        summaries.truncate(most.unwrap_or(usize::MAX));
        Ok(overview)
    }

    fn add(&mut self, asked: &Asked, pid: u32) {
        let process = match Process::open(pid) {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                self.not_yours += 1;
                return;
            }
            // The process has exited meanwhile.
            Err(_) => return,
        };
        match asked.summary(process) {
            // The process has exited meanwhile, or has called execve().
            Ok(summary) if !summary.is_whole() => {}
            Ok(summary) => self.summaries.push(summary),
            Err(_) if !Process::has_memory(pid) => {}
            Err(problem) => self.problems.push(problem),
        }
    }
}

const NOT_YOURS: &str = "not shown: root, with all its capabilities, is needed";

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
            let or_more = if summary.unseen.is_some() { "+" } else { "" };
            writeln!(
                f,
                "{:7} {share:8}% {:10} {:>13} {:8}  {:15}  {causes}",
                summary.vmas,
                summary.mergeable,
                format!("{remaining}{or_more}"),
                summary.pid.unwrap_or(0),
                Printable(&summary.command).to_string(),
            )?;
        }
        if self
            .summaries
            .iter()
            .any(|summary| summary.unseen.is_some())
        {
            writeln!(f, "+: or more, as not everything could be seen")?;
        }
        match self.not_yours {
            0 => Ok(()),
            1 => writeln!(f, "1 process is {NOT_YOURS}"),
            count => writeln!(f, "{count} processes are {NOT_YOURS}"),
        }
    }
}
