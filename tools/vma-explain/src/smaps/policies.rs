// SPDX-License-Identifier: GPL-2.0

//! The NUMA policies of VMAs, as numa_maps tells of them.

use crate::{
    explain::{
        POLICY_FLAGS,
        POLICY_MODES, //
    },
    problem::{
        Problem,
        Result, //
    },
    record::Policy,
};
use std::{
    collections::HashMap,
    io::BufRead,
    rc::Rc, //
};

/// The policies of VMAs, by the addresses where they start.
#[derive(Default)]
pub(super) struct Policies(HashMap<usize, Rc<Policy>>);

impl Policies {
    /// Reads `name`.
    pub(super) fn read(name: &str, lines: impl BufRead) -> Result<Self> {
        let mut policies = HashMap::new();
        // Many VMAs have one policy.
        let mut known: HashMap<Vec<u8>, Rc<Policy>> = HashMap::new();
        for (index, line) in lines.split(b'\n').enumerate() {
            let line =
                line.map_err(|error| Problem::new(format!("{name} cannot be read: {error}")))?;
            let entry = entry(&line).ok_or_else(|| {
                Problem::new(format!(
                    "{name}, line {}: \"{}\" is not the line of a VMA; the file should be what /proc/PID/numa_maps has",
                    index + 1,
                    line.get(..40).unwrap_or(&line).escape_ascii()
                ))
            })?;
            if let (start, Some(words)) = entry {
                let policy = match known.get(words) {
                    Some(policy) => Rc::clone(policy),
                    None => {
                        let policy = Rc::new(policy(words).unwrap_or_else(|| unknown(words)));
                        known.insert(words.to_vec(), Rc::clone(&policy));
                        policy
                    }
                };
                policies.insert(start, policy);
            }
        }
        Ok(Self(policies))
    }

    /// Returns the policy of the VMA that starts there, if it is not the default.
    pub(super) fn of(&self, start: usize) -> Option<&Rc<Policy>> {
        self.0.get(&start)
    }
}

/// Reads `7f0000000000 bind=static:0-1 anon=4 ...`: the address, and the policy if it is not the default.
fn entry(line: &[u8]) -> Option<(usize, Option<&[u8]>)> {
    let place = line.iter().position(|byte| *byte == b' ')?;
    let (address, words) = line.split_at(place);
    let address = usize::from_str_radix(std::str::from_utf8(address).ok()?, 16).ok()?;
    let words = words.get(1..)?;
    let mode = mode_of(words)?;
    // The name of a mode may contain spaces, and its nodes may not.
    let after = words.get(POLICY_MODES[mode].len()..)?;
    let end = after
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(after.len());
    let words = words.get(..POLICY_MODES[mode].len() + end)?;
    Some((address, (mode != 0).then_some(words)))
}

/// The number of the mode with whose name the words begin.
fn mode_of(words: &[u8]) -> Option<usize> {
    let named = POLICY_MODES.iter().enumerate();
    named
        .filter(|(_, name)| words.starts_with(name.as_bytes()))
        .max_by_key(|(_, name)| name.len())
        .map(|(mode, _)| mode)
}

/// Reads `bind=static:0-1,3`.
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

/// No kernel has more nodes.
const MOST_NODES: usize = 1023;

/// A policy that nobody can read is like that of those with the same words.
fn unknown(words: &[u8]) -> Policy {
    let bytes = words.iter().map(|byte| u64::from(*byte));
    Policy {
        mode: u32::MAX,
        flags: 0,
        home_node: -1,
        nodes: bytes.collect(),
        asked_for: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, start: usize) -> Option<Policy> {
        let policies = Policies::read("numa_maps", text.as_bytes());
        let policies = policies.unwrap_or_else(|problem| panic!("{problem}"));
        policies.of(start).map(|policy| Policy::clone(policy))
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
        assert!(told("1000 default anon=1\n2000 bind:0\n", 0x1000).is_none());
        assert!(told("1000 default anon=1\n2000 bind:0\n", 0x3000).is_none());
    }

    /// Equal words are an equal policy, whatever they mean.
    #[test]
    fn policies_that_nobody_knows() {
        let text = "1000 bind=new:0\n2000 bind=new:0 anon=1\n3000 bind=newer:0\n";
        let [one, two, three] = [0x1000, 0x2000, 0x3000].map(|start| told(text, start));
        assert!(one.is_some() && one == two && one != three);
    }

    #[test]
    fn not_numa_maps() {
        for (text, line) in [
            ("1000 default\nxyz\n", 2),
            ("1000 some:0\n", 1),
            ("zz default\n", 1),
        ] {
            let problem = Policies::read("a file", text.as_bytes())
                .err()
                .expect("it is none");
            assert!(problem
                .to_string()
                .starts_with(&format!("a file, line {line}: \"")));
        }
    }
}
