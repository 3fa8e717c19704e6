//! Checks what the strict content security policy would block only at run time, and how much JavaScript is written by hand.

use std::path::Path;

use anyhow::Context;

use crate::workspace;

/// The product's own JavaScript stays small enough to read in one go.
const JAVASCRIPT_LINES_MAX: usize = 210;

/// The hand-written JavaScript of the product.
const JAVASCRIPT: [&str; 5] = [
    "client/static/boot.js",
    "client/static/door.js",
    "client/static/worker.js",
    "client/sw/sw.js",
    "client/sw/sw-withdrawn.js",
];

/// Says whether page, scripts and views keep to the policy.
pub(super) fn check() -> anyhow::Result<bool> {
    let mut faults = Vec::new();
    let root = workspace::root();
    let mut lines = 0;
    for name in JAVASCRIPT {
        let text = read(&root.join(name))?;
        lines += text.lines().count();
        for word in ["eval(", "new Function", "importScripts", "document.write", "innerHTML"] {
            if text.contains(word) {
                faults.push(format!("{name} uses {word}"));
            }
        }
    }
    if lines > JAVASCRIPT_LINES_MAX {
        faults.push(format!("{lines} lines of JavaScript; the most is {JAVASCRIPT_LINES_MAX}"));
    }
    faults.extend(page_faults(&read(&root.join("client/static/index.html"))?));
    for path in workspace::files_below(&root.join("client/src"))? {
        let text = read(&path)?;
        faults.extend(view_faults(&text).into_iter().map(|fault| format!("{}: {fault}", path.display())));
        if path.extension().is_some_and(|ending| ending == "js") {
            faults.push(format!("{} is JavaScript outside the list", path.display()));
        }
    }
    for fault in &faults {
        eprintln!("xtask: {fault}");
    }
    Ok(faults.is_empty())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Inline script, inline style and event handlers of a page.
fn page_faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for piece in page.split("<script").skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or((piece, ""));
        if !tag.contains(" src=") || !rest.starts_with("</script>") {
            faults.push("index.html has an inline script".to_owned());
        }
    }
    if page.contains("<style") || page.contains(" style=") {
        faults.push("index.html has inline style".to_owned());
    }
    for piece in page.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap_or_default();
        if tag.split_whitespace().skip(1).any(|word| word.starts_with("on") && word.contains('=')) {
            faults.push(format!("index.html has an event handler: <{tag}>"));
        }
    }
    if page.contains("http://") || page.contains("https://") {
        faults.push("index.html names another origin".to_owned());
    }
    faults
}

/// A view may not set HTML from data, nor inline style on an element (`style:name=` goes through the object model and is
/// fine; so is a component's property of that name).
fn view_faults(source: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if source.contains("inner_html") {
        faults.push("HTML from data");
    }
    let is_element = |before: &str| {
        before.rsplit('<').next().is_some_and(|tag| tag.starts_with(|first: char| first.is_ascii_lowercase()))
    };
    if source.match_indices(" style=").any(|(at, _)| source.get(..at).is_some_and(is_element)) {
        faults.push("inline style");
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_code_is_found() {
        assert!(page_faults("<script type=\"module\" src=\"/a.js\"></script><p id=\"on\">").is_empty());
        assert_eq!(page_faults("<script>1</script>").len(), 1);
        assert_eq!(page_faults("<p style=\"color:red\">").len(), 1);
        assert_eq!(page_faults("<p onclick=\"x()\">").len(), 1);
        assert_eq!(view_faults("view! { <p style=\"x\"/> }").len(), 1);
        assert_eq!(view_faults("view! { <p style:width=\"x\"/><Rows style=style/> }").len(), 0);
    }
}
