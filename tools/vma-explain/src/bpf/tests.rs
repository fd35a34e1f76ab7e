// SPDX-License-Identifier: GPL-2.0

//! Tests of reading records, as they come from the kernel.

use super::*;
use crate::{
    explain::{
        Described,
        Use, //
    },
    record::Shown,
    subject::Who,
    vma::compat::Attributes, //
};
use std::io;
use zerocopy::IntoBytes;

const HEADER: Header = Header {
    kind: 1,
    used_as: 0,
    start: 0x1000,
    end: 0x3000,
    pgoff: 1,
    anon_pgoff: 1,
    flags: 0x73,
    mm: 7,
    file: 0,
    inode: 0,
    anon_vma: 0,
    anon_vma_root: 0,
    uffd: 0,
    write_count: 4,
    name_length: 0,
    has_policy: 0,
    has_several_anon_vmas: 0,
    has_close: 0,
    has_waiters: 0,
    padding: [0; 6],
};

const LAST: Header = Header {
    kind: END,
    start: 0,
    end: 0,
    mm: 0,
    ..HEADER
};

const POLICY: PolicyHeader = PolicyHeader {
    mode: 2,
    flags: 1 << 15 | 1,
    home_node: -1,
    padding: 0,
};

/// Pieces that are read one by one, at most `at_a_time` bytes at a time.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    at_a_time: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.first_mut() else {
            return Ok(0);
        };
        let length = piece.len().min(self.at_a_time).min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        piece.drain(..length);
        if piece.is_empty() {
            self.pieces.remove(0);
        }
        Ok(length)
    }
}

fn source(pieces: &[&[&[u8]]], at_a_time: usize) -> BpfSource<Pieces> {
    let process = Process::find(&Who::Pid(std::process::id())).expect("that is us");
    let pieces = pieces.iter().map(|parts| parts.concat()).collect();
    let pieces = Pieces { pieces, at_a_time };
    BpfSource::new(Rc::new(process), Release(6, 12), pieces)
}

fn all(source: &mut impl Source) -> Vec<Record> {
    std::iter::from_fn(|| source.next().expect("it is a record")).collect()
}

fn nodes(first: u64) -> NodeSet {
    let mut words = [0; 16];
    words[0] = first;
    NodeSet { words }
}

#[test]
fn records_in_whole_pieces_and_byte_by_byte() {
    let named = Header {
        start: 0x3000,
        end: 0x4000,
        file: 0xf00,
        inode: 0xf1,
        anon_vma: 0xa,
        anon_vma_root: 0xb,
        uffd: 0xc,
        name_length: 5,
        has_policy: 1,
        has_several_anon_vmas: 1,
        has_close: 1,
        ..HEADER
    };
    let special = Header {
        start: 0x5000,
        end: 0x6000,
        used_as: SPECIAL,
        name_length: 7,
        ..HEADER
    };
    let heap = Header {
        start: 0x7000,
        end: 0x8000,
        used_as: HEAP,
        ..HEADER
    };
    for at_a_time in [usize::MAX, 1, 100] {
        let mut source = source(
            &[&[
                HEADER.as_bytes(),
                named.as_bytes(),
                b"name\0",
                POLICY.as_bytes(),
                nodes(3).as_bytes(),
                nodes(1).as_bytes(),
                special.as_bytes(),
                b"[vdso]\0",
                heap.as_bytes(),
                LAST.as_bytes(),
                b"never read",
            ]],
            at_a_time,
        );
        let records = all(&mut source);
        let [first, second, third, fourth] = records.as_slice() else {
            panic!("{} records", records.len());
        };
        assert_eq!(
            first.extent.range,
            Range::new(0x1000, 0x3000).expect("a range")
        );
        assert_eq!(first.extent.pgoff, PageOffset::new(1));
        assert!(
            first.file.is_none() && first.anon_vma.is_none() && matches!(first.name, Shown::None)
        );
        assert!(!first.has_close && matches!(first.policy, Shown::None));

        assert!(second.file.is_some_and(|file| file.opening == Some(0xf00)));
        assert_eq!(second.inode_number(), Some(0xf1));
        assert_eq!(second.name_in_bytes(), Some(&b"name"[..]));
        let anon_vma = SeenAnonVma {
            number: 0xa,
            root: 0xb,
            is_forked: true,
        };
        assert_eq!(second.seen_anon_vma(), Some(anon_vma));
        assert!(second.has_close && second.userfaultfd == 0xc);
        assert_eq!(second.policy_in_words().to_string(), "bind=static:0,1");

        assert!(third.used_as() == Use::Special(b"[vdso]") && matches!(third.name, Shown::None));
        assert!(fourth.used_as() == Use::Heap);
        assert!(source.walk() == Walk::Undisturbed);
        // The walk has ended for good.
        assert!(matches!(source.next(), Ok(None)));
    }
}

/// Policies are alike if the kernel considers them equal.
#[test]
fn policies() {
    let policy = |mode, flags, home_node, first, asked_for| {
        let header = PolicyHeader {
            mode,
            flags,
            home_node,
            padding: 0,
        };
        let has_policy = Header {
            has_policy: 1,
            ..HEADER
        };
        let mut source = source(
            &[&[
                has_policy.as_bytes(),
                header.as_bytes(),
                nodes(first).as_bytes(),
                nodes(asked_for).as_bytes(),
                LAST.as_bytes(),
            ]],
            usize::MAX,
        );
        all(&mut source).remove(0)
    };
    let bound = policy(2, 0, -1, 1, 1);
    for (other, is_alike) in [
        (policy(2, 0, -1, 1, 1), true),
        // The requested nodes count only if they are kept.
        (policy(2, 0, -1, 1, 2), true),
        (policy(3, 0, -1, 1, 1), false),
        (policy(2, 1, -1, 1, 1), false),
        (policy(2, 0, 0, 1, 1), false),
        (policy(2, 0, -1, 2, 1), false),
    ] {
        assert_eq!(other.has_policy_like(&bound.policy()), is_alike);
    }
    let fixed = policy(2, 1 << 15, -1, 1, 1);
    assert!(!policy(2, 1 << 15, -1, 1, 2).has_policy_like(&fixed.policy()));
    // MPOL_LOCAL has no nodes.
    let local = policy(4, 0, -1, 1, 1);
    assert!(policy(4, 0, -1, 2, 1).has_policy_like(&local.policy()));
}

#[test]
fn how_the_walk_went() {
    let at = |start, mm, write_count| Header {
        start,
        end: start + 0x1000,
        mm,
        write_count,
        ..HEADER
    };
    for (second, is_new_piece, walk, records) in [
        (at(0x2000, 7, 4), false, Walk::Undisturbed, 2),
        (at(0x2000, 7, 4), true, Walk::Undisturbed, 2),
        (at(0x2000, 7, 5), true, Walk::Disturbed, 2),
        // After execve(), the process has another address space.
        (at(0x2000, 8, 4), true, Walk::CutShort, 1),
    ] {
        let first = at(0x1000, 7, 4);
        let mut source = if is_new_piece {
            let pieces: [&[&[u8]]; 2] =
                [&[first.as_bytes()], &[second.as_bytes(), LAST.as_bytes()]];
            source(&pieces, usize::MAX)
        } else {
            source(
                &[&[first.as_bytes(), second.as_bytes(), LAST.as_bytes()]],
                usize::MAX,
            )
        };
        assert_eq!(all(&mut source).len(), records);
        assert!(source.walk() == walk);
    }
}

/// Without a count, the process may have changed between any two records: the kernel releases the lock when others
/// wait for it.
#[test]
fn a_kernel_that_does_not_count() {
    let uncounted = Header {
        write_count: 0,
        ..HEADER
    };
    let (record, last) = (uncounted.as_bytes(), LAST.as_bytes());
    let one: &[&[u8]] = &[record, last];
    let two: &[&[u8]] = &[record, record, last];
    for (records, walk) in [(one, Walk::Undisturbed), (two, Walk::Disturbed)] {
        let mut source = source(&[records], usize::MAX);
        assert_eq!(all(&mut source).len(), records.len() - 1);
        assert!(source.walk() == walk);
    }
}

/// An empty name counts as a name.
#[test]
fn names() {
    for (length, bytes, name) in [
        (0, &b""[..], None),
        (1, b"\0", Some(&b""[..])),
        (2, b"a\0", Some(b"a")),
    ] {
        let named = Header {
            name_length: length,
            ..HEADER
        };
        let mut source = source(&[&[named.as_bytes(), bytes, LAST.as_bytes()]], usize::MAX);
        assert_eq!(all(&mut source)[0].name_in_bytes(), name);
    }
}

#[test]
fn a_process_without_memory() {
    let mut source = source(&[&[LAST.as_bytes()]], usize::MAX);
    let problem = source.next().err().expect("there is no VMA");
    let pid = std::process::id();
    assert_eq!(
        problem.to_string(),
        format!("process {pid} has no memory: it is a thread of the kernel, or has exited")
    );
}

/// A process exits in the middle of the walk.
#[test]
fn a_process_that_exits() {
    let mut child = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .expect("there is a sleep");
    let process = Process::find(&Who::Pid(child.id())).expect("it runs");
    let pieces = Pieces {
        pieces: vec![[HEADER.as_bytes(), LAST.as_bytes()].concat()],
        at_a_time: usize::MAX,
    };
    let mut source = BpfSource::new(Rc::new(process), Release(7, 3), pieces);
    assert!(matches!(source.next(), Ok(Some(_))));
    child.kill().expect("it is ours");
    child.wait().expect("it has ended");
    assert!(matches!(source.next(), Ok(None)));
    assert!(source.walk() == Walk::CutShort);
}

#[test]
fn a_list_without_end() {
    let mut source = source(&[&[HEADER.as_bytes()]], usize::MAX);
    assert!(matches!(source.next(), Ok(Some(_))));
    let problem = source.next().err().expect("there is no end");
    assert_eq!(problem.to_string(), "the kernel's list of VMAs has no end");
}
