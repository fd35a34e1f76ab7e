// SPDX-License-Identifier: GPL-2.0

//! A walk over the VMAs of a process, or those in a range.

use crate::{
    explain::{
        counts::{
            Count,
            SETS, //
        },
        Boundary,
        Segments,
        Tally, //
    },
    problem::Result,
    record::Record,
    source::Source,
    vma::{
        compat::Attributes,
        extent::Range, //
    },
};

/// The figures of all VMAs that a walk has seen.
pub(crate) type Figures = Tally<Vec<Option<Count>>>;

/// Walks over all VMAs, or over those in `range`, and counts them. Calls `tell` for each VMA, with the VMA before it
/// and the boundary between the two, if there is one.
pub(crate) fn walk(
    source: &mut dyn Source,
    range: Option<Range>,
    mut tell: impl FnMut(Option<(&Record, &Boundary)>, &Record) -> Result<()>,
) -> Result<Figures> {
    let mut figures = Tally::new(vec![None; SETS]);
    let mut segments = Segments::new();
    // The last VMA for which `tell` was called, and the next one.
    let (mut last, mut this): (Option<Record>, Option<Record>) = (None, None);
    loop {
        let ahead = source.next()?;
        if is_below(ahead.as_ref(), range) {
            continue;
        }
        // The process has changed its memory, and a VMA comes again in its new form.
        if starts_no_higher(ahead.as_ref(), last.as_ref()) {
            (last, this) = (ahead, None);
            continue;
        }
        if starts_no_higher(ahead.as_ref(), this.as_ref()) {
            this = ahead;
            continue;
        }
        if let Some(vma) = this.take().filter(|vma| !is_above(vma, range)) {
            let boundary = segments.look(last.as_ref(), &vma, ahead.as_ref());
            tell(last.as_ref().zip(boundary.as_ref()), &vma)?;
            figures.add(&vma, boundary.as_ref());
            last = Some(vma);
        }
        match ahead {
            Some(vma) if !is_above(&vma, range) => this = Some(vma),
            _ => break,
        }
    }
    figures.end();
    Ok(figures)
}

fn is_below(vma: Option<&Record>, range: Option<Range>) -> bool {
    let start = range.map_or(0, Range::start);
    vma.is_some_and(|vma| vma.extent().range.end() <= start)
}

fn is_above(vma: &Record, range: Option<Range>) -> bool {
    range.is_some_and(|range| vma.extent().range.start() >= range.end())
}

fn starts_no_higher(one: Option<&Record>, other: Option<&Record>) -> bool {
    let start = |vma: &Record| vma.extent().range.start();
    one.zip(other)
        .is_some_and(|(one, other)| start(one) <= start(other))
}

#[cfg(test)]
mod tests;
