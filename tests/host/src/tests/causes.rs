// SPDX-License-Identifier: GPL-2.0

//! Causes as people see them, compared with a list of the origins of each flag and each difference.

use super::fake::{
    extent,
    Fake, //
};
use crate::{
    explain::{
        cause_set::CauseSet,
        sides::Use,
        Boundary, //
    },
    vma::{
        causes::Cause,
        compat::{
            Blocker,
            BlockerSet, //
        },
        extent::{
            PageOffset,
            PAGE_SIZE, //
        },
        flags::{
            VmaFlags,
            PROTECTION_KEY as KEY, //
        },
    },
};

/// The causes of flags with their bits, in the order in which causes are named.
const BITS: [(&str, &[u32]); 24] = [
    ("access rights (mprotect)", &[0, 1, 2]),
    ("protection keys (pkey_mprotect)", &[32, 33, 34, 35]),
    ("accounting (memory that was writable once)", &[20]),
    ("MAP_NORESERVE", &[21]),
    ("MAP_SHARED beside MAP_PRIVATE", &[7]),
    (
        "rights that mprotect may give (how a file was opened)",
        &[3, 4, 5, 6],
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
    // Flags of arm64.
    ("PROT_BTI", &[]),
    ("memory tags (PROT_MTE)", &[36]),
    // A flag that x86_64 does not use.
    (UNNAMED, &[24]),
    (SPECIAL_MAPPINGS, &[10, 14, 18, 28, 39]),
];
/// Bits that merges ignore.
const IGNORED: [u32; 2] = [11, 27];
/// Bits of special mappings.
const SPECIAL: [u32; 4] = [14, 18, 10, 28];
/// Bits, each with the bits whose differences follow from a difference in it, and are not named.
const COME_WITH: [(u32, &[u32]); 10] = [
    (7, &[3, 5]),
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

/// Bits that a program sets on special mappings as it does on other memory.
const SET_BY_ALL: [u32; 10] = [0, 1, 2, 15, 16, 32, 33, 34, 35, 42];
/// Bits that a program sets on huge pages as well.
const SET_BY_HUGE: [u32; 7] = [17, 26, 21, 9, 12, 41, 43];

const UNNAMED: &str = "flags without a name";
const VMA_NAMES: &str = "names (PR_SET_VMA_ANON_NAME)";
const POLICIES: &str = "NUMA policies (mbind)";
const FILES: &str = "files";
const OPENED_ANEW: &str = "one file, opened anew";
const PAGE_OFFSETS: &str = "page offsets";
const MOVED: &str = "memory moved by mremap (it keeps its page offsets)";
const ANON_VMAS: &str = "anon_vmas (written before they were neighbours)";
const FORK: &str = "fork (an inherited anon_vma)";
const HOLES: &str = "holes (munmap)";
const SPECIAL_MAPPINGS: &str = "special mappings";
const CLOSING: &str = "drivers that watch for closing";
const SEGMENTS: &str = "segments of programs and libraries";

/// Returns all names, in the order in which causes are named.
fn all_names() -> Vec<&'static str> {
    let of_flags = BITS.iter().map(|(name, _)| *name);
    let others = [
        VMA_NAMES,
        POLICIES,
        FILES,
        OPENED_ANEW,
        PAGE_OFFSETS,
        MOVED,
        ANON_VMAS,
        FORK,
        HOLES,
        SPECIAL_MAPPINGS,
        CLOSING,
        SEGMENTS,
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

/// Returns the names in the order in which causes are named, each once.
fn in_order(mut names: Vec<&'static str>) -> Vec<&'static str> {
    let all = all_names();
    names.sort_by_key(|name| all.iter().position(|other| other == name));
    names.dedup();
    names
}

/// Returns two adjacent VMAs that are alike: private mappings of a file.
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
    names(Boundary::between(prev, next).causes)
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
                // Without a file, no rule looks at anonymous offsets.
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
                // A special mapping never merges. The bits that it could share with other memory are named as well.
                let is_special = |bits: &&&[u32]| bits.iter().any(|bit| SPECIAL.contains(bit));
                let sides = [&prev_bits, &next_bits];
                let special: Vec<_> = sides.into_iter().filter(is_special).collect();
                if !special.is_empty() {
                    let are_huge = special.iter().all(|bits| bits.contains(&22));
                    let is_told = |bit: &u32| {
                        prev_bits.contains(bit) != next_bits.contains(bit)
                            && (SET_BY_ALL.contains(bit) || are_huge && SET_BY_HUGE.contains(bit))
                    };
                    expected = [one, other]
                        .into_iter()
                        .filter(is_told)
                        .map(name_of_bit)
                        .collect();
                    expected.push(if are_huge {
                        "MAP_HUGETLB"
                    } else {
                        SPECIAL_MAPPINGS
                    });
                }
                let found = causes(&prev, &next);
                assert_eq!(found, in_order(expected), "{prev_bits:?} {next_bits:?}");

                let boundary = Boundary::between(&prev, &next);
                let only = |bits: &[u32], others: &[u32]| {
                    let counts = |bit: &u32| !IGNORED.contains(bit) && !others.contains(bit);
                    VmaFlags::of(&bits.iter().copied().filter(counts).collect::<Vec<_>>())
                        .without(KEY)
                };
                assert_eq!(boundary.only_prev.flags, only(prev_bits, next_bits));
                assert_eq!(boundary.only_next.flags, only(next_bits, prev_bits));
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
            let boundary = Boundary::between(&prev, &next);
            let expected = |key| (one != other).then_some(key);
            assert_eq!(boundary.only_prev.key, expected(one));
            assert_eq!(boundary.only_next.key, expected(other));
            assert_eq!(boundary.only_prev.flags, VmaFlags::EMPTY);
            assert_eq!(boundary.only_next.flags, VmaFlags::EMPTY);
            assert_eq!(boundary.is_mergeable(), one == other);
        }
    }
}

/// One file that was opened twice is mapped by both VMAs with `MAP_SHARED`, or by one with `MAP_PRIVATE`. The
/// flags are those that do_mmap() gives to readable mappings. The expected cause is the one besides the
/// second opening.
#[test]
fn shared_memory_of_a_file_that_was_opened_in_two_ways() {
    const READ_ONLY: &[u32] = &[0, 4, 6, 7];
    const READ_WRITE: &[u32] = &[0, 3, 4, 5, 6, 7];
    const PRIVATE: &[u32] = &[0, 4, 5, 6];
    let rights = "rights that mprotect may give (how a file was opened)";
    let sharing = "MAP_SHARED beside MAP_PRIVATE";
    for (one, other, cause) in [
        (READ_ONLY, READ_WRITE, rights),
        (READ_ONLY, PRIVATE, sharing),
        (READ_WRITE, PRIVATE, sharing),
    ] {
        for (below, above) in [(one, other), (other, one)] {
            let (mut prev, mut next) = alike();
            (prev.flags, next.flags) = (VmaFlags::of(below), VmaFlags::of(above));
            assert_eq!(causes(&prev, &next), [cause], "{below:?} {above:?}");
        }
    }
}

/// The page offsets of anonymous memory are not chosen by the program.
#[test]
fn moved_memory() {
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (None, None);
    next.extent = extent(14, 16, 300, 300);
    assert_eq!(causes(&prev, &next), [MOVED]);
    next.flags = VmaFlags::of(&[5, 8]);
    assert_eq!(causes(&prev, &next), ["MAP_GROWSDOWN", MOVED]);
    // execve() moves the stack, which may be on either side of the boundary.
    next.used_as = Use::Stack;
    assert_eq!(causes(&prev, &next), ["MAP_GROWSDOWN"]);
    (prev.used_as, next.used_as) = (Use::Stack, Use::Unknown);
    assert_eq!(causes(&prev, &next), ["MAP_GROWSDOWN"]);
}

/// Page offsets in different files cannot be compared.
#[test]
fn offsets_of_two_files_say_nothing() {
    for (one, other) in [(Some(1), Some(2)), (Some(1), None), (None, Some(1))] {
        let (mut prev, mut next) = alike();
        (prev.file, next.file) = (one, other);
        next.extent = extent(14, 16, 1, 2);
        let boundary = Boundary::between(&prev, &next);
        assert_eq!(boundary.blockers, BlockerSet::NONE.with(Blocker::File));
        assert_eq!(names(boundary.causes), [FILES]);
    }
}

/// A file that was opened twice is one file, in which offsets can be compared.
#[test]
fn one_file_opened_anew() {
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (Some(1), Some(2));
    (prev.inode, next.inode) = (Some(9), Some(9));
    assert_eq!(causes(&prev, &next), [OPENED_ANEW]);
    next.extent = extent(14, 16, 1, 204);
    assert_eq!(causes(&prev, &next), [OPENED_ANEW, PAGE_OFFSETS]);
    next.extent = extent(15, 17, 105, 205);
    assert_eq!(causes(&prev, &next), [OPENED_ANEW, HOLES]);
}

/// Files and offsets do not matter for memory of devices, huge pages and other drivers.
#[test]
fn memory_that_never_merges() {
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (Some(1), Some(2));
    (prev.closes, next.closes) = (true, true);
    next.extent = extent(14, 17, 1, 2);
    for (bits, cause) in [([10, 0], SPECIAL_MAPPINGS), ([18, 22], "MAP_HUGETLB")] {
        (prev.flags, next.flags) = (VmaFlags::of(&bits), VmaFlags::of(&bits));
        assert_eq!(causes(&prev, &next), [cause]);
    }
    // Huge pages beside ordinary memory, on either side.
    for (one, other) in [([18, 22].as_slice(), [].as_slice()), (&[], &[18, 22])] {
        (prev.flags, next.flags) = (VmaFlags::of(one), VmaFlags::of(other));
        assert_eq!(causes(&prev, &next), ["MAP_HUGETLB"]);
    }
    next.flags = VmaFlags::of(&[18, 22]);
    // Huge pages beside other memory of a driver.
    prev.flags = VmaFlags::of(&[18]);
    assert_eq!(causes(&prev, &next), [SPECIAL_MAPPINGS]);
}

/// Differences count if they would also keep ordinary memory apart, unless only ordinary memory can have
/// them.
#[test]
fn differences_beside_memory_that_never_merges() {
    // Ordinary memory may be locked, is accounted, and may be merged by KSM.
    let ordinary = VmaFlags::of(&[0, 13, 20, 31]);
    let told_of_all = [
        "access rights (mprotect)",
        "MADV_SEQUENTIAL or MADV_RANDOM",
        "mseal",
    ];
    let told_of_huge = [
        "MADV_DONTFORK",
        "MADV_DONTDUMP",
        "userfaultfd",
        POLICIES,
        HOLES,
    ];
    for (bits, never) in [
        (&[18, 22][..], "MAP_HUGETLB"),
        (&[18], SPECIAL_MAPPINGS),
        (&[10, 14], SPECIAL_MAPPINGS),
    ] {
        let (mut prev, mut next) = alike();
        (prev.file, next.file) = (None, Some(2));
        prev.flags = ordinary;
        next.flags = VmaFlags::of(&[&[0, 1, 16, 17, 26, 42], bits].concat());
        next.extent = extent(15, 17, 1, 2);
        (prev.name, prev.policy, next.userfaultfd) = (1, 1, 1);
        let mut expected = told_of_all.to_vec();
        if never == "MAP_HUGETLB" {
            expected.extend(told_of_huge);
        }
        expected.push(never);
        let expected = in_order(expected);
        assert_eq!(causes(&prev, &next), expected);
        (prev.extent, next.extent) = (next.extent, prev.extent);
        assert_eq!(causes(&next, &prev), expected);
    }
    // Beside a mapping that the kernel makes in each process, no other cause is named.
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (None, None);
    (prev.flags, next.flags) = (VmaFlags::of(&[0]), VmaFlags::of(&[0, 2, 18]));
    next.used_as = Use::Special(b"[vdso]");
    assert_eq!(causes(&prev, &next), [SPECIAL_MAPPINGS]);
    assert_eq!(causes(&next, &prev), [SPECIAL_MAPPINGS]);
}

/// Two files of a driver that has a close hook.
#[test]
fn segments_of_system_v() {
    let (mut prev, mut next) = alike();
    (prev.file, next.file) = (Some(1), Some(2));
    (prev.closes, next.closes) = (true, true);
    // Segments of System V: the close hooks of their driver would only matter if both segments were one file.
    (prev.flags, next.flags) = (VmaFlags::of(&[3]), VmaFlags::of(&[3]));
    assert_eq!(causes(&prev, &next), [FILES]);
    next.file = Some(1);
    next.extent = extent(14, 16, 104, 204);
    assert_eq!(causes(&prev, &next), [CLOSING]);
}

/// Inherited memory does not merge with newer memory, whether the latter was written to or not.
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
            // The child has made both VMAs' anon_vmas of one anon_vma of the parent.
            for vma in [&mut prev, &mut next] {
                vma.root = vma.forked.then_some(7);
            }
            let roots = [Some(3), Some(4)].map(|side| one == side || other == side);
            let expected: &[&str] = if one_forked != other_forked || roots == [true, true] {
                &[FORK]
            } else if one.is_some() && other.is_some() && one != other {
                &[ANON_VMAS]
            } else {
                &[]
            };
            assert_eq!(causes(&prev, &next), expected);
            // The parent already had two anon_vmas.
            (prev.root, next.root) = (None, None);
            if roots == [true, true] {
                assert_eq!(causes(&prev, &next), [ANON_VMAS]);
            }
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
        // A close hook of one VMA alone prevents nothing.
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
            // Some changes undo each other, or turn into another one, when they are combined.
            let combined = [number, other_number].map(|number| match number {
                4 | 5 => 4,
                6..=8 => 6,
                10..=12 => 10,
                number => number,
            });
            if combined[0] == combined[1] && number != other_number {
                continue;
            }
            // Offsets in two files cannot be compared.
            if matches!((number, other_number), (3, 4 | 5) | (4 | 5, 3)) {
                continue;
            }
            // Close hooks of two drivers do not matter.
            if matches!((number, other_number), (3, 12) | (12, 3)) {
                continue;
            }
            let boundary = Boundary::between(&prev, &next);
            let all = rules.iter().chain(*other_rules).copied();
            assert_eq!(
                boundary.blockers,
                all.fold(BlockerSet::NONE, BlockerSet::with)
            );
            assert_eq!(boundary.must_not_disappear, prev.closes && next.closes);
            let mut all = expected.to_vec();
            all.extend(*other_expected);
            assert_eq!(names(boundary.causes), in_order(all));
        }
    }
}

/// A hole is a cause like others. The other causes are those that would remain if the VMA below reached up to
/// the next one.
#[test]
fn holes() {
    type Change = fn(&mut Fake);
    let changes: [(Change, &[&str], &[Blocker]); 5] = [
        (|_| (), &[], &[]),
        (|next| next.name = 1, &[VMA_NAMES], &[Blocker::Name]),
        (
            |next| next.flags = VmaFlags::of(&[5, 17]),
            &["MADV_DONTFORK"],
            &[Blocker::Flags],
        ),
        (
            |next| next.extent.pgoff = PageOffset::new(7),
            &[PAGE_OFFSETS],
            &[Blocker::PageOffset],
        ),
        (|next| next.file = None, &[FILES], &[Blocker::File]),
    ];
    for pages in 0..4 {
        for (change, expected, rules) in changes {
            let (prev, mut next) = alike();
            next.extent = extent(14 + pages, 16 + pages, 104 + pages, 204 + pages);
            change(&mut next);
            let boundary = Boundary::between(&prev, &next);
            assert_eq!((boundary.prev, boundary.next), (prev.extent, next.extent));
            assert_eq!(boundary.touches(), pages == 0);
            assert_eq!(boundary.hole(), pages * PAGE_SIZE);
            let mut expected = expected.to_vec();
            let mut blockers = rules
                .iter()
                .copied()
                .fold(BlockerSet::NONE, BlockerSet::with);
            if pages > 0 {
                // Mappings of two files may be anywhere, so that a hole between them is not a cause.
                if expected != [FILES] {
                    expected.push(HOLES);
                }
                blockers = blockers.with(Blocker::NotAdjacent);
            }
            assert_eq!(names(boundary.causes), in_order(expected));
            assert_eq!(boundary.blockers, blockers);
            assert_eq!(boundary.is_mergeable(), blockers == BlockerSet::NONE);
            let continued = boundary.next_if_continued();
            assert_eq!(continued.pgoff, PageOffset::new(104 + pages));
            assert_eq!(continued.anon_pgoff, PageOffset::new(204 + pages));
        }
    }
}

/// All attributes of a VMA are compared across a hole as well.
#[test]
fn a_hole_hides_nothing() {
    type Change = fn(&mut Fake, &mut Fake);
    let changes: [(Change, &str); 6] = [
        (|prev, _| prev.policy = 1, POLICIES),
        (|prev, _| prev.userfaultfd = 1, "userfaultfd"),
        (
            |prev, next| (prev.closes, next.closes) = (true, true),
            CLOSING,
        ),
        (
            |prev, next| (prev.anon_vma, next.anon_vma) = (Some(1), Some(2)),
            ANON_VMAS,
        ),
        (
            |prev, _| (prev.anon_vma, prev.forked) = (Some(1), true),
            FORK,
        ),
        (
            |_, next| (next.anon_vma, next.forked) = (Some(1), true),
            FORK,
        ),
    ];
    for (change, cause) in changes {
        let (mut prev, mut next) = alike();
        next.extent = extent(17, 18, 107, 207);
        change(&mut prev, &mut next);
        assert_eq!(
            names(Boundary::between(&prev, &next).causes),
            in_order(vec![cause, HOLES])
        );
    }
}

#[test]
fn sets_of_causes() {
    let all = Cause::ALL;
    assert_eq!(all.map(Cause::name).to_vec(), all_names());
    for (index, cause) in all.into_iter().enumerate() {
        assert_eq!(cause as usize, index);
    }
    let sets = || (0..1_u64 << 8).map(|bits| set_of(bits * 0x0041_0421));
    for one in sets() {
        let members: Vec<Cause> = one.iter().collect();
        assert_eq!(one.count(), members.len());
        assert_eq!(one.is_one(), members.len() == 1);
        for cause in all {
            assert_eq!(one.contains(cause), members.contains(&cause));
            assert!(!one.without(cause).contains(cause));
            assert_eq!(one.with(cause).without(cause), one.without(cause));
        }
        for other in sets().step_by(7) {
            let others: Vec<Cause> = other.iter().collect();
            let is_within = members.iter().all(|cause| others.contains(cause));
            assert_eq!(one.is_within(other), is_within);
            let rest = members.iter().filter(|cause| !others.contains(cause));
            assert!(one.minus(other).iter().eq(rest.copied()));
            assert_eq!(one.union(other).minus(one), other.minus(one));
        }
    }
    assert_eq!(CauseSet::NONE.iter().count(), 0);
}

fn set_of(bits: u64) -> CauseSet {
    Cause::ALL
        .into_iter()
        .filter(|cause| bits & 1 << *cause as u64 != 0)
        .fold(CauseSet::NONE, CauseSet::with)
}
