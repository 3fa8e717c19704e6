//! Reading how many tests passed from what test programs print.

use serde_json::Value;

/// Passed and failed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Tests that passed.
    pub(super) passed: u32,
    /// Tests that failed.
    pub(super) failed: u32,
}

impl Count {
    /// Adds one line of `cargo test` or `cargo nextest`; other lines change nothing.
    pub(super) fn add_line(&mut self, line: &str) {
        let line = line.trim_start();
        if !(line.starts_with("test result: ") || line.starts_with("Summary [")) {
            return;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let [number, word] = pair else { continue };
            let Ok(number) = number.parse::<u32>() else { continue };
            match word.trim_end_matches([',', ';']) {
                "passed" => self.passed = self.passed.saturating_add(number),
                "failed" => self.failed = self.failed.saturating_add(number),
                _ => {}
            }
        }
    }

    /// A program that failed without naming a failed test still failed.
    pub(super) fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Reads the JSON a suite printed. A suite that counts nothing is one test.
    pub(super) fn from_report(report: Option<&Value>, success: bool) -> Self {
        let number = |key: &str| {
            let value = report.and_then(|report| report.get(key)).and_then(Value::as_u64);
            value.and_then(|value| u32::try_from(value).ok())
        };
        match (number("passed"), number("failed")) {
            (Some(passed), Some(failed)) => Self { passed, failed }.with_exit(success),
            _ => Self { passed: u32::from(success), failed: u32::from(!success) },
        }
    }
}

/// The last line of a suite's standard output that is a JSON object.
pub(super) fn last_json(stdout: &str) -> Option<Value> {
    stdout.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok().filter(Value::is_object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_runners_are_read() {
        let mut count = Count::default();
        count.add_line("     Summary [   0.012s] 7 tests run: 6 passed (1 slow), 1 failed, 2 skipped");
        count.add_line("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        count.add_line("running 12 tests");
        assert_eq!(count, Count { passed: 18, failed: 1 });
    }

    #[test]
    fn a_failing_exit_is_a_failure() {
        assert_eq!(Count { passed: 3, failed: 0 }.with_exit(false), Count { passed: 3, failed: 1 });
        assert_eq!(Count::from_report(None, true), Count { passed: 1, failed: 0 });
        let report = serde_json::json!({"passed": 4, "failed": 2});
        assert_eq!(Count::from_report(Some(&report), false), Count { passed: 4, failed: 2 });
    }
}
