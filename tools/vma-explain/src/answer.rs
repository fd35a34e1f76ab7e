// SPDX-License-Identifier: GPL-2.0

//! The answer to a question: a walk over VMAs, and the lines and the summary that follow from it.

use crate::{
    choices::{
        Level,
        Readers, //
    },
    explain::{
        about::Origin,
        answer::Entry,
        form::Form,
        json::ForPrograms,
        text::ForPeople,
        About,
        Answer,
        Boundary,
        OneOfTwo,
        Part,
        Paths,
        Scope,
        Sides,
        LONGEST_PATH, //
    },
    output::Output,
    problem::Result,
    record::Record,
    source::Source,
    vma::extent::Range,
    walk::walk,
};
use chrono::{
    DateTime,
    Utc, //
};
use std::io::Write;

/// A question about the memory of a process.
pub(crate) struct Question<'a> {
    /// The number of the process, if it is known.
    pub(crate) pid: Option<u32>,
    /// The command of the process, or the name of the file that was saved of the process.
    pub(crate) command: &'a [u8],
    /// The time when the memory was examined.
    pub(crate) time: DateTime<Utc>,
    /// The number of VMAs that the process may have, if it is known.
    pub(crate) max_map_count: Option<i32>,
    /// The part of the memory that is asked about; `None` for all memory.
    pub(crate) range: Option<Range>,
    /// The level of detail.
    pub(crate) level: Level,
}

impl Question<'_> {
    /// Prints the answer about the VMAs of `source`.
    pub(crate) fn answer(
        &self,
        source: &mut dyn Source,
        origin: &dyn Origin,
        readers: Readers,
        output: &mut Output<impl Write>,
    ) -> Result<()> {
        match readers {
            Readers::People => self.answer_as::<ForPeople>(source, origin, output),
            Readers::Programs => self.answer_as::<ForPrograms>(source, origin, output),
        }
    }

    fn answer_as<F: Form>(
        &self,
        source: &mut dyn Source,
        origin: &dyn Origin,
        output: &mut Output<impl Write>,
    ) -> Result<()> {
        output.append(|text| F::header(text))?;
        let figures = walk(source, self.range, |below, vma| match self.level {
            Level::Summary => Ok(()),
            Level::Boundaries => tell_vma::<F>(below, vma, output),
        })?;

        let scope = match self.range {
            Some(_) => Scope::Range,
            None => Scope::Process {
                max_map_count: self.max_map_count,
            },
        };
        let mut table = vec![Entry::NOTHING; Answer::table_length(&figures)];
        let answer = Answer::find(&figures, scope.least(figures.vmas), &mut table);
        let time = self.time.format("%F %T").to_string();
        let about = About {
            pid: self.pid.and_then(|pid| i32::try_from(pid).ok()),
            command: self.command,
            time: time.as_bytes(),
            scope,
            walk: source.walk(),
            asked_by: None,
            origin: Some(origin),
        };
        let mut part = Some(Part::FIRST);
        while let Some(this) = part {
            output.append(|text| F::summary(this, &figures, &answer, &about, text))?;
            part = this.next();
        }
        output.flush()
    }
}

/// Prints the lines about a VMA, and about its boundary with the VMA below, if there is one.
fn tell_vma<F: Form>(
    below: Option<(&Record, &Boundary)>,
    vma: &Record,
    output: &mut Output<impl Write>,
) -> Result<()> {
    let mut paths = [[0; LONGEST_PATH]; 2];
    let [prev, next] = &mut paths;
    match below {
        None => output.append(|text| F::vma(&OneOfTwo::alone(vma, next), text)),
        Some((last, boundary)) => {
            let sides = Sides::of(boundary, last, vma, Paths { prev, next });
            output.append(|text| F::boundary(boundary, &sides, text))
        }
    }
}
