// SPDX-License-Identifier: GPL-2.0

//! The difference between two answers for programs: the change in the number of each cause, and VMAs that came and
//! went.

use crate::{
    arguments::DiffArguments,
    choices::Readers,
    explain::text::Printable,
    output::Output,
    problem::Result,
    saved::{
        Saved,
        Vma, //
    },
    summary::Summary,
};
use serde_json::json;
use std::{
    cmp::Reverse,
    collections::{
        BTreeMap,
        HashSet, //
    },
    fmt,
    io::Write, //
};

/// The most kinds of VMAs that are shown to people.
const SHOWN: usize = 20;

/// Prints the difference between two files.
pub(crate) fn diff(arguments: &DiffArguments, output: &mut Output<impl Write>) -> Result<()> {
    let before = Saved::read(&arguments.before)?;
    let after = Saved::read(&arguments.after)?;
    let difference = Difference::between(&before, &after);
    let text = match arguments.form.readers() {
        Readers::People => difference.to_string(),
        Readers::Programs => format!("{}\n", difference.as_object()),
    };
    output.pass(text.as_bytes())
}

/// The differences of the second of two answers from the first.
struct Difference<'a> {
    before: &'a Summary,
    after: &'a Summary,
    /// The number of boundaries with each cause, before and after.
    causes: Vec<(&'a str, [usize; 2])>,
    /// The VMAs of each kind that went and that came; `None` if one of the answers lists no VMAs.
    kinds: Option<Vec<(String, [Sum; 2])>>,
}

/// A number of VMAs, and their size.
#[derive(Clone, Copy, Default)]
struct Sum {
    vmas: usize,
    bytes: usize,
}

impl<'a> Difference<'a> {
    fn between(before: &'a Saved, after: &'a Saved) -> Self {
        let mut causes: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        for (place, saved) in [before, after].into_iter().enumerate() {
            for counted in &saved.summary.causes {
                causes.entry(&counted.cause).or_default()[place] = counted.boundaries;
            }
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.retain(|(_, [before, after])| before != after);
        causes.sort_by_key(|(_, [before, after])| Reverse(before.abs_diff(*after)));

        let tell_of_vmas = !before.vmas.is_empty() && !after.vmas.is_empty();
        Self {
            before: &before.summary,
            after: &after.summary,
            causes,
            kinds: tell_of_vmas.then(|| kinds(&before.vmas, &after.vmas)),
        }
    }

    /// Returns other differences between the two answers, which may make them incomparable.
    fn not_alike(&self) -> Vec<&'static str> {
        let (before, after) = (self.before, self.after);
        let is_other_process = (before.pid, &before.command) != (after.pid, &after.command);
        let source = |summary: &Summary| summary.source.as_ref().map(|source| source.name.clone());
        let cut_short = !before.is_whole() || !after.is_whole();
        let differences = [
            (
                is_other_process,
                "they are about different processes or files",
            ),
            (
                before.max_map_count.is_some() != after.max_map_count.is_some(),
                "one of them is about a range, or about a file",
            ),
            (
                source(before) != source(after),
                "they come from different sources",
            ),
            (cut_short, "not all of the memory was seen"),
        ];
        let found = differences.into_iter().filter(|(is_so, _)| *is_so);
        found.map(|(_, words)| words).collect()
    }

    fn as_object(&self) -> serde_json::Value {
        let causes = self.causes.iter().map(
            |(cause, [before, after])| json!({ "cause": cause, "before": before, "after": after }),
        );
        let kinds = self.kinds.as_ref().map(|kinds| {
            let kinds = kinds.iter().map(|(is, [went, came])| {
                json!({
                    "is": is,
                    "came": came.vmas,
                    "went": went.vmas,
                    "bytes_came": came.bytes,
                    "bytes_went": went.bytes,
                })
            });
            kinds.collect::<Vec<_>>()
        });
        json!({
            "before": self.before.vmas,
            "after": self.after.vmas,
            "not_alike": self.not_alike(),
            "causes": causes.collect::<Vec<_>>(),
            "vmas": kinds,
        })
    }
}

/// Groups the VMAs that are in only one of the two answers by kind. The largest groups come first.
fn kinds(before: &[Vma], after: &[Vma]) -> Vec<(String, [Sum; 2])> {
    let [old, new]: [HashSet<&Vma>; 2] = [before, after].map(|vmas| vmas.iter().collect());
    let mut kinds: BTreeMap<String, [Sum; 2]> = BTreeMap::new();
    let went = old.difference(&new).map(|vma| (0, vma));
    let came = new.difference(&old).map(|vma| (1, vma));
    for (place, vma) in went.chain(came) {
        let sum = &mut kinds.entry(vma.is.clone()).or_default()[place];
        sum.vmas += 1;
        sum.bytes += vma.end - vma.start;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, [went, came])| Reverse(went.vmas + came.vmas));
    kinds
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (when, summary) in [("before", self.before), ("after", self.after)] {
            write!(f, "{when}: {} VMAs", summary.vmas)?;
            let command = Printable(&summary.command);
            match summary.pid {
                Some(pid) => writeln!(f, " of process {pid} ({command}), {}", summary.time)?,
                None => writeln!(f, " in {command}, {}", summary.time)?,
            }
        }
        for difference in self.not_alike() {
            writeln!(f, "they may not be comparable: {difference}")?;
        }
        if self.causes.is_empty() {
            writeln!(f, "no cause has more or fewer boundaries than before")?;
        } else {
            writeln!(f, "boundaries   before    after  cause")?;
        }
        for (cause, [before, after]) in &self.causes {
            let more = *after as i64 - *before as i64;
            writeln!(f, "{more:+10} {before:8} {after:8}  {cause}")?;
        }
        let Some(kinds) = &self.kinds else {
            return writeln!(
                f,
                "VMAs are not compared: both answers have to be made with --boundaries"
            );
        };
        if kinds.is_empty() {
            return writeln!(f, "no VMA has come or gone");
        }
        writeln!(f, "    came     went  VMAs, as they are now or were")?;
        for (is, [went, came]) in kinds.iter().take(SHOWN) {
            writeln!(f, "{:8} {:8}  {is}", came.vmas, went.vmas)?;
        }
        match kinds.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} other kinds"),
        }
    }
}

#[cfg(test)]
mod tests;
