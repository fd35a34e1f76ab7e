// SPDX-License-Identifier: GPL-2.0

//! The words about a boundary, for people and for programs.

use super::fake::{
    extent,
    Dice,
    Fake,
    NAMES,
    PATHS, //
};
use crate::{
    bounded::Bounded,
    explain::{
        file_words::FileWords,
        form::{
            Form,
            LONGEST_PART, //
        },
        json::{
            self,
            ForPrograms, //
        },
        sides::MappedFile,
        text::ForPeople,
        Boundary,
        OneOfTwo,
        Paths,
        PolicyInWords,
        Sides,
        Use,
        LONGEST_PATH, //
    },
    vma::flags::VmaFlags,
};

fn both(prev: &Fake, next: &Fake, room: usize) -> [Option<String>; 2] {
    let boundary = Boundary::between(prev, next);
    let mut paths = [[0; LONGEST_PATH]; 2];
    let [path, other] = &mut paths;
    let paths = Paths {
        prev: path,
        next: other,
    };
    let sides = Sides::of(&boundary, prev, next, paths);
    let said = |say: &dyn Fn(&mut Bounded<Vec<u8>>) -> bool| {
        let mut text = Bounded::new(vec![0; room + 1]);
        text.append_str("|").expect("room for it");
        let fits = say(&mut text);
        let bytes = text.as_bytes().to_vec();
        // The text is either complete or empty.
        assert!(fits || bytes == b"|");
        fits.then(|| String::from_utf8(bytes).expect("ASCII").split_off(1))
    };
    [
        said(&|out| ForPeople::boundary(&boundary, &sides, out).is_ok()),
        said(&|out| ForPrograms::boundary(&boundary, &sides, out).is_ok()),
    ]
}

fn said(prev: &Fake, next: &Fake) -> (String, String) {
    let [for_people, for_programs] = both(prev, next, LONGEST_PART);
    let (for_people, for_programs) = for_people.zip(for_programs).expect("there is room");
    // If a single byte of room is missing, the text is empty.
    for room in [0, 10, for_people.len() - 1] {
        assert_eq!(both(prev, next, room)[0], None);
    }
    assert_eq!(both(prev, next, for_programs.len() - 1)[1], None);
    assert!(both(prev, next, for_people.len())[0].is_some());
    (for_people, for_programs)
}

fn vmas() -> (Fake, Fake) {
    let mapped = |place| Fake {
        flags: VmaFlags::of(&[5]),
        file: Some(1),
        ..Fake::at(place)
    };
    (
        mapped(extent(0x10, 0x14, 0x100, 0x200)),
        mapped(extent(0x14, 0x16, 0x104, 0x204)),
    )
}

/// Checks the text about two VMAs with this difference: the reason for people, and the object for programs.
fn check(change: impl Fn(&mut Fake, &mut Fake), reason: &str, rules: &str, causes: &str) {
    check_what(change, reason, rules, causes, "");
}

/// Checks the same, and how the VMA above differs from the one below.
fn check_what(
    change: impl Fn(&mut Fake, &mut Fake),
    reason: &str,
    rules: &str,
    causes: &str,
    upper_is: &str,
) {
    let (mut prev, mut next) = vmas();
    change(&mut prev, &mut next);
    let (for_people, for_programs) = said(&prev, &next);
    assert_eq!(
        for_people,
        format!("000000010000-000000014000-000000016000 {reason}\n")
    );
    assert_eq!(
        for_programs,
        format!(
            "{{\"lower\":[\"10000\",\"14000\"],\"upper\":[\"14000\",\"16000\"],\
             \"blockers\":[{rules}],\"causes\":[{causes}]{upper_is}}}\n"
        )
    );
}

#[test]
fn alike() {
    check(|_, _| (), "mergeable, but no operation has tried", "", "");
    // A single close hook prevents nothing.
    check(
        |prev, _| prev.closes = true,
        "mergeable, but no operation has tried",
        "",
        "",
    );
}

#[test]
fn flags_differ() {
    check(
        |_, next| next.flags = VmaFlags::of(&[5, 17]),
        "apart: flags differ (only above: dc)",
        r#"{"rule":"flags","only_lower":"","only_upper":"dc"}"#,
        r#""MADV_DONTFORK""#,
    );
    check(
        |prev, _| prev.flags = VmaFlags::of(&[5, 26, 17]),
        "apart: flags differ (only below: dc dd)",
        r#"{"rule":"flags","only_lower":"dc dd","only_upper":""}"#,
        r#""MADV_DONTFORK","MADV_DONTDUMP""#,
    );
    check(
        |prev, next| {
            prev.flags = VmaFlags::of(&[5, 17]);
            next.flags = VmaFlags::of(&[5, 26]);
        },
        "apart: flags differ (only below: dc, only above: dd)",
        r#"{"rule":"flags","only_lower":"dc","only_upper":"dd"}"#,
        r#""MADV_DONTFORK","MADV_DONTDUMP""#,
    );
    // A sticky flag is not named, because it does not matter.
    check(
        |prev, next| {
            prev.flags = VmaFlags::of(&[5, 11, 17]);
            next.flags = VmaFlags::of(&[5]);
        },
        "apart: flags differ (only below: dc)",
        r#"{"rule":"flags","only_lower":"dc","only_upper":""}"#,
        r#""MADV_DONTFORK""#,
    );
}

/// Protection keys of both sides are named with their numbers, and a flag without a name is named with its
/// bit.
#[test]
fn flags_without_a_name_in_smaps() {
    check(
        |prev, _| prev.flags = VmaFlags::of(&[5, 17, 32, 34]),
        "apart: flags differ (only below: dc key:5, only above: key:0)",
        r#"{"rule":"flags","only_lower":"dc key:5","only_upper":"key:0"}"#,
        r#""protection keys (pkey_mprotect)","MADV_DONTFORK""#,
    );
    check(
        |_, next| next.flags = VmaFlags::of(&[5, 60]),
        "apart: flags differ (only above: bit:60)",
        r#"{"rule":"flags","only_lower":"","only_upper":"bit:60"}"#,
        r#""flags without a name""#,
    );
}

#[test]
fn names_differ() {
    let causes = r#""names (PR_SET_VMA_ANON_NAME)""#;
    check_what(
        |prev, _| prev.name = 1,
        r#"apart: names differ (below: "one", above: none)"#,
        r#"{"rule":"name","lower":"one","upper":null}"#,
        causes,
        r#","upper_is":{"name":null}"#,
    );
    check_what(
        |prev, next| (prev.name, next.name) = (2, 3),
        r#"apart: names differ (below: "a name", above: ""\ \t\n\r\x01~\x7f\xff")"#,
        r#"{"rule":"name","lower":"a name","upper":"\"\\ \u0009\u000a\u000d\u0001~\u007f\u00ff"}"#,
        causes,
        r#","upper_is":{"name":"\"\\ \u0009\u000a\u000d\u0001~\u007f\u00ff"}"#,
    );
}

#[test]
fn policies_differ() {
    check(
        |prev, next| (prev.policy, next.policy) = (3, 0),
        "apart: NUMA policies differ (below: interleave:0,1, above: default)",
        r#"{"rule":"policy","lower":"interleave:0,1","upper":"default","relation":""}"#,
        r#""NUMA policies (mbind)""#,
    );
    check(
        |prev, next| (prev.policy, next.policy) = (2, 102),
        "apart: NUMA policies differ (below: bind:1, above: bind:1, which are: two policies)",
        r#"{"rule":"policy","lower":"bind:1","upper":"bind:1","relation":"two policies"}"#,
        r#""NUMA policies (mbind)""#,
    );
    for (mode, nodes, words) in [
        (0, 0, "default"),
        (1, 0b100, "prefer:2"),
        (2, 0b11, "bind:0,1"),
        (3, 0, "interleave"),
        (4, 0, "local"),
        (5, 1 << 63 | 1, "prefer (many):0,63"),
        (6, 2, "weighted interleave:1"),
        (7, 2, "unknown:1"),
    ] {
        let policy = PolicyInWords {
            mode,
            flags: 0,
            nodes,
            home: None,
        };
        assert_eq!(policy.to_string(), words);
    }
    // The flags as in numa_maps, of which static and relative are never together.
    for (flags, home, words) in [
        (1 << 15, None, "bind=static:0,1"),
        (1 << 14, None, "bind=relative:0,1"),
        (1 << 13, None, "bind=balancing:0,1"),
        (
            1 << 15 | 1 << 13,
            Some(1),
            "bind=static|balancing:0,1 home:1",
        ),
        (1 << 14 | 1 << 13, None, "bind=relative|balancing:0,1"),
        (0, Some(0), "bind:0,1 home:0"),
    ] {
        let policy = PolicyInWords {
            mode: 2,
            flags,
            nodes: 0b11,
            home,
        };
        assert_eq!(policy.to_string(), words);
    }
}

#[test]
fn files_differ() {
    let causes = r#""files""#;
    check_what(
        |prev, next| (prev.file, next.file) = (Some(1), Some(2)),
        r#"apart: files differ (below: /usr/lib/one, above: /quoted "two" \ \x80\n)"#,
        r#"{"rule":"file","lower":"/usr/lib/one","upper":"/quoted \"two\" \\ \u0080\u000a","relation":""}"#,
        causes,
        r#","upper_is":{"kind":"file","which":"/quoted \"two\" \\ \u0080\u000a"}"#,
    );
    check_what(
        |prev, next| (prev.file, next.file) = (Some(3), None),
        "apart: files differ (below: a file whose path is too long, above: none)",
        r#"{"rule":"file","lower":"a file whose path is too long","upper":null,"relation":""}"#,
        causes,
        r#","upper_is":{"kind":"anonymous","which":null}"#,
    );
}

/// Two files may look alike, and one may be opened twice.
#[test]
fn files_that_look_alike() {
    check(
        |prev, next| (prev.file, next.file) = (Some(4), Some(5)),
        "apart: files differ (below: shared anonymous memory, above: shared anonymous memory, \
         which are: two files)",
        r#"{"rule":"file","lower":"shared anonymous memory","upper":"shared anonymous memory","relation":"two files"}"#,
        r#""files""#,
    );
    check_what(
        |prev, next| {
            (prev.file, next.file) = (Some(1), Some(2));
            (prev.inode, next.inode) = (Some(7), Some(7));
        },
        r#"apart: files differ (below: /usr/lib/one, above: /quoted "two" \ \x80\n, which are: one file, opened anew)"#,
        r#"{"rule":"file","lower":"/usr/lib/one","upper":"/quoted \"two\" \\ \u0080\u000a","relation":"one file, opened anew"}"#,
        r#""one file, opened anew""#,
        r#","upper_is":{"kind":"file","which":"/quoted \"two\" \\ \u0080\u000a"}"#,
    );
}

/// Paths that the kernel makes up, and paths that only look made up.
#[test]
fn files_without_a_path() {
    for (path, words) in [
        (&b"/dev/zero (deleted)"[..], "shared anonymous memory"),
        (b"/dev/zero", "/dev/zero"),
        (b"/memfd:one two (deleted)", "memfd one two"),
        (b"/memfd: (deleted)", "memfd"),
        (b"/memfd:a/b (deleted)", "/memfd:a/b (deleted)"),
        (
            b"/dev/shm/memfd:one (deleted)",
            "/dev/shm/memfd:one (deleted)",
        ),
        (
            b"/SYSV0000cafe (deleted)",
            "System V segment with key 0000cafe",
        ),
        (b"/anon_hugepage (deleted)", "anonymous huge pages"),
        (b"/index/1.cfs (deleted)", "/index/1.cfs (deleted)"),
    ] {
        let (mut prev, mut next) = vmas();
        (prev.file, next.file) = (Some(0), None);
        let boundary = Boundary::between(&prev, &next);
        let mut none = [[0; LONGEST_PATH]; 2];
        let [other, another] = &mut none;
        let paths = Paths {
            prev: other,
            next: another,
        };
        let mut sides = Sides::of(&boundary, &prev, &next, paths);
        sides.prev.file = MappedFile::At(path);
        let mut text = Bounded::new(vec![0; 5000]);
        ForPeople::boundary(&boundary, &sides, &mut text).expect("there is room");
        let text = String::from_utf8(text.as_bytes().to_vec()).expect("ASCII");
        let told = format!("(below: {words}, above: none)\n");
        assert!(text.ends_with(&told), "{text}, not {told}");
    }
    assert_eq!(FileWords::of(MappedFile::None), None);
}

/// The description of a single VMA.
#[test]
fn a_vma_alone() {
    let whole = |vma: &Fake, room| {
        let mut path = [0; LONGEST_PATH];
        let one = OneOfTwo::alone(vma, &mut path);
        let mut text = Bounded::new(vec![0; room]);
        let fits = ForPrograms::vma(&one, &mut text).is_ok();
        let line = String::from_utf8(text.as_bytes().to_vec()).expect("ASCII");
        assert!(fits || line.is_empty());
        // The text for people leaves it out.
        let mut text = Bounded::new(vec![]);
        assert!(ForPeople::vma(&one, &mut text).is_ok());
        line
    };
    let place = extent(0x10, 0x14, 0, 0);
    for (file, bits, used_as, name, is) in [
        (
            None,
            &[][..],
            Use::Unknown,
            0,
            r#""---p","kind":"anonymous","which":null,"name":null"#,
        ),
        (
            None,
            &[0, 1],
            Use::Unknown,
            2,
            r#""rw-p","kind":"anonymous","which":null,"name":"a name""#,
        ),
        (
            None,
            &[0, 1],
            Use::Heap,
            0,
            r#""rw-p","kind":"heap","which":null,"name":null"#,
        ),
        (
            None,
            &[0, 1, 8],
            Use::Stack,
            0,
            r#""rw-p","kind":"stack","which":null,"name":null"#,
        ),
        (
            None,
            &[0, 2],
            Use::Special(b"[vdso]"),
            0,
            r#""r-xp","kind":"special","which":"[vdso]","name":null"#,
        ),
        (
            Some(1),
            &[2],
            Use::Heap,
            0,
            r#""--xp","kind":"file","which":"/usr/lib/one","name":null"#,
        ),
        (
            Some(3),
            &[0],
            Use::Heap,
            0,
            r#""r--p","kind":"long-path","which":null,"name":null"#,
        ),
        (
            Some(4),
            &[0, 1, 3, 7],
            Use::Heap,
            1,
            r#""rw-s","kind":"shared-memory","which":null,"name":"one""#,
        ),
        // Opened for reading only, it is not shared by VM_SHARED, and shared to its owner.
        (
            Some(6),
            &[0, 7],
            Use::Heap,
            0,
            r#""r--s","kind":"memfd","which":"ring","name":null"#,
        ),
        (
            Some(7),
            &[1, 22],
            Use::Heap,
            0,
            r#""-w-p","kind":"huge-file","which":"/huge/pages","name":null"#,
        ),
        (
            Some(7),
            &[1],
            Use::Heap,
            0,
            r#""-w-p","kind":"file","which":"/huge/pages","name":null"#,
        ),
    ] {
        let vma = Fake {
            file,
            flags: VmaFlags::of(bits),
            used_as,
            name,
            ..Fake::at(place)
        };
        let expected = format!("{{\"vma\":[\"10000\",\"14000\"],\"is\":{{\"rights\":{is}}}}}\n");
        assert_eq!(whole(&vma, 5000), expected);
        assert_eq!(whole(&vma, expected.len()), expected);
        for room in 0..expected.len() {
            assert_eq!(whole(&vma, room), "");
        }
    }
}

/// A line with the longest paths, in which every byte is escaped, fits into a piece of text.
#[test]
fn the_longest_line_fits() {
    let (mut prev, mut next) = vmas();
    (prev.file, next.file, prev.name, next.name) = (Some(8), Some(9), 2, 3);
    (prev.policy, next.policy, next.userfaultfd) = (3, 1, 1);
    (prev.closes, next.closes) = (true, true);
    (prev.anon_vma, next.anon_vma) = (Some(1), Some(2));
    prev.flags = VmaFlags::of(&[5]);
    next.flags = VmaFlags::ALL;
    next.extent = extent(0x17, 0x19, 0x99, 0x99);
    let (_, for_programs) = said(&prev, &next);
    assert!(for_programs.len() > 3 * 6 * LONGEST_PATH);
    // The names of real VMAs are longer.
    assert!(for_programs.len() + 3 * 6 * 80 < LONGEST_PART);
}

/// Attributes of the VMA above that the one below shares are not repeated, and neither is the path of a
/// shared file.
#[test]
fn the_upper_vma_is_what_differs() {
    let is = |change: &dyn Fn(&mut Fake, &mut Fake)| {
        let (mut prev, mut next) = vmas();
        change(&mut prev, &mut next);
        let (_, for_programs) = said(&prev, &next);
        let (_, is) = for_programs
            .split_once("],\"upper_is\":")
            .unwrap_or_default();
        is.strip_suffix("}\n").unwrap_or_default().to_owned()
    };
    assert_eq!(is(&|_, next| next.flags = VmaFlags::of(&[5, 17])), "");
    assert_eq!(
        is(&|prev, next| {
            prev.flags = VmaFlags::of(&[0, 1, 5]);
            next.flags = VmaFlags::of(&[0, 5, 17]);
        }),
        r#"{"rights":"r--p"}"#
    );
    // VMAs without files differ in their use.
    let used_as = |prev_is, next_is| {
        is(&|prev, next| {
            (prev.file, next.file) = (None, None);
            next.flags = VmaFlags::of(&[5, 17]);
            (prev.used_as, next.used_as) = (prev_is, next_is);
        })
    };
    assert_eq!(used_as(Use::Unknown, Use::Unknown), "");
    assert_eq!(used_as(Use::Heap, Use::Heap), "");
    assert_eq!(
        used_as(Use::Unknown, Use::Heap),
        r#"{"kind":"heap","which":null}"#
    );
    assert_eq!(
        used_as(Use::Stack, Use::Unknown),
        r#"{"kind":"anonymous","which":null}"#
    );
    assert_eq!(
        used_as(Use::Special(b"[vvar]"), Use::Special(b"[vdso]")),
        r#"{"kind":"special","which":"[vdso]"}"#
    );
    // Two files with the same path.
    assert_eq!(
        is(&|prev, next| (prev.file, next.file) = (Some(4), Some(5))),
        ""
    );
    assert_eq!(
        is(&|prev, next| {
            (prev.file, next.file, prev.name, next.name) = (None, Some(6), 1, 2);
            next.flags = VmaFlags::of(&[0, 5, 7]);
        }),
        r#"{"rights":"r--s","kind":"memfd","which":"ring","name":"a name"}"#
    );
}

/// Paths are looked up only if the files differ.
#[test]
fn paths_are_asked_for_if_they_matter() {
    let (mut prev, mut next) = vmas();
    next.name = 1;
    let mut paths = [[0; LONGEST_PATH]; 2];
    for differ in [false, true] {
        if differ {
            prev.file = Some(2);
        }
        let boundary = Boundary::between(&prev, &next);
        let [path, other] = &mut paths;
        let sides = Sides::of(
            &boundary,
            &prev,
            &next,
            Paths {
                prev: path,
                next: other,
            },
        );
        assert_eq!(sides.prev.name(), NAMES[0]);
        assert_eq!(sides.next.name(), NAMES[1]);
        assert_eq!(sides.next.policy().to_string(), "default");
        let written = paths.map(|path| path[0] != 0);
        assert_eq!(written, [differ, differ]);
    }
    assert!(paths[0].starts_with(PATHS[2].expect("it has one")));
    assert!(paths[1].starts_with(PATHS[1].expect("it has one")));
}

#[test]
fn offsets_do_not_continue() {
    let causes = r#""page offsets""#;
    check(
        |_, next| next.extent = extent(0x14, 0x16, 0x99, 0x204),
        "apart: page offsets do not continue (found: 99, expected: 104)",
        r#"{"rule":"pgoff","found":"99","expected":"104"}"#,
        causes,
    );
    check(
        |_, next| next.extent = extent(0x14, 0x16, 0x104, 0xfff),
        "apart: anonymous page offsets do not continue (found: fff, expected: 204)",
        r#"{"rule":"anon_pgoff","found":"fff","expected":"204"}"#,
        r#""memory moved by mremap (it keeps its page offsets)""#,
    );
}

/// Beside a hole, the VMA below has a separate end.
#[test]
fn nothing_is_mapped_between_them() {
    let (prev, mut next) = vmas();
    next.extent = extent(0x17, 0x19, 0x107, 0x207);
    let hole = r#"{"rule":"not-adjacent","size":"12 kB"}"#;
    let (for_people, for_programs) = said(&prev, &next);
    assert_eq!(
        for_people,
        "000000010000-000000014000-000000017000-000000019000 apart: nothing is mapped between them \
         (size: 12 kB)\n"
    );
    let ends = r#"{"lower":["10000","14000"],"upper":["17000","19000"],"#;
    assert_eq!(
        for_programs,
        format!("{ends}\"blockers\":[{hole}],\"causes\":[\"holes (munmap)\"]}}\n")
    );

    next.extent = extent(0x17, 0x19, 0x106, 0x206);
    let (for_people, for_programs) = said(&prev, &next);
    assert_eq!(
        for_people,
        "000000010000-000000014000-000000017000-000000019000 apart: nothing is mapped between them \
         (size: 12 kB); page offsets do not continue (found: 106, expected: 107); \
         anonymous page offsets do not continue (found: 206, expected: 207)\n"
    );
    assert!(for_programs.contains(r#"{"rule":"pgoff","found":"106","expected":"107"}"#));
}

#[test]
fn anon_vmas_differ() {
    check(
        |prev, next| (prev.anon_vma, next.anon_vma) = (Some(1), Some(2)),
        "apart: anon_vmas differ",
        r#"{"rule":"anon_vma"}"#,
        r#""anon_vmas (written before they were neighbours)""#,
    );
    let causes = r#""fork (an inherited anon_vma)""#;
    check(
        |prev, _| (prev.anon_vma, prev.forked) = (Some(1), true),
        "apart: the anon_vma below was inherited by fork",
        r#"{"rule":"neighbour-forked"}"#,
        causes,
    );
    check(
        |_, next| (next.anon_vma, next.forked) = (Some(1), true),
        "apart: the anon_vma above was inherited by fork",
        r#"{"rule":"range-forked"}"#,
        causes,
    );
}

#[test]
fn several_reasons() {
    check(
        |prev, next| {
            (prev.closes, next.closes) = (true, true);
            next.flags = VmaFlags::of(&[5, 14]);
            next.userfaultfd = 1;
        },
        "apart: the drivers of both have to see them closed; special mappings never merge; \
         flags differ (only above: io); userfaultfd contexts differ",
        r#"{"rule":"close"},{"rule":"special"},{"rule":"flags","only_lower":"","only_upper":"io"},{"rule":"userfaultfd"}"#,
        r#""special mappings""#,
    );
    check(
        |prev, next| (prev.closes, next.closes) = (true, true),
        "apart: the drivers of both have to see them closed",
        r#"{"rule":"close"}"#,
        r#""drivers that watch for closing""#,
    );
}

/// A string for programs decodes to the original bytes, and consists of printable ASCII only.
#[test]
fn strings_for_programs() {
    let mut dice = Dice::new(5);
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..dice.roll(12)).map(|_| dice.roll(256) as u8).collect();
        let string = json::Quoted(Some(&bytes)).to_string();
        assert!(string.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert_eq!(unquoted(&string), bytes);
    }
    assert_eq!(json::Quoted(None).to_string(), "null");
}

fn unquoted(string: &str) -> Vec<u8> {
    let inner = string
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .expect("quotes on both ends");
    let mut bytes = Vec::new();
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        bytes.push(match character {
            '"' => panic!("a quote inside of {string}"),
            '\\' => match rest.next() {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    u8::from_str_radix(&digits, 16).expect("a byte")
                }
                Some(escaped @ ('"' | '\\')) => escaped as u8,
                other => panic!("an unknown escape {other:?} in {string}"),
            },
            plain => plain as u8,
        });
    }
    bytes
}

/// Reasons that could not be seen come after those that could.
#[test]
fn reasons_that_were_not_to_be_seen() {
    let page = |number: usize, bits: &[u32]| Fake {
        flags: VmaFlags::of(bits),
        unseen_anon_vma: Some(number as u8),
        ..Fake::at(extent(number, number + 1, number, number))
    };
    let (for_people, for_programs) = said(&page(1, &[]), &page(2, &[]));
    assert!(for_people
        .ends_with(" mergeable, but no operation has tried; perhaps not: anon_vmas differ\n"));
    assert!(for_programs.contains("\"blockers\":[],\"causes\":[],\"perhaps\":[\"anon_vma\"]"));
    let (for_people, for_programs) = said(&page(1, &[]), &page(2, &[17]));
    assert!(
        for_people.ends_with(" apart: flags differ (only above: dc); perhaps: anon_vmas differ\n")
    );
    assert!(for_programs.contains("\"causes\":[\"MADV_DONTFORK\"],\"perhaps\":[\"anon_vma\"]"));
    // A known match is not reported as a possible reason.
    let same = Fake {
        unseen_anon_vma: Some(1),
        ..page(2, &[])
    };
    let (for_people, for_programs) = said(&page(1, &[]), &same);
    assert!(for_people.ends_with(" mergeable, but no operation has tried\n"));
    assert!(!for_programs.contains("perhaps"));
}
