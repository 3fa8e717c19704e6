//! Reads a TOML table key by key and remembers what nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::pack::fault::PackFault;
use crate::pack::label::Label;
use crate::value::Scalar;

/// Collects faults while many readers look at one pack.
#[derive(Default)]
pub(super) struct Faults {
    found: RefCell<Vec<PackFault>>,
    origins: RefCell<BTreeMap<String, String>>,
}

impl Faults {
    pub(super) fn push(&self, file: &str, key: impl Into<String>, reason: impl Into<String>) {
        self.found.borrow_mut().push(PackFault::new(file, key, reason));
    }

    /// Remembers which file describes something, for checks that see only the finished pack.
    pub(super) fn remember(&self, what: String, file: &str) {
        self.origins.borrow_mut().insert(what, file.to_owned());
    }

    pub(super) fn take(self) -> (Vec<PackFault>, BTreeMap<String, String>) {
        (self.found.into_inner(), self.origins.into_inner())
    }
}

/// Holds one table while it is read; what is left at the end is an unknown key.
pub(super) struct Node<'f> {
    faults: &'f Faults,
    file: String,
    /// Where the table stands, ending in a dot unless it is the root.
    prefix: String,
    table: Table,
}

impl<'f> Node<'f> {
    pub(super) fn root(faults: &'f Faults, file: &str, table: Table) -> Self {
        Self { faults, file: file.to_owned(), prefix: String::new(), table }
    }

    pub(super) fn fault(&self, key: &str, reason: impl Into<String>) {
        self.faults.push(&self.file, format!("{}{key}", self.prefix), reason);
    }

    /// Remembers that this file describes something.
    pub(super) fn remember(&self, what: String) {
        self.faults.remember(what, &self.file);
    }

    /// Names a table by what it is about, so that faults do not speak of positions.
    pub(super) fn rename(&mut self, name: &str) {
        self.prefix = format!("{name}.");
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.table.remove(key)?;
        let Value::String(text) = value else {
            self.fault(key, format!("is {}, not a text", value.type_str()));
            return None;
        };
        Some(text)
    }

    pub(super) fn need_text(&mut self, key: &str) -> String {
        if !self.has(key) {
            self.fault(key, "is missing");
        }
        self.text(key).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.table.remove(key) {
            None => false,
            Some(Value::Boolean(flag)) => flag,
            Some(other) => {
                self.fault(key, format!("is {}, not true or false", other.type_str()));
                false
            }
        }
    }

    pub(super) fn number(&mut self, key: &str) -> Option<i64> {
        let value = self.table.remove(key)?;
        let Value::Integer(number) = value else {
            self.fault(key, format!("is {}, not a whole number", value.type_str()));
            return None;
        };
        Some(number)
    }

    pub(super) fn need_number<N: TryFrom<i64> + Default>(&mut self, key: &str) -> N {
        if !self.has(key) {
            self.fault(key, "is missing");
        }
        let Some(number) = self.number(key) else {
            return N::default();
        };
        N::try_from(number).unwrap_or_else(|_| {
            self.fault(key, "is out of range");
            N::default()
        })
    }

    pub(super) fn scalar(&mut self, key: &str) -> Option<Scalar> {
        let value = self.table.remove(key)?;
        self.read_scalar(key, value)
    }

    fn read_scalar(&self, key: &str, value: Value) -> Option<Scalar> {
        match value {
            Value::String(text) => Some(Scalar::Str(text)),
            Value::Boolean(flag) => Some(Scalar::Bool(flag)),
            Value::Integer(number) => Some(Scalar::Int(number)),
            other @ (Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_)) => {
                self.fault(key, format!("is {}, not a field's value", other.type_str()));
                None
            }
        }
    }

    /// Returns the field values of a list; none if the key is absent.
    pub(super) fn scalars(&mut self, key: &str) -> Vec<Scalar> {
        let values = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.fault(key, format!("is {}, not a list of values", other.type_str()));
                return Vec::new();
            }
        };
        values.into_iter().filter_map(|value| self.read_scalar(key, value)).collect()
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let values = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.fault(key, format!("is {}, not a list of texts", other.type_str()));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for value in values {
            if let Value::String(text) = value {
                texts.push(text);
            } else {
                self.fault(key, format!("holds {}, not only texts", value.type_str()));
            }
        }
        texts
    }

    pub(super) fn child(&mut self, key: &str) -> Option<Self> {
        match self.table.remove(key) {
            None => {
                self.fault(key, "is missing");
                None
            }
            Some(Value::Table(table)) => Some(self.below(key, table)),
            Some(other) => {
                self.fault(key, format!("is {}, not a table", other.type_str()));
                None
            }
        }
    }

    /// Returns the tables of a list; none if the key is absent.
    pub(super) fn children(&mut self, key: &str) -> Vec<Self> {
        let values = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.fault(key, format!("is {}, not a list of tables", other.type_str()));
                return Vec::new();
            }
        };
        let mut nodes = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let name = format!("{key}[{}]", index.saturating_add(1));
            if let Value::Table(table) = value {
                nodes.push(self.below(&name, table));
            } else {
                self.fault(&name, format!("is {}, not a table", value.type_str()));
            }
        }
        nodes
    }

    /// Reads `id`, `en`, `tet` and `tet_reviewed`.
    pub(super) fn label(&mut self) -> Label {
        self.prefixed_label("")
    }

    /// Reads `<prefix>id` and so on, if any of them is there.
    pub(super) fn optional_label(&mut self, prefix: &str) -> Option<Label> {
        ["id", "en", "tet"]
            .iter()
            .any(|language| self.has(&format!("{prefix}{language}")))
            .then(|| self.prefixed_label(prefix))
    }

    fn prefixed_label(&mut self, prefix: &str) -> Label {
        let mut need = |language: &str| {
            let key = format!("{prefix}{language}");
            let text = self.text(&key).unwrap_or_default();
            if text.trim().is_empty() {
                self.fault(&key, "the label is missing");
            }
            text
        };
        let (id, en) = (need("id"), need("en"));
        let (tet, reviewed) = (self.text(&format!("{prefix}tet")), format!("{prefix}tet_reviewed"));
        let tet_reviewed = self.flag(&reviewed);
        if tet_reviewed && tet.is_none() {
            self.fault(&reviewed, "there is no Tetun to review");
        }
        Label { id, en, tet, tet_reviewed }
    }

    /// Reports every key that nobody read.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            self.fault(key, "no such key is known here");
        }
    }

    fn below(&self, key: &str, table: Table) -> Self {
        Self { faults: self.faults, file: self.file.clone(), prefix: format!("{}{key}.", self.prefix), table }
    }
}
