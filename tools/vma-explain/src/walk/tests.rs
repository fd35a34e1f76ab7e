// SPDX-License-Identifier: GPL-2.0

//! Tests of the walk, over VMAs as a source may list them.

use super::*;
use crate::{
    explain::Walk,
    record::{
        Path,
        Shown,
        UsedAs, //
    },
    vma::{
        extent::{
            Extent,
            PageOffset,
            PAGE_SIZE, //
        },
        flags::VmaFlags, //
    },
};

/// A source that lists these VMAs.
struct Listed(Vec<Record>);

impl Source for Listed {
    fn next(&mut self) -> Result<Option<Record>> {
        Ok((!self.0.is_empty()).then(|| self.0.remove(0)))
    }

    fn walk(&self) -> Walk {
        Walk::Undisturbed
    }
}

fn listed(pages: &[(usize, usize)]) -> Listed {
    let record = |(first, end): &(usize, usize)| Record {
        extent: Extent {
            range: Range::new(first * PAGE_SIZE, end * PAGE_SIZE).expect("a range"),
            pgoff: PageOffset::new(*first),
            anon_pgoff: PageOffset::new(*first),
        },
        flags: VmaFlags::EMPTY,
        file: None,
        anon_vma: None,
        userfaultfd: 0,
        policy: Shown::None,
        used_as: UsedAs::Unknown,
        name: Shown::None,
        path: Path::NotKnown,
        has_close: false,
        at_worst: None,
    };
    Listed(pages.iter().map(record).collect())
}

/// Returns the boundaries that the walk tells, by the pages where their VMAs start and end, and the number of VMAs.
fn told(pages: &[(usize, usize)], range: Option<(usize, usize)>) -> (Vec<String>, usize) {
    let range = range
        .map(|(first, end)| Range::new(first * PAGE_SIZE, end * PAGE_SIZE).expect("it is one"));
    let mut places = Vec::new();
    let figures = walk(&mut listed(pages), range, |below, vma| {
        if let Some((last, boundary)) = below {
            let (prev, next) = (last.extent.range, vma.extent.range);
            let hole = (!boundary.touches()).then_some(prev.end());
            let ends = [
                Some(prev.start()),
                hole,
                Some(next.start()),
                Some(next.end()),
            ];
            let pages = ends
                .into_iter()
                .flatten()
                .map(|end| (end / PAGE_SIZE).to_string());
            places.push(pages.collect::<Vec<_>>().join("-"));
        }
        Ok(())
    });
    let vmas = figures.unwrap_or_else(|problem| panic!("{problem}")).vmas;
    (places, vmas)
}

#[test]
fn all_of_them_or_a_range() {
    let pages = [(1, 2), (2, 3), (5, 7), (7, 9)];
    for (range, lines, vmas) in [
        (None, &["1-2-3", "2-3-5-7", "5-7-9"][..], 4),
        (Some((1, 9)), &["1-2-3", "2-3-5-7", "5-7-9"], 4),
        (Some((2, 6)), &["2-3-5-7"], 2),
        (Some((3, 5)), &[], 0),
        (Some((6, 8)), &["5-7-9"], 2),
        (Some((20, 30)), &[], 0),
    ] {
        assert_eq!(
            told(&pages, range),
            (lines.iter().map(|line| line.to_string()).collect(), vmas)
        );
    }
}

/// After the process has changed its memory, the walk goes on at or below the last VMA.
#[test]
fn some_come_again() {
    for (pages, lines, vmas) in [
        // The last VMA has grown downwards, or merged: the next VMA is compared with its new form.
        (
            &[(1, 2), (2, 3), (3, 4), (1, 6), (6, 7)][..],
            &["1-2-3", "1-6-7"][..],
            3,
        ),
        // The next VMA has grown.
        (&[(1, 2), (2, 3), (2, 5), (5, 7)], &["1-2-5", "2-5-7"], 3),
        // The next VMA comes again unchanged.
        (&[(1, 2), (2, 3), (2, 3), (3, 7)], &["1-2-3", "2-3-7"], 3),
        // The first VMA comes again.
        (&[(1, 2), (1, 3), (3, 7)], &["1-3-7"], 2),
    ] {
        assert_eq!(
            told(pages, None),
            (lines.iter().map(|line| line.to_string()).collect(), vmas)
        );
    }
}
