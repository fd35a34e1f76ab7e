// SPDX-License-Identifier: GPL-2.0

//! The walk, over VMAs as a source may tell of them.

use super::*;
use crate::{
    explain::Walk,
    record::UsedAs,
    subject::Who,
    vma::{
        extent::{
            Extent,
            PageOffset,
            PAGE_SIZE, //
        },
        flags::VmaFlags, //
    },
};

/// These pages, one VMA after the other.
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
    let process = Process::find(&Who::Pid(std::process::id())).expect("that is us");
    let process = Rc::new(process);
    let record = |(first, end): &(usize, usize)| Record {
        process: Rc::clone(&process),
        extent: Extent {
            range: Range::new(first * PAGE_SIZE, end * PAGE_SIZE).expect("a range"),
            pgoff: PageOffset::new(*first),
            anon_pgoff: PageOffset::new(*first),
        },
        flags: VmaFlags::EMPTY,
        file: None,
        anon_vma: None,
        userfaultfd: 0,
        policy: None,
        used_as: UsedAs::Unknown,
        name: None,
        has_close: false,
    };
    Listed(pages.iter().map(record).collect())
}

/// The lines that are printed, and the number of VMAs.
fn told(pages: &[(usize, usize)], range: Option<(usize, usize)>) -> (Vec<String>, usize) {
    let explanation = Explanation {
        range: range
            .map(|(first, end)| Range::new(first * PAGE_SIZE, end * PAGE_SIZE).expect("it is one")),
        tells_boundaries: true,
    };
    let mut printed = Vec::new();
    let mut output = Output::new(&mut printed);
    let mut tally = Tally::new(vec![None; SETS]);
    let looked = explanation.look::<ForPeople>(&mut listed(pages), &mut tally, &mut output);
    assert!(looked.and_then(|()| output.flush()).is_ok());
    let text = String::from_utf8(printed).expect("it is text");
    let page = |address| {
        let address = usize::from_str_radix(address, 16).expect("it is an address");
        (address / PAGE_SIZE).to_string()
    };
    let places = text.lines().map(|line| {
        let addresses = line.split(' ').next().unwrap_or_default().split('-');
        addresses.map(page).collect::<Vec<_>>().join("-")
    });
    (places.collect(), tally.vmas)
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

/// Where the process has changed its memory, the walk begins again at or below the last one.
#[test]
fn some_come_again() {
    for (pages, lines, vmas) in [
        // The last one that was told of has grown downwards, or merged: what follows is compared with that.
        (
            &[(1, 2), (2, 3), (3, 4), (1, 6), (6, 7)][..],
            &["1-2-3", "1-6-7"][..],
            3,
        ),
        // The next one has grown.
        (&[(1, 2), (2, 3), (2, 5), (5, 7)], &["1-2-5", "2-5-7"], 3),
        // It comes as it was.
        (&[(1, 2), (2, 3), (2, 3), (3, 7)], &["1-2-3", "2-3-7"], 3),
        // The first one comes again.
        (&[(1, 2), (1, 3), (3, 7)], &["1-3-7"], 2),
    ] {
        assert_eq!(
            told(pages, None),
            (lines.iter().map(|line| line.to_string()).collect(), vmas)
        );
    }
}
