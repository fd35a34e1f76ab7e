// SPDX-License-Identifier: GPL-2.0

//! The words that the page shows, made from the names in the lines of an answer and from the vocabulary in its first
//! line.

use crate::summary::bytes_of;
use serde_json::{
    Map,
    Value, //
};
use std::fmt::Write;

/// The first line of an answer, which has the words for names.
#[derive(Default)]
pub(super) struct Vocabulary(Value);

impl Vocabulary {
    /// Returns the vocabulary in this line.
    pub(super) fn of(header: Value) -> Self {
        Self(header)
    }

    /// Returns a member of the line, unchanged.
    pub(super) fn member(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Returns the advice on a cause.
    pub(super) fn advice(&self, cause: &str) -> String {
        let said = &self.0["causes"][cause];
        let words = |name: &str| said[name].as_str().unwrap_or_default();
        let undone = match said["undone_by"].as_str() {
            Some(call) => format!("undone by {call}"),
            None => "no call undoes it".to_owned(),
        };
        format!("{} (set by {}; {undone})", words("helps"), words("set_by"))
    }

    /// Returns a reason in words.
    pub(super) fn reason(&self, blocker: &Map<String, Value>) -> String {
        let name = blocker
            .get("rule")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let rule = self.rule(name);
        let details = rule["details"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let told = details.iter().filter_map(|detail| {
            let value = blocker.get(detail["member"].as_str()?)?;
            if value.as_str() == Some("") {
                return None;
            }
            let words = detail["words"].as_str()?;
            let kind = detail["kind"].as_str().unwrap_or_default();
            Some(format!("{words}: {}", self.value(value.as_str(), kind)))
        });
        let told: Vec<String> = told.collect();
        let words = rule["words"].as_str().unwrap_or(name);
        if told.is_empty() {
            words.to_owned()
        } else {
            format!("{words} ({})", told.join(", "))
        }
    }

    /// Returns the words for a rule.
    pub(super) fn rule(&self, name: &str) -> &Value {
        let rules = self.0["rules"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        rules
            .iter()
            .find(|rule| rule["rule"] == name)
            .unwrap_or(&Value::Null)
    }

    fn value(&self, value: Option<&str>, kind: &str) -> String {
        match (value, kind) {
            (None, _) => "none".to_owned(),
            (Some(name), "name") => quoted(&readable(name)),
            (Some(flags), "flags") => {
                let flags = flags.split(' ').map(|flag| {
                    // A number follows the colon.
                    let name = flag.split(':').next().unwrap_or_default();
                    match self.0["flags"][name].as_str() {
                        Some(words) => format!("{flag} ({words})"),
                        None => flag.to_owned(),
                    }
                });
                flags.collect::<Vec<_>>().join(" ")
            }
            (Some(value), _) => readable(value),
        }
    }

    /// Describes a VMA, without its rights.
    pub(super) fn what(&self, nature: &Map<String, Value>) -> String {
        let member = |name: &str| nature.get(name).and_then(Value::as_str);
        let kind = member("kind").unwrap_or_default();
        let kind = self.0["kinds"][kind].as_str().unwrap_or(kind).to_owned();
        let which = member("which").map(readable);
        let name = member("name").map(|name| quoted(&readable(name)));
        let words = [Some(kind), which, name].into_iter().flatten();
        words
            .filter(|each| !each.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Quotes a name. Escapes quotation marks in the name.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\\\""))
}

/// Returns text whose characters stand for bytes in a readable form. Bytes that are UTF-8 are decoded; backslashes
/// and characters that cannot be printed, including those that change the direction of writing, are escaped.
pub(super) fn readable(text: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'\\';
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut words = String::new();
    for chunk in bytes_of(text).utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\\' => words += "\\\\",
                letter if is_printable(letter) => words.push(letter),
                letter => words += &escape(letter),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(words, "\\x{byte:02x}");
        }
    }
    words
}

fn is_printable(letter: char) -> bool {
    letter == ' ' || letter.escape_debug().count() == 1 || matches!(letter, '"' | '\'')
}

fn escape(letter: char) -> String {
    match (letter, u32::from(letter)) {
        ('\n', _) => "\\n".to_owned(),
        ('\r', _) => "\\r".to_owned(),
        ('\t', _) => "\\t".to_owned(),
        (_, code @ ..=0xff) => format!("\\x{code:02x}"),
        (_, code @ ..=0xffff) => format!("\\u{code:04x}"),
        (_, code) => format!("\\U{code:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_people_read() {
        for (text, words) in [
            ("plain \"text\"", "plain \"text\""),
            ("a\\b", "a\\\\b"),
            ("a\nb\u{7}", "a\\nb\\x07"),
            // The bytes of a letter, each as a character.
            ("\u{c3}\u{a9}", "\u{e9}"),
            ("\u{ff}", "\\xff"),
            // A character that changes the direction of writing.
            ("\u{e2}\u{80}\u{ae}x", "\\u202ex"),
        ] {
            assert_eq!(readable(text), words, "{text:?}");
        }
    }
}
