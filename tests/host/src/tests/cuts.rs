// SPDX-License-Identifier: GPL-2.0

//! The places where a VMA may be cut, page by page.

use crate::vma::{
    compat::Side,
    cut::{
        Split,
        SplitError, //
    },
    extent::{
        Range,
        PAGE_SIZE, //
    },
    host::{
        Error,
        ENOMEM, //
    },
};

fn range(first: usize, last: usize) -> Range {
    Range::new(first * PAGE_SIZE, last * PAGE_SIZE).expect("pages in order")
}

/// Every cut of pages 3 to 7: the page, and the two parts.
#[test]
fn a_cut_has_two_parts() {
    let whole = range(3, 7);
    for page in 0..10 {
        let inside = (4..7).contains(&page);
        for side in [Side::Below, Side::Above] {
            let cut = Split::at(whole, page * PAGE_SIZE, side);
            assert_eq!(cut.is_some(), inside);
            assert_eq!(Split::at(whole, page * PAGE_SIZE + 1, side), None);
            let Some(cut) = cut else { continue };
            let (below, above) = (range(3, page), range(page, 7));
            let (new, kept) = match side {
                Side::Below => (below, above),
                Side::Above => (above, below),
            };
            assert_eq!(cut.addr(), page * PAGE_SIZE);
            assert_eq!((cut.new_part(), cut.kept()), (new, kept));
            assert_eq!(
                cut,
                match side {
                    Side::Below => Split::NewBelow { new, kept },
                    Side::Above => Split::NewAbove { kept, new },
                }
            );
        }
    }
}

/// The parts that are cut off so that a VMA covers exactly a range.
#[test]
fn cuts_at_the_ends_of_a_range() {
    let whole = range(3, 7);
    for first in 0..10 {
        for last in first + 1..11 {
            let part = range(first, last);
            let inside = |page: &usize| (4..7).contains(page);
            let expected = Some(first).filter(inside).map(|page| Split::NewBelow {
                new: range(3, page),
                kept: range(page, 7),
            });
            assert_eq!(Split::start_of(part, whole), expected);
            let expected = Some(last).filter(inside).map(|page| Split::NewAbove {
                kept: range(3, page),
                new: range(page, 7),
            });
            assert_eq!(Split::end_of(part, whole), expected);
        }
    }
}

#[test]
fn errnos() {
    let errno = Error(16);
    assert_eq!(Error::from(SplitError::TooManyVmas(7)), ENOMEM);
    assert_eq!(Error::from(SplitError::NoMemory), ENOMEM);
    assert_eq!(Error::from(SplitError::Driver(errno)), errno);
}
