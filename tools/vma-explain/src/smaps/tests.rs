// SPDX-License-Identifier: GPL-2.0

//! Tests of entries as kernels since Linux 3.10 have written them.

use super::*;
use crate::{
    explain::{
        Boundary,
        Described, //
    },
    subject::Who, //
};

fn records_and(smaps: &str, policies: KnownPolicies) -> Result<(Vec<Record>, Walk)> {
    let entries = Entries::of("the file".to_owned(), smaps.as_bytes(), Order::Ascending);
    walk(SmapsSource::new(entries, policies, Memory::Saved))
}

fn walk(mut source: SmapsSource<&[u8]>) -> Result<(Vec<Record>, Walk)> {
    let mut records = Vec::new();
    while let Some(record) = source.next()? {
        records.push(record);
    }
    Ok((records, source.walk()))
}

fn records(smaps: &str) -> Vec<Record> {
    let found = records_and(smaps, KnownPolicies::None);
    let (records, walk) = found.unwrap_or_else(|problem| panic!("{problem}"));
    assert!(walk == Walk::Disturbed);
    records
}

fn problem_of(smaps: &str) -> String {
    match records_and(smaps, KnownPolicies::None) {
        Ok((records, _)) => panic!("{} records", records.len()),
        Err(problem) => problem.to_string(),
    }
}

/// Returns the entry of a VMA with these pages, rights, file and flags.
fn vma(pages: (usize, usize), place: &str, flags: &str) -> String {
    let (start, end) = (pages.0 * PAGE_SIZE, pages.1 * PAGE_SIZE);
    format!("{start:08x}-{end:08x} {place}\nSize: 4 kB\nVmFlags: {flags} \n")
}

const PRIVATE: &str = "rw-p 00000000 00:00 0 ";
const PRIVATE_FLAGS: &str = "rd wr mr mw me ac";

/// Fields differ between releases. Only the line of protection keys may come after the flags.
#[test]
fn formats_of_releases() {
    let linux_3_10 = "\
00400000-0040b000 r-xp 00001000 08:01 1835041                            /bin/cat
Size:                 44 kB
Rss:                  20 kB
Swap:                  0 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Locked:                0 kB
VmFlags: rd ex mr mw me dw
7fff2a3de000-7fff2a3ff000 rw-p 00000000 00:00 0                          [stack]
Size:                136 kB
VmFlags: rd wr mr mw me gd ac
ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0                  [vsyscall]
Size:                  4 kB
VmFlags: rd ex
";
    let linux_6_12 = "\
00400000-0040b000 r-xp 00001000 08:01 1835041                            /bin/cat
Size:                 44 kB
KernelPageSize:        4 kB
Pss_Dirty:             0 kB
LazyFree:              0 kB
FilePmdMapped:         0 kB
THPeligible:           0
ProtectionKey:         0
VmFlags: rd ex mr mw me sd
7fff2a3de000-7fff2a3ff000 rw-p 00000000 00:00 0                          [stack]
Size:                136 kB
THPeligible:           0
ProtectionKey:         3
VmFlags: rd wr mr mw me gd ac sd
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Size:                  4 kB
VmFlags: ex
";
    for (text, key) in [(linux_3_10, 0), (linux_6_12, 3)] {
        let [program, stack] = records(text).try_into().ok().expect("two VMAs");
        assert_eq!(program.extent.range.start(), 0x40_0000);
        assert_eq!(program.extent.pgoff, PageOffset::new(1));
        assert!(program.file.is_some() && stack.file.is_none());
        assert_eq!(program.path(&mut [0; 64]), Some(&b"/bin/cat"[..]));
        assert!(matches!(stack.used_as, UsedAs::Stack));
        let first_key_bit = host::PROTECTION_KEY_BITS[0];
        let with_key = |bits: &[u32]| {
            let keys = VmaFlags::from_words([key << first_key_bit]);
            VmaFlags::of(bits).union(keys)
        };
        let flags = stack
            .flags
            .without(VmaFlags::of(&[host::VMA_SOFTDIRTY_BIT]));
        assert_eq!(flags, with_key(&[0, 1, 4, 5, 6, 8, 20]));
    }
}

/// Each unknown name is a separate flag, the same one each time.
#[test]
fn flags_that_nobody_knows() {
    let text = vma((1, 2), PRIVATE, "rd dw")
        + &vma((2, 3), PRIVATE, "rd xx dw")
        + &vma((3, 4), PRIVATE, "rd xx")
        + &vma((4, 5), PRIVATE, "rd");
    let flags: Vec<VmaFlags> = records(&text).iter().map(|record| record.flags).collect();
    assert_eq!(flags[1], flags[0].union(flags[2]));
    assert_eq!(flags[3], VmaFlags::of(&[0]));
    assert!(flags[0] != flags[2] && flags[0] != flags[3] && flags[2] != flags[3]);
}

/// If there is no room for all unknown flags, two different ones may count as alike, but this is marked as doubtful.
#[test]
fn more_flags_that_nobody_knows() {
    let names: Vec<String> = (b'a'..=b'z')
        .map(|letter| format!("z{}", char::from(letter)))
        .collect();
    let text = vma((1, 2), PRIVATE, &names.join(" "))
        + &vma((2, 3), PRIVATE, "zy")
        + &vma((3, 4), PRIVATE, "zz")
        + &vma((4, 5), PRIVATE, "??")
        + &vma((5, 6), PRIVATE, "??");
    let records = records(&text);
    let all = records[0].flags.words()[0];
    assert_eq!(
        all & ((1 << 44) - 1),
        0,
        "none is taken for one that is known"
    );
    for [below, above] in [[1, 2], [3, 4]] {
        let boundary = Boundary::between(&records[below], &records[above]);
        let perhaps = boundary.perhaps.apart.blockers;
        assert!(boundary.is_mergeable());
        assert!(perhaps.iter().any(|rule| rule.name().as_str() == "flags"));
    }
}

#[test]
fn descriptions_of_vmas() {
    for (place, used_as, name, path) in [
        (PRIVATE, "unknown", None, None),
        ("rw-p 00000000 00:00 0    [heap]", "heap", None, None),
        ("rw-p 00000000 00:00 0    [stack]", "stack", None, None),
        (
            "rw-p 00000000 00:00 0    [stack:4711]",
            "unknown",
            None,
            None,
        ),
        (
            "rw-p 00000000 00:00 0    [anon:a name [1] x]",
            "unknown",
            Some("a name [1] x"),
            None,
        ),
        ("r-xp 00000000 00:00 0    [vdso]", "[vdso]", None, None),
        (
            "rw-s 00000000 00:01 5    [anon_shmem:shared]",
            "unknown",
            Some("shared"),
            None,
        ),
        (
            "rw-s 00000000 00:01 5    /memfd:a b (deleted)",
            "unknown",
            None,
            Some("/memfd:a b (deleted)"),
        ),
        (
            "rw-s 00000000 00:0e 5    anon_inode:[perf_event]",
            "unknown",
            None,
            Some("anon_inode:[perf_event]"),
        ),
        (
            "rw-s 00000000 08:01 5    /a\\012b c\\d",
            "unknown",
            None,
            Some("/a\nb c\\d"),
        ),
        (
            "rw-s 00000000 00:05 0    /no/inode",
            "unknown",
            None,
            Some("/no/inode"),
        ),
    ] {
        let [record] = records(&vma((1, 2), place, "rd"))
            .try_into()
            .ok()
            .expect("one VMA");
        let told = match &record.used_as {
            UsedAs::Unknown => "unknown",
            UsedAs::Heap => "heap",
            UsedAs::Stack => "stack",
            UsedAs::Special(name) => str::from_utf8(name).expect("ASCII"),
        };
        assert_eq!(told, used_as, "{place}");
        assert_eq!(record.name_in_bytes(), name.map(str::as_bytes), "{place}");
        assert_eq!(
            record.path(&mut [0; 64]),
            path.map(str::as_bytes),
            "{place}"
        );
        assert_eq!(
            record.file.is_some(),
            path.is_some() || place.contains("shmem")
        );
    }
}

#[test]
fn files_that_are_not_smaps() {
    let head = "1000-2000 rw-p 00000000 00:00 0";
    for (text, problem) in [
        ("".to_owned(), "the file has no complete line; "),
        ("x".to_owned(), "the file has no complete line; "),
        ("xyz\n".to_owned(), "the file, line 1: \"xyz\" is neither "),
        (
            format!("{}\nline\n", vma((1, 2), PRIVATE, "rd")),
            "the file, line 4: \"\" is neither ",
        ),
        (
            format!("{}a\u{1b}{}\n", vma((1, 2), PRIVATE, "rd"), "b".repeat(50)),
            "the file, line 4: \"a\\x1bbbb",
        ),
        (
            format!("{head}\n2000-3000 rw-p 00000000 00:00 0\n"),
            "the file, line 1: this VMA has no line VmFlags; ",
        ),
        // Also in a list of one VMA, and in a file that is cut off after another VMA.
        (
            format!("{head}\n"),
            "the file, line 1: this VMA has no line VmFlags; ",
        ),
        (
            format!(
                "{}{head}\n4000-5000 rw-p 00000000 00:00 0\n",
                vma((0, 1), PRIVATE, "rd")
            ),
            "the file, line 4: this VMA has no line VmFlags; ",
        ),
        (
            format!("{head}\n{}\n", "x".repeat(1 << 15)),
            "the file, line 2: the line is too long",
        ),
        (
            "1000-9000 ---p 00000000 00:00 0    [rollup]\nRss: 4 kB\n".to_owned(),
            "the file, line 1: this is a copy of smaps_rollup",
        ),
        (
            vma((3, 4), PRIVATE, "rd") + &vma((2, 3), PRIVATE, "rd"),
            "the file, line 4: the VMA at 2000 begins before the end of the previous one, at 4000",
        ),
        (
            vma((1, 3), PRIVATE, "rd") + &vma((2, 4), PRIVATE, "rd"),
            "the file, line 4: the VMA at 2000 begins before",
        ),
        (
            format!("{head}\nProtectionKey: x\nVmFlags: rd\n"),
            "the file, line 2: \" x\" is not a protection key; ",
        ),
        (
            format!("{head}\nProtectionKey: 16\nVmFlags: rd\n"),
            "the file, line 2: \" 16\" is not a protection key; ",
        ),
        (
            "1000-2800 rw-p 00000000 00:00 0\nVmFlags: rd\n".to_owned(),
            "the file, line 1: this VMA does not begin and end with a page",
        ),
        (
            "2000-1000 rw-p 00000000 00:00 0\n".to_owned(),
            "the file, line 1: ",
        ),
        (
            "1000-2000 rwzp 00000000 00:00 0\n".to_owned(),
            "the file, line 1: ",
        ),
        (
            "1000-2000 rw-p 00000000 00 0\n".to_owned(),
            "the file, line 1: ",
        ),
        (
            "1000-2000 rw-p 00000000 00:00 -1\n".to_owned(),
            "the file, line 1: ",
        ),
        (
            "+1000-2000 rw-p 00000000 00:00 0\n".to_owned(),
            "the file, line 1: ",
        ),
        (
            "10000000000000000-2000 rw-p 0 00:00 0\n".to_owned(),
            "the file, line 1: ",
        ),
    ] {
        let found = problem_of(&text);
        assert!(found.starts_with(problem), "{text}: {found}");
    }
}

/// A file that ends in the middle of an entry is read up to that entry, and the rest is reported as missing.
#[test]
fn a_file_that_was_cut_off() {
    let whole = vma((1, 2), PRIVATE, "rd") + &vma((2, 3), PRIVATE, "rd wr");
    let first = vma((1, 2), PRIVATE, "rd").len();
    for end in first + 1..whole.len() {
        let found = records_and(&whole[..end], KnownPolicies::None);
        let (records, walk) = found.unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(records.len(), 1, "{}", &whole[first..end]);
        // Only a whole line shows that another VMA was to follow.
        let has_head = whole[first..end].contains('\n');
        assert_eq!(walk == Walk::CutShort, has_head, "{}", &whole[first..end]);
    }
}

/// Lines may end with a carriage return, as on other systems.
#[test]
fn carriage_returns() {
    let text =
        vma((1, 2), PRIVATE, PRIVATE_FLAGS) + &vma((2, 3), "rw-p 00000000 00:00 0 [heap]", "rd");
    let [one, heap] = records(&text.replace('\n', "\r\n"))
        .try_into()
        .ok()
        .expect("two VMAs");
    assert!(one.file.is_none() && matches!(one.used_as, UsedAs::Unknown));
    assert!(matches!(heap.used_as, UsedAs::Heap));
}

/// A VMA that the process has enlarged meanwhile is listed again, which is not an error.
#[test]
fn a_vma_that_comes_again() {
    let text = vma((1, 2), PRIVATE, "rd") + &vma((1, 4), PRIVATE, "rd");
    let process = Process::find(&Who::Pid(std::process::id()));
    let process = Rc::new(process.unwrap_or_else(|problem| panic!("{problem}")));
    let entries = Entries::of("smaps".to_owned(), text.as_bytes(), Order::MayComeAgain);
    let memory = Memory::Live(process, Release(6, 12));
    let found = walk(SmapsSource::new(entries, KnownPolicies::None, memory));
    assert_eq!(found.map(|(records, _)| records.len()).ok(), Some(2));
}

/// Any number of such mappings is left out.
#[test]
fn mappings_that_no_process_has() {
    let text = vma((1, 2), "--xp 00000000 00:00 0 [vsyscall]", "ex");
    let many: String = (1..100_000)
        .map(|page| vma((page, page + 1), "--xp 00000000 00:00 0 [vsyscall]", "ex"))
        .collect();
    assert_eq!(records(&text).len(), 0);
    assert_eq!(records(&many).len(), 0);
}

/// smaps does not show some reasons that the kernel knows: two VMAs count as mergeable, but the unseen reasons are
/// listed.
#[test]
fn reasons_that_smaps_does_not_show() {
    let file = "r--p 00001000 08:01 5 /a";
    let next_of_file = "r--p 00002000 08:01 5 /a";
    let shared = "rw-s 00001000 00:01 5 /memfd:a (deleted)";
    let next_shared = "rw-s 00002000 00:01 5 /memfd:a (deleted)";
    for (below, above, flags, reasons) in [
        (PRIVATE, PRIVATE, PRIVATE_FLAGS, &["pgoff", "anon_vma"][..]),
        // The contexts of both, if they have any, are not known.
        (
            PRIVATE,
            PRIVATE,
            "rd wr mr mw me um",
            &["pgoff", "anon_vma", "userfaultfd"],
        ),
        (
            file,
            next_of_file,
            "rd mr mw me",
            &["close", "file", "anon_pgoff", "anon_vma"],
        ),
        (
            shared,
            next_shared,
            "rd wr sh mr mw me ms",
            &["close", "file"],
        ),
        (
            "rw-p 00000000 00:00 0 [heap]",
            "rw-p 00000000 00:00 0 [heap]",
            PRIVATE_FLAGS,
            &["pgoff", "anon_vma", "name"],
        ),
        // Neither the name of the heap nor the path of memory with a name is shown.
        (
            "rw-p 00000000 00:00 0 [heap]",
            "rw-p 00000000 00:00 0 [anon:a]",
            PRIVATE_FLAGS,
            &["pgoff", "anon_vma", "name"],
        ),
    ] {
        let text = vma((1, 2), below, flags) + &vma((2, 3), above, flags);
        let [prev, next] = records(&text).try_into().ok().expect("two VMAs");
        let boundary = Boundary::between(&prev, &next);
        assert!(boundary.is_mergeable(), "{below}");
        let perhaps = boundary.perhaps.apart;
        let close = perhaps.must_not_disappear.then_some("close");
        let rules = perhaps.blockers.iter().map(|rule| rule.name().as_str());
        let told: Vec<&str> = close.into_iter().chain(rules).collect();
        assert_eq!(told, reasons, "{below}");
    }
}

/// Reasons that smaps shows are certain.
#[test]
fn reasons_that_smaps_shows() {
    let file = "r--p 00001000 08:01 5 /a";
    for (below, above, flags, reasons) in [
        (PRIVATE, PRIVATE, ["rd", "rd wr"], &["flags"][..]),
        (file, "r--p 00003000 08:01 5 /a", ["rd"; 2], &["pgoff"]),
        (file, "r--p 00002000 08:01 6 /a", ["rd"; 2], &["file"]),
        (file, "r--p 00002000 08:02 5 /a", ["rd"; 2], &["file"]),
        // Another path to the same inode is another open file.
        (file, "r--p 00002000 08:01 5 /b", ["rd"; 2], &["file"]),
        (
            PRIVATE,
            "rw-p 00000000 00:00 0 [anon:x]",
            ["rd"; 2],
            &["name"],
        ),
        (PRIVATE, PRIVATE, ["rd", "rd um"], &["flags", "userfaultfd"]),
        (PRIVATE, PRIVATE, ["rd io", "rd io"], &["special"]),
        (
            "rw-s 00001000 00:01 5 [anon_shmem:a]",
            "rw-s 00002000 00:01 5 /dev/zero (deleted)",
            ["rd sh"; 2],
            &["name"],
        ),
    ] {
        let text = vma((1, 2), below, flags[0]) + &vma((2, 3), above, flags[1]);
        let [prev, next] = records(&text).try_into().ok().expect("two VMAs");
        let blockers = Boundary::between(&prev, &next).blockers;
        let told: Vec<&str> = blockers.iter().map(|rule| rule.name().as_str()).collect();
        assert_eq!(told, reasons, "{below} {above}");
    }
}

#[test]
fn policies() {
    let memory = vma((1, 2), PRIVATE, "rd") + &vma((2, 3), PRIVATE, "rd");
    let shared = "rw-s 00001000 00:01 5 /memfd:a (deleted)";
    let next_shared = "rw-s 00002000 00:01 5 /memfd:a (deleted)";
    let beside = vma((1, 2), shared, "rd ms") + &vma((2, 3), PRIVATE, "rd");
    let shared = vma((1, 2), shared, "rd ms") + &vma((2, 3), next_shared, "rd ms");
    for (smaps, numa_maps, differ, may_differ) in [
        (&memory, Some("1000 default\n2000 default\n"), false, false),
        (&memory, Some("1000 bind:0\n2000 default\n"), true, true),
        (&memory, Some("1000 bind:0\n2000 bind:1\n"), true, true),
        // One may be the policy of the process, and the other that of the VMA.
        (&memory, Some("1000 bind:0\n2000 bind:0\n"), false, true),
        (&memory, None, false, true),
        // A file in memory has its own policy, which is not the VMA's.
        (&shared, Some("1000 bind:0\n2000 bind:1\n"), false, true),
        (&beside, Some("1000 bind:0\n2000 default\n"), false, true),
        // The policies of another process, or none at all.
        (&memory, Some("9000 default\n"), false, true),
        (&memory, Some(""), false, true),
    ] {
        let policies = match numa_maps {
            Some(text) => KnownPolicies::Told(
                Policies::read("numa_maps", text.as_bytes()).unwrap_or_else(|why| panic!("{why}")),
            ),
            None => KnownPolicies::Unknown,
        };
        let found = records_and(smaps, policies).unwrap_or_else(|why| panic!("{why}"));
        let [prev, next] = found.0.try_into().ok().expect("two VMAs");
        let boundary = Boundary::between(&prev, &next);
        let has = |blockers: crate::vma::compat::BlockerSet| {
            blockers.iter().any(|rule| rule.name().as_str() == "policy")
        };
        let is_known = has(boundary.blockers);
        assert_eq!(is_known, differ, "{numa_maps:?}");
        assert_eq!(
            is_known || has(boundary.perhaps.apart.blockers),
            may_differ,
            "{numa_maps:?}"
        );
    }
}

/// At worst, the unseen properties of a VMA differ from those of the next one, whatever their sizes and whatever lies
/// between them.
#[test]
fn no_two_are_alike_at_worst() {
    let mut text = String::new();
    let mut page = 1;
    for size in (1..100).chain((0..30).map(|bits| 1 << bits)) {
        text += &vma((page, page + size), PRIVATE, "rd um");
        text += &vma((page + size, page + 2 * size), PRIVATE, "rd um");
        page += 3 * size;
    }
    let records = records(&text);
    for (prev, next) in records.iter().zip(&records[1..]) {
        let boundary = Boundary::between(prev, next);
        let perhaps = boundary.perhaps.apart.blockers;
        let told: Vec<&str> = perhaps.iter().map(|rule| rule.name().as_str()).collect();
        assert_eq!(told, ["pgoff", "anon_vma", "userfaultfd"]);
    }
}

/// A fork may keep a child's memory apart from memory without an anon_vma.
#[test]
fn forks_that_smaps_does_not_show() {
    let shared = "rw-s 00000000 00:01 5 /dev/zero (deleted)";
    let text =
        vma((1, 2), PRIVATE, "rd") + &vma((2, 3), shared, "rd sh") + &vma((3, 4), PRIVATE, "rd");
    let [below, shared, above] = records(&text).try_into().ok().expect("three VMAs");
    for (prev, next, rule) in [
        (&below, &shared, "neighbour-forked"),
        (&shared, &above, "range-forked"),
    ] {
        let perhaps = Boundary::between(prev, next).perhaps.apart.blockers;
        assert!(
            perhaps.iter().any(|each| each.name().as_str() == rule),
            "{rule}"
        );
    }
}
