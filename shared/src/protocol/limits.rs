//! Every limit of the wire, by name, with its unit and its reason.
//!
//! The one place such a number is written down; `docs/protocol.md` shows the same table and a test compares
//! them. Decoders refuse what exceeds a limit before they allocate for it.

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $value:expr, $unit:literal;)+) => {
        $($(#[$doc])*
        ///
        #[doc = concat!("**Units**: ", $unit, ".")]
        pub const $name: $kind = $value;)+

        /// Every limit: name, value, unit. What the protocol page is compared with.
        pub const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), stringify!($value), $unit)),+];
    };
}

limits! {
    /// A request body as it arrives, compressed or not: what a 2G line carries in about ten minutes.
    BODY_BYTES_MAX: usize = 1_048_576, "bytes";
    /// A request body after inflating; stops decompression bombs.
    BODY_INFLATED_BYTES_MAX: usize = 4_194_304, "bytes";
    /// An enrolment body; holds one key slot and a name.
    ENROL_BYTES_MAX: usize = 16_384, "bytes";
    /// Pushes in one upload.
    PUSHES_MAX: usize = 256, "pushes";
    /// Changes in one upload, over all its pushes; bounds the time one request may hold the relay.
    CHANGES_MAX: usize = 256, "changes";
    /// One change; a text edit of 4,000 operations takes 8 kB.
    CHANGE_BYTES_MAX: usize = 65_536, "bytes";
    /// Documents the user waits for, named in one upload.
    PRIORITIES_MAX: usize = 16, "documents";
    /// A cursor; the relay's own take less than 100.
    CURSOR_BYTES_MAX: usize = 256, "bytes";
    /// A recovery slot: one sealed key in the `age` format.
    SLOT_BYTES_MAX: usize = 4_096, "bytes";
    /// A document kind in a document's key.
    KIND_BYTES_MAX: usize = 64, "bytes";
    /// CBOR items in one upload or offer; bounds what decoding may allocate.
    UPLOAD_ITEMS_MAX: u64 = 100_000, "items";
    /// CBOR items in one part of an answer; a document of 50,000 changes needs 200,000.
    PART_ITEMS_MAX: u64 = 400_000, "items";
    /// Own uploads offered again in one upload.
    OFFERS_MAX: usize = 64, "offers";
    /// One sealed offer.
    OFFER_BYTES_MAX: usize = 2_097_152, "bytes";
    /// Decisions about held changes in one upload.
    DECISIONS_MAX: usize = 256, "decisions";
    /// Documents of which one upload brings back what a restored relay lacks.
    BROUGHT_MAX: usize = 8, "documents";
    /// What one upload tells of what was opened, taken away and printed: a day's, in 3 kB of a 2G line.
    SEEN_MAX: usize = 64, "sights";
    /// What the relay takes of that from one device in a day of its own clock, so that no device fills the audit log; the rest
    /// waits on the tablet. Nobody opens so much by hand.
    SEEN_DAY_MAX: u32 = 1_024, "sights";
    /// Why a held change was declined: a sentence or two.
    DECLINE_REASON_BYTES_MAX: usize = 1_024, "bytes";
    /// Changes that enter one held change again; one text of 20,000 characters is cut into five.
    REENTRY_CHANGES_MAX: usize = 16, "changes";
    /// What is sent along to read a held change by; a change that needs more can only be declined.
    HELD_PAST_BYTES_MAX: usize = 262_144, "bytes";
    /// How long a tablet lists what was decided.
    DECIDED_KEPT_DAYS: u32 = 90, "days";
    /// Of one damaged or hostile thing so much is kept as evidence: as much as the largest sound change has.
    EVIDENCE_BYTES_MAX: usize = 65_536, "bytes";
    /// Different things kept of one device: the first show what it does, and it takes no more than a mebibyte.
    EVIDENCE_DEVICE_MAX: usize = 16, "things";
    /// Different things kept of all devices: 16 hostile tablets, and 16 MiB; each list of a registrar is one page.
    EVIDENCE_MAX: usize = 256, "things";
    /// How long evidence is kept after it came last, or its tablet was blocked.
    EVIDENCE_KEPT_DAYS: u32 = 90, "days";
    /// Buckets of a repair.
    REPAIR_BUCKETS: usize = 64, "buckets";
    /// Bytes of one bucket's digest.
    REPAIR_DIGEST_BYTES: usize = 8, "bytes";
    /// Documents listed in one repair request.
    REPAIR_DOCUMENTS_MAX: usize = 20_000, "documents";
    /// Heads of one document: concurrent ends of its history.
    HEADS_MAX: usize = 64, "hashes";
    /// One part of an answer; bounds what a tablet buffers before it can apply a page.
    PART_BYTES_MAX: usize = 8_388_608, "bytes";
    /// Items in one page.
    PAGE_ITEMS_MAX: usize = 4_096, "items";
    /// What a page holds before it is ended, unless one item is larger; a cut line resends at most this.
    PAGE_BYTES_TARGET: usize = 16_384, "bytes";
    /// A text inside a frame that is not a document: names, codes, unit keys.
    NAME_BYTES_MAX: usize = 256, "bytes";
    /// Roles of one member.
    MEMBER_ROLES_MAX: usize = 32, "roles";
    /// Devices of one member.
    MEMBER_DEVICES_MAX: usize = 256, "devices";
    /// Parents of one change.
    CHANGE_DEPS_MAX: usize = 32, "hashes";
    /// Other actors a change may refer to.
    CHANGE_ACTORS_MAX: usize = 64, "actors";
    /// A change's message; we write none but `held:<hash> <account> <seconds>`.
    CHANGE_MESSAGE_BYTES_MAX: usize = 256, "bytes";
    /// Operations in one change; stops run-length bombs (69 bytes can claim 16 million).
    CHANGE_OPS_MAX: u64 = 5_000, "operations";
    /// Predecessors over all operations of one change; 71 bytes can claim 67 million.
    CHANGE_PREDS_MAX: u64 = 20_000, "predecessors";
    /// Operation counters stay below this; Automerge panics at 2^32.
    OP_COUNTER_LIMIT: u64 = 2_147_483_648, "operations";
    /// A key inside a document: `<table>/<row>/<field>` fits.
    DOCUMENT_KEY_BYTES_MAX: usize = 200, "bytes";
    /// The latest time a change may claim: the end of the year 9999. The earliest is 0.
    CHANGE_TIME_S_MAX: i64 = 253_402_300_799, "seconds since 1970 UTC";
    /// Operations a tablet puts into one change; a longer text edit is split, and stays below `CHANGE_OPS_MAX`.
    CHANGE_OPS_TARGET: u64 = 4_000, "operations";
    /// A document; beyond it a person starts a new generation.
    DOCUMENT_BYTES_MAX: usize = 4_194_304, "bytes";
    /// Changes of one document.
    DOCUMENT_CHANGES_MAX: usize = 50_000, "changes";
    /// One long text, in code points, unless the pack says less.
    TEXT_CHARACTERS_MAX: usize = 20_000, "characters";
    /// A short text field or code.
    SHORT_TEXT_BYTES_MAX: usize = 4_096, "bytes";
    /// How long a tablet keeps its own accepted uploads for a relay that was restored.
    OWN_UPLOADS_KEPT_DAYS: u32 = 30, "days";
    /// How long a tablet opens without meeting the relay; then it locks, and never destroys.
    LEASE_DAYS: u32 = 30, "days";
    /// How long a draft is at the relay before those who keep the register are told of it; they are within a day after that.
    DRAFT_TOLD_HOURS: u32 = 72, "hours";
    /// How far a tablet's clock may be off before the user is told.
    CLOCK_SKEW_S_MAX: u64 = 600, "seconds";
    /// How long the relay can repeat the answer to a request id.
    REPLAY_KEPT_HOURS: u32 = 24, "hours";
    /// One message of a socket; a hello takes 110 bytes, everything else one.
    LIVE_MESSAGE_BYTES_MAX: usize = 256, "bytes";
    /// How long a socket may take to say who listens; a 2G line needs a few seconds.
    LIVE_HELLO_S_MAX: u64 = 15, "seconds";
    /// Sockets that have not said yet who listens: whoever only connects must not take the place of tablets.
    LIVE_HELLOS_MAX: usize = 64, "sockets";
    /// Open sockets of all devices: 500 tablets, twice.
    LIVE_SOCKETS_MAX: usize = 1_024, "sockets";
    /// Open sockets of one account; of one device there is one, and the newest wins.
    LIVE_ACCOUNT_SOCKETS_MAX: usize = 8, "sockets";
    /// How often the relay asks a silent tablet whether it is still there; proxies cut what is silent for a minute.
    LIVE_ALIVE_S: u64 = 50, "seconds";
    /// How long either side waits for the other's word before it takes the line for dead.
    LIVE_ANSWER_S_MAX: u64 = 20, "seconds";
    /// Between two words that there is news; what comes meanwhile is told by one.
    LIVE_NEWS_GAP_MS_MIN: u64 = 1_000, "milliseconds";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_upload_of_largest_changes_is_bounded_by_its_body() {
        const { assert!(CHANGE_BYTES_MAX < BODY_INFLATED_BYTES_MAX) }
        const { assert!(CHANGE_OPS_TARGET < CHANGE_OPS_MAX) }
        const { assert!(DOCUMENT_BYTES_MAX < PART_BYTES_MAX) }
    }

    #[test]
    fn names_are_listed_once() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|(name, _, _)| name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
