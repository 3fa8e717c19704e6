//! What a change touches, said in fields, rows and texts, and why a change is refused.
//!
//! Owns the words between vetting and the rules: the relay's access and schema checks read [`TouchedChange`] and never
//! an operation of the library. Called by vetting.

pub(crate) mod judge;
pub(crate) mod table;

use super::path::{FieldPath, OpId};
use crate::id::{AccountId, ActorId, ChangeHash};
use crate::value::Scalar;

/// What happened at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// A value was put; null clears.
    Set {
        /// The value.
        value: Scalar,
        /// The operations it replaces.
        preds: Vec<OpId>,
    },
    /// A row was made.
    RowMade,
    /// A text's container was made, by its derived change.
    TextMade,
    /// Characters came into a text or went.
    Text {
        /// How many came in.
        inserted_count: usize,
        /// How many went.
        deleted_count: usize,
    },
}

/// One touched path of a change. A text appears once per change, whatever the number of its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedOp {
    /// The operation; of a text's operations the first.
    pub op: OpId,
    /// Where.
    pub path: FieldPath,
    /// What.
    pub touch: Touch,
}

/// One change, vetted as to form: who says they wrote it, and what it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedChange {
    /// The change.
    pub hash: ChangeHash,
    /// Its parents.
    pub deps: Vec<ChangeHash>,
    /// Its session.
    pub actor: ActorId,
    /// 1 for the session's first change.
    pub seq: u64,
    /// The author the actor stands for; none for a derived change. The relay compares it with the account.
    pub author: Option<AccountId>,
    /// The writer's clock in milliseconds since 1970; advisory.
    pub time_ms: i64,
    /// The writer's remark.
    pub message: Option<String>,
    /// Whether it is the derived change of a text, which needs no signature.
    pub derived: bool,
    /// What it touches, in the order of its operations.
    pub ops: Vec<TouchedOp>,
}

/// Why a change is refused. Variants carry no field values, so they may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// Not an uncompressed change with a correct checksum, or an actor of another length than 16 bytes.
    #[error("not an uncompressed change")]
    Unreadable,
    /// Not written as the library would write it.
    #[error("not in the canonical encoding")]
    NotCanonical,
    /// The document holds it already.
    #[error("already in the document")]
    Known,
    /// Parents are missing: send them first.
    #[error("{} parents are missing", missing.len())]
    MissingParents {
        /// The missing parents.
        missing: Vec<ChangeHash>,
    },
    /// No parents, or parents out of order.
    #[error("parents are absent or out of order")]
    Parents,
    /// The actor is reserved, skips a number, repeats one or does not build on its own last change.
    #[error("the actor's sequence is broken")]
    Sequence,
    /// The author is missing on an actor's first change, or repeated later.
    #[error("the author footer is wrong")]
    Author,
    /// Operation counters do not continue those of the parents.
    #[error("operation counters do not continue those of the parents")]
    Counters,
    /// A change without operations.
    #[error("no operations")]
    Empty,
    /// Operation `index` is none that Simpul writes.
    #[error("operation {index} is refused: {fault}")]
    Operation {
        /// Its position in the change.
        index: usize,
        /// Why.
        fault: OperationFault,
    },
}

/// Why one operation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationFault {
    /// It works on the root, whose three maps are genesis' alone.
    #[error("it works on the root")]
    Root,
    /// Its object is none of the document's maps and texts, or is not in the change's past.
    #[error("it works on an object the change cannot know")]
    UnknownObject,
    /// Its key does not follow the grammar of its container.
    #[error("its key does not follow the grammar")]
    Key,
    /// It makes an object, deletes, counts, marks or holds a value that has no place there.
    #[error("its action has no place there")]
    Action,
    /// It replaces an operation that is not at the same place, or not in the change's past.
    #[error("it replaces what does not stand there")]
    Predecessor,
    /// It refers to a character that the text does not have in the change's past.
    #[error("it refers to an unknown character")]
    Element,
}
