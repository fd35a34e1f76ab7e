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
        flags::{
            VmaFlags,
            PROTECTION_KEY as KEY, //
        },
    },
};

/// The causes of flags, each with the bits that it is about, in the order in which causes are told.
const BITS: [(&str, &[u32]); 24] = [
    ("access rights (mprotect)", &[0, 1, 2]),
    ("protection keys (pkey_mprotect)", &[32, 33, 34, 35]),
    ("accounting (memory that was writable once)", &[20]),
    ("MAP_NORESERVE", &[21]),
    ("MAP_SHARED beside MAP_PRIVATE", &[3, 7]),
    (
        "rights that mprotect may give (how a file was opened)",
        &[4, 5, 6],
    ),
    ("MADV_DONTFORK", &[17]),
    ("MADV_DONTDUMP", &[26]),
    ("MADV_WIPEONFORK", &[25]),
    ("MADV_SEQUENTIAL or MADV_RANDOM", &[15, 16]),
    ("advice on huge pages (madvise, MAP_STACK)", &[29, 30]),
    ("MADV_MERGEABLE", &[31]),
    ("mlock", &[13, 19]),
    ("mseal", &[42]),
    ("userfaultfd", &[9, 12, 41, 43]),
    ("MAP_GROWSDOWN", &[8]),
    ("MAP_DROPPABLE", &[40]),
    ("shadow stacks (map_shadow_stack)", &[37]),
    ("MAP_HUGETLB", &[22]),
    ("MAP_SYNC", &[23]),
    // arm64's.
    ("PROT_BTI", &[]),
    ("memory tags (PROT_MTE)", &[36]),
    // x86_64 has no use for this one.
    (UNNAMED, &[24]),
    (SPECIAL_MAPPINGS, &[10, 14, 18, 28, 39]),
];
/// Bits that merges ignore.
const IGNORED: [u32; 2] = [11, 27];
/// Bits of special mappings, which are told of `next`.
const SPECIAL: [u32; 4] = [14, 18, 10, 28];
/// Where VMAs differ in the first, the others come with it.
const COME_WITH: [(u32, &[u32]); 9] = [
    (1, &[20]),
    (3, &[20]),
    (21, &[20]),
    (22, &[20]),
    (40, &[20, 21, 25, 26]),
    (10, &[26]),
    (14, &[26]),
    (18, &[26]),
    (28, &[26]),
];

const UNNAMED: &str = "flags without a name";
const VMA_NAMES: &str = "names (PR_SET_VMA_ANON_NAME)";
const POLICIES: &str = "NUMA policies (mbind)";
const FILES: &str = "files";
const PAGE_OFFSETS: &str = "page offsets";
const MOVED: &str = "memory moved by mremap (it keeps its page offsets)";
const ANON_VMAS: &str = "anon_vmas (written before they were neighbours)";
const FORK: &str = "fork (an inherited anon_vma)";
const SPECIAL_MAPPINGS: &str = "special mappings";
const CLOSING: &str = "drivers that watch for closing";

/// All names, in the order in which causes are told.
fn all_names() -> Vec<&'static str> {
    let of_flags = BITS.iter().map(|(name, _)| *name);
    let others = [
        VMA_NAMES,
        POLICIES,
        FILES,
        PAGE_OFFSETS,
        MOVED,
        ANON_VMAS,
        FORK,
        SPECIAL_MAPPINGS,
        CLOSING,
    ];
    of_flags
        .filter(|name| *name != SPECIAL_MAPPINGS)
        .chain(others)
        .collect()
}

fn name_of_bit(bit: u32) -> &'static str {
    BITS.iter()
        .find(|(_, bits)| bits.contains(&bit))
        .map_or(UNNAMED, |(name, _)| name)
}

pub(super) fn names(causes: CauseSet) -> Vec<&'static str> {
    causes.iter().map(Cause::name).collect()
}

/// In the order in which they are told, each once.
fn in_order(mut names: Vec<&'static str>) -> Vec<&'static str> {
    let all = all_names();
    names.sort_by_key(|name| all.iter().position(|other| other == name));
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
                for (bit, others) in COME_WITH {
                    if differing.contains(&bit) {
                        differing.retain(|bit| !others.contains(bit));
                    }
                }
                expected.extend(differing.into_iter().map(name_of_bit));
                if next_bits.iter().any(|bit| SPECIAL.contains(bit)) {
                    expected.push(SPECIAL_MAPPINGS);
                }
                let found = causes(&prev, &next);
                assert_eq!(found, in_order(expected), "{prev_bits:?} {next_bits:?}");

                let pair = Pair::of(&prev, &next).expect("they touch");
                let only = |bits: &[u32], others: &[u32]| {
                    let counts = |bit: &u32| !IGNORED.contains(bit) && !others.contains(bit);
                    VmaFlags::of(&bits.iter().copied().filter(counts).collect::<Vec<_>>())
                        .without(KEY)
                };
                assert_eq!(pair.only_prev.flags, only(prev_bits, next_bits));
                assert_eq!(pair.only_next.flags, only(next_bits, prev_bits));
            }
        }
    }
}

#[test]
fn flags_with_a_cause_of_their_own_are_all_that_the_kernel_has() {
    for bit in (0..44).filter(|bit| !IGNORED.contains(bit)) {
        let has_a_use = ![24, 38].contains(&bit);
        assert_eq!(name_of_bit(bit) != UNNAMED, has_a_use, "{bit}");
    }
}

#[test]
fn protection_keys() {
    for one in 0..16 {
        for other in 0..16 {
            let (mut prev, mut next) = alike();
            let with_key =
                |key| [32, 33, 34, 35].map(|bit| if key >> (bit - 32) & 1 == 1 { bit } else { 5 });
            prev.flags = VmaFlags::of(&with_key(one)).union(prev.flags);
            next.flags = VmaFlags::of(&with_key(other)).union(next.flags);
            let pair = Pair::of(&prev, &next).expect("they touch");
            let expected = |key| (one != other).then_some(key);
            assert_eq!(pair.only_prev.key, expected(one));
            assert_eq!(pair.only_next.key, expected(other));
            assert_eq!(pair.only_prev.flags, VmaFlags::EMPTY);
            assert_eq!(pair.only_next.flags, VmaFlags::EMPTY);
            assert_eq!(pair.is_mergeable(), one == other);
        }
    }
}

/// Anonymous memory has page offsets that nobody chose.
#[test]
fn moved_memory() {
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (None, None);
    next.extent = extent(14, 16, 300, 300);
    assert_eq!(causes(&prev, &next), [MOVED]);
}

/// Where the files differ, page offsets count pages of different things.
#[test]
fn offsets_of_two_files_say_nothing() {
    for (one, other) in [(Some(1), Some(2)), (Some(1), None), (None, Some(1))] {
        let (mut prev, mut next) = alike();
        (prev.file, next.file) = (one, other);
        next.extent = extent(14, 16, 1, 2);
        let pair = Pair::of(&prev, &next).expect("they touch");
        assert_eq!(pair.blockers, BlockerSet::NONE.with(Blocker::File));
        assert_eq!(names(pair.causes), [FILES]);
    }
}

/// Whether they were written before or after.
#[test]
fn memory_from_before_a_fork_beside_newer_memory() {
    let sides = [
        (None, false),
        (Some(1), false),
        (Some(2), false),
        (Some(3), true),
        (Some(4), true),
    ];
    for (one, one_forked) in sides {
        for (other, other_forked) in sides {
            let (mut prev, mut next) = alike();
            (prev.anon_vma, prev.forked) = (one, one_forked);
            (next.anon_vma, next.forked) = (other, other_forked);
            let expected: &[&str] = if one_forked != other_forked {
                &[FORK]
            } else if one.is_some() && other.is_some() && one != other {
                &[ANON_VMAS]
            } else {
                &[]
            };
            assert_eq!(causes(&prev, &next), expected);
        }
    }
}

#[test]
fn each_other_difference() {
    type Change = fn(&mut Fake, &mut Fake);
    let cases: [(Change, &[&str], &[Blocker]); 13] = [
        (|_, _| (), &[], &[]),
        (|_, next| next.name = 1, &[VMA_NAMES], &[Blocker::Name]),
        (|prev, _| prev.policy = 1, &[POLICIES], &[Blocker::Policy]),
        (|_, next| next.file = Some(2), &[FILES], &[Blocker::File]),
        (
            |_, next| next.extent = extent(14, 16, 105, 204),
            &[PAGE_OFFSETS],
            &[Blocker::PageOffset],
        ),
        (
            |_, next| next.extent = extent(14, 16, 104, 203),
            &[MOVED],
            &[Blocker::AnonPageOffset],
        ),
        (
            |prev, next| (prev.anon_vma, next.anon_vma) = (Some(1), Some(2)),
            &[ANON_VMAS],
            &[Blocker::AnonVma],
        ),
        (
            |prev, _| (prev.anon_vma, prev.forked) = (Some(1), true),
            &[FORK],
            &[Blocker::NeighbourForked],
        ),
        (
            |_, next| (next.anon_vma, next.forked) = (Some(1), true),
            &[FORK],
            &[Blocker::RangeForked],
        ),
        (
            |prev, _| prev.userfaultfd = 1,
            &["userfaultfd"],
            &[Blocker::UserfaultfdContext],
        ),
        // A close hook of one is in nobody's way.
        (|prev, _| prev.closes = true, &[], &[]),
        (|_, next| next.closes = true, &[], &[]),
        (
            |prev, next| (prev.closes, next.closes) = (true, true),
            &[CLOSING],
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
            // Offsets of two files say nothing.
            if matches!((number, other_number), (3, 4 | 5) | (4 | 5, 3)) {
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
    assert_eq!(all.map(Cause::name).to_vec(), all_names());
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
    let (name, policy) = (Cause::Names, Cause::Policies);
    assert_eq!(names(two.without(name)), [POLICIES]);
    assert_eq!(names(two.without(policy)), [VMA_NAMES]);
    assert!(two.without(name).is_one());
    assert!(two.without(all[0]) == two);
    assert!(two.without(name).without(policy) == CauseSet::NONE);
}
