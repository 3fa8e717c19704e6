//! Whether a tablet may use its line by itself: networks across a border cost, and its person may choose to wait.
//!
//! Owns the decision alone; must never ask the browser. What somebody presses for, and danger, always goes.

use minicbor::{Decode, Encode};

/// "Kirim: otomatis · hanya Wi-Fi · hanya saat ditekan"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Sending {
    /// Whenever there is a line.
    #[default]
    #[n(0)]
    Automatic,
    /// Over a line that does not cost by the byte.
    #[n(1)]
    WifiOnly,
    /// When somebody asks for it.
    #[n(2)]
    WhenPressed,
}

impl Sending {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Automatic, Self::WifiOnly, Self::WhenPressed];
}

/// What is known of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Wi-Fi or a cable.
    Wifi,
    /// A phone network.
    Mobile,
    /// The browser does not tell.
    Unknown,
}

/// What a round waits for although it is due and there is a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// The line costs.
    Wifi,
    /// Nobody knows whether the line costs, so it counts as one that does.
    KnownLine,
    /// Somebody has to press the button.
    Press,
}

impl WaitsFor {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Wifi, Self::KnownLine, Self::Press];
}

/// What the next round waits for, none when it may begin. `must_go`: somebody pressed the button, or danger is not sent yet.
#[must_use]
pub const fn waits_for(sending: Sending, line: LineKind, must_go: bool) -> Option<WaitsFor> {
    match (sending, line) {
        _ if must_go => None,
        (Sending::Automatic, _) | (Sending::WifiOnly, LineKind::Wifi) => None,
        (Sending::WifiOnly, LineKind::Mobile) => Some(WaitsFor::Wifi),
        (Sending::WifiOnly, LineKind::Unknown) => Some(WaitsFor::KnownLine),
        (Sending::WhenPressed, _) => Some(WaitsFor::Press),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [LineKind; 3] = [LineKind::Wifi, LineKind::Mobile, LineKind::Unknown];

    #[test]
    fn what_must_go_goes_whatever_was_chosen() {
        for sending in Sending::ALL {
            for line in LINES {
                assert_eq!(waits_for(sending, line, true), None, "{sending:?} {line:?}");
            }
        }
    }

    #[test]
    fn a_line_nobody_knows_counts_as_one_that_costs() {
        assert_eq!(waits_for(Sending::WifiOnly, LineKind::Wifi, false), None);
        assert_eq!(waits_for(Sending::WifiOnly, LineKind::Mobile, false), Some(WaitsFor::Wifi));
        assert_eq!(waits_for(Sending::WifiOnly, LineKind::Unknown, false), Some(WaitsFor::KnownLine));
    }

    #[test]
    fn only_a_press_opens_the_line_of_who_wants_to_press() {
        for line in LINES {
            assert_eq!(waits_for(Sending::Automatic, line, false), None, "{line:?}");
            assert_eq!(waits_for(Sending::WhenPressed, line, false), Some(WaitsFor::Press), "{line:?}");
        }
    }
}
