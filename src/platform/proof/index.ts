export { canonicalJson, canonicalSha256 } from './canonical-json.js';
export { type CheckedRecord, checkRecord, follows, latestCheckpoint, MANIFEST_SUFFIX, recordText } from './record-chain.js';
export { COUNTERSIGN_JOURNAL_FILE, createRecordJournal, RECORD_JOURNAL_FILE, type RecordJournal } from './record-journal.js';
export {
  type Checked,
  checkSignature,
  createSigner,
  fingerprintOf,
  publicKeyFromPem,
  publicKeyPem,
  type Signer,
  sameKey,
} from './signature.js';
export { centreKeyNames, openSigningKey, PUBLIC_KEY_FILE, readSigningKey } from './signing-key.js';
