//! Enrolment: a code and a fresh key become a device.

use shared::id::DeviceId;
use shared::pack::Language;
use shared::protocol::codec::decode_enrol_request;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{EnrolAnswer, EnrolRequest, Fault, Member, PROTOCOL_VERSION};
use shared::protocol::sign::join_message;
use shared::seal::sign::{DevicePublic, Signature};

use super::code::{hash_code, normalise_code};
use crate::audit::{self, Entry};
use crate::failure::Chain;
use crate::relay::{Relay, RelayError};
use crate::storage::Table;
use crate::storage::record::{Act, DeviceRecord, EnrolCodeRecord};

/// First bytes of every `age` file.
const AGE_MAGIC: &[u8] = b"age-encryption.org/v1";

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From this very machine.
    Local,
    /// From anywhere else.
    Remote,
}

/// A join request, taken apart.
struct Join {
    code: String,
    public_key: [u8; 32],
    tablet: shared::id::TabletId,
    tablet_name: String,
    slot: Vec<u8>,
    signature: [u8; 64],
}

type Refused = Result<EnrolAnswer, RefusedOr>;

enum RefusedOr {
    Code(ErrorCode),
    Relay(RelayError),
}

impl<E: Into<RelayError>> From<E> for RefusedOr {
    fn from(error: E) -> Self {
        Self::Relay(error.into())
    }
}

impl Relay {
    /// Answers one step of enrolment.
    pub async fn enrol(&self, bytes: &[u8], origin: Origin, now_ms: u64) -> EnrolAnswer {
        let answer = match decode_enrol_request(bytes) {
            Err(error) => Err(RefusedOr::Code(error.code())),
            Ok(EnrolRequest::Look { version, .. } | EnrolRequest::Join { version, .. })
                if version != PROTOCOL_VERSION =>
            {
                Err(RefusedOr::Code(ErrorCode::ProtocolUnknown))
            }
            Ok(EnrolRequest::Look { code, .. }) => self.look(&code, origin, now_ms).await,
            Ok(EnrolRequest::Join { code, public_key, tablet, tablet_name, slot, signature, .. }) => {
                self.join(Join { code, public_key, tablet, tablet_name, slot, signature }, origin, now_ms).await
            }
        };
        match answer {
            Ok(answer) => answer,
            Err(RefusedOr::Code(code)) => EnrolAnswer::Fault(Fault { code: code.number(), retry_after_s: None }),
            Err(RefusedOr::Relay(error)) => {
                tracing::error!(error = %Chain(&error), "enrolment failed");
                EnrolAnswer::Fault(error.fault())
            }
        }
    }

    async fn look(&self, code: &str, origin: Origin, now_ms: u64) -> Refused {
        let mut read = self.storage().read().await?;
        let found = read.view().enrol_code(&hash_code(&normalise_code(code))).await?;
        let code = valid(found, origin, now_ms).map_err(RefusedOr::Code)?;
        if code.uses_left == Some(0) {
            return Err(RefusedOr::Code(ErrorCode::EnrolCodeUsed));
        }
        let recovery_recipient =
            read.view().recovery_recipient().await?.ok_or(RefusedOr::Code(ErrorCode::RecoveryMissing))?;
        let members = self.members(&mut read.view()).await?;
        let member: Member = members
            .into_iter()
            .find(|member| member.account == code.account && member.active)
            .ok_or(RefusedOr::Code(ErrorCode::AccountEnded))?;
        Ok(EnrolAnswer::Welcome {
            tenant: self.tenant(),
            member,
            office: self
                .packs()
                .current()
                .map(|pack| pack.label.text(Language::Indonesian).to_owned())
                .unwrap_or_default(),
            recovery_recipient,
            pack: self.packs().version(),
            synthetic: self.is_synthetic(),
        })
    }

    async fn join(&self, join: Join, origin: Origin, now_ms: u64) -> Refused {
        let message =
            join_message(self.tenant(), &join.code, &join.public_key, join.tablet, &join.tablet_name, &join.slot);
        let key = DevicePublic::from_bytes(join.public_key);
        key.check()
            .and_then(|()| key.verify(&message, &Signature::from_bytes(join.signature)))
            .map_err(|_| RefusedOr::Code(ErrorCode::SignatureWrong))?;
        if !join.slot.starts_with(AGE_MAGIC) {
            return Err(RefusedOr::Code(ErrorCode::RecoverySlotWrong));
        }
        let code_hash = hash_code(&normalise_code(&join.code));
        // Guessing must not wait in the writer's queue: a code that is worth nothing ends here.
        let known = self.storage().read().await?.view().enrol_code(&code_hash).await?;
        valid(known, origin, now_ms).map_err(RefusedOr::Code)?;
        let mut tx = self.storage().write().await?;
        let mut code = valid(tx.view().enrol_code(&code_hash).await?, origin, now_ms).map_err(RefusedOr::Code)?;
        if let Some(known) = tx.view().device_of_key(&join.public_key).await? {
            let device = tx.view().device(known).await?;
            return match device.filter(|device| device.account == code.account) {
                Some(device) => Ok(self.joined(known, device.number, now_ms)),
                None => Err(RefusedOr::Code(ErrorCode::EnrolKeyTaken)),
            };
        }
        match code.uses_left.as_mut() {
            Some(0) => return Err(RefusedOr::Code(ErrorCode::EnrolCodeUsed)),
            Some(left) => *left = left.saturating_sub(1),
            None => {}
        }
        let mut account = tx
            .view()
            .account(code.account)
            .await?
            .filter(|account| account.active)
            .ok_or(RefusedOr::Code(ErrorCode::AccountEnded))?;
        let id = DeviceId::from_bytes(self.sealer().draw()?);
        let number = tx.next_device_number().await?;
        let enrolled_position = tx.view().position().await?;
        let device = DeviceRecord {
            number,
            account: code.account,
            public_key: join.public_key,
            tablet: join.tablet,
            sealed_name: self.sealer().seal_record(Table::Device, id.as_bytes(), join.tablet_name.as_bytes())?,
            enrolled_position,
            enrolled_ms: now_ms,
            revoked: None,
            contact: None,
        };
        tx.put_device(id, &device).await?;
        tx.put_slot(id, &join.slot).await?;
        tx.put_enrol_code(&code_hash, &code).await?;
        // The directory names a member's tablets, so it has something new to tell.
        account.position = tx.next_position().await?;
        tx.put_account(code.account, &account).await?;
        let entry = Entry { account: Some(code.account), device: Some(id), ..Entry::of(Act::DeviceEnrolled) };
        audit::append(&mut tx, now_ms, &[entry]).await?;
        tx.commit().await?;
        Ok(self.joined(id, number, now_ms))
    }

    fn joined(&self, device: DeviceId, device_number: u32, now_ms: u64) -> EnrolAnswer {
        EnrolAnswer::Joined { device, device_number, relay_recipient: self.recipient().to_owned(), now_ms }
    }
}

/// A code that may be looked at; whether uses are left is another question, because joining may repeat itself.
fn valid(found: Option<EnrolCodeRecord>, origin: Origin, now_ms: u64) -> Result<EnrolCodeRecord, ErrorCode> {
    let code = found.ok_or(ErrorCode::EnrolCodeUnknown)?;
    if code.local_only && origin == Origin::Remote {
        return Err(ErrorCode::EnrolCodeLocalOnly);
    }
    if code.expires_ms <= now_ms {
        return Err(ErrorCode::EnrolCodeExpired);
    }
    Ok(code)
}
