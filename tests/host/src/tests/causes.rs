// SPDX-License-Identifier: GPL-2.0

//! Causes as people see them, against a list of what each flag and each difference comes from.

use super::fake::{
    extent,
    Fake, //
};
use crate::{
    explain::{
        attribution::CauseSet,
        Pair, //
    },
    vma::{
        causes::Cause,
        compat::{
            Blocker,
            BlockerSet, //
        },
        flags::VmaFlags,
    },
};

/// The causes of flags, each with the bits that it is about.
const BITS: [(&str, &[u32]); 11] = [
    ("access rights (mprotect)", &[0, 1, 2, 20]),
    ("MADV_DONTFORK", &[17]),
    ("MADV_DONTDUMP", &[26]),
    ("MADV_WIPEONFORK", &[25]),
    ("MADV_SEQUENTIAL or MADV_RANDOM", &[15, 16]),
    ("advice on huge pages (madvise, MAP_STACK)", &[29, 30]),
    ("MADV_MERGEABLE", &[31]),
    ("mlock", &[13, 19]),
    ("mseal", &[42]),
    ("userfaultfd", &[9, 12, 41, 43]),
    ("MAP_NORESERVE", &[21]),
];
/// Bits that merges ignore.
const IGNORED: [u32; 2] = [11, 27];
/// Bits of special mappings, which are told of `next`.
const SPECIAL: [u32; 4] = [14, 18, 10, 28];

/// All names, in the order in which causes are told.
const NAMES: [&str; 20] = [
    BITS[0].0,
    BITS[1].0,
    BITS[2].0,
    BITS[3].0,
    BITS[4].0,
    BITS[5].0,
    BITS[6].0,
    BITS[7].0,
    BITS[8].0,
    BITS[9].0,
    BITS[10].0,
    "other flags",
    "names (PR_SET_VMA_ANON_NAME)",
    "NUMA policies (mbind)",
    "files",
    "page offsets",
    "anon_vmas (written before they were neighbours)",
    "fork (an inherited anon_vma)",
    "special mappings",
    "drivers that watch for closing",
];

fn name_of_bit(bit: u32) -> &'static str {
    BITS.iter()
        .find(|(_, bits)| bits.contains(&bit))
        .map_or("other flags", |(name, _)| name)
}

pub(super) fn names(causes: CauseSet) -> Vec<&'static str> {
    causes.iter().map(Cause::name).collect()
}

/// In the order in which they are told, each once.
fn in_order(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_by_key(|name| NAMES.iter().position(|other| other == name));
    names.dedup();
    names
}

/// Two VMAs that touch and are alike: private, of a file.
fn alike() -> (Fake, Fake) {
    let mapped = |place| Fake {
        flags: VmaFlags::of(&[5]),
        file: Some(1),
        ..Fake::at(place)
    };
    (
        mapped(extent(10, 14, 100, 200)),
        mapped(extent(14, 16, 104, 204)),
    )
}

fn causes(prev: &Fake, next: &Fake) -> Vec<&'static str> {
    names(Pair::of(prev, next).expect("they touch").causes)
}

#[test]
fn each_pair_of_flags() {
    for one in 0..128 {
        for other in 0..128 {
            for sides in 0..3 {
                let (prev_bits, next_bits): (&[u32], &[u32]) = match sides {
                    0 => (&[one, other], &[]),
                    1 => (&[one], &[other]),
                    _ => (&[], &[one, other]),
                };
                let (mut prev, mut next) = alike();
                prev.flags = VmaFlags::of(prev_bits);
                next.flags = VmaFlags::of(next_bits);
                // So that nothing looks at anonymous offsets.
                prev.file = None;
                next.file = None;

                let mut expected = Vec::new();
                let mut differing: Vec<u32> = [one, other]
                    .into_iter()
                    .filter(|bit| !IGNORED.contains(bit))
                    .filter(|bit| prev_bits.contains(bit) != next_bits.contains(bit))
                    .collect();
                // Whether memory is accounted follows from MAP_NORESERVE.
                if differing.contains(&21) {
                    differing.retain(|bit| *bit != 20);
                }
                expected.extend(differing.into_iter().map(name_of_bit));
                if next_bits.iter().any(|bit| SPECIAL.contains(bit)) {
                    expected.push("special mappings");
                }
                let found = causes(&prev, &next);
                assert_eq!(found, in_order(expected), "{prev_bits:?} {next_bits:?}");

                let pair = Pair::of(&prev, &next).expect("they touch");
                let only = |bits: &[u32], others: &[u32]| {
                    let counts = |bit: &u32| !IGNORED.contains(bit) && !others.contains(bit);
                    VmaFlags::of(&bits.iter().copied().filter(counts).collect::<Vec<_>>())
                };
                assert_eq!(pair.only_prev, only(prev_bits, next_bits));
                assert_eq!(pair.only_next, only(next_bits, prev_bits));
            }
        }
    }
}

#[test]
fn each_other_difference() {
    type Change = fn(&mut Fake, &mut Fake);
    let cases: [(Change, &[&str], &[Blocker]); 13] = [
        (|_, _| (), &[], &[]),
        (|_, next| next.name = 1, &[NAMES[12]], &[Blocker::Name]),
        (|prev, _| prev.policy = 1, &[NAMES[13]], &[Blocker::Policy]),
        (
            |_, next| next.file = Some(2),
            &[NAMES[14]],
            &[Blocker::File],
        ),
        (
            |_, next| next.extent = extent(14, 16, 105, 204),
            &[NAMES[15]],
            &[Blocker::PageOffset],
        ),
        (
            |_, next| next.extent = extent(14, 16, 104, 203),
            &[NAMES[15]],
            &[Blocker::AnonPageOffset],
        ),
        (
            |prev, next| (prev.anon_vma, next.anon_vma) = (Some(1), Some(2)),
            &[NAMES[16]],
            &[Blocker::AnonVma],
        ),
        (
            |prev, _| (prev.anon_vma, prev.forked) = (Some(1), true),
            &[NAMES[17]],
            &[Blocker::NeighbourForked],
        ),
        (
            |_, next| (next.anon_vma, next.forked) = (Some(1), true),
            &[NAMES[17]],
            &[Blocker::RangeForked],
        ),
        (
            |prev, _| prev.userfaultfd = 1,
            &[NAMES[9]],
            &[Blocker::UserfaultfdContext],
        ),
        // A close hook of one is in nobody's way.
        (|prev, _| prev.closes = true, &[], &[]),
        (|_, next| next.closes = true, &[], &[]),
        (
            |prev, next| (prev.closes, next.closes) = (true, true),
            &[NAMES[19]],
            &[],
        ),
    ];
    for (number, (change, expected, rules)) in cases.iter().enumerate() {
        for (other_number, (other_change, other_expected, other_rules)) in cases.iter().enumerate()
        {
            let (mut prev, mut next) = alike();
            change(&mut prev, &mut next);
            other_change(&mut prev, &mut next);
            // Some undo or become each other when they come together.
            let combined = [number, other_number].map(|number| match number {
                4 | 5 => 4,
                6..=8 => 6,
                10..=12 => 10,
                number => number,
            });
            if combined[0] == combined[1] && number != other_number {
                continue;
            }
            let pair = Pair::of(&prev, &next).expect("they touch");
            let all = rules.iter().chain(*other_rules).copied();
            assert_eq!(pair.blockers, all.fold(BlockerSet::NONE, BlockerSet::with));
            assert_eq!(pair.must_not_disappear, prev.closes && next.closes);
            let mut all = expected.to_vec();
            all.extend(*other_expected);
            assert_eq!(names(pair.causes), in_order(all));
        }
    }
}

#[test]
fn only_vmas_that_touch_are_a_pair() {
    let (prev, _) = alike();
    for first in 14..18 {
        let next = Fake::at(extent(first, 20, 0, 0));
        let pair = Pair::of(&prev, &next);
        assert_eq!(pair.is_some(), first == 14);
        if let Some(pair) = pair {
            assert_eq!((pair.prev, pair.next), (prev.extent, next.extent));
        }
    }
}

#[test]
fn sets_of_causes() {
    let all = Cause::ALL;
    assert_eq!(all.map(Cause::name), NAMES);
    for (index, cause) in all.into_iter().enumerate() {
        assert_eq!(cause as usize, index);
    }
    assert!(!CauseSet::NONE.is_one());
    assert_eq!(CauseSet::NONE.iter().count(), 0);

    // A set of two, of one, and of none.
    let (mut prev, mut next) = alike();
    prev.name = 1;
    next.policy = 1;
    let two = Pair::of(&prev, &next).expect("they touch").causes;
    assert!(!two.is_one());
    let [name, policy] = [12, 13].map(|index| all[index]);
    assert_eq!(names(two.without(name)), [NAMES[13]]);
    assert_eq!(names(two.without(policy)), [NAMES[12]]);
    assert!(two.without(name).is_one());
    assert!(two.without(all[0]) == two);
    assert!(two.without(name).without(policy) == CauseSet::NONE);
}
