// SPDX-License-Identifier: GPL-2.0

//! Figures for a monitoring system, in the text format that Prometheus reads, for example through the textfile
//! collector of its node exporter.

use crate::summary::Summary;
use std::fmt;

/// The figures of these processes, as text.
pub(crate) struct Metrics<'a>(pub(crate) &'a [Summary]);

/// A family of figures: its name, its help text, and its samples of a process.
struct Family {
    name: &'static str,
    help: &'static str,
    samples: fn(&Summary) -> Vec<Sample<'_>>,
}

/// A figure, and its cause, if it is about one.
struct Sample<'a> {
    cause: Option<&'a str>,
    value: usize,
}

/// Returns the sample of a family with one figure for each process.
fn only<'a>(value: usize) -> Vec<Sample<'a>> {
    vec![Sample { cause: None, value }]
}

const FAMILIES: &[Family] = &[
    Family {
        name: "vma_explain_vmas",
        help: "VMAs of the process.",
        samples: |summary| only(summary.vmas),
    },
    Family {
        name: "vma_explain_vmas_limit",
        help: "VMAs that the process may have (vm.max_map_count).",
        samples: |summary| summary.max_map_count.map_or(Vec::new(), only),
    },
    Family {
        name: "vma_explain_mergeable_boundaries",
        help: "Boundaries between two VMAs that nothing is known to keep apart.",
        samples: |summary| only(summary.mergeable),
    },
    Family {
        name: "vma_explain_unseen_boundaries",
        help: "Boundaries at which there may be causes that could not be seen.",
        samples: |summary| {
            let unseen = summary.unseen.as_ref();
            only(unseen.map_or(0, |unseen| unseen.boundaries))
        },
    },
    Family {
        name: "vma_explain_vmas_without_main_cause",
        help: "VMAs that would remain, at least, without the causes of the main answer.",
        samples: |summary| {
            let step = summary.steps.first();
            only(step.map_or(summary.remaining, |step| step.remaining))
        },
    },
    Family {
        name: "vma_explain_boundaries",
        help: "Boundaries between two VMAs that have this cause, among others.",
        samples: |summary| {
            let causes = summary.causes.iter();
            let samples = causes.map(|counted| Sample {
                cause: Some(&counted.cause),
                value: counted.boundaries,
            });
            samples.collect()
        },
    },
];

impl fmt::Display for Metrics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Family {
            name,
            help,
            samples,
        } in FAMILIES
        {
            writeln!(f, "# HELP {name} {help}\n# TYPE {name} gauge")?;
            for summary in self.0 {
                let pid = summary.pid.unwrap_or(0).to_string();
                let command = String::from_utf8_lossy(&summary.command);
                let command = Escaped(&command);
                for Sample { cause, value } in samples(summary) {
                    write!(f, "{name}{{pid=\"{pid}\",command=\"{command}\"")?;
                    if let Some(cause) = cause {
                        write!(f, ",cause=\"{}\"", Escaped(cause))?;
                    }
                    writeln!(f, "}} {value}")?;
                }
            }
        }
        writeln!(f, "# EOF")
    }
}

/// The value of a label. Prometheus has escapes for three characters; other characters that cannot be printed are
/// written as `\u{7}`.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                letter if letter.is_control() => write!(f, "\\\\u{{{:x}}}", u32::from(letter))?,
                letter => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{
        Counted,
        Step,
        Unseen, //
    };

    /// Each figure has a line, and characters that a line must not contain are escaped.
    #[test]
    fn figures() {
        let summary = Summary {
            pid: Some(7),
            command: "a \"b\"\\\n\u{7}\u{e9}".into(),
            vmas: 10,
            max_map_count: Some(65530),
            mergeable: 2,
            remaining: 8,
            ..Summary::default()
        };
        let other = Summary {
            pid: Some(8),
            command: "other".into(),
            vmas: 40,
            max_map_count: None,
            remaining: 40,
            unseen: Some(Unseen { boundaries: 5 }),
            steps: vec![Step {
                causes: vec!["mlock".to_owned()],
                remaining: 3,
            }],
            causes: vec![Counted {
                cause: "mlock".to_owned(),
                boundaries: 37,
            }],
            ..Summary::default()
        };
        let text = Metrics(&[summary, other]).to_string();
        let labels = "pid=\"7\",command=\"a \\\"b\\\"\\\\\\n\\\\u{7}\u{e9}\"";
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                format!("vma_explain_vmas{{{labels}}} 10").as_str(),
                "vma_explain_vmas{pid=\"8\",command=\"other\"} 40",
                &format!("vma_explain_vmas_limit{{{labels}}} 65530"),
                &format!("vma_explain_mergeable_boundaries{{{labels}}} 2"),
                "vma_explain_mergeable_boundaries{pid=\"8\",command=\"other\"} 0",
                &format!("vma_explain_unseen_boundaries{{{labels}}} 0"),
                "vma_explain_unseen_boundaries{pid=\"8\",command=\"other\"} 5",
                &format!("vma_explain_vmas_without_main_cause{{{labels}}} 8"),
                "vma_explain_vmas_without_main_cause{pid=\"8\",command=\"other\"} 3",
                "vma_explain_boundaries{pid=\"8\",command=\"other\",cause=\"mlock\"} 37",
            ]
        );
        assert!(text.ends_with("\n# EOF\n"));
    }
}
