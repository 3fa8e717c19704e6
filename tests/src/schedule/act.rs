//! What a person does on a tablet: picks something of what is on the screen and writes it, or leaves a form open.

use std::collections::{BTreeMap, BTreeSet};

use client::api::{FieldPlace, Path, SeenOp, TextBase, Write};
use client::engine::query::value::token;
use client::engine::session::{DocumentEdit, Session, document_key};
use client::engine::write::write;
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::document::Document;
use shared::document::path::{FieldPath, REMOVED};
use shared::document::read::{FieldState, RowState, Seen};
use shared::id::{CaseId, RowId};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::model::{Intent, Meaning, Model, WriteId};
use super::template::KIND;
use crate::native::dice::Dice;

const TABLE: &str = "anggota";
const TEXT: &str = "cerita";
const FIELDS: [&str; 5] = ["nama", "tempat", "umur", "tanda/UPAH", "tanda/UTANG"];
const ROW_FIELDS: [&str; 2] = ["nama", "umur"];

/// A form somebody opened and has not left.
#[derive(Debug, Clone)]
pub enum Form {
    /// A field with what stood in it.
    Field(FieldPath, FieldState),
    /// The long text with what stood in it.
    Text(TextBase),
}

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acted {
    /// Written, or there was nothing to write.
    Done,
    /// The store failed; the tablet has to be switched off and on.
    Broken,
}

/// One person at one tablet.
pub struct Person<'a> {
    /// Number of the tablet.
    pub tablet: usize,
    /// The case.
    pub case: CaseId,
    /// Chance.
    pub dice: &'a Dice,
    /// What is remembered of all writes.
    pub model: &'a mut Model,
    /// Forms left open on this tablet.
    pub forms: &'a mut Vec<Form>,
}

/// A write with what it means.
struct Plan {
    order: Order,
    intent: Intent,
}

/// How a write reaches the session.
enum Order {
    Write(Write),
    /// Past the interface's own checks.
    Raw(Edit),
}

impl Person<'_> {
    /// Does something.
    ///
    /// # Errors
    /// When the engine refuses what it must not refuse.
    pub async fn act(&mut self, session: &mut Session) -> anyhow::Result<Acted> {
        let key = document_key(self.case, KIND, None);
        if !session.has(&key) {
            return Ok(Acted::Done);
        }
        let document = match session.replica(&key).await {
            Ok(replica) => replica.document.clone(),
            Err(failure) => return self.refused(failure.code, None),
        };
        let Some(plan) = self.choose(&document) else { return Ok(Acted::Done) };
        let outcome = match plan.order {
            Order::Write(order) => write(session, order).await,
            Order::Raw(edit) => session.edit(vec![DocumentEdit { key, edit }], Writes::new()).await,
        };
        match outcome {
            Ok(()) => self.model.scan(self.tablet, session, Some(plan.intent)).await.map(|()| Acted::Done),
            Err(failure) => self.refused(failure.code, Some(plan.intent)),
        }
    }

    fn refused(&mut self, code: u16, intent: Option<Intent>) -> anyhow::Result<Acted> {
        let expected = [ErrorCode::ValuesUnseen, ErrorCode::ItemGone, ErrorCode::WriteForbidden, ErrorCode::TabletFull];
        if code == ErrorCode::Locked.number() || code == ErrorCode::TabletStore.number() {
            if let Some(intent) = intent {
                self.model.note_doubt(self.tablet, intent);
            }
            return Ok(Acted::Broken);
        }
        anyhow::ensure!(expected.iter().any(|known| known.number() == code), "a write was refused with code {code}");
        Ok(Acted::Done)
    }

    fn choose(&mut self, document: &Document) -> Option<Plan> {
        match self.dice.below(100) {
            0..30 => self.set_field(document),
            30..42 => self.choose_value(document),
            42..50 => self.add_row(),
            50..63 => self.set_row_field(document),
            63..70 => self.remove_row(document),
            70..75 => self.restore_row(document),
            75..88 => Some(self.edit_text(&base_of(document))),
            88..92 => self.open_form(document),
            92..97 => self.leave_form(),
            _ => self.write_the_hopeless(document),
        }
    }

    fn place(&self, path: &FieldPath) -> FieldPlace {
        let path = match path {
            FieldPath::Field(key) => Path::Field(key.clone()),
            FieldPath::Row { table, row, key } => Path::RowField { table: table.clone(), row: *row, key: key.clone() },
            FieldPath::RowMade { table, row } => Path::Row { table: table.clone(), row: *row },
            FieldPath::Text(key) => Path::Text(key.clone()),
        };
        FieldPlace { case: self.case, kind: KIND.to_owned(), subject: None, path }
    }

    fn shown<'s>(&self, values: impl IntoIterator<Item = &'s Seen>) -> BTreeSet<WriteId> {
        self.model.ids(values.into_iter().map(|seen| seen.hash))
    }

    fn value_for(&mut self, key: &str) -> Scalar {
        let fresh = self.model.fresh();
        if key.contains('/') {
            return if self.dice.chance(20) { Scalar::Null } else { Scalar::Bool(self.dice.chance(60)) };
        }
        match (self.dice.below(10), key) {
            (0 | 1, _) => Scalar::Null,
            (2, "umur") => Scalar::Int(7),
            (2, _) => Scalar::Str(String::from("sama")),
            (_, "umur") => Scalar::Int(1000_i64.saturating_add(fresh.into())),
            (_, _) => Scalar::Str(format!("nilai {fresh}")),
        }
    }

    fn set(&self, path: &FieldPath, state: &FieldState, value: Scalar) -> Plan {
        let write = Write::Set { place: self.place(path), value: value.clone(), seen: tokens(&state.values) };
        self.plan(write, vec![(path.clone(), value)], self.shown(&state.values))
    }

    fn plan(&self, write: Write, values: Vec<(FieldPath, Scalar)>, shown: BTreeSet<WriteId>) -> Plan {
        Plan { order: Order::Write(write), intent: Intent { meaning: Meaning::Values(values), shown, hopeless: false } }
    }

    fn set_field(&mut self, document: &Document) -> Option<Plan> {
        let key = *self.dice.pick(&FIELDS)?;
        let value = self.value_for(key);
        Some(self.set(&FieldPath::Field(key.to_owned()), &document.field(key), value))
    }

    fn choose_value(&mut self, document: &Document) -> Option<Plan> {
        let conflicts = document.conflicts();
        let conflict = self.dice.pick(&conflicts)?;
        let mut values = conflict.values.clone();
        // Who decides about a removed row has the whole row on the screen.
        if let FieldPath::Row { table, row, key } = &conflict.path
            && key == REMOVED
        {
            let state = document.row(table, *row)?;
            values = state.fields.values().flat_map(|field| field.values.clone()).collect();
        }
        let value = match &conflict.path {
            FieldPath::Row { key, .. } if key == REMOVED => Scalar::Bool(self.dice.chance(50)),
            FieldPath::Field(key) | FieldPath::Row { key, .. } if self.dice.chance(20) => self.value_for(&key.clone()),
            FieldPath::Field(_) | FieldPath::Row { .. } | FieldPath::RowMade { .. } | FieldPath::Text(_) => {
                self.dice.pick(&conflict.values)?.value.clone()
            }
        };
        let place = self.place(&conflict.path);
        let write = Write::Choose { place, value: value.clone(), seen: tokens(&values) };
        Some(self.plan(write, vec![(conflict.path.clone(), value)], self.shown(&values)))
    }

    fn add_row(&mut self) -> Option<Plan> {
        let row = RowId::from_bytes(self.dice.bytes());
        let mut fields = BTreeMap::new();
        for key in ROW_FIELDS {
            fields.insert(key.to_owned(), self.value_for(key));
        }
        let place = self.place(&FieldPath::RowMade { table: TABLE.to_owned(), row });
        let values = fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (FieldPath::Row { table: TABLE.to_owned(), row, key: key.clone() }, value.clone()));
        let values = values.collect();
        Some(self.plan(Write::AddRow { place, fields }, values, BTreeSet::new()))
    }

    fn set_row_field(&mut self, document: &Document) -> Option<Plan> {
        let rows = document.rows(TABLE);
        let row = self.dice.pick(&rows).filter(|row| !row.removed())?;
        let key = *self.dice.pick(&ROW_FIELDS)?;
        let path = FieldPath::Row { table: TABLE.to_owned(), row: row.row, key: key.to_owned() };
        let value = self.value_for(key);
        Some(self.set(&path, &row.field(key), value))
    }

    fn remove_row(&mut self, document: &Document) -> Option<Plan> {
        let rows = document.rows(TABLE);
        let row = self.dice.pick(&rows)?;
        let values = all_values(row);
        let place = self.place(&FieldPath::RowMade { table: TABLE.to_owned(), row: row.row });
        let removal = FieldPath::Row { table: TABLE.to_owned(), row: row.row, key: REMOVED.to_owned() };
        let write = Write::RemoveRow { place, seen: tokens(&values) };
        Some(self.plan(write, vec![(removal, Scalar::Bool(true))], self.shown(&values)))
    }

    fn restore_row(&mut self, document: &Document) -> Option<Plan> {
        let rows = document.rows(TABLE);
        let row = self.dice.pick(&rows).filter(|row| row.removed())?;
        let values = row.field(REMOVED).values;
        let place = self.place(&FieldPath::RowMade { table: TABLE.to_owned(), row: row.row });
        let removal = FieldPath::Row { table: TABLE.to_owned(), row: row.row, key: REMOVED.to_owned() };
        let write = Write::RestoreRow { place, seen: tokens(&values) };
        Some(self.plan(write, vec![(removal, Scalar::Bool(false))], self.shown(&values)))
    }

    /// Types in up to three places and takes some of what stands there away.
    fn edit_text(&mut self, base: &TextBase) -> Plan {
        let mut text: Vec<char> = base.text.chars().collect();
        let mut deleted = BTreeSet::new();
        if self.dice.chance(35) && !text.is_empty() {
            let from = self.dice.index(text.len());
            let to = from.saturating_add(self.dice.index(6)).saturating_add(1).min(text.len());
            deleted.extend(text.drain(from..to));
        }
        let mut inserted = Vec::new();
        for _ in 0..self.dice.below(3).saturating_add(1) {
            let run = self.model.fresh_run(u32::try_from(self.dice.below(5)).unwrap_or(0).saturating_add(1));
            // Runs keep apart, so that a run stays one insertion.
            let at = self.dice.index(text.len().saturating_add(1));
            text.splice(at..at, run.iter().copied());
            inserted.push(run);
        }
        let place = self.place(&FieldPath::Text(TEXT.to_owned()));
        let write = Write::Text { place, base: base.clone(), text: text.into_iter().collect() };
        let meaning = Meaning::Text { inserted, deleted };
        Plan { order: Order::Write(write), intent: Intent { meaning, shown: BTreeSet::new(), hopeless: false } }
    }

    fn open_form(&mut self, document: &Document) -> Option<Plan> {
        if self.dice.chance(40) {
            self.forms.push(Form::Text(base_of(document)));
            return None;
        }
        let key = *self.dice.pick(&FIELDS)?;
        self.forms.push(Form::Field(FieldPath::Field(key.to_owned()), document.field(key)));
        let rows = document.rows(TABLE);
        let row = self.dice.pick(&rows)?;
        let key = *self.dice.pick(&ROW_FIELDS)?;
        let path = FieldPath::Row { table: TABLE.to_owned(), row: row.row, key: key.to_owned() };
        self.forms.push(Form::Field(path, row.field(key)));
        None
    }

    fn leave_form(&mut self) -> Option<Plan> {
        if self.forms.is_empty() {
            return None;
        }
        let form = self.forms.swap_remove(self.dice.index(self.forms.len()));
        match form {
            Form::Text(base) => Some(self.edit_text(&base)),
            Form::Field(path, state) => {
                let key = path.field().unwrap_or_default().to_owned();
                let key = path.choice().map_or(key.clone(), |code| format!("{key}/{code}"));
                let value = self.value_for(&key);
                Some(self.set(&path, &state, value))
            }
        }
    }

    /// What no interface would let through: the relay refuses it, and everything behind it is written anew.
    fn write_the_hopeless(&mut self, document: &Document) -> Option<Plan> {
        let key = if self.dice.chance(50) { "nama" } else { "umur" };
        let fresh = self.model.fresh();
        let value = Scalar::Str(format!("{fresh} {}", "x".repeat(60)));
        let state = document.field(key);
        let edit = Edit::Choose { key: key.to_owned(), value: value.clone(), seen: state.ops() };
        let meaning = Meaning::Values(vec![(FieldPath::Field(key.to_owned()), value)]);
        let intent = Intent { meaning, shown: self.shown(&state.values), hopeless: true };
        Some(Plan { order: Order::Raw(edit), intent })
    }
}

fn tokens(values: &[Seen]) -> Vec<SeenOp> {
    values.iter().map(|seen| token(seen.op)).collect()
}

fn all_values(row: &RowState) -> Vec<Seen> {
    row.fields.values().flat_map(|field| field.values.clone()).collect()
}

fn base_of(document: &Document) -> TextBase {
    TextBase { heads: document.heads().iter().map(ToString::to_string).collect(), text: document.text(TEXT) }
}
