export { type CheckedRecord, checkRecord, follows, MANIFEST_SUFFIX, recordText } from './record-chain.js';
export { createRecordJournal, RECORD_JOURNAL_FILE, type RecordJournal } from './record-journal.js';
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
export { openSigningKey, PUBLIC_KEY_FILE, readSigningKey } from './signing-key.js';
