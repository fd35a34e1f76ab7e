// SPDX-License-Identifier: GPL-2.0

//! Boundaries, stored in columns because there may be a million of them. Each of the first 65,536 different reasons
//! is stored once, and so is each of the first 65,536 different descriptions of VMAs.

use super::words::{
    readable,
    Vocabulary, //
};
use serde_json::{
    json,
    Map,
    Value, //
};
use std::collections::HashMap;

/// The most contents that are recognized when they come again. Only reasons about offsets have many variants.
const MOST_KNOWN: usize = 65536;

/// The size of a page. Addresses on the page are counted in pages.
const PAGE: u64 = 4096;

/// The contents of an answer, in the form of the page.
pub(super) struct Columns {
    vocabulary: Vocabulary,
    /// The last line, once it has been read.
    pub(super) summary: Option<Value>,
    lower_starts: Vec<u64>,
    lower_sizes: Vec<u64>,
    holes: Vec<u64>,
    upper_sizes: Vec<u64>,
    reason_of: Vec<usize>,
    nature_of: Vec<i64>,
    reasons: Numbered,
    natures: Numbered,
    /// The causes, in the order of their first occurrence.
    causes: Vec<String>,
    /// VMAs that have their own line: the number of boundaries before the VMA, its start and end, and the number of
    /// its description.
    told: Vec<(usize, u64, u64, usize)>,
    /// The description of the last VMA.
    last: Option<Map<String, Value>>,
    /// The number of a reason, and the description of the VMA above, by the text from which they were read.
    known: HashMap<String, (usize, Option<Value>)>,
}

/// Different contents, as JSON separated by commas.
#[derive(Default)]
struct Numbered {
    text: String,
    count: usize,
    known: HashMap<String, usize>,
}

impl Numbered {
    fn number_of(&mut self, contents: &Value) -> usize {
        let text = contents.to_string();
        if let Some(number) = self.known.get(&text) {
            return *number;
        }
        if self.count != 0 {
            self.text.push(',');
        }
        self.text += &text;
        let number = self.count;
        self.count += 1;
        if number < MOST_KNOWN {
            self.known.insert(text, number);
        }
        number
    }
}

impl Columns {
    /// Returns empty columns.
    pub(super) fn new() -> Self {
        Self {
            vocabulary: Vocabulary::default(),
            summary: None,
            lower_starts: Vec::new(),
            lower_sizes: Vec::new(),
            holes: Vec::new(),
            upper_sizes: Vec::new(),
            reason_of: Vec::new(),
            nature_of: Vec::new(),
            reasons: Numbered::default(),
            natures: Numbered::default(),
            causes: Vec::new(),
            told: Vec::new(),
            last: None,
            known: HashMap::new(),
        }
    }

    /// Takes the next line.
    pub(super) fn take(&mut self, line: &str) -> serde_json::Result<()> {
        if let Some((places, why)) = line.split_once(",\"blockers\":") {
            return self.take_boundary(places, why);
        }
        let mut line: Value = serde_json::from_str(line)?;
        if line.get("rules").is_some() {
            self.vocabulary = Vocabulary::of(line);
        } else if line.get("vma").is_some() {
            let [start, end] = pages(&line["vma"]);
            self.last = line["is"].as_object().cloned();
            let nature = self.nature_of_last();
            self.told.push((self.reason_of.len(), start, end, nature));
        } else {
            self.summary = Some(line.take());
        }
        Ok(())
    }

    /// Takes a boundary: `{"lower":[...],"upper":[...]` and `[...],"causes":[...],...}`.
    fn take_boundary(&mut self, places: &str, why: &str) -> serde_json::Result<()> {
        let places: Value = serde_json::from_str(&format!("{places}}}"))?;
        let ([start, end], [upper, upper_end]) = (pages(&places["lower"]), pages(&places["upper"]));
        let (reason, upper_is) = match self.known.get(why) {
            Some(known) => known.clone(),
            None => self.learn(why)?,
        };
        if let (Some(Value::Object(more)), Some(last)) = (upper_is, &mut self.last) {
            last.extend(more);
        }
        self.lower_starts.push(start);
        self.lower_sizes.push(end - start);
        self.holes.push(upper - end);
        self.upper_sizes.push(upper_end - upper);
        self.reason_of.push(reason);
        let nature = match self.last {
            Some(_) => self.nature_of_last() as i64,
            None => -1,
        };
        self.nature_of.push(nature);
        Ok(())
    }

    fn learn(&mut self, why: &str) -> serde_json::Result<(usize, Option<Value>)> {
        let mut why_apart: Value = serde_json::from_str(&format!("{{\"blockers\":{why}"))?;
        let list = |name: &str| {
            let list = why_apart[name].as_array().map(Vec::as_slice);
            list.unwrap_or_default().to_vec()
        };
        let mut words: Vec<String> = list("blockers")
            .iter()
            .filter_map(|blocker| Some(self.vocabulary.reason(blocker.as_object()?)))
            .collect();
        if words.is_empty() {
            let mergeable = self.vocabulary.member("mergeable");
            words.push(mergeable.as_str().unwrap_or("mergeable").to_owned());
        }
        words.extend(list("perhaps").iter().filter_map(|rule| {
            let rule = self.vocabulary.rule(rule.as_str()?);
            Some(format!("perhaps {}", rule["words"].as_str()?))
        }));
        let causes = list("causes");
        let numbers: Vec<usize> = causes
            .iter()
            .filter_map(|cause| Some(self.number_of_cause(cause.as_str()?)))
            .collect();
        let reason = self
            .reasons
            .number_of(&json!({ "words": words, "causes": numbers }));
        let upper_is = why_apart.get_mut("upper_is").map(Value::take);
        let known = (reason, upper_is);
        if self.known.len() < MOST_KNOWN {
            self.known.insert(why.to_owned(), known.clone());
        }
        Ok(known)
    }

    fn number_of_cause(&mut self, cause: &str) -> usize {
        let known = self.causes.iter().position(|each| each == cause);
        known.unwrap_or_else(|| {
            self.causes.push(cause.to_owned());
            self.causes.len() - 1
        })
    }

    fn nature_of_last(&mut self) -> usize {
        let nothing = Map::new();
        let last = self.last.as_ref().unwrap_or(&nothing);
        let rights = last.get("rights").cloned().unwrap_or_default();
        let what = self.vocabulary.what(last);
        self.natures.number_of(&json!([rights, what]))
    }

    /// Returns the data of the summary for data.js.
    pub(super) fn summary_data(&self, summary: &Value) -> Value {
        let causes = summary["causes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let advice = causes.iter().map(|each| {
            self.vocabulary
                .advice(each["cause"].as_str().unwrap_or_default())
        });
        json!({
            "summary": shown(summary),
            "advice": advice.collect::<Vec<_>>(),
            "pageSize": self.vocabulary.member("page_size"),
            "rights": self.vocabulary.member("rights"),
        })
    }

    /// Returns the data of the boundaries for data.js. Each start is stored as the distance from the one before.
    pub(super) fn boundaries_data(&self, summary: &Value) -> String {
        let ranked = summary["causes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let place = |cause: &String| ranked.iter().position(|each| each["cause"] == **cause);
        let causes: Vec<Option<usize>> = self.causes.iter().map(place).collect();
        let before = [0].into_iter().chain(self.lower_starts.iter().copied());
        let steps = self.lower_starts.iter().zip(before);
        let steps: Vec<i64> = steps
            .map(|(start, before)| *start as i64 - before as i64)
            .collect();
        format!(
            "{{\"causes\":{},\"reasons\":[{}],\"natures\":[{}],\"told\":{},\"lowerStarts\":{},\"lowerSizes\":{},\
             \"holes\":{},\"upperSizes\":{},\"reasonOf\":{},\"natureOf\":{}}}",
            json!(causes),
            self.reasons.text,
            self.natures.text,
            json!(self.told),
            json!(steps),
            json!(self.lower_sizes),
            json!(self.holes),
            json!(self.upper_sizes),
            json!(self.reason_of),
            json!(self.nature_of)
        )
    }
}

/// Returns the two addresses of a range, in pages.
fn pages(range: &Value) -> [u64; 2] {
    [0, 1].map(|end| {
        let digits = range[end].as_str().unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or(0) / PAGE
    })
}

/// Returns the members of the summary that the page shows.
fn shown(summary: &Value) -> Value {
    const MEMBERS: [&str; 14] = [
        "pid",
        "command",
        "time",
        "answer",
        "vmas",
        "max_map_count",
        "boundaries",
        "touching",
        "mergeable",
        "alone",
        "remaining",
        "steps",
        "causes",
        "runs",
    ];
    let mut shown = Map::new();
    for name in MEMBERS {
        shown.insert(name.to_owned(), summary[name].clone());
    }
    shown["command"] = json!(readable(summary["command"].as_str().unwrap_or_default()));
    for step in shown["steps"].as_array_mut().into_iter().flatten() {
        *step = json!({ "causes": step["causes"], "remaining": step["remaining"] });
    }
    for run in shown["runs"].as_array_mut().into_iter().flatten() {
        run["range"] = json!(pages(&run["range"]));
    }
    Value::Object(shown)
}
