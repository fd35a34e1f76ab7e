// SPDX-License-Identifier: GPL-2.0

//! Reads made-up files in place of a saved smaps and numa_maps. Nothing panics, an answer is JSON with as many VMAs as
//! the file has, and a problem with a line does not depend on what comes after that line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use vma_explain::fuzzing::explain;

/// Separates smaps from numa_maps in the fuzzer's input.
const SEPARATOR: u8 = 0xff;

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |byte| *byte == SEPARATOR);
    let smaps = parts.next().unwrap_or_default();
    let numa_maps = parts.next().unwrap_or_default();
    match explain(smaps, numa_maps) {
        Ok(answer) => check_answer(&answer, smaps),
        Err(problem) => {
            check_problem("smaps, line ", &problem, smaps, |part| {
                explain(part, numa_maps)
            });
            check_problem("numa_maps, line ", &problem, numa_maps, |part| {
                explain(smaps, part)
            });
        }
    }
});

/// Checks an answer against a count of the lines of the file.
fn check_answer(answer: &str, smaps: &[u8]) {
    let lines = answer.lines().map(|line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON: {error}: {line}"))
    });
    let describes_vma = |line: &Value| line.get("vma").or(line.get("upper")).is_some();
    let vmas = lines.filter(describes_vma).count();
    assert_eq!(vmas, complete_entries(smaps));
}

/// Returns the number of entries before the first one that has no line of flags, without those of the page that all
/// processes share.
fn complete_entries(smaps: &[u8]) -> usize {
    let mut entries = 0;
    let mut waits_for_flags = false;
    for line in smaps.split_inclusive(|byte| *byte == b'\n') {
        let line = match line.strip_suffix(b"\n") {
            Some(whole) => whole.strip_suffix(b"\r").unwrap_or(whole),
            None => break,
        };
        if line.starts_with(b"VmFlags:") {
            entries += usize::from(waits_for_flags);
            waits_for_flags = false;
        } else if !is_field(line) {
            let path = line.splitn(6, |byte| *byte == b' ').nth(5);
            let path = path.unwrap_or_default().iter();
            waits_for_flags = !path.skip_while(|byte| **byte == b' ').eq(b"[vsyscall]");
        }
    }
    entries
}

/// Returns whether a line has a name and a value, like `Anonymous: 4 kB`.
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    name.len() < line.len()
        && name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(is_letter)
}

/// Checks a problem with a line: the file up to that line, or to the entry after the one that begins there, has the
/// same problem, and the file before that line does not have it.
fn check_problem(
    before_number: &str,
    problem: &str,
    file: &[u8],
    explain: impl Fn(&[u8]) -> Result<String, String>,
) {
    let Some(number) = problem.strip_prefix(before_number) else {
        return;
    };
    let digits = number.split(':').next().unwrap_or_default();
    let number: usize = digits.parse().expect("a line has a number");
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    assert!(
        (1..=lines.len()).contains(&number),
        "{problem}: {} lines",
        lines.len()
    );
    // A problem with a VMA is found when the next VMA begins.
    let rest = lines[number..].iter().take_while(|line| is_field(line));
    let next_begins = (number + rest.count() + 1).min(lines.len());
    let up_to_there = explain(&lines[..next_begins].concat());
    assert_eq!(up_to_there.err().as_deref(), Some(problem));
    let sooner = explain(&lines[..number - 1].concat());
    assert_ne!(sooner.err().as_deref(), Some(problem));
}
