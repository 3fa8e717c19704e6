//! The table of error codes: number, name, class and the sentence in id, en, tet.
//!
//! Numbers are never given to another meaning. 10xx frames, 11xx who is asking, 12xx the relay's state, 13xx a
//! refused change, 14xx a held change, 15xx the tablet, 16xx the pack. Tetun sentences await a native reviewer.

use super::{ErrorClass, SentenceLanguage};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $class:ident,
        $id:literal, $en:literal, $tet:literal;)+) => {
        /// Why something was not done, or not as asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)+
        }

        impl ErrorCode {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable number on the wire and on screen.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number),+ }
            }

            /// Finds the code of a number; none for a number this version does not know.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)+ _ => None }
            }

            /// The name in code and on the protocol page.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What a machine does about it.
            #[must_use]
            pub const fn class(self) -> ErrorClass {
                match self { $(Self::$name => ErrorClass::$class),+ }
            }

            /// The sentence shown to people.
            #[must_use]
            pub const fn sentence(self, language: SentenceLanguage) -> &'static str {
                match language {
                    SentenceLanguage::Indonesian => match self { $(Self::$name => $id),+ },
                    SentenceLanguage::English => match self { $(Self::$name => $en),+ },
                    SentenceLanguage::Tetun => match self { $(Self::$name => $tet),+ },
                }
            }
        }
    };
}

codes! {
    /// The bytes are no frame of this protocol, or not in their one canonical form.
    FrameMalformed = 1001, Fatal,
        "Kiriman tidak terbaca oleh pusat data. Isian Anda aman di tablet; hubungi sekretariat.",
        "The data centre could not read what was sent. Your entries are safe on the tablet; call the secretariat.",
        "Sentru dadus la bele lee buat ne'ebé haruka. Ita-nia dadus seguru iha tablet; bolu sekretariadu.";
    /// A body, field or part is larger than its limit.
    FrameTooLarge = 1002, Fatal,
        "Kiriman terlalu besar. Isian Anda aman di tablet; hubungi sekretariat.",
        "What was sent is too large. Your entries are safe on the tablet; call the secretariat.",
        "Buat ne'ebé haruka boot liu. Ita-nia dadus seguru iha tablet; bolu sekretariadu.";
    /// A list holds more than its limit.
    FrameTooMany = 1003, Fatal,
        "Terlalu banyak isian dalam satu kiriman. Isian Anda aman di tablet; hubungi sekretariat.",
        "Too many entries were sent at once. Your entries are safe on the tablet; call the secretariat.",
        "Dadus barak liu iha haruka ida. Ita-nia dadus seguru iha tablet; bolu sekretariadu.";
    /// The protocol version is not spoken here.
    ProtocolUnknown = 1004, Fatal,
        "Versi aplikasi ini belum dikenal pusat data. Isian Anda aman di tablet; hubungi sekretariat.",
        "The data centre does not know this version of the app. Your entries are safe on the tablet; call the secretariat.",
        "Sentru dadus seidauk koñese aplikasaun nia versaun ne'e. Ita-nia dadus seguru; bolu sekretariadu.";
    /// Content coding or content type is not one of the protocol's.
    CodingUnknown = 1005, Fatal,
        "Cara kirim tablet ini tidak dikenal pusat data. Perbarui aplikasi.",
        "The data centre does not know how this tablet sends. Update the app.",
        "Sentru dadus la koñese tablet ne'e nia maneira haruka. Atualiza aplikasaun.";
    /// An inflated body exceeds its limit.
    InflatedTooLarge = 1006, Fatal,
        "Kiriman menjadi terlalu besar saat dibuka. Isian Anda aman di tablet; hubungi sekretariat.",
        "What was sent is too large once unpacked. Your entries are safe on the tablet; call the secretariat.",
        "Buat ne'ebé haruka sai boot liu bainhira loke. Ita-nia dadus seguru; bolu sekretariadu.";
    /// No such page; also said where existence is secret.
    NotFound = 1007, Refused,
        "Yang Anda cari tidak ada di sini.",
        "What you look for is not here.",
        "Buat ne'ebé ita buka la iha ne'e.";
    /// The tablet could not read the relay's answer.
    AnswerMalformed = 1008, Retry,
        "Jawaban pusat data tidak lengkap. Tablet akan mencoba lagi sendiri.",
        "The data centre's answer was incomplete. The tablet will try again by itself.",
        "Sentru dadus nia resposta la kompletu. Tablet sei koko fali mesak.";

    /// The device is not registered here; also said of a device of another relay.
    DeviceUnknown = 1101, Fatal,
        "Tablet ini belum terdaftar di pusat data. Minta kode pendaftaran baru dari sekretariat.",
        "This tablet is not registered at the data centre. Ask the secretariat for a new code.",
        "Tablet ne'e seidauk rejista iha sentru dadus. Husu kódigu foun ba sekretariadu.";
    /// The device was revoked; what it still hands in is held, then its vault is wiped.
    DeviceRevoked = 1102, Fatal,
        "Pendaftaran tablet ini sudah dicabut. Isian yang belum terkirim diserahkan dulu ke sekretariat.",
        "This tablet's registration was withdrawn. Unsent entries go to the secretariat first.",
        "Tablet ne'e nia rejistu hasai tiha ona. Dadus seidauk haruka sei bá uluk sekretariadu.";
    /// The frame's signature does not belong to the device.
    SignatureWrong = 1103, Fatal,
        "Tanda pengenal tablet ini tidak cocok. Hubungi sekretariat.",
        "This tablet's mark does not match. Call the secretariat.",
        "Tablet ne'e nia marka la hanesan. Bolu sekretariadu.";
    /// The counter was used before, with another request.
    CounterRepeated = 1104, Fatal,
        "Kiriman ini bernomor sama dengan kiriman lama. Hubungi sekretariat.",
        "This sending has the number of an older one. Call the secretariat.",
        "Haruka ne'e iha númeru hanesan ho ida uluk. Bolu sekretariadu.";
    /// No membership is in force.
    AccountEnded = 1105, Fatal,
        "Masa tugas Anda tidak berlaku. Hubungi sekretariat.",
        "Your membership is not in force. Call the secretariat.",
        "Ita-nia mandatu la vale. Bolu sekretariadu.";
    /// No such enrolment code.
    EnrolCodeUnknown = 1111, Refused,
        "Kode pendaftaran tidak dikenal. Periksa lagi huruf dan angkanya.",
        "This registration code is not known. Check its letters and digits.",
        "Kódigu rejistu ne'e la koñesidu. Haree fali letra no númeru.";
    /// The code was used up by another tablet.
    EnrolCodeUsed = 1112, Refused,
        "Kode pendaftaran sudah terpakai. Minta kode baru dari sekretariat.",
        "This registration code was used already. Ask the secretariat for a new one.",
        "Kódigu rejistu ne'e uza tiha ona. Husu ida foun ba sekretariadu.";
    /// The code's time is over.
    EnrolCodeExpired = 1113, Refused,
        "Kode pendaftaran sudah kedaluwarsa. Minta kode baru dari sekretariat.",
        "This registration code is no longer valid. Ask the secretariat for a new one.",
        "Kódigu rejistu ne'e nia tempu liu ona. Husu ida foun ba sekretariadu.";
    /// Too many attempts at codes.
    EnrolThrottled = 1114, Retry,
        "Terlalu banyak percobaan kode. Tunggu sebentar, lalu coba lagi.",
        "Too many codes were tried. Wait a little, then try again.",
        "Koko kódigu dala barak liu. Hein uitoan, depois koko fali.";
    /// The public key belongs to another device.
    EnrolKeyTaken = 1115, Refused,
        "Kunci tablet ini sudah dipakai pendaftaran lain. Mulai pendaftaran dari awal.",
        "This tablet's key belongs to another registration. Start registering again.",
        "Tablet ne'e nia xave rejistu seluk uza ona. Hahú rejista fali.";
    /// A demonstration code used from elsewhere than the relay's own machine.
    EnrolCodeLocalOnly = 1116, Refused,
        "Kode latihan hanya berlaku di komputer latihan itu sendiri.",
        "A practice code works only on the practice computer itself.",
        "Kódigu treinu vale de'it iha komputadór treinu nian.";
    /// The recovery slot is no sealed key for this office.
    RecoverySlotWrong = 1117, Refused,
        "Salinan kunci untuk sekretariat tidak sah. Mulai pendaftaran dari awal.",
        "The copy of the key for the secretariat is not valid. Start registering again.",
        "Xave nia kópia ba sekretariadu la vale. Hahú rejista fali.";
    /// The office has no recovery identity yet, so nobody can be enrolled.
    RecoveryMissing = 1118, Fatal,
        "Sekretariat belum menyiapkan kunci pemulihan, jadi pendaftaran belum dibuka.",
        "The secretariat has not prepared its recovery key, so registering is not open yet.",
        "Sekretariadu seidauk prepara xave rekuperasaun, nune'e rejistu seidauk loke.";

    /// Too much at once.
    RelayBusy = 1201, Retry,
        "Pusat data sedang sibuk. Tablet akan mencoba lagi sendiri.",
        "The data centre is busy. The tablet will try again by itself.",
        "Sentru dadus okupadu hela. Tablet sei koko fali mesak.";
    /// No room: the relay only reads.
    RelayFull = 1202, Retry,
        "Tempat di pusat data penuh. Isian Anda tetap aman di tablet; sekretariat sudah diberi tahu.",
        "The data centre has no room left. Your entries stay safe on the tablet; the secretariat was told.",
        "Sentru dadus nakonu ona. Ita-nia dadus seguru nafatin iha tablet; sekretariadu hatene ona.";
    /// The relay is shutting down.
    RelayStopping = 1203, Retry,
        "Pusat data sedang dimatikan sebentar. Tablet akan mencoba lagi sendiri.",
        "The data centre is being stopped for a moment. The tablet will try again by itself.",
        "Sentru dadus para hela lai. Tablet sei koko fali mesak.";
    /// The tablet is too old to receive; what it sends is still taken.
    UpdateNeeded = 1204, Notice,
        "Aplikasi perlu diperbarui untuk menerima. Isian Anda tetap terkirim.",
        "The app needs an update before it can receive. Your entries are still sent.",
        "Aplikasaun presiza atualiza atu simu. Ita-nia dadus haruka nafatin.";
    /// The tablet's clock is off.
    ClockWrong = 1205, Notice,
        "Tanggal tablet salah. Perbaiki jam tablet di pengaturan.",
        "The tablet's date is wrong. Set the tablet's clock right.",
        "Tablet nia data sala. Hadi'a tablet nia relójiu.";
    /// The cursor is not this device's or not of this database: go on without it, by repair.
    CursorUnknown = 1206, Retry,
        "Pusat data memeriksa ulang isi tablet ini. Isian Anda tetap aman.",
        "The data centre checks again what this tablet holds. Your entries stay safe.",
        "Sentru dadus haree fali tablet ne'e nia dadus. Ita-nia dadus seguru nafatin.";
    /// The relay was restored from a backup: offer own uploads again.
    EpochChanged = 1207, Notice,
        "Pusat data dipulihkan dari cadangan. Tablet mengirim lagi isian yang mungkin hilang di sana.",
        "The data centre was restored from a backup. The tablet sends again what may be missing there.",
        "Sentru dadus rekupera husi kópia. Tablet haruka fali buat ne'ebé karik lakon iha ne'ebá.";
    /// Too many requests of one device.
    TooOften = 1208, Retry,
        "Tablet ini mengirim terlalu sering. Tunggu sebentar; tablet akan mencoba lagi.",
        "This tablet sends too often. Wait a little; it will try again.",
        "Tablet ne'e haruka beibeik liu. Hein uitoan; nia sei koko fali.";
    /// A fault of the relay's own.
    RelayFault = 1209, Retry,
        "Ada gangguan di pusat data. Isian Anda aman di tablet; tablet akan mencoba lagi.",
        "Something went wrong at the data centre. Your entries are safe on the tablet; it will try again.",
        "Iha problema iha sentru dadus. Ita-nia dadus seguru iha tablet; nia sei koko fali.";
    /// The place for held changes of this device is full for now.
    HeldFull = 1210, Retry,
        "Masih banyak isian Anda yang menunggu sekretariat. Sisanya dikirim kemudian.",
        "Many of your entries still wait for the secretariat. The rest is sent later.",
        "Ita-nia dadus barak hein hela sekretariadu. Restu sei haruka ikus mai.";

    /// A change is not in the form this protocol takes.
    ChangeMalformed = 1301, Refused,
        "Satu isian rusak dan tidak diterima. Isian itu tetap ada di tablet dan bisa diekspor.",
        "One entry is damaged and was not taken. It stays on the tablet and can be exported.",
        "Dadus ida aat no la simu. Nia hela iha tablet no bele hasai.";
    /// A change exceeds a limit of size or count.
    ChangeTooLarge = 1302, Refused,
        "Satu isian terlalu besar dan tidak diterima. Isian itu tetap ada di tablet dan bisa diekspor.",
        "One entry is too large and was not taken. It stays on the tablet and can be exported.",
        "Dadus ida boot liu no la simu. Nia hela iha tablet no bele hasai.";
    /// A change's check sum does not match its content.
    ChangeChecksum = 1303, Refused,
        "Satu isian berubah di perjalanan dan tidak diterima. Isian itu tetap ada di tablet.",
        "One entry was altered on its way and was not taken. It stays on the tablet.",
        "Dadus ida muda iha dalan no la simu. Nia hela iha tablet.";
    /// Not an uncompressed change chunk.
    ChangeKind = 1304, Refused,
        "Satu isian berbentuk lain daripada yang diterima pusat data. Isian itu tetap ada di tablet.",
        "One entry has a form the data centre does not take. It stays on the tablet.",
        "Dadus ida iha forma ne'ebé sentru dadus la simu. Nia hela iha tablet.";
    /// The change's actor belongs to another device or document.
    ChangeActorForeign = 1305, Refused,
        "Satu isian memakai tanda tablet lain dan tidak diterima. Isian itu tetap ada di tablet.",
        "One entry carries another tablet's mark and was not taken. It stays on the tablet.",
        "Dadus ida uza tablet seluk nia marka no la simu. Nia hela iha tablet.";
    /// The author is not the account that sends.
    ChangeAuthorForeign = 1306, Refused,
        "Satu isian bernama penulis lain dan tidak diterima. Isian itu tetap ada di tablet.",
        "One entry names another author and was not taken. It stays on the tablet.",
        "Dadus ida temi autór seluk no la simu. Nia hela iha tablet.";
    /// The sequence number does not follow, or was used for another change.
    ChangeSequence = 1307, Refused,
        "Urutan satu isian tidak cocok. Tablet menulisnya ulang.",
        "One entry is out of its order. The tablet writes it anew.",
        "Dadus ida nia orden la loos. Tablet hakerek fali.";
    /// The operation counter does not follow the parents'.
    ChangeCounter = 1308, Refused,
        "Nomor satu isian tidak cocok dengan isian sebelumnya. Tablet menulisnya ulang.",
        "One entry's number does not follow the ones before it. The tablet writes it anew.",
        "Dadus ida nia númeru la tuir ida uluk. Tablet hakerek fali.";
    /// The trial on a copy failed: the change would have damaged the document.
    ChangeUnsound = 1309, Refused,
        "Satu isian akan merusak dokumen dan tidak diterima. Isian itu tetap ada di tablet dan bisa diekspor.",
        "One entry would damage the document and was not taken. It stays on the tablet and can be exported.",
        "Dadus ida sei estraga dokumentu no la simu. Nia hela iha tablet no bele hasai.";
    /// Not allowed, neither now nor when it was written.
    ChangeForbidden = 1310, Refused,
        "Anda tidak bertugas mengisi bagian ini. Isian itu tetap ada di tablet dan bisa diekspor.",
        "You are not assigned to fill in this part. The entry stays on the tablet and can be exported.",
        "Ita la iha knaar atu prenxe parte ne'e. Dadus ne'e hela iha tablet no bele hasai.";
    /// A field, row or value that no known pack has.
    ChangeSchema = 1311, Refused,
        "Satu isian tidak cocok dengan formulirnya dan tidak diterima. Isian itu tetap ada di tablet.",
        "One entry does not fit its form and was not taken. It stays on the tablet.",
        "Dadus ida la tuir formuláriu no la simu. Nia hela iha tablet.";
    /// The push's signature is not over this document and these changes.
    PushSignatureWrong = 1312, Refused,
        "Tanda pada isian ini bukan untuk dokumen ini. Isian itu tetap ada di tablet.",
        "The mark on this entry is not for this document. The entry stays on the tablet.",
        "Marka iha dadus ne'e la'ós ba dokumentu ne'e. Dadus hela iha tablet.";
    /// Unknown, or not for this user: both look the same.
    DocumentUnknown = 1313, Refused,
        "Dokumen ini tidak ada untuk Anda. Isian itu tetap ada di tablet dan bisa diekspor.",
        "There is no such document for you. The entry stays on the tablet and can be exported.",
        "Dokumentu ne'e la iha ba ita. Dadus hela iha tablet no bele hasai.";
    /// The key does not give the id, or its kind is not one of the pack's.
    DocumentKeyWrong = 1314, Refused,
        "Dokumen baru ini tidak cocok dengan kasusnya. Isian itu tetap ada di tablet.",
        "This new document does not fit its case. The entry stays on the tablet.",
        "Dokumentu foun ne'e la tuir nia kazu. Dadus hela iha tablet.";
    /// The document has reached its size or number of changes.
    DocumentFull = 1315, Refused,
        "Dokumen ini sudah penuh. Sekretariat perlu membuka lanjutannya; isian Anda aman di tablet.",
        "This document is full. The secretariat must open its continuation; your entry is safe on the tablet.",
        "Dokumentu ne'e nakonu ona. Sekretariadu tenke loke nia kontinuasaun; ita-nia dadus seguru.";
    /// A reserved actor, or a derived change with other bytes.
    ChangeReserved = 1316, Refused,
        "Satu isian memakai tanda yang dicadangkan dan tidak diterima. Isian itu tetap ada di tablet.",
        "One entry uses a reserved mark and was not taken. It stays on the tablet.",
        "Dadus ida uza marka rezervadu no la simu. Nia hela iha tablet.";
    /// A person declined a held change.
    ChangeDeclined = 1317, Refused,
        "Sekretariat tidak memasukkan isian ini. Alasannya ada di catatan; isian itu tetap bisa diekspor.",
        "The secretariat did not take this entry in. The reason is noted; the entry can still be exported.",
        "Sekretariadu la hatama dadus ne'e. Razaun iha nota; dadus bele hasai nafatin.";

    /// A decision about a held change that waits no longer, never did, or is not this account's to decide.
    DecisionUnknown = 1318, Refused,
        "Isian yang ditahan ini tidak menunggu keputusan Anda lagi.",
        "This held entry no longer waits for your decision.",
        "Dadus rai hela ne'e la hein tan ita-nia desizaun.";
    /// A held change cannot be entered again: what it belongs to is not there, or its new changes were not merged.
    DecisionReentry = 1319, Refused,
        "Isian ini belum bisa dimasukkan: bagian tempatnya tidak ada. Terima dulu isian sebelumnya, atau tolak.",
        "This entry cannot be taken in yet: what it belongs to is missing. Accept the earlier entry first, or decline.",
        "Dadus ne'e seidauk bele tama: nia fatin laiha. Simu uluk dadus molok ne'e, ka rekuza.";

    /// Somebody who must not know of a case was put into its team; said only to those who may know of that.
    AssignExcluded = 1320, Refused,
        "Tidak ditugaskan: orang ini termasuk yang tidak boleh tahu tentang kasus itu.",
        "Not assigned: this person is one of those who must not know of that case.",
        "La fó knaar: ema ne'e tama iha sira ne'ebé la bele hatene kazu ne'e.";

    /// What a held change says names or locates somebody, or is about somebody who refused to be named: it becomes no note.
    NoteNames = 1321, Refused,
        "Isian ini menyebut atau menunjukkan seseorang, jadi tidak disimpan sebagai catatan. Terima, atau tolak dengan alasan.",
        "This entry names or points to somebody, so it is not kept as a note. Accept it, or decline it with a reason.",
        "Dadus ne'e temi ka hatudu ema, tan ne'e la rai hanesan nota. Simu, ka rekuza ho razaun.";
    /// Some of those who read notes of a case may not read the part a held change lies in.
    NoteWider = 1322, Refused,
        "Catatan kasus juga dibaca orang yang tidak boleh membaca bagian ini. Terima, atau tolak dengan alasan.",
        "Notes of a case are also read by people who may not read this part. Accept it, or decline it with a reason.",
        "Ema ne'ebé la bele lee parte ne'e mós lee nota kazu nian. Simu, ka rekuza ho razaun.";
    /// A held change gives or takes a right, or nobody can read what it says: it becomes no note.
    NoteGrants = 1323, Refused,
        "Isian ini memberi hak atau isinya tidak terbaca, jadi tidak disimpan sebagai catatan. Terima, atau tolak dengan alasan.",
        "This entry gives rights or cannot be read, so it is not kept as a note. Accept it, or decline it with a reason.",
        "Dadus ne'e fó direitu ka la bele lee, tan ne'e la rai hanesan nota. Simu, ka rekuza ho razaun.";
    /// Who decides would block a tablet of their own.
    BlockOwn = 1324, Refused,
        "Tentang tablet Anda sendiri, petugas sekretariat yang lain yang memutuskan.",
        "About your own tablet, another officer of the secretariat decides.",
        "Kona-ba ita-nia tablet rasik, funsionáriu sekretariadu seluk mak deside.";
    /// Evidence whose document was erased, and its key with it.
    EvidenceGone = 1325, Refused,
        "Bukti ini tidak bisa dibuka lagi, karena bagian kasusnya sudah dihapus.",
        "This evidence cannot be opened any more, because its part of the case was erased.",
        "Evidénsia ne'e la bele loke tan, tanba ninia parte kazu hamoos tiha ona.";

    /// The device was revoked after this was written.
    HeldRevoked = 1401, Held,
        "Ditahan, menunggu sekretariat: pendaftaran tablet ini sudah dicabut.",
        "Held, waiting for the secretariat: this tablet's registration was withdrawn.",
        "Rai hela, hein sekretariadu: tablet ne'e nia rejistu hasai tiha ona.";
    /// The assignment or role ended after this was written; also said of an exclusion.
    HeldEnded = 1402, Held,
        "Ditahan, menunggu sekretariat: penugasan Anda pada kasus ini sudah berakhir.",
        "Held, waiting for the secretariat: your assignment to this case has ended.",
        "Rai hela, hein sekretariadu: ita-nia knaar ba kazu ne'e hotu ona.";
    /// The report was taken over after this was written.
    HeldTakenOver = 1403, Held,
        "Ditahan, menunggu sekretariat: laporan ini sudah ditangani orang lain.",
        "Held, waiting for the secretariat: somebody has taken this report over.",
        "Rai hela, hein sekretariadu: ema seluk simu ona relatóriu ne'e.";
    /// Written with a pack this relay has never run.
    HeldPackNewer = 1404, Held,
        "Ditahan, menunggu sekretariat: formulir di tablet ini lebih baru daripada di pusat data.",
        "Held, waiting for the secretariat: this tablet's form is newer than the data centre's.",
        "Rai hela, hein sekretariadu: tablet nia formuláriu foun liu sentru dadus nian.";
    /// The device's counter went back: there are two copies of this tablet.
    HeldCopied = 1405, Held,
        "Ditahan, menunggu sekretariat: ada dua salinan dari tablet ini.",
        "Held, waiting for the secretariat: there are two copies of this tablet.",
        "Rai hela, hein sekretariadu: iha kópia rua husi tablet ne'e.";
    /// Applying a received change crashed; the document is set aside, the rest works.
    HeldAside = 1406, Held,
        "Satu dokumen disisihkan karena tidak bisa dibuka. Yang lain tetap berjalan; sekretariat perlu tahu.",
        "One document was set aside because it could not be opened. The rest works; tell the secretariat.",
        "Dokumentu ida tau ketak tanba la bele loke. Seluk la'o nafatin; fó hatene sekretariadu.";

    /// An assignment that the registrar looks at first: of somebody who must not know of the case, which is not said.
    HeldAssignment = 1407, Held,
        "Ditahan, menunggu sekretariat: penugasan ini diperiksa dulu.",
        "Held, waiting for the secretariat: this assignment is looked at first.",
        "Rai hela, hein sekretariadu: sei haree uluk knaar ne'e.";
    /// Brought back to a restored relay by a tablet that had received it, without the signature of its writer.
    HeldBrought = 1408, Held,
        "Ditahan, menunggu sekretariat: tablet lain membawanya kembali setelah pusat data dipulihkan.",
        "Held, waiting for the secretariat: another tablet brought it back after the data centre was restored.",
        "Rai hela, hein sekretariadu: tablet seluk lori fila fali depois sentru dadus hadi'a tiha.";

    /// The five words do not open the vault.
    PassphraseWrong = 1501, Refused,
        "Lima kata kunci tidak cocok. Isian Anda tetap aman.",
        "The five words do not match. Your entries stay safe.",
        "Liafuan lima la loos. Ita-nia dadus seguru nafatin.";
    /// Wait before the next attempt.
    PassphraseWait = 1502, Retry,
        "Tunggu sebentar sebelum mencoba lima kata kunci lagi.",
        "Wait a little before you try the five words again.",
        "Hein uitoan molok koko fali liafuan lima.";
    /// Too easy to guess.
    PassphraseWeak = 1503, Refused,
        "Kata kunci ini terlalu mudah ditebak. Pakai yang lebih panjang atau lima kata yang ditawarkan.",
        "These words are too easy to guess. Use a longer one or the five words offered.",
        "Liafuan ne'e fasil liu atu tebak. Uza naruk liu ka liafuan lima ne'ebé fó.";
    /// The repeated passphrase differs.
    PassphraseDiffers = 1504, Refused,
        "Kata kunci yang diulang tidak sama. Ketik sekali lagi.",
        "The repeated words are not the same. Type them once more.",
        "Liafuan ne'ebé repete la hanesan. Hakerek dala ida tan.";
    /// The read-out recovery code has a typing fault or opens another vault.
    RecoveryCodeWrong = 1505, Refused,
        "Kode pemulihan tidak cocok. Periksa kelompok yang ditandai bersama sekretariat.",
        "The recovery code does not match. Check the marked group with the secretariat.",
        "Kódigu rekuperasaun la loos. Haree grupu ne'ebé marka hamutuk ho sekretariadu.";
    /// The browser gives no more room.
    TabletFull = 1506, Refused,
        "Belum tersimpan: tempat di tablet penuh. Hapus foto atau aplikasi lain, lalu coba lagi.",
        "Not saved yet: the tablet has no room. Remove photos or other apps, then try again.",
        "Seidauk rai: tablet nakonu ona. Hasai foto ka aplikasaun seluk, depois koko fali.";
    /// The browser's store failed.
    TabletStore = 1507, Fatal,
        "Belum tersimpan: tablet tidak bisa menulis. Catat di kertas dan hubungi sekretariat.",
        "Not saved yet: the tablet cannot write. Note it on paper and call the secretariat.",
        "Seidauk rai: tablet la bele hakerek. Hakerek iha surat-tahan no bolu sekretariadu.";
    /// The rows on this tablet were written by a newer version.
    TabletStoreNewer = 1508, Fatal,
        "Isi tablet ini ditulis aplikasi yang lebih baru. Bisa dibaca saja sampai aplikasi diperbarui.",
        "This tablet's content was written by a newer app. It can only be read until the app is updated.",
        "Tablet nia dadus aplikasaun foun liu mak hakerek. Bele lee de'it to'o atualiza.";
    /// The vault is locked.
    Locked = 1509, Refused,
        "Layar terkunci. Buka dengan lima kata kunci untuk melanjutkan.",
        "The screen is locked. Open it with the five words to go on.",
        "Ekrán xave tiha. Loke ho liafuan lima atu kontinua.";
    /// Time without contact is over: locked until the relay is met, nothing destroyed.
    LeaseOver = 1510, Fatal,
        "Tablet ini lama tidak bertemu pusat data. Isian Anda aman. Sambungkan untuk membuka.",
        "This tablet has not met the data centre for long. Your entries are safe. Connect to open it.",
        "Tablet ne'e kleur la hasoru sentru dadus. Ita-nia dadus seguru. Liga atu loke.";
    /// No network.
    NoSignal = 1511, Retry,
        "Tanpa sinyal. Semua tetap bisa diisi; dikirim begitu ada sinyal.",
        "No signal. Everything can still be filled in; it is sent once there is one.",
        "Laiha sinál. Bele prenxe nafatin; sei haruka bainhira iha sinál.";
    /// The network is there, the relay is not.
    RelaySilent = 1512, Retry,
        "Pusat data tidak menjawab. Isian Anda aman; tablet akan mencoba lagi.",
        "The data centre does not answer. Your entries are safe; the tablet will try again.",
        "Sentru dadus la hatán. Ita-nia dadus seguru; tablet sei koko fali.";
    /// A text is longer than its field takes.
    TextTooLong = 1513, Refused,
        "Tulisan ini terlalu panjang untuk kolomnya. Pendekkan atau bagi menjadi beberapa.",
        "This text is too long for its field. Shorten it or split it.",
        "Testu ne'e naruk liu ba nia kampu. Hamenus ka fahe.";
    /// A value the field does not take.
    ValueWrong = 1514, Refused,
        "Isian ini tidak cocok untuk kolomnya. Periksa lagi.",
        "This value does not fit its field. Check it again.",
        "Dadus ne'e la tuir nia kampu. Haree fali.";
    /// Others wrote the same field; the values must be seen before one is chosen.
    ValuesUnseen = 1515, Refused,
        "Ada isian berbeda dari orang lain. Lihat semuanya dulu, lalu pilih.",
        "Others have entered something different. Look at all of it first, then choose.",
        "Ema seluk hatama dadus seluk. Haree hotu lai, depois hili.";
    /// The case, row or document is no longer on this tablet.
    ItemGone = 1516, Refused,
        "Bagian ini sudah tidak ada di tablet Anda. Isian Anda yang sudah sampai tetap tersimpan di pusat.",
        "This part is no longer on your tablet. What arrived from you is kept at the centre.",
        "Parte ne'e la iha ona ita-nia tablet. Buat ne'ebé to'o ona rai iha sentru.";
    /// This user may not write here.
    WriteForbidden = 1517, Refused,
        "Bagian ini hanya bisa Anda baca, tidak bisa Anda isi.",
        "You can read this part but not fill it in.",
        "Parte ne'e ita bele lee de'it, la bele prenxe.";
    /// The engine stopped and starts again.
    EngineStopped = 1518, Retry,
        "Aplikasi berhenti sebentar dan memulai lagi. Yang bertanda tersimpan tetap ada.",
        "The app stopped for a moment and starts again. What is marked as saved is there.",
        "Aplikasaun para lai no hahú fali. Buat ne'ebé marka rai ona iha nafatin.";
    /// No https and not localhost: the browser refuses keys and offline use.
    InsecurePlace = 1519, Fatal,
        "Alamat ini tidak aman untuk data kasus. Buka lewat alamat https dari sekretariat.",
        "This address is not safe for case data. Open the https address the secretariat gave.",
        "Enderesu ne'e la seguru ba dadus kazu. Loke enderesu https husi sekretariadu.";
    /// The browser lacks something we need.
    BrowserTooOld = 1520, Fatal,
        "Peramban tablet ini terlalu lama. Perbarui Chrome, lalu buka lagi.",
        "This tablet's browser is too old. Update Chrome, then open again.",
        "Tablet nia navegadór tuan liu. Atualiza Chrome, depois loke fali.";
    /// Not enough memory to open the vault.
    MemoryShort = 1521, Retry,
        "Memori tablet kurang untuk membuka. Tutup aplikasi lain, lalu coba lagi.",
        "The tablet lacks memory to open. Close other apps, then try again.",
        "Tablet nia memória menus atu loke. Taka aplikasaun seluk, depois koko fali.";
    /// The browser has lost every vault of this tablet: a crash it did not survive, or somebody cleared its data.
    VaultsLost = 1522, Fatal,
        "Peramban kehilangan data yang tersimpan di tablet ini. Yang sudah terkirim aman di pusat data. Beri tahu sekretariat sebelum mendaftar lagi.",
        "The browser has lost what was stored on this tablet. What was sent is safe at the data centre. Tell the secretariat before you enrol again.",
        "Navegadór lakon dadus ne'ebé rai iha tablet ne'e. Buat ne'ebé haruka ona seguru iha sentru dadus. Fó hatene sekretariadu molok rejista fali.";
    /// Another case has this register number.
    NumberUsed = 1523, Refused,
        "Nomor ini sudah dipakai kasus lain. Tulis nomor berikutnya.",
        "Another case has this number already. Write the next one.",
        "Kazu seluk uza ona númeru ne'e. Hakerek númeru tuirmai.";
    /// Closing takes two people.
    ClosingAlone = 1530, Refused,
        "Seorang diri tidak bisa menutup kasus. Yang menyetujui harus orang lain dari yang mengusulkan.",
        "Nobody closes a case alone. Who approves must be another person than who proposed.",
        "Ema mesak la bele taka kazu. Ema ne'ebé aprova tenke seluk husi ema ne'ebé propoin.";
    /// A stage asks for something that is not there, and no reason opens it.
    GateShut = 1531, Refused,
        "Tahap ini belum bisa: masih ada syarat yang wajib. Lengkapi dulu yang bertanda wajib.",
        "This stage is not possible yet: something that is required is missing. Complete what is marked as required first.",
        "Faze ne'e seidauk bele: sei falta buat obrigatóriu. Kompleta uluk buat ne'ebé marka obrigatóriu.";
    /// Somebody in danger wants no record, and nobody has told yet why the least is handed over all the same.
    VitalReasonMissing = 1532, Refused,
        "Belum diserahkan: orang ini tidak mau dicatat. Tulis dulu alasan kepentingan vital.",
        "Not handed over yet: this person wants no record. Write the reason of vital interest first.",
        "Seidauk entrega: ema ne'e lakohi rejistu. Hakerek uluk razaun interese vitál nian.";
    /// An arrival list holds more people than one report takes at a time.
    ListTooLong = 1533, Refused,
        "Daftar ini terlalu panjang: paling banyak 200 orang sekali simpan. Bagi daftarnya.",
        "This list is too long: at most 200 people are kept at a time. Split the list.",
        "Lista ne'e naruk liu: máximu ema 200 dala ida. Fahe lista ne'e.";
    /// An arrival list was filled, and nobody has kept it yet.
    ListNotKept = 1534, Refused,
        "Belum diserahkan: daftar kedatangan belum disimpan. Simpan daftarnya dulu, atau tinggalkan barisnya.",
        "Not handed over yet: the arrival list was not saved. Save it first, or leave its rows out.",
        "Seidauk entrega: lista to'o-mai seidauk rai. Rai uluk lista ne'e, ka husik nia liña sira.";
    /// Something that is only on the tablet was written after the file was saved, so the account is not wiped.
    NotInFile = 1535, Refused,
        "Belum dihapus: ada yang ditulis setelah berkas disimpan. Simpan ke berkas sekali lagi, lalu hapus.",
        "Not deleted yet: something was written after the file was saved. Save to a file once more, then delete.",
        "Seidauk hamoos: iha buat ne'ebé hakerek depois de rai ba arkivu. Rai fali dala ida, depois hamoos.";

    /// The pack has faults.
    PackFaulty = 1601, Refused,
        "Paket daerah punya kesalahan dan tidak dipakai. Hubungi sekretariat.",
        "The regional pack has faults and is not used. Call the secretariat.",
        "Pakote rejiaun iha sala no la uza. Bolu sekretariadu.";
    /// The tablet has no pack and could not fetch one.
    PackMissing = 1602, Retry,
        "Formulir daerah belum ada di tablet ini. Sambungkan sekali untuk mengambilnya.",
        "The regional forms are not on this tablet yet. Connect once to fetch them.",
        "Formuláriu rejiaun seidauk iha tablet ne'e. Liga dala ida atu foti.";
}
