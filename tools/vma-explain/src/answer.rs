// SPDX-License-Identifier: GPL-2.0

//! The answer: a walk over the VMAs, and what follows from it.

use crate::{
    arguments::Arguments,
    bounded::{
        Bounded,
        Full, //
    },
    bpf,
    explain::{
        answer::Entry,
        counts::{
            Count,
            SETS, //
        },
        form::{
            Form,
            LONGEST_PART, //
        },
        json::ForPrograms,
        text::ForPeople,
        About,
        Answer,
        Boundary,
        OneOfTwo,
        Part,
        Paths,
        Scope,
        Segments,
        Sides,
        Tally,
        LONGEST_PATH, //
    },
    problem::{
        Problem,
        Result, //
    },
    process::{
        max_map_count,
        Process, //
    },
    record::Record,
    source::Source,
    subject::Subject,
    vma::{
        compat::Attributes,
        extent::Range, //
    },
};
use chrono::{
    DateTime,
    Utc, //
};
use std::{
    io::{
        stdout,
        ErrorKind,
        Write, //
    },
    process::exit,
    rc::Rc,
    time::SystemTime, //
};

/// Prints the answer about a subject.
pub(crate) fn tell(subject: &Subject, arguments: &Arguments) -> Result<()> {
    let process = Rc::new(Process::find(&subject.who)?);
    let mut source = bpf::walk_over(Rc::clone(&process))?;
    let explanation = Explanation {
        range: subject.range,
        tells_boundaries: arguments.boundaries,
    };
    let mut output = Output::new(stdout().lock());
    if arguments.json {
        explanation.tell::<ForPrograms>(&process, &mut source, &mut output)?;
    } else {
        explanation.tell::<ForPeople>(&process, &mut source, &mut output)?;
    }
    output.flush()
}

/// Text on its way out.
struct Output<W> {
    to: W,
    text: Bounded<Vec<u8>>,
}

impl<W: Write> Output<W> {
    fn new(to: W) -> Self {
        Self {
            to,
            text: Bounded::new(vec![0; 4 * LONGEST_PART]),
        }
    }

    /// Appends a piece, for which there is room in an empty text.
    fn append(
        &mut self,
        mut append: impl FnMut(&mut Bounded<Vec<u8>>) -> std::result::Result<(), Full>,
    ) -> Result<()> {
        if append(&mut self.text).is_err() {
            self.flush()?;
            append(&mut self.text).map_err(|Full| Problem::new("a line is too long"))?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let written = self
            .to
            .write_all(self.text.as_bytes())
            .and_then(|()| self.to.flush());
        self.text.clear();
        match written {
            // The reader has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
            Err(error) => Err(Problem::new(format!(
                "the answer cannot be written: {error}"
            ))),
            Ok(()) => Ok(()),
        }
    }
}

/// The extent of an answer.
struct Explanation {
    range: Option<Range>,
    tells_boundaries: bool,
}

impl Explanation {
    fn tell<F: Form>(
        &self,
        process: &Process,
        source: &mut impl Source,
        output: &mut Output<impl Write>,
    ) -> Result<()> {
        let time = DateTime::<Utc>::from(SystemTime::now())
            .format("%F %T")
            .to_string();
        output.append(|text| F::header(text))?;
        let mut tally = Tally::new(vec![None::<Count>; SETS]);
        self.look::<F>(source, &mut tally, output)?;

        let scope = match self.range {
            Some(_) => Scope::Range,
            None => Scope::Process {
                max_map_count: max_map_count()?,
            },
        };
        let mut table = vec![Entry::NOTHING; Answer::table_length(&tally)];
        let answer = Answer::find(&tally, scope.least(tally.vmas), &mut table);
        let about = About {
            pid: i32::try_from(process.pid).unwrap_or(0),
            command: &process.command,
            time: time.as_bytes(),
            scope,
            walk: source.walk(),
            asked_by: None,
        };
        let mut part = Some(Part::FIRST);
        while let Some(this) = part {
            output.append(|text| F::summary(this, &tally, &answer, &about, text))?;
            part = this.next();
        }
        Ok(())
    }

    /// Goes over all VMAs in question.
    fn look<F: Form>(
        &self,
        source: &mut impl Source,
        tally: &mut Tally<Vec<Option<Count>>>,
        output: &mut Output<impl Write>,
    ) -> Result<()> {
        let mut segments = Segments::new();
        // The last one that was told of, and the next one to be.
        let (mut last, mut this): (Option<Record>, Option<Record>) = (None, None);
        loop {
            let ahead = source.next()?;
            if self.is_below(ahead.as_ref()) {
                continue;
            }
            // The process has changed its memory, and one comes again, as it is now.
            if starts_no_higher(ahead.as_ref(), last.as_ref()) {
                (last, this) = (ahead, None);
                continue;
            }
            if starts_no_higher(ahead.as_ref(), this.as_ref()) {
                this = ahead;
                continue;
            }
            if let Some(vma) = this.take().filter(|vma| !self.is_above(vma)) {
                let boundary = segments.look(last.as_ref(), &vma, ahead.as_ref());
                if self.tells_boundaries {
                    tell_vma::<F>(last.as_ref().zip(boundary.as_ref()), &vma, output)?;
                }
                tally.add(&vma, boundary.as_ref());
                last = Some(vma);
            }
            match ahead {
                Some(vma) if !self.is_above(&vma) => this = Some(vma),
                _ => break,
            }
        }
        tally.end();
        Ok(())
    }

    fn is_below(&self, vma: Option<&Record>) -> bool {
        let start = self.range.map_or(0, Range::start);
        vma.is_some_and(|vma| vma.extent().range.end() <= start)
    }

    fn is_above(&self, vma: &Record) -> bool {
        self.range
            .is_some_and(|range| vma.extent().range.start() >= range.end())
    }
}

fn starts_no_higher(one: Option<&Record>, other: Option<&Record>) -> bool {
    let start = |vma: &Record| vma.extent().range.start();
    one.zip(other)
        .is_some_and(|(one, other)| start(one) <= start(other))
}

/// Prints the lines about a VMA, and about its boundary with the one below, if there is one.
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

#[cfg(test)]
mod tests;
