//! `simpul account`, `device`, `recovery`, `grants`, `audit`: administration on the relay's own machine.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use shared::date::PartialDate;
use shared::evidence_file;
use shared::id::{AccountId, CaseId, DocumentId, DocumentKey};
use shared::instant;
use shared::protocol::limits::CHANGE_TIME_S_MAX;
use shared::protocol::seen::Sight;
use shared::seal::letter::Identity;
use shared::seal::{code, recovery};

use super::{Place, tell};
use crate::audit::first_break;
use crate::clock::now_ms;
use crate::identity::CodeTerms;
use crate::random::{SystemEntropy, draw};
use crate::relay::{NewAccount, Relay, SeenLine};
use crate::storage::record::AuditRecord;

/// How long an enrolment code is worth something.
const CODE_MINUTES: u64 = 30;

#[derive(Subcommand)]
pub(super) enum Account {
    /// Adds an account and prints an enrolment code.
    Add {
        /// Sign-in name, used here only.
        login: String,
        /// Name as others see it.
        #[arg(long)]
        name: String,
        /// Role code of the pack; may be repeated.
        #[arg(long, required = true)]
        role: Vec<String>,
        /// Unit code of the pack.
        #[arg(long, default_value = "GT")]
        unit: String,
        /// Office code of the pack.
        #[arg(long)]
        office: Option<String>,
        /// First day of the decree, YYYY-MM-DD; today unless given.
        #[arg(long)]
        from: Option<String>,
        /// Last day of the decree.
        #[arg(long)]
        to: Option<String>,
    },
    /// Prints a new enrolment code.
    Code {
        /// Sign-in name.
        login: String,
        /// How many minutes it is worth something.
        #[arg(long, default_value_t = CODE_MINUTES)]
        minutes: u64,
    },
    /// Ends an account: its tablets may still hand in.
    Stop {
        /// Sign-in name.
        login: String,
    },
    /// Lists accounts.
    List,
}

#[derive(Subcommand)]
pub(super) enum Device {
    /// Lists devices.
    List,
    /// Revokes a device: it may still hand in, which is held.
    Revoke {
        /// Number in the list.
        number: u32,
    },
}

#[derive(Subcommand)]
pub(super) enum Recovery {
    /// Makes the office's recovery identity and prints it once.
    Init {
        /// Replaces one that was made before.
        #[arg(long)]
        replace: bool,
    },
    /// Opens a device's recovery slot and prints the code that is read out.
    Open {
        /// Number of the device.
        #[arg(long)]
        device: u32,
        /// File that holds the office's identity.
        #[arg(long)]
        identity: PathBuf,
    },
    /// Opens evidence that a registrar saved, and writes its bytes, hostile as they may be, to a new file.
    Evidence {
        /// The file that was saved.
        file: PathBuf,
        /// File that holds the office's identity.
        #[arg(long)]
        identity: PathBuf,
        /// Where the bytes go; nothing is written over.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(super) enum Grants {
    /// Computes every grant anew and puts right what differs.
    Verify,
}

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Walks the chain and says whether it holds.
    Verify,
    /// Lists what was opened, taken away as a file and printed on tablets, as they told it.
    Seen {
        /// Of this case alone: its id, as it stands in its address.
        #[arg(long)]
        case: Option<String>,
        /// By this account alone: its sign-in name.
        #[arg(long)]
        account: Option<String>,
    },
}

fn day(text: &str) -> anyhow::Result<PartialDate> {
    PartialDate::parse(text).map_err(|_| anyhow::anyhow!("{text} is no date"))
}

pub(super) async fn account(relay: &Relay, command: Account) -> anyhow::Result<()> {
    match command {
        Account::Add { login, name, role, unit, office, from, to } => {
            let from = match from {
                Some(text) => day(&text)?.first_day(),
                None => relay.packs().date_at(now_ms()),
            };
            let to = to.map(|text| day(&text).map(PartialDate::last_day)).transpose()?;
            let new = NewAccount { login, name, unit, office, roles: role, from, to };
            let account = relay.add_account(new, now_ms()).await?;
            print_code(relay, account, CODE_MINUTES).await
        }
        Account::Code { login, minutes } => {
            let account = relay.account_of_login(&login).await?;
            print_code(relay, account, minutes).await
        }
        Account::Stop { login } => {
            let account = relay.account_of_login(&login).await?;
            Ok(relay.stop_account(account, now_ms()).await?)
        }
        Account::List => {
            for listed in relay.list_accounts().await? {
                let state = if listed.active { "active" } else { "ended" };
                let roles = listed.roles.join(",");
                tell(&format!(
                    "{}\t{roles}\t{}\t{state}\t{}",
                    listed.profile.login, listed.profile.unit, listed.profile.name
                ));
            }
            Ok(())
        }
    }
}

async fn print_code(relay: &Relay, account: shared::id::AccountId, minutes: u64) -> anyhow::Result<()> {
    let expires_ms = now_ms().saturating_add(minutes.saturating_mul(60_000));
    let terms = CodeTerms { expires_ms, uses: Some(1), local_only: false };
    let code = relay.make_code(account, terms, now_ms()).await?;
    tell(&code);
    Ok(())
}

pub(super) async fn device(relay: &Relay, command: &Device) -> anyhow::Result<()> {
    match command {
        Device::List => {
            let accounts = relay.list_accounts().await?;
            for (_, device, name) in relay.list_devices().await? {
                let login = accounts
                    .iter()
                    .find(|listed| listed.account == device.account)
                    .map_or("?", |listed| listed.profile.login.as_str());
                let state = if device.revoked.is_some() { "revoked" } else { "active" };
                tell(&format!("{}\t{login}\t{state}\t{name}", device.number));
            }
        }
        Device::Revoke { number } => relay.revoke_device(*number, now_ms()).await?,
    }
    Ok(())
}

pub(super) async fn recovery(place: &Place, command: &Recovery) -> anyhow::Result<()> {
    match command {
        Recovery::Init { replace } => {
            let relay = if *replace { place.existing().await? } else { place.found().await? };
            let known = relay.storage().read().await?.view().recovery_recipient().await?;
            anyhow::ensure!(
                known.is_none() || *replace,
                "there is a recovery identity already; --replace makes a new one for tablets enrolled from now on"
            );
            let identity = Identity::from_seed(&draw(&SystemEntropy)?);
            relay.set_recovery_recipient(&identity.recipient().to_string(), now_ms()).await?;
            tell(&identity.reveal());
        }
        // Needs no relay: the office's identity is kept elsewhere, and its bytes are better opened elsewhere too.
        Recovery::Evidence { file, identity, out } => {
            let office = office(identity)?;
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            let opened = evidence_file::open(&text, &office)?;
            let mut to =
                File::create_new(out).with_context(|| format!("cannot write a new file at {}", out.display()))?;
            to.write_all(&opened.bytes).with_context(|| format!("cannot write {}", out.display()))?;
            let sum = if opened.whole {
                "all of it, as its check sum says"
            } else {
                "the first of more, of which no more is kept"
            };
            tell(&format!("{} bytes: {sum}", opened.bytes.len()));
        }
        Recovery::Open { device, identity } => {
            let relay = place.existing().await?;
            let office = office(identity)?;
            let slot = relay.take_out_slot(*device, now_ms()).await?;
            let (_, key) = recovery::open_with(&office, &slot)?;
            tell(&code::encode(&key));
        }
    }
    Ok(())
}

/// The office's identity, from a file.
fn office(path: &Path) -> anyhow::Result<Identity> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Identity::parse(text.trim())?)
}

pub(super) async fn audit(relay: &Relay, command: Audit) -> anyhow::Result<ExitCode> {
    match command {
        Audit::Verify => verify_audit(relay).await,
        Audit::Seen { case, account } => {
            let case = case.map(|text| CaseId::parse(&text)).transpose().context("that is no id of a case")?;
            let account = match account {
                Some(login) => Some(relay.account_of_login(&login).await?),
                None => None,
            };
            list_seen(relay, case, account).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// One line each: when the relay heard of it, when it was by the tablet's clock, who, on which device, and what.
async fn list_seen(relay: &Relay, case: Option<CaseId>, account: Option<AccountId>) -> anyhow::Result<()> {
    let accounts = relay.list_accounts().await?;
    let devices = relay.list_devices().await?;
    let login = |id| accounts.iter().find(|one| Some(one.account) == id).map_or("?", |one| &one.profile.login);
    let number = |id| devices.iter().find(|(device, ..)| Some(*device) == id).map_or(0, |(_, record, _)| record.number);
    for SeenLine { record, key } in relay.seen(case, account).await? {
        let heard = moment(relay, record.at_ms);
        let claimed = record.seen.as_ref().map_or_else(|| "-".to_owned(), |seen| moment(relay, seen.at_ms));
        let what = what_of(&record, key.as_ref());
        tell(&format!("{heard}\t{claimed}\t{}\t{}\t{what}", login(record.account), number(record.device)));
    }
    Ok(())
}

/// A moment in the pack's zone; what no clock shows is a number.
fn moment(relay: &Relay, at_ms: u64) -> String {
    let zone = relay.packs().current().map_or(0, |pack| pack.zone.offset_minutes);
    match i64::try_from(at_ms) {
        Ok(at_ms) if at_ms / 1_000 <= CHANGE_TIME_S_MAX => instant::print(at_ms, zone),
        Ok(_) | Err(_) => format!("{at_ms} ms"),
    }
}

fn what_of(record: &AuditRecord, key: Option<&DocumentKey>) -> String {
    let part = |document: DocumentId| match key {
        Some(DocumentKey { case, kind, subject, .. }) => {
            format!("{case}\t{kind}\t{}", subject.map_or_else(|| "-".to_owned(), |person| person.to_string()))
        }
        None => format!("unknown document {document}\t-\t-"),
    };
    match record.seen.as_ref().map(|seen| &seen.sight) {
        Some(Sight::Opened { document, field }) if field.is_empty() => format!("opened\t{}\t?", part(*document)),
        Some(Sight::Opened { document, field }) => format!("opened\t{}\t{field}", part(*document)),
        Some(Sight::Exported { table: Some((table, year)), rows }) => {
            format!("exported\t{} {year}\t{rows} rows", table.code())
        }
        Some(Sight::Exported { table: None, rows }) => format!("exported\tregister\t{rows} rows"),
        Some(Sight::Printed { document, names }) => {
            format!("printed\t{}\t{}", part(*document), if *names { "with names" } else { "without names" })
        }
        Some(Sight::LetGo(count)) => format!("let go on the tablet\t{count}"),
        None => format!("put off to another day\t{}", record.count),
    }
}

async fn verify_audit(relay: &Relay) -> anyhow::Result<ExitCode> {
    let mut read = relay.storage().read().await?;
    match first_break(&mut read.view()).await? {
        None => {
            tell("the chain holds");
            Ok(ExitCode::SUCCESS)
        }
        Some(index) => {
            tell(&format!("the chain breaks at entry {index}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::protocol::seen::Seen;
    use shared::tables::TableId;

    use super::*;
    use crate::storage::record::Act;

    fn told(sight: Option<Sight>) -> AuditRecord {
        let seen = sight.map(|sight| Seen { at_ms: 0, sight });
        let previous = [0; 32];
        let (account, device, document) = (None, None, None);
        AuditRecord { previous, at_ms: 0, act: Act::Seen, account, device, document, code: 0, count: 9, seen }
    }

    #[test]
    fn what_was_seen_is_told_by_case_part_person_and_field_as_far_as_the_relay_knows_them() {
        let case = CaseId::from_bytes([5; 16]);
        let key = DocumentKey { case, kind: "identity.short".to_owned(), subject: None, generation: 0 };
        let document = key.id();
        let opened = |field: &str| told(Some(Sight::Opened { document, field: field.to_owned() }));
        let id = "05".repeat(16);
        assert_eq!(what_of(&opened("nik"), Some(&key)), format!("opened\t{id}\tidentity.short\t-\tnik"));
        assert_eq!(what_of(&opened(""), None), format!("opened\tunknown document {document}\t-\t-\t?"));
        let printed = told(Some(Sight::Printed { document, names: true }));
        assert_eq!(what_of(&printed, Some(&key)), format!("printed\t{id}\tidentity.short\t-\twith names"));
        let table = told(Some(Sight::Exported { table: Some((TableId::T02, 2026)), rows: 3 }));
        assert_eq!(what_of(&table, None), "exported\tT02 2026\t3 rows");
        assert_eq!(what_of(&told(Some(Sight::Exported { table: None, rows: 4 })), None), "exported\tregister\t4 rows");
        assert_eq!(what_of(&told(Some(Sight::LetGo(2))), None), "let go on the tablet\t2");
        assert_eq!(what_of(&told(None), None), "put off to another day\t9");
    }
}
