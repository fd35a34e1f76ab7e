// SPDX-License-Identifier: GPL-2.0

//! The NUMA policies of VMAs, read from numa_maps.

use super::lines::{
    hexadecimal,
    shown,
    split_at,
    Lines, //
};
use crate::{
    explain::sides::{
        POLICY_FLAGS,
        POLICY_MODES, //
    },
    problem::Result,
    record::{
        Policy,
        Shown, //
    },
};
use std::{
    collections::HashMap,
    io::BufRead,
    rc::Rc, //
};

/// The policies of VMAs by their start addresses; `None` for the default policy.
pub(super) struct Policies(HashMap<usize, Option<Rc<Policy>>>);

impl Policies {
    /// Reads the file `name`.
    pub(super) fn read(name: &str, lines: impl BufRead) -> Result<Self> {
        let mut policies = HashMap::new();
        // Many VMAs have the same policy.
        let mut known: HashMap<Vec<u8>, Rc<Policy>> = HashMap::new();
        let mut lines = Lines::of(name.to_owned(), lines);
        while let Some(line) = lines.next()? {
            let (start, words) = entry(&line).ok_or_else(|| {
                lines.problem(format_args!(
                    "{} is not the line of a VMA; the file should be a copy of /proc/PID/numa_maps",
                    shown(&line)
                ))
            })?;
            let policy = (words != b"default").then(|| {
                let policy = known
                    .entry(words.to_vec())
                    .or_insert_with(|| Rc::new(policy(words).unwrap_or_else(|| unknown(words))));
                Rc::clone(policy)
            });
            policies.insert(start, policy);
        }
        Ok(Self(policies))
    }

    /// Returns the policy of the VMA that starts there.
    pub(super) fn of(&self, start: usize) -> Shown<Rc<Policy>> {
        match self.0.get(&start) {
            Some(policy) => policy.clone().into(),
            // The VMA did not exist when numa_maps was read, or numa_maps belongs to another process.
            None => Shown::Not,
        }
    }
}

/// Reads an entry such as `7f0000000000 bind=static:0-1 anon=4 ...`. Returns the address, and the words for the
/// policy.
fn entry(line: &[u8]) -> Option<(usize, &[u8])> {
    let (address, words) = split_at(line, b' ')?;
    // The name of a mode may contain blanks, but its flags and nodes do not.
    let name = mode_of(words).map_or("", |mode| POLICY_MODES[mode]);
    let after = words.get(name.len()..)?;
    let end = after.iter().position(|byte| *byte == b' ');
    let words = words.get(..name.len() + end.unwrap_or(after.len()))?;
    (!words.is_empty()).then_some((hexadecimal(address)?, words))
}

/// Returns the number of the mode whose name begins the words.
fn mode_of(words: &[u8]) -> Option<usize> {
    let named = POLICY_MODES.iter().enumerate();
    named
        .filter(|(_, name)| words.starts_with(name.as_bytes()))
        .max_by_key(|(_, name)| name.len())
        .map(|(mode, _)| mode)
}

/// Reads a policy such as `bind=static:0-1,3`.
fn policy(words: &[u8]) -> Option<Policy> {
    let mode = mode_of(words)?;
    let rest = std::str::from_utf8(words.get(POLICY_MODES[mode].len()..)?).ok()?;
    let (flags, nodes) = rest.split_once(':').unwrap_or((rest, ""));
    let mut policy = Policy {
        mode: mode.try_into().ok()?,
        flags: 0,
        home_node: -1,
        nodes: Vec::new(),
        asked_for: Vec::new(),
    };
    for name in flags
        .strip_prefix('=')
        .into_iter()
        .flat_map(|names| names.split('|'))
    {
        let (bit, _) = POLICY_FLAGS.iter().find(|(_, each)| *each == name)?;
        policy.flags |= bit;
    }
    for part in nodes.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        for node in first..=last.min(MOST_NODES) {
            let word = node / 64;
            if policy.nodes.len() <= word {
                policy.nodes.resize(word + 1, 0);
            }
            policy.nodes[word] |= 1 << (node % 64);
        }
    }
    Some(policy)
}

/// The highest number of a node in any kernel.
const MOST_NODES: usize = 1023;

/// Returns a policy whose mode or flags have unknown names. It is equal to a policy with the same words.
fn unknown(words: &[u8]) -> Policy {
    let bytes = words.iter().map(|byte| u64::from(*byte));
    Policy {
        mode: u32::MAX,
        flags: 0,
        home_node: -1,
        nodes: Vec::new(),
        asked_for: bytes.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Policies {
        let policies = Policies::read("numa_maps", text.as_bytes());
        policies.unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn told(text: &str, start: usize) -> Option<Policy> {
        read(text)
            .of(start)
            .shown()
            .map(|policy| Policy::clone(policy))
    }

    #[test]
    fn policies() {
        for (words, mode, flags, nodes) in [
            ("prefer:0", 1, 0, &[1][..]),
            ("bind:0-1,3", 2, 0, &[0b1011]),
            ("bind=static:64", 2, 1 << 15, &[0, 1]),
            ("bind=static|balancing:1", 2, 1 << 15 | 1 << 13, &[2]),
            ("interleave=relative:0", 3, 1 << 14, &[1]),
            ("local", 4, 0, &[]),
            ("prefer (many):0-2", 5, 0, &[7]),
            ("weighted interleave:2", 6, 0, &[4]),
        ] {
            for more in [
                "",
                " anon=1 dirty=1 N0=1 kernelpagesize_kB=4",
                " file=/tmp/a\\040b mapped=1",
            ] {
                let policy = told(&format!("7f0000001000 {words}{more}\n"), 0x7f0000001000);
                let policy = policy.expect("it is not the default");
                assert_eq!((policy.mode, policy.flags), (mode, flags), "{words}");
                assert_eq!((policy.nodes.as_slice(), policy.home_node), (nodes, -1));
            }
        }
    }

    #[test]
    fn vmas_without_a_policy_and_vmas_that_are_missing() {
        let policies = read("1000 default anon=1\r\n2000 bind:0\r\n");
        assert!(matches!(policies.of(0x1000), Shown::None));
        assert!(matches!(policies.of(0x2000), Shown::As(policy) if policy.nodes == [1]));
        assert!(matches!(policies.of(0x3000), Shown::Not));
    }

    /// Equal words mean equal policies, even if the words are not known.
    #[test]
    fn policies_that_nobody_knows() {
        for [one, other] in [["bind=new:0", "bind=newer:0"], ["shiny:0", "shiny:1"]] {
            let text = format!("1000 {one}\n2000 {one} anon=1\n3000 {other}\n");
            let [one, two, three] = [0x1000, 0x2000, 0x3000].map(|start| told(&text, start));
            assert!(one.is_some() && one == two && one != three);
        }
    }

    #[test]
    fn not_numa_maps() {
        for (text, line) in [
            ("1000 default\nxyz\n", 2),
            ("1000 \n", 1),
            ("zz default\n", 1),
            ("+1000 default\n", 1),
        ] {
            let problem = Policies::read("a file", text.as_bytes());
            let problem = problem.err().expect("it is not one").to_string();
            assert!(problem.starts_with(&format!("a file, line {line}: \"")));
        }
    }
}
