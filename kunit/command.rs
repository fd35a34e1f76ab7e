// SPDX-License-Identifier: GPL-2.0

//! Commands of `ctl`, and lines that are not commands.

use crate::{
    debugfs::command::{
        parse,
        parse_pid, //
    },
    process::change::{
        FlagChange,
        Mode,
        Modes,
        PolicySpec,
        Protection, //
        Verb,
    },
    vma::flags::{
        VmaFlags,
        DONTCOPY,
        DONTDUMP,
        RAND_READ,
        SEQ_READ, //
    },
};
use kernel::prelude::*;

/// Returns the errno that a line is refused with.
fn refused(line: &[u8]) -> Option<Error> {
    parse(line).err().map(|bad| bad.errno())
}

/// Returns the verb that a line asks for.
fn verb(line: &[u8]) -> Option<Verb<'_>> {
    parse(line).ok().map(|command| command.verb)
}

/// Returns the change of flags that a line asks for.
fn change(line: &[u8]) -> Option<FlagChange> {
    match verb(line) {
        Some(Verb::Flags(_, change)) => Some(change),
        _ => None,
    }
}

/// Applies the change that a line asks for.
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
        let Verb::Flags(range, change) = command.verb else {
            assert!(false);
            return;
        };
        assert_eq!(range.start(), 0x1000);
        assert_eq!(range.end(), 0x3000);
        assert!(change.apply(VmaFlags::EMPTY) == DONTCOPY);
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
    fn protections() {
        let protection = |line| match verb(line) {
            Some(Verb::Protect(_, protection)) => Some(protection),
            _ => None,
        };
        let read_write = Protection::READ.or(Protection::WRITE);
        assert!(protection(b"protect 1 0 1000 rw-") == Some(read_write));
        assert!(protection(b"protect 1 0 1000 --x") == Some(Protection::EXEC));
        assert!(protection(b"protect 1 0 1000 ---") == Some(Protection::NONE));
        for bad in ["", "rw", "rwxp", "wr-", "r-w", "RW-", "---r"] {
            let mut line = [b' '; 24];
            line[..17].copy_from_slice(b"protect 1 0 1000 ");
            line[17..17 + bad.len()].copy_from_slice(bad.as_bytes());
            assert_eq!(refused(&line), Some(EINVAL));
        }
    }

    #[test]
    fn names() {
        fn name(line: &[u8]) -> Option<Option<&str>> {
            match verb(line) {
                Some(Verb::Name(_, name)) => Some(name),
                _ => None,
            }
        }
        assert!(name(b"name 1 0 1000 arena 7\n") == Some(Some("arena 7")));
        assert!(name(b"name  1 0\t1000   a  b ") == Some(Some("a  b")));
        assert!(name(b"name 1 0 1000") == Some(None));
        let mut line = [b'n'; 94];
        line[..14].copy_from_slice(b"name 1 0 1000 ");
        assert_eq!(refused(&line), Some(EINVAL));
        assert_eq!(refused(&line[..93]), None);
        for bad in [
            "name 1 0 1000 [x",
            "name 1 0 1000 a\tb",
            "name 1 0 1000 \u{e9}",
        ] {
            assert_eq!(refused(bad.as_bytes()), Some(EINVAL));
        }
    }

    #[test]
    fn policies() {
        let placement = |line| match verb(line) {
            Some(Verb::Policy(_, placement)) => Some(placement),
            _ => None,
        };
        let on = |mode, nodes| Some(PolicySpec { mode, nodes });
        assert!(placement(b"policy 1 0 1000 default") == on(Mode::Default, 0));
        assert!(placement(b"policy 1 0 1000 bind:0") == on(Mode::Bind, 1));
        assert!(placement(b"policy 1 0 1000 interleave:0,2-4") == on(Mode::Interleave, 0x1d));
        assert!(placement(b"policy 1 0 1000 bind:0-63") == on(Mode::Bind, usize::MAX));
        assert!(placement(b"policy 1 0 1000 preferred:63") == on(Mode::Preferred, 1 << 63));
        for bad in [
            "policy 1 0 1000",
            "policy 1 0 1000 default:0",
            "policy 1 0 1000 bind",
            "policy 1 0 1000 bind:",
            "policy 1 0 1000 bind:64",
            "policy 1 0 1000 bind:2-1",
            "policy 1 0 1000 bind:0,,1",
            "policy 1 0 1000 preferred:0-1",
            "policy 1 0 1000 nearby:0",
            "policy 1 0 1000 bind:0 bind:1",
        ] {
            assert_eq!(refused(bad.as_bytes()), Some(EINVAL));
        }
    }

    #[test]
    fn userfaultfds() {
        let asked = |line| match verb(line) {
            Some(Verb::Userfaultfd(_, descriptor, modes)) => Some((descriptor, modes)),
            _ => None,
        };
        let both = Modes::MISSING.and(Modes::WRITE_PROTECT);
        assert!(asked(b"uffd 1 0 1000 3 missing wp") == Some((3, both)));
        assert!(asked(b"uffd 1 0 1000 0 none") == Some((0, Modes::NONE)));
        for bad in [
            "uffd 1 0 1000",
            "uffd 1 0 1000 3",
            "uffd 1 0 1000 -3 wp",
            "uffd 1 0 1000 3 wp wp",
            "uffd 1 0 1000 3 none wp",
            "uffd 1 0 1000 3 wp none",
        ] {
            assert_eq!(refused(bad.as_bytes()), Some(EINVAL));
        }
    }

    #[test]
    fn the_other_verbs() {
        let read_write = Protection::READ.or(Protection::WRITE);
        assert!(matches!(
            verb(b"new 1 0 1000"),
            Some(Verb::New(_, protection)) if protection == read_write
        ));
        assert!(matches!(verb(b"extend 1 0 1000"), Some(Verb::Extend(_))));
        assert!(matches!(verb(b"split 1 3000"), Some(Verb::Split(0x3000))));
        assert_eq!(refused(b"new 1 0 1000 rw- r--"), Some(EINVAL));
        assert_eq!(refused(b"extend 1 0 1000 2000"), Some(EINVAL));
        assert_eq!(refused(b"split 1 3001"), Some(EINVAL));
        assert_eq!(refused(b"split 1"), Some(EINVAL));
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
