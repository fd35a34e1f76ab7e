// SPDX-License-Identifier: GPL-2.0

//! Ranges and offsets, compared with arithmetic on wider integers.

use super::fake::extent;
use crate::vma::extent::{
    PageOffset,
    Range,
    RangeError,
    PAGE_SIZE, //
};

/// Offsets, some of which wrap around, as those of moved memory may.
const OFFSETS: [usize; 6] = [0, 1, 5, usize::MAX - 1, usize::MAX, 1 << 51];

fn wrapped(offset: usize, pages: i128) -> usize {
    ((offset as i128 + pages).rem_euclid(1 << 64)) as usize
}

#[test]
fn offsets_wrap() {
    for offset in OFFSETS {
        for pages in OFFSETS {
            let from = PageOffset::new(offset);
            assert_eq!(from.forward(pages).pages(), wrapped(offset, pages as i128));
            assert_eq!(from.back(pages).pages(), wrapped(offset, -(pages as i128)));
        }
    }
}

#[test]
fn extents_seen_through_ranges() {
    for first in 0..8 {
        for last in first + 1..9 {
            let range = extent(first, last, 0, 0).range;
            for offset in OFFSETS {
                let whole = extent(3, 6, offset, wrapped(offset, 77));
                let seen = whole.seen_through(range);
                let moved = first as i128 - 3;
                assert_eq!(seen.range, range);
                assert_eq!(seen.pgoff.pages(), wrapped(offset, moved));
                assert_eq!(seen.anon_pgoff.pages(), wrapped(offset, moved + 77));
                assert_eq!(whole.end_pgoff().pages(), wrapped(offset, 3));
                assert_eq!(whole.end_anon_pgoff().pages(), wrapped(offset, 80));
            }
        }
    }
}

#[test]
fn extents_that_wrap() {
    let ends_beyond = |offset: usize| offset as u128 + 3 >= 1 << 64;
    // The last three offsets, and those around them.
    let offsets = OFFSETS
        .into_iter()
        .chain([usize::MAX - 2, usize::MAX - 3, usize::MAX - 4]);
    for offset in offsets {
        for anon_offset in OFFSETS {
            let wraps = ends_beyond(offset) || ends_beyond(anon_offset);
            assert_eq!(extent(3, 6, offset, anon_offset).wraps(), wraps);
            assert_eq!(extent(3, 6, anon_offset, offset).wraps(), wraps);
        }
    }
    // The number of pages exceeds the number of bytes in a page.
    assert!(extent(0, 2 * PAGE_SIZE, usize::MAX - PAGE_SIZE, 0).wraps());
    assert!(!extent(0, PAGE_SIZE, usize::MAX - PAGE_SIZE, 0).wraps());
}

#[test]
fn ranges_are_written_as_maps_writes_them() {
    assert_eq!(format!("{:x}", extent(1, 10, 0, 0).range), "1000-a000");
}

#[test]
fn ranges() {
    assert_eq!(Range::new(1, PAGE_SIZE), Err(RangeError::Unaligned(1)));
    assert_eq!(Range::new(0, 4095), Err(RangeError::Unaligned(4095)));
    assert_eq!(Range::new(PAGE_SIZE, PAGE_SIZE), Err(RangeError::Reversed));
    assert_eq!(
        Range::new(2 * PAGE_SIZE, PAGE_SIZE),
        Err(RangeError::Reversed)
    );

    let range = |first: usize, last: usize| Range::new(first * PAGE_SIZE, last * PAGE_SIZE);
    for first in 0..6 {
        for last in first + 1..7 {
            let whole = range(first, last).expect("in order");
            let parts = |cut: usize| match (first < cut, cut < last) {
                (true, true) => range(first, cut).ok().zip(range(cut, last).ok()),
                _ => None,
            };
            assert_eq!(whole.pages(), last - first);
            for cut in 0..8 {
                assert_eq!(whole.cut(cut * PAGE_SIZE), parts(cut));
            }
            assert_eq!(whole.cut(first * PAGE_SIZE + 1), None);
            for other_first in 0..6 {
                for other_last in other_first + 1..7 {
                    let other = range(other_first, other_last).expect("in order");
                    let contains = first <= other_first && other_last <= last;
                    assert_eq!(whole.contains(other), contains);
                    assert_eq!(whole.cut_before(other), parts(other_first));
                    assert_eq!(whole.cut_after(other), parts(other_last));
                    let end = if other_last > first { other_last } else { last };
                    assert_eq!(Ok(whole.through(other)), range(first, end));
                }
            }
        }
    }
}
