// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a process, in groups of equal ones.

use crate::{
    choices::Readers,
    explain::text::Printable,
    output::Output,
    problem::Result,
    process::Process,
    saved::{
        Saved,
        Vma, //
    },
    smaps::resident_sizes,
    summary::text_of, //
};
use serde_json::json;
use std::{
    cmp::Reverse,
    collections::{
        BTreeMap,
        BTreeSet, //
    },
    fmt,
    io::Write,
    path::Path, //
};

/// The most groups that are shown to people.
const SHOWN: usize = 40;
const KIB: usize = 1024;

/// All VMAs, grouped by kind and size.
pub(crate) struct Groups<'a> {
    answer: &'a Saved,
    /// The groups; the group with the most VMAs is the first.
    groups: Vec<Group>,
}

/// VMAs of the same kind and size.
struct Group {
    is: String,
    /// The size of each VMA, in bytes.
    size: usize,
    vmas: usize,
    /// The resident size of all VMAs together, in bytes; `None` if it is not known.
    resident: Option<usize>,
}

/// Additional facts about the VMAs of an answer: their resident sizes, in bytes, by their start addresses, and the
/// stack pointers of threads.
#[derive(Default)]
pub(crate) struct Known {
    resident: Option<BTreeMap<usize, usize>>,
    stack_pointers: BTreeSet<usize>,
}

impl Known {
    /// Reads the facts about a process.
    pub(crate) fn of_process(process: &Process) -> Self {
        let smaps = format!("/proc/{}/smaps", process.pid);
        Self {
            resident: resident_sizes(Path::new(&smaps)).ok(),
            stack_pointers: process.stack_pointers_of_threads().into_iter().collect(),
        }
    }

    /// Reads the facts in a file that was saved from smaps.
    pub(crate) fn of_file(smaps: &Path) -> Self {
        Self {
            resident: resident_sizes(smaps).ok(),
            stack_pointers: BTreeSet::new(),
        }
    }

    fn is_stack_of_thread(&self, vma: &Vma) -> bool {
        let mut pointers = self.stack_pointers.range(vma.start..vma.end);
        pointers.next().is_some()
    }
}

impl<'a> Groups<'a> {
    /// Groups the VMAs of an answer.
    pub(crate) fn of(answer: &'a Saved, known: &Known) -> Self {
        let mut sums: BTreeMap<(String, usize), (usize, Option<usize>)> = BTreeMap::new();
        for vma in &answer.vmas {
            let is = if known.is_stack_of_thread(vma) {
                format!("{}, the stack of a thread", vma.is)
            } else {
                vma.is.clone()
            };
            let (vmas, resident) = sums
                .entry((is, vma.end - vma.start))
                .or_insert((0, Some(0)));
            *vmas += 1;
            let of_this = known.resident.as_ref();
            let of_this = of_this.and_then(|sizes| sizes.get(&vma.start));
            *resident = resident.zip(of_this).map(|(sum, size)| sum + size);
        }
        let groups = sums
            .into_iter()
            .map(|((is, size), (vmas, resident))| Group {
                is,
                size,
                vmas,
                resident,
            });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by_key(|group| Reverse((group.vmas, group.vmas * group.size)));
        Self { answer, groups }
    }

    /// Prints the groups.
    pub(crate) fn print(&self, readers: Readers, output: &mut Output<impl Write>) -> Result<()> {
        let text = match readers {
            Readers::People => self.to_string(),
            Readers::Programs => format!("{}\n", self.as_object()),
        };
        output.pass(text.as_bytes())
    }

    fn as_object(&self) -> serde_json::Value {
        let groups = self.groups.iter().map(|group| {
            json!({
                "is": group.is,
                "vmas": group.vmas,
                "size": group.size,
                "resident": group.resident,
            })
        });
        let summary = &self.answer.summary;
        json!({
            "pid": summary.pid,
            "command": text_of(&summary.command),
            "time": summary.time,
            "vmas": self.answer.vmas.len(),
            "groups": groups.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Groups<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = &self.answer.summary;
        let command = Printable(&summary.command);
        match summary.pid {
            Some(pid) => write!(f, "process {pid} ({command}), {}", summary.time)?,
            None => write!(f, "{command}, {}", summary.time)?,
        }
        writeln!(f, ": {} VMAs", self.answer.vmas.len())?;
        writeln!(f, "    VMAs   KiB each     KiB all   resident  equal VMAs")?;
        for group in self.groups.iter().take(SHOWN) {
            let Group { is, size, vmas, .. } = group;
            write!(f, "{vmas:8} {:10} {:11} ", size / KIB, vmas * size / KIB)?;
            match group.resident {
                Some(resident) => write!(f, "{:10}", resident / KIB)?,
                None => write!(f, "{:>10}", "?")?,
            }
            writeln!(f, "  {is}")?;
        }
        match self.groups.get(SHOWN..) {
            None | Some([]) => Ok(()),
            Some(more) => {
                let vmas: usize = more.iter().map(|group| group.vmas).sum();
                writeln!(f, "and {} other groups, of {vmas} VMAs", more.len())
            }
        }
    }
}

#[cfg(test)]
mod tests;
