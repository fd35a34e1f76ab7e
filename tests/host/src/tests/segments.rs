// SPDX-License-Identifier: GPL-2.0

//! Segments of programs and libraries, as loaders map them, and mappings that only look like segments.

use super::{
    causes::names,
    fake::{
        extent,
        Fake, //
    },
};
use crate::{
    explain::Segments,
    vma::flags::VmaFlags, //
};

const READ: &[u32] = &[0];
const READ_WRITE: &[u32] = &[0, 1];
const EXECUTE: &[u32] = &[0, 2];

/// Returns VMAs side by side, with these files and flags.
fn map(vmas: &[(Option<u8>, &[u32])]) -> Vec<Fake> {
    let place = |(page, (file, bits)): (usize, &(Option<u8>, &[u32]))| Fake {
        file: *file,
        flags: VmaFlags::of(bits),
        ..Fake::at(extent(10 + page, 11 + page, page, 10 + page))
    };
    vmas.iter().enumerate().map(place).collect()
}

/// Returns for each boundary whether its cause is that it is beside a segment.
fn beside_segments(vmas: &[Fake]) -> Vec<bool> {
    let mut segments = Segments::new();
    let mut found = Vec::new();
    for (place, vma) in vmas.iter().enumerate() {
        let below = place.checked_sub(1).map(|below| &vmas[below]);
        let boundary = segments.look(below, vma, vmas.get(place + 1));
        assert_eq!(boundary.is_some(), below.is_some());
        found.extend(
            boundary
                .map(|boundary| names(boundary.causes) == ["segments of programs and libraries"]),
        );
    }
    found
}

#[test]
fn a_program_and_its_libraries() {
    let vmas = map(&[
        (None, READ_WRITE),
        (Some(1), READ),
        (Some(1), EXECUTE),
        (Some(1), READ),
        (Some(1), READ_WRITE),
        (None, READ_WRITE),
        (Some(2), EXECUTE),
        (Some(2), READ_WRITE),
        (None, READ_WRITE),
        (None, READ),
    ]);
    let all_but_the_last = [true, true, true, true, true, true, true, true, false];
    assert_eq!(beside_segments(&vmas), all_but_the_last);
}

#[test]
fn data_of_a_file() {
    let vmas = map(&[
        (Some(1), READ),
        (Some(1), READ_WRITE),
        (Some(1), READ),
        (Some(2), READ),
        (None, EXECUTE),
        (Some(2), READ),
    ]);
    assert_eq!(beside_segments(&vmas), [false; 5]);
}

/// Loaders do not make shared mappings.
#[test]
fn code_that_is_made_at_run_time() {
    let shared = &[0, 2, 3, 7];
    let writable = &[0, 1, 3, 7];
    let vmas = map(&[
        (Some(1), shared),
        (Some(1), writable),
        (Some(1), shared),
        (Some(1), writable),
    ]);
    assert_eq!(beside_segments(&vmas), [false; 3]);
}

/// The executable segment is the first or the second segment.
#[test]
fn the_executable_segment_comes_early() {
    let vmas = map(&[
        (Some(1), READ),
        (Some(1), READ_WRITE),
        (Some(1), EXECUTE),
        (Some(1), READ),
    ]);
    assert_eq!(beside_segments(&vmas), [false, true, true]);
    // A segment of another file does not count.
    let vmas = map(&[(Some(1), READ), (Some(2), READ), (Some(1), EXECUTE)]);
    assert_eq!(beside_segments(&vmas), [false, false]);
}

/// A loader maps more than one VMA of a file.
#[test]
fn executable_files_by_themselves() {
    let vmas = map(&[
        (Some(1), EXECUTE),
        (None, READ),
        (Some(1), EXECUTE),
        (Some(2), EXECUTE),
        (None, READ),
    ]);
    assert_eq!(beside_segments(&vmas), [false; 4]);
}

#[test]
fn no_program_has_so_many() {
    let mut kinds = vec![(Some(1), EXECUTE)];
    for place in 0..40 {
        kinds.push((Some(1), if place % 2 == 0 { READ } else { READ_WRITE }));
    }
    let found = beside_segments(&map(&kinds));
    // The sixteenth segment is the last one that counts, and has a boundary above it.
    assert_eq!(found.iter().filter(|found| **found).count(), 16);
    assert!(found[..16].iter().all(|found| *found));
}

/// Two mergeable VMAs are mergeable even if they are segments.
#[test]
fn segments_that_are_alike() {
    let vmas = map(&[(Some(1), EXECUTE), (Some(1), EXECUTE)]);
    let mut segments = Segments::new();
    segments.look(None, &vmas[0], Some(&vmas[1]));
    let boundary = segments.look(Some(&vmas[0]), &vmas[1], None);
    assert!(boundary
        .is_some_and(|boundary| boundary.is_mergeable() && names(boundary.causes).is_empty()));
}
