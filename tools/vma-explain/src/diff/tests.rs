// SPDX-License-Identifier: GPL-2.0

//! Tests of the difference between two answers.

use super::*;

const HEADER: &str = r#"{"rules":[],"kinds":{"anonymous":"anonymous memory","file":"file"}}"#;

fn summary(vmas: usize, causes: &str) -> String {
    format!(
        r#"{{"pid":7,"command":"a\u0007","time":"2026-11-30 17:00:00","walk":"undisturbed","answer":[],"vmas":{vmas},"max_map_count":65530,"mergeable":0,"remaining":{vmas},"steps":[],"unseen":null,"causes":[{causes}]}}"#
    )
}

fn cause(name: &str, boundaries: usize) -> String {
    format!(r#"{{"cause":"{name}","boundaries":{boundaries},"by_itself":0,"without":0}}"#)
}

fn saved(lines: &[&str]) -> Saved {
    let text = lines.join("\n");
    Saved::of("a file", text.as_bytes()).unwrap_or_else(|problem| panic!("{problem}"))
}

const FIRST: &str =
    r#"{"vma":["1000","2000"],"is":{"rights":"rw-p","kind":"anonymous","which":null,"name":null}}"#;

#[test]
fn a_difference_in_words() {
    let before = summary(3, &[cause("mlock", 2), cause("files", 1)].join(","));
    let before = saved(&[
        HEADER,
        FIRST,
        r#"{"lower":["1000","2000"],"upper":["2000","3000"],"blockers":[],"causes":[],"upper_is":{"rights":"r--p","kind":"file","which":"/a\u000ab"}}"#,
        r#"{"lower":["2000","3000"],"upper":["3000","4000"],"blockers":[],"causes":[],"upper_is":{"kind":"anonymous","which":null,"name":"x"}}"#,
        &before,
    ]);
    let after = summary(4, &[cause("mlock", 2), cause("fork", 3)].join(","));
    let after = saved(&[
        HEADER,
        FIRST,
        r#"{"lower":["1000","2000"],"upper":["2000","3000"],"blockers":[],"causes":[]}"#,
        r#"{"lower":["2000","3000"],"upper":["3000","5000"],"blockers":[],"causes":[]}"#,
        r#"{"lower":["3000","5000"],"upper":["5000","6000"],"blockers":[],"causes":[],"upper_is":{"name":"y"}}"#,
        &after,
    ]);
    let difference = Difference::between(&before, &after);
    assert_eq!(
        difference.to_string(),
        "before: 3 VMAs of process 7 (a\\x07), 2026-11-30 17:00:00\n\
         after: 4 VMAs of process 7 (a\\x07), 2026-11-30 17:00:00\n\
         boundaries   before    after  cause\n\
         \x20       +3        0        3  fork\n\
         \x20       -1        1        0  files\n\
         \x20   came     went  VMAs, as they are now or were\n\
         \x20      2        0  rw-p anonymous memory\n\
         \x20      0        1  r--p anonymous memory, named \"x\"\n\
         \x20      0        1  r--p file /a\\nb\n\
         \x20      1        0  rw-p anonymous memory, named \"y\"\n"
    );
    let object = difference.as_object();
    assert_eq!(object["before"], 3);
    assert_eq!(object["causes"][0]["after"], 3);
    assert_eq!(object["vmas"][0]["bytes_came"], 0x3000);

    let same = Difference::between(&after, &after).to_string();
    assert!(same
        .ends_with("no cause has more or fewer boundaries than before\nno VMA has come or gone\n"));
}

/// Answers with only a summary have no VMAs to compare.
#[test]
fn summaries() {
    let [before, after] = [10, 20].map(|count| {
        let line = summary(count, &cause("mlock", count));
        saved(&[HEADER, &line])
    });
    let text = Difference::between(&before, &after).to_string();
    assert!(text.contains("       +10       10       20  mlock\nVMAs are not compared: "));
}

/// A VMA that is listed again, because it has changed, counts only once.
#[test]
fn a_vma_that_comes_again() {
    let again = r#"{"vma":["1000","5000"],"is":{"rights":"rw-p","kind":"anonymous","which":null,"name":null}}"#;
    let saved = saved(&[
        HEADER,
        FIRST,
        r#"{"lower":["1000","2000"],"upper":["2000","3000"],"blockers":[],"causes":[]}"#,
        again,
        &summary(1, ""),
    ]);
    assert_eq!(saved.vmas.len(), 1);
    assert_eq!(saved.vmas[0].end, 0x5000);
}

/// Other differences between the answers are reported.
#[test]
fn answers_that_may_not_be_comparable() {
    let one = saved(&[HEADER, &summary(1, "")]);
    let others = summary(1, "").replace("\"pid\":7", "\"pid\":8");
    let others = others
        .replace("undisturbed", "cut short")
        .replace("65530", "null");
    let other = saved(&[HEADER, &others]);
    assert!(Difference::between(&one, &one).not_alike().is_empty());
    assert_eq!(Difference::between(&one, &other).not_alike().len(), 3);
    let text = Difference::between(&one, &other).to_string();
    assert_eq!(text.matches("\nthey may not be comparable: ").count(), 3);
}

#[test]
fn files_that_are_not_answers() {
    for (lines, problem) in [
        (&["x"][..], "a file, line 1: expected value"),
        (&[HEADER, FIRST], "a file has no summary at its end: "),
        (&[], "a file has no summary at its end: "),
        (
            &[r#"{"refused":"ESRCH","reason":"there is no process 7","asked_by":null}"#],
            "a file, line 1: there is no process 7; ",
        ),
        (
            &[HEADER, r#"{"vma":["zz","2000"],"is":{}}"#],
            "a file, line 2: \"zz\" is not an address; ",
        ),
        (
            &[HEADER, r#"{"vma":["2000","1000"],"is":{}}"#],
            "a file, line 2: a VMA ends where it begins",
        ),
        (
            &[HEADER, &summary(1, ""), HEADER],
            "a file, line 3: there is a line after the summary; ",
        ),
        (
            &[HEADER, FIRST, &summary(2, "")],
            "a file has 1 VMAs, but its summary has 2: ",
        ),
    ] {
        let text = lines.join("\n");
        let found = Saved::of("a file", text.as_bytes())
            .err()
            .expect("it is none");
        assert!(found.to_string().starts_with(problem), "{found}");
    }
}
