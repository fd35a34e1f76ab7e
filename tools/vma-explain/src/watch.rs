// SPDX-License-Identifier: GPL-2.0

//! Watches a process: the number of its VMAs, their growth, the time until the limit, and the causes that have more
//! boundaries than before.

use crate::{
    asked::Asked,
    choices::Readers,
    output::Output,
    problem::{
        Problem,
        Result, //
    },
    process::Process,
    subject::{
        Subject,
        Who, //
    },
    summary::{
        Counted,
        Summary, //
    },
};
use std::{
    collections::VecDeque,
    fmt,
    io::Write,
    thread::sleep,
    time::{
        Duration,
        Instant, //
    },
};

/// The number of looks over which growth is measured.
const LOOKS: usize = 12;

/// Examines a process repeatedly, and prints a line each time, until the process has exited.
pub(crate) fn watch(
    asked: &Asked,
    subject: &Subject,
    interval: Duration,
    readers: Readers,
    output: &mut Output<impl Write>,
) -> Result<()> {
    if subject.range.is_some() {
        return Err(Problem::new(
            "only a whole process can be watched: leave out the range",
        ));
    }
    let watched = Process::find(&subject.who)?;
    let mut growth = Growth::new();
    let mut last: Option<Summary> = None;
    loop {
        let summary = match look(asked, &watched)? {
            Look::Whole(summary) => summary,
            // The memory changed during the look, so it is examined again.
            Look::InPart => continue,
            Look::Gone => break,
        };
        growth.add(Instant::now(), summary.vmas);
        let text = match readers {
            Readers::Programs => format!("{}\n", summary.line),
            Readers::People => {
                let line = Line {
                    summary: &summary,
                    last: last.as_ref(),
                    per_second: growth.per_second(),
                };
                format!("{line}\n")
            }
        };
        output.pass(text.as_bytes())?;
        last = Some(*summary);
        sleep(interval);
    }
    match (readers, last) {
        (_, None) => Err(Problem::new(format!(
            "process {} has no memory: it is a thread of the kernel, or has exited",
            watched.pid
        ))),
        (Readers::Programs, _) => Ok(()),
        (Readers::People, _) => {
            let end = format!("process {} has exited, or called execve()\n", watched.pid);
            output.pass(end.as_bytes())
        }
    }
}

/// One look at a process.
enum Look {
    /// All of its memory was seen.
    Whole(Box<Summary>),
    /// Not all of its memory was seen.
    InPart,
    /// The process has other memory, or none.
    Gone,
}

fn look(asked: &Asked, watched: &Process) -> Result<Look> {
    let summary = Process::find(&Who::Pid(watched.pid)).and_then(|process| asked.summary(process));
    // By now, another process may have the number.
    if !watched.has_same_memory() {
        return Ok(Look::Gone);
    }
    let summary = summary?;
    Ok(if summary.is_whole() {
        Look::Whole(Box::new(summary))
    } else {
        Look::InPart
    })
}

/// The numbers of VMAs at the last looks.
struct Growth(VecDeque<(Instant, usize)>);

impl Growth {
    fn new() -> Self {
        Self(VecDeque::with_capacity(LOOKS))
    }

    fn add(&mut self, time: Instant, vmas: usize) {
        if self.0.len() == LOOKS {
            self.0.pop_front();
        }
        self.0.push_back((time, vmas));
    }

    /// Returns the growth of the number of VMAs for each second; negative if the number falls.
    fn per_second(&self) -> f64 {
        let ends = self.0.front().zip(self.0.back());
        ends.map_or(0.0, |((from, before), (to, after))| {
            let seconds = to.duration_since(*from).as_secs_f64();
            if seconds > 0.0 {
                (*after as f64 - *before as f64) / seconds
            } else {
                0.0
            }
        })
    }
}

/// A line about a process:
///
/// ```text
/// 2026-11-30 17:30:00  40109 of 65530 VMAs (+120), the limit in 17 min; MADV_DONTFORK 40000 (+120), files 3
/// ```
struct Line<'a> {
    summary: &'a Summary,
    last: Option<&'a Summary>,
    per_second: f64,
}

/// The most causes that a line shows.
const CAUSES: usize = 3;

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary;
        write!(f, "{}  {}", summary.time, summary.vmas)?;
        if let Some(limit) = summary.max_map_count {
            write!(f, " of {limit}")?;
        }
        write!(f, " VMAs")?;
        Change::of(self.last.map(|last| last.vmas), summary.vmas).fmt(f)?;
        if let Some(seconds) = self.seconds_left() {
            write!(f, ", the limit in {}", Time(seconds))?;
        }
        let mut separator = "; ";
        for counted in summary.causes.iter().take(CAUSES) {
            let same = |each: &&Counted| each.cause == counted.cause;
            let before = self.last.map(|last| {
                let known = last.causes.iter().find(same);
                known.map_or(0, |known| known.boundaries)
            });
            write!(f, "{separator}{} {}", counted.cause, counted.boundaries)?;
            Change::of(before, counted.boundaries).fmt(f)?;
            separator = ", ";
        }
        Ok(())
    }
}

impl Line<'_> {
    /// Returns the time until the limit, if the process approaches the limit.
    fn seconds_left(&self) -> Option<u64> {
        let left = self
            .summary
            .max_map_count?
            .saturating_sub(self.summary.vmas);
        let seconds = left as f64 / self.per_second;
        (self.per_second > 0.0 && seconds < MOST_SECONDS).then_some(seconds as u64)
    }
}

/// The longest time that is shown: a limit more than a year away means nothing.
const MOST_SECONDS: f64 = 365.0 * 86400.0;

/// The change of a number, which is shown if it is not zero.
struct Change(i64);

impl Change {
    fn of(before: Option<usize>, now: usize) -> Self {
        Self(before.map_or(0, |before| now as i64 - before as i64))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            change => write!(f, " ({change:+})"),
        }
    }
}

/// A time in seconds, which is shown in the largest unit of which it has at least two.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(86400, "days"), (3600, "h"), (60, "min")];
        let unit = UNITS.iter().find(|(seconds, _)| self.0 >= 2 * seconds);
        match unit {
            Some((seconds, name)) => write!(f, "{} {name}", self.0 / seconds),
            None => write!(f, "{} s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(vmas: usize, causes: &[(&str, usize)]) -> Summary {
        let counted = |(cause, boundaries): &(&str, usize)| Counted {
            cause: (*cause).to_owned(),
            boundaries: *boundaries,
        };
        Summary {
            time: "2026-11-30 17:30:00".to_owned(),
            vmas,
            max_map_count: Some(65530),
            causes: causes.iter().map(counted).collect(),
            ..Summary::default()
        }
    }

    #[test]
    fn lines() {
        let first = summary(100, &[("mlock", 60), ("fork", 5)]);
        let next = summary(
            340,
            &[("files", 240), ("mlock", 60), ("fork", 4), ("mseal", 1)],
        );
        for (summary, last, per_second, line) in [
            (&first, None, 0.0, "100 of 65530 VMAs; mlock 60, fork 5"),
            (
                &next,
                Some(&first),
                2.0,
                "340 of 65530 VMAs (+240), the limit in 9 h; files 240 (+240), mlock 60, fork 4 (-1)",
            ),
            (
                &first,
                Some(&next),
                -2.0,
                "100 of 65530 VMAs (-240); mlock 60, fork 5 (+1)",
            ),
        ] {
            let told = Line {
                summary,
                last,
                per_second,
            };
            assert_eq!(told.to_string(), format!("2026-11-30 17:30:00  {line}"));
        }
    }

    #[test]
    fn times() {
        for (seconds, words) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7199, "119 min"),
            (7200, "2 h"),
            (200_000, "2 days"),
        ] {
            assert_eq!(Time(seconds).to_string(), words);
        }
    }

    /// The growth is measured over the last looks, not over all.
    #[test]
    fn growth() {
        let mut growth = Growth::new();
        let start = Instant::now();
        assert_eq!(growth.per_second(), 0.0);
        for look in 0..30 {
            let vmas = if look < 18 { 0 } else { 10 * (look - 18) };
            growth.add(start + Duration::from_secs(look as u64), vmas);
        }
        assert_eq!(growth.per_second(), 10.0);
    }
}
