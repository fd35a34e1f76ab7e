// SPDX-License-Identifier: GPL-2.0

//! What `ctl` takes for a command, and what it answers to what is none.

use crate::{
    debugfs::command::{
        parse,
        parse_pid,
        Change, //
    },
    vma::sys::{
        flags::{
            DONTCOPY,
            DONTDUMP,
            RAND_READ,
            SEQ_READ, //
        },
        VmaFlags, //
    },
};
use kernel::prelude::*;

/// The errno that a line is refused with, if it is.
fn refused(line: &[u8]) -> Option<Error> {
    parse(line).err().map(|bad| bad.errno())
}

/// The change that a line asks for.
fn change(line: &[u8]) -> Option<Change> {
    parse(line).ok().map(|command| command.change)
}

/// What becomes of flags by the change that a line asks for.
fn applied(line: &[u8], flags: VmaFlags) -> Option<VmaFlags> {
    change(line).map(|change| change.apply(flags))
}

#[kunit_tests(rust_vma_command)]
mod commands {
    use super::*;

    #[test]
    fn a_good_line() {
        let command = parse(b"flags 12 1000 0x3000 +dontfork\n");
        assert!(command.is_ok());
        let Ok(command) = command else { return };
        assert_eq!(command.pid, 12);
        assert_eq!(command.range.start(), 0x1000);
        assert_eq!(command.range.end(), 0x3000);
        assert!(command.change.apply(VmaFlags::EMPTY) == DONTCOPY);
    }

    #[test]
    fn the_longest_line() {
        let mut line = [b' '; 256];
        line[..29].copy_from_slice(b"flags 1 1000 3000 +dontfork  ");
        line[255] = b'\n';
        assert_eq!(refused(&line), None);
        assert_eq!(refused(&[b' '; 256]), Some(E2BIG));
    }

    #[test]
    fn changes_do_what_madvise_does() {
        let all = DONTCOPY.union(DONTDUMP).union(SEQ_READ);
        let rest = DONTCOPY.union(SEQ_READ);
        assert!(applied(b"flags 1 0 1000 -dontdump", all) == Some(rest));
        let rest = DONTDUMP.union(SEQ_READ);
        assert!(applied(b"flags 1 0 1000 -dontfork", all) == Some(rest));
        assert!(applied(b"flags 1 0 1000 +seq", RAND_READ) == Some(SEQ_READ));
        assert!(applied(b"flags 1 0 1000 +rand", SEQ_READ) == Some(RAND_READ));
        assert!(applied(b"flags 1 0 1000 -seq", all) == Some(DONTCOPY.union(DONTDUMP)));
        assert!(applied(b"flags 1 0 1000 -rand", RAND_READ) == Some(VmaFlags::EMPTY));
    }

    #[test]
    fn several_changes() {
        let flags = applied(b"flags 1 0 1000 +dontfork -dontdump", DONTDUMP);
        assert!(flags == Some(DONTCOPY));
        assert!(applied(b"flags 1 0 1000 -seq +rand", SEQ_READ) == Some(RAND_READ));
    }

    #[test]
    fn contradictions() {
        assert_eq!(refused(b"flags 1 0 1000 +dontfork -dontfork"), Some(EINVAL));
        assert_eq!(refused(b"flags 1 0 1000 +seq +seq"), Some(EINVAL));
        assert_eq!(refused(b"flags 1 0 1000 +seq +rand"), Some(EINVAL));
    }

    #[test]
    fn only_named_flags_count_as_cleared() {
        let plus = change(b"flags 1 0 1000 +seq");
        assert!(plus.is_some_and(|change| !change.clears(RAND_READ)));
        let minus = change(b"flags 1 0 1000 -dontfork");
        assert!(minus.is_some_and(|change| change.clears(DONTCOPY)));
    }

    #[test]
    fn not_utf8() {
        assert_eq!(refused(b"flags \xff"), Some(EILSEQ));
    }

    #[test]
    fn words_missing_or_wrong() {
        for line in [
            "",
            "\n",
            "frobnicate 1 0 1000 +dontfork",
            "FLAGS 1 0 1000 +dontfork",
            "flags",
            "flags 1",
            "flags 1 0",
            "flags 1 0 1000",
            "flags 1 0 1000 dontfork",
            "flags 1 0 1000 +",
            "flags 1 0 1000 +frob",
            "flags 1 0 1000 +dontfork junk",
            "flags 1 0 1000 +dontfork\nflags 1 0 1000 -dontfork\n",
        ] {
            assert_eq!(refused(line.as_bytes()), Some(EINVAL));
        }
    }

    #[test]
    fn bad_pids() {
        for pid in [
            "",
            "0",
            "-1",
            "+1",
            "1x",
            "0x1",
            "2147483648",
            "99999999999999999999",
        ] {
            assert!(parse_pid(pid).is_err());
        }
        assert!(matches!(parse_pid("2147483647"), Ok(i32::MAX)));
    }

    #[test]
    fn bad_ranges() {
        for line in [
            "flags 1 1 1000 +seq",
            "flags 1 0 1001 +seq",
            "flags 1 2000 1000 +seq",
            "flags 1 1000 1000 +seq",
            "flags 1 -1000 1000 +seq",
            "flags 1 +0 1000 +seq",
            "flags 1 0x 1000 +seq",
            "flags 1 0 10000000000000000 +seq",
            "flags 1 0 fffffffffffffffff +seq",
            "flags 1 here there +seq",
        ] {
            assert_eq!(refused(line.as_bytes()), Some(EINVAL));
        }
    }
}
