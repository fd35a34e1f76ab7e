// SPDX-License-Identifier: GPL-2.0

//! Tests of the parser of `ctl`: valid commands, and the mistake that it finds in each invalid one.

use crate::{
    debugfs::command::{
        parse,
        parse_who,
        BadCommand as Bad, //
    },
    process::{
        change::{
            FlagChange,
            Mode,
            Modes,
            PolicySpec,
            Prospect,
            Protection,
            Verb, //
        },
        CommandName,
        Who, //
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

/// Returns the errno with which a line is refused, or `None` if it is a command.
fn refused(line: &[u8]) -> Option<Error> {
    parse(line).err().map(|bad| bad.errno())
}

/// Asserts that a line is refused for this mistake, and optionally that the mistake names this word or
/// position.
macro_rules! assert_bad {
    ($line:expr, $bad:pat $(if $guard:expr)?) => {
        assert!(matches!(parse($line), Err($bad) $(if $guard)?));
    };
}

/// Returns the verb that a line asks for, if `ctl` carries it out.
fn verb(line: &[u8]) -> Option<Verb<'_>> {
    match parse(line).ok()?.change {
        Prospect::Verb(verb) => Some(verb),
        Prospect::Unmap(_) | Prospect::Move(..) => None,
    }
}

/// Returns the change of flags that a line asks for.
fn change(line: &[u8]) -> Option<FlagChange> {
    match verb(line) {
        Some(Verb::Flags(_, change)) => Some(change),
        _ => None,
    }
}

/// Applies the change that a line asks for to `flags`.
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
        assert_eq!(command.who, Who::Id(12));
        let Prospect::Verb(Verb::Flags(range, change)) = command.change else {
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
        assert!(matches!(verb(b"merge 1 0 1000"), Some(Verb::Merge(_))));
        assert_eq!(refused(b"new 1 0 1000 rw- r--"), Some(EINVAL));
        assert_eq!(refused(b"extend 1 0 1000 2000"), Some(EINVAL));
        assert_eq!(refused(b"split 1 3001"), Some(EINVAL));
        assert_eq!(refused(b"split 1"), Some(EINVAL));
        assert_eq!(refused(b"merge 1"), Some(EINVAL));
        assert_eq!(refused(b"unmap 1 0 1000 2000"), Some(EINVAL));
        assert_eq!(refused(b"move 1 0 1000 2001"), Some(EINVAL));
    }

    #[test]
    fn changes_that_are_only_forecast() {
        let change = |line| parse(line).ok().map(|command| command.change);
        assert!(matches!(
            change(b"unmap 1 1000 3000"),
            Some(Prospect::Unmap(range)) if range.start() == 0x1000 && range.end() == 0x3000
        ));
        assert!(matches!(
            change(b"move 1 1000 3000 8000"),
            Some(Prospect::Move(range, 0x8000)) if range.start() == 0x1000 && range.end() == 0x3000
        ));
        assert_bad!(
            b"move 1 1000 3000",
            Bad::MissingAddress("move <pid> <start> <end> <address>")
        );
    }

    #[test]
    fn the_word_that_is_wrong() {
        assert_bad!(b"", Bad::Empty("flags <pid> <start> <end> +dontfork"));
        assert_bad!(b" \t ", Bad::Empty(_));
        assert_bad!(b"frob 1", Bad::UnknownVerb("frob", &["flags", .., "move"]));
        assert_bad!(b"split", Bad::MissingPid("split <pid> <address>"));
        assert_bad!(b"split 1x 1000", Bad::BadPid("1x"));
        assert_bad!(
            b"flags 1 2000",
            Bad::MissingRange("flags <pid> <start> <end> +dontfork")
        );
        assert_bad!(b"split 1", Bad::MissingAddress("split <pid> <address>"));
        assert_bad!(b"flags 1 x 1000 +seq", Bad::BadAddress("x"));
        assert_bad!(b"flags 1 1000 y +seq", Bad::BadAddress("y"));
        assert_bad!(b"flags 1 1001 2000 +seq", Bad::Unaligned(0x1001));
        assert_bad!(b"flags 1 1000 2fff +seq", Bad::Unaligned(0x2fff));
        assert_bad!(b"split 1 800", Bad::Unaligned(0x800));
        assert_bad!(b"flags 1 3000 2000 +seq", Bad::Reversed(0x3000, 0x2000));
        assert_bad!(b"flags 1 3000 3000 +seq", Bad::Reversed(0x3000, 0x3000));
        assert_bad!(b"flags 1 0 1000", Bad::MissingChange);
        assert_bad!(b"flags 1 0 1000 seq", Bad::UnknownChange("seq"));
        assert_bad!(b"flags 1 0 1000 -seq +", Bad::UnknownChange("+"));
        assert_bad!(b"flags 1 0 1000 +seq -seq", Bad::Contradiction("-seq"));
        assert_bad!(b"flags 1 0 1000 +seq +rand", Bad::Contradiction("+rand"));
        assert_bad!(b"flags 1 0 1000 +rand +seq", Bad::Contradiction("+seq"));
        assert_bad!(b"protect 1 0 1000", Bad::MissingProtection);
        assert_bad!(b"new 1 0 1000 rwxp", Bad::BadProtection("rwxp"));
        assert_bad!(b"policy 1 0 1000", Bad::MissingPolicy);
        assert_bad!(b"policy 1 0 1000 bind", Bad::BadPolicy("bind"));
        assert_bad!(b"policy 1 0 1000 bind:x", Bad::BadNodes("x"));
        assert_bad!(
            b"policy 1 0 1000 preferred:0,1",
            Bad::SeveralNodes("preferred:0,1")
        );
        assert_bad!(b"uffd 1 0 1000", Bad::MissingDescriptor);
        assert_bad!(b"uffd 1 0 1000 -1", Bad::BadDescriptor("-1"));
        assert_bad!(b"uffd 1 0 1000 1", Bad::MissingModes);
        assert_bad!(b"uffd 1 0 1000 1 wp x", Bad::UnknownMode("x"));
        assert_bad!(b"uffd 1 0 1000 1 wp wp", Bad::Contradiction("wp"));
        assert_bad!(b"uffd 1 0 1000 1 none wp", Bad::Surplus("wp"));
        assert_bad!(b"policy 1 0 1000 default x", Bad::Surplus("x"));
        assert_bad!(b"protect 1 0 1000 rw- x", Bad::Surplus("x"));
        assert_bad!(b"new 1 0 1000 rw- x", Bad::Surplus("x"));
        assert_bad!(b"extend 1 0 1000 x", Bad::Surplus("x"));
        assert_bad!(b"split 1 1000 x", Bad::Surplus("x"));
        assert_bad!(b"merge 1 0 1000 x", Bad::Surplus("x"));
        assert_bad!(b"flags 1 0 1000 +seq\n\n", Bad::SeveralLines);
        assert_bad!(&[b' '; 256], Bad::Overlong(256));
    }

    #[test]
    fn every_byte_in_a_name() {
        for byte in 0..=0x7f {
            let mut line = *b"name 1 0 1000 a-b";
            line[15] = byte;
            let taken = match byte {
                b'\\' | b'`' | b'$' | b'[' | b']' => false,
                byte => (0x20..0x7f).contains(&byte),
            };
            assert_eq!(refused(&line).is_none(), taken);
            if byte != b'\n' && !taken {
                assert_bad!(&line, Bad::BadName(_));
            }
        }
        let mut line = [b'n'; 94];
        line[..14].copy_from_slice(b"name 1 0 1000 ");
        assert_bad!(&line, Bad::LongName(name) if name.len() == 80);
    }

    #[test]
    fn nodes() {
        let nodes = |line| match verb(line) {
            Some(Verb::Policy(_, PolicySpec { nodes, .. })) => Some(nodes),
            _ => None,
        };
        assert_eq!(nodes(b"policy 1 0 1000 bind:0-0"), Some(1));
        assert_eq!(nodes(b"policy 1 0 1000 bind:63-63"), Some(1 << 63));
        assert_eq!(nodes(b"policy 1 0 1000 bind:0-62"), Some(usize::MAX >> 1));
        assert_eq!(nodes(b"policy 1 0 1000 bind:1-63"), Some(usize::MAX << 1));
        assert_eq!(nodes(b"policy 1 0 1000 bind:62-63,0-1"), Some(3 << 62 | 3));
        assert_eq!(nodes(b"policy 1 0 1000 bind:5,5,4-6"), Some(0x70));
        assert_eq!(nodes(b"policy 1 0 1000 bind:007"), Some(0x80));
        assert_eq!(nodes(b"policy 1 0 1000 preferred:3-3"), Some(8));
        for list in [
            ",", "0,", ",0", "-", "0-", "-1", "0--1", "0-1-2", "+1", "0x1", "64", "1-64",
        ] {
            let mut line = [b' '; 32];
            line[..21].copy_from_slice(b"policy 1 0 1000 bind:");
            line[21..21 + list.len()].copy_from_slice(list.as_bytes());
            assert_bad!(&line, Bad::BadNodes(bad) if bad == list);
        }
    }

    #[test]
    fn addresses() {
        let range = |line| match verb(line) {
            Some(Verb::Extend(range)) => Some((range.start(), range.end())),
            _ => None,
        };
        assert_eq!(range(b"extend 1 0 1000"), Some((0, 0x1000)));
        assert_eq!(range(b"extend 1 0xa000 0xB000"), Some((0xa000, 0xb000)));
        assert_eq!(range(b"extend 1 AbC000 abd000"), Some((0xabc000, 0xabd000)));
        let top = usize::MAX - 0xfff;
        assert_eq!(
            range(b"extend 1 ffffffffffffe000 fffffffffffff000"),
            Some((top - 0x1000, top))
        );
        assert_eq!(
            range(b"extend 1 00000000000000000001000 2000"),
            Some((0x1000, 0x2000))
        );
        assert_eq!(range(b"extend 1 0X1000 0x2000"), Some((0x1000, 0x2000)));
        assert_bad!(b"extend 1 0 0x", Bad::BadAddress("0x"));
        assert_bad!(
            b"extend 1 0 10000000000000000",
            Bad::BadAddress("10000000000000000")
        );
    }

    #[test]
    fn descriptors() {
        let descriptor = |line| match verb(line) {
            Some(Verb::Userfaultfd(_, descriptor, _)) => Some(descriptor),
            _ => None,
        };
        assert_eq!(descriptor(b"uffd 1 0 1000 0 wp"), Some(0));
        assert_eq!(
            descriptor(b"uffd 1 0 1000 2147483647 wp"),
            Some(i32::MAX as u32)
        );
        assert_eq!(descriptor(b"uffd 1 0 1000 2147483648 wp"), None);
        assert_eq!(descriptor(b"uffd 1 0 1000 +1 wp"), None);
        assert_eq!(descriptor(b"uffd 1 0 1000 0x1 wp"), None);
    }

    #[test]
    fn modes() {
        let modes = |line| match verb(line) {
            Some(Verb::Userfaultfd(_, _, modes)) => Some(modes),
            _ => None,
        };
        let all = Modes::MISSING.and(Modes::WRITE_PROTECT).and(Modes::MINOR);
        assert!(modes(b"uffd 1 0 1000 3 missing") == Some(Modes::MISSING));
        assert!(modes(b"uffd 1 0 1000 3 wp") == Some(Modes::WRITE_PROTECT));
        assert!(modes(b"uffd 1 0 1000 3 minor") == Some(Modes::MINOR));
        assert!(modes(b"uffd 1 0 1000 3 minor wp missing") == Some(all));
        assert!(modes(b"uffd 1 0 1000 3 none") == Some(Modes::NONE));
    }

    #[test]
    fn every_protection() {
        let protection = |line: &[u8]| match verb(line) {
            Some(Verb::Protect(_, protection)) => Some(protection),
            _ => None,
        };
        for bits in 0..8 {
            let mut line = *b"protect 1 0 1000 ---";
            let mut wanted = Protection::NONE;
            for (place, letter, right) in [
                (0, b'r', Protection::READ),
                (1, b'w', Protection::WRITE),
                (2, b'x', Protection::EXEC),
            ] {
                if bits & 1 << place != 0 {
                    line[17 + place] = letter;
                    wanted = wanted.or(right);
                }
            }
            assert!(protection(&line) == Some(wanted));
        }
    }

    #[test]
    fn not_utf8() {
        assert_bad!(b"\xff", Bad::NotUtf8(0));
        assert_bad!(b"flags \xff", Bad::NotUtf8(6));
        assert_bad!(b"flags \xff\xfe\n", Bad::NotUtf8(6));
        assert_bad!(b"name 1 0 1000 \xc3\xa4\xc3", Bad::NotUtf8(16));
        assert_bad!(b"name 1 0 1000 a\xc0\xaf", Bad::NotUtf8(15));
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
            assert!(parse_who(pid).is_err());
        }
        assert!(matches!(parse_who("2147483647"), Ok(Who::Id(i32::MAX))));
    }

    #[test]
    fn processes_by_other_words() {
        assert!(matches!(parse_who("self"), Ok(Who::Caller)));
        let called = |word: &str| matches!(parse_who(word), Ok(Who::Called(name)) if name == CommandName::new(word));
        assert!(called("java") && called("selfish") && called("kworker/0:1"));
        // The kernel keeps fifteen bytes of a command name.
        let fifteen = "fifteen-letters";
        assert!(CommandName::new("fifteen-letters-and-more") == CommandName::new(fifteen));
        assert!(CommandName::new("fifteen-letter") != CommandName::new(fifteen));
    }

    #[test]
    fn ranges_as_maps_has_them() {
        for line in [
            "name 1 1000 3000 a name",
            "name 1 1000-3000 a name",
            "name 1 0x1000-0X3000 a name",
            "  name  1  1000-3000   a name ",
        ] {
            assert!(matches!(
                verb(line.as_bytes()),
                Some(Verb::Name(range, Some("a name")))
                    if range.start() == 0x1000 && range.end() == 0x3000
            ));
        }
        assert_bad!(b"extend 1 1000-", Bad::BadAddress(""));
        assert_bad!(b"extend 1 -3000", Bad::BadAddress(""));
        assert_bad!(b"extend 1 1000-2000-3000", Bad::BadAddress("2000-3000"));
        assert_bad!(b"extend 1 1000-3000 4000", Bad::Surplus("4000"));
        assert_bad!(b"extend 1 3000-1000", Bad::Reversed(0x3000, 0x1000));
    }

    #[test]
    fn comments() {
        assert_bad!(b"# extend 1 1000 3000", Bad::Empty(_));
        assert_bad!(b"  #", Bad::Empty(_));
        // After other verbs, `#` is a word.
        assert_bad!(b"extend 1 1000-3000 # more", Bad::Surplus("#"));
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
