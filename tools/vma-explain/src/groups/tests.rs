// SPDX-License-Identifier: GPL-2.0

//! Tests of groups of VMAs, against sums that were made by hand.

use super::*;
use crate::summary::Summary;

fn vma(start: usize, end: usize, is: &str) -> Vma {
    Vma {
        start,
        end,
        is: is.to_owned(),
    }
}

fn answer() -> Saved {
    let rw = "rw-p anonymous memory";
    Saved {
        summary: Summary {
            pid: Some(7),
            command: b"a\nb".to_vec(),
            time: "2026-01-01 00:00:00".to_owned(),
            ..Summary::default()
        },
        vmas: vec![
            vma(0x10000, 0x11000, "r--p /bin/a"),
            vma(0x20000, 0x22000, rw),
            vma(0x30000, 0x32000, rw),
            vma(0x40000, 0x42000, rw),
            vma(0x50000, 0x54000, rw),
        ],
    }
}

#[test]
fn equal_vmas_are_one_group() {
    let answer = answer();
    let sizes = [0x1000, 0, 0x1000, 0x2000, 0x800];
    let known = Known {
        resident: Some(answer.vmas.iter().map(|vma| vma.start).zip(sizes).collect()),
        // The first address of one VMA, and the end of another.
        stack_pointers: BTreeSet::from([0x40000, 0x54000]),
    };
    assert_eq!(
        Groups::of(&answer, &known).to_string(),
        concat!(
            "process 7 (a\\nb), 2026-01-01 00:00:00: 5 VMAs\n",
            "    VMAs   KiB each     KiB all   resident  equal VMAs\n",
            "       2          8          16          4  rw-p anonymous memory\n",
            "       1         16          16          2  rw-p anonymous memory\n",
            "       1          8           8          8  rw-p anonymous memory, the stack of a thread\n",
            "       1          4           4          4  r--p /bin/a\n",
        )
    );
}

/// If the resident size of one VMA is not known, that of its group is not known either.
#[test]
fn sizes_that_are_not_known() {
    let answer = answer();
    let known = Known {
        resident: Some(BTreeMap::from([(0x10000, 0x1000), (0x20000, 0x1000)])),
        stack_pointers: BTreeSet::new(),
    };
    let told = Groups::of(&answer, &known).as_object();
    let resident: Vec<_> = told["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| group["resident"].as_u64())
        .collect();
    assert_eq!(resident, [None, None, Some(0x1000)]);
    let unknown = Groups::of(&answer, &Known::default()).to_string();
    assert_eq!(unknown.matches('?').count(), 3);
}

#[test]
fn more_groups_than_are_shown() {
    let mut answer = answer();
    answer.vmas = (1..=SHOWN + 2)
        .map(|pages| vma(pages << 24, (pages << 24) + (pages << 12), "rw-p heap"))
        .collect();
    let told = Groups::of(&answer, &Known::default()).to_string();
    assert_eq!(told.lines().count(), SHOWN + 3);
    assert!(told.ends_with("and 2 other groups, of 2 VMAs\n"));
}
