import type { EvidenceKind } from '../domain/evidence.js';
import { ACK_SCHEMA, ackKeys, NEED_SCHEMA } from '../domain/wire/delivery.js';
import { completeSchema, type ManifestMessage, manifestSchema } from '../domain/wire/evidence.js';
import { clearBits, countClear, createBitmap, hasBit, setBit } from './bitmap.js';
import { expectCameraOf, expectSame, expectUlid, parseJson, parsePayload, type ReceiverContext, Rejected, sha256Of } from './context.js';
import { createEvidenceFiles } from './evidence-files.js';
import { createEvidenceIndex, type EvidenceRow, MAX_ASK_WAIT_MS } from './evidence-index.js';
import { createParts, type Part } from './evidence-parts.js';
import type { RecordSink } from './records.js';
import { type Refusable, Refused } from './refused.js';
import { createStrangers, type Stranger } from './strangers.js';
import type { ReceivedTopic } from './topics.js';

export interface ReceivedEvidence {
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly event: string;
  readonly evidence: string;
  readonly kind: EvidenceKind;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

type EvidenceTopic = Extract<ReceivedTopic, { evidence: string }>;

export interface EvidenceSink {
  reconcile(): Promise<void>;
  /** @throws {Rejected} */
  take(topic: EvidenceTopic, payload: Uint8Array): Promise<void>;
  /** Notes what lies in memory, asks again for what has not come, and gives up what will not; call it every second. */
  sweep(): Promise<void>;
}

/** More chunks than this make no sense (128 GiB at the default size), and the index would hold their bits. */
const MAX_CHUNKS = 1_048_576;
/** Largest manifest or complete message, bytes; real ones have 600. */
const MAX_NOTICE_BYTES = 16 * 1024;
/** Chunks between two notes in the index: after a crash of the receiver these are asked for again. */
const CHUNKS_A_NOTE = 8;
/** Chunks asked for in one message: 5,000 numbers of up to seven digits fit the agent's limit of 64 KiB. */
const NEED_AT_ONCE = 5_000;
/** A file of which nothing has come for this long, while a receiver ran, is given up, milliseconds: longer than a long weekend's outage. */
const EXPIRY_MS = 7 * 86_400_000;
/** Files of one agent under way, at most: hundreds of times what a sender has out, and a bound to what it can make us keep. */
const MAX_INCOMING_AN_AGENT = 1_024;
/** Rows that a sweep looks at; the next one comes in a second. */
const ROWS_A_SWEEP = 50;
/**
 * How long a check of a whole file may take before another receiver takes it for dead, milliseconds: a minute, and the time
 * to read it from a slow disk at 10 MB/s.
 */
const CHECK_MS = 60_000;
const CHECK_BYTES_A_MS = 10_000;
/** A chunk that overtook its manifest waits for it, milliseconds each time: it is in another connection's hands. */
const MANIFEST_WAITS_MS = [25, 50, 100, 200];
/** Time for other receivers to note their last chunks before any are called missing, milliseconds: two sweeps. */
const LAST_NOTES_MS = 2_000;

/**
 * Evidence: chunks in any order, as often as they like, through any number of receivers, become a file that is put in its
 * place and acknowledged only when its hash is right and it is safely on the disk. What is missing or wrong is asked for.
 */
export function createEvidenceSink(
  context: ReceiverContext,
  records: RecordSink,
  maxEvidenceBytes: number,
  onEvidence: (received: ReceivedEvidence) => void,
): EvidenceSink {
  const { counters, clock, logger, unordered } = context;
  const index = createEvidenceIndex(context.database, context.name);
  const files = createEvidenceFiles(context.dataDir);
  const parts = createParts({ index, files, clock });
  const strangers = createStrangers(clock);

  async function takeManifest(topic: EvidenceTopic, payload: Uint8Array): Promise<void> {
    const manifest = parsePayload(manifestSchema, payload);
    for (const what of ['site', 'agent', 'event', 'evidence'] as const) expectSame(what, topic[what], manifest[what]);
    expectUlid('event', manifest.event);
    expectUlid('evidence', manifest.evidence);
    await expectCameraOf(context, manifest);
    if (manifest.bytes > maxEvidenceBytes) throw new Rejected(`${manifest.bytes} bytes of evidence, at most ${maxEvidenceBytes} are taken`);
    if (manifest.chunks > MAX_CHUNKS || manifest.chunks !== Math.ceil(manifest.bytes / manifest.chunk_bytes)) {
      throw new Rejected(`${manifest.chunks} chunks of ${manifest.chunk_bytes} do not make ${manifest.bytes} bytes`);
    }
    await expectProven(manifest, payload);
    const { row, begun } = await index.begin(manifest, clock.now());
    if (row.state === 'verified') {
      if (row.sha256 !== manifest.sha256) throw new Rejected(`evidence ${row.id} is here already, with another hash: it stays`);
      acknowledge(row);
      return;
    }
    const held = manifest.held === true;
    if (held || begun === 'known') await index.hold(row, held, clock.now());
    if (begun === 'known') return;
    parts.forget(row);
    if (begun === 'anew') await files.remove(row);
    else await makeRoom(row);
    if (row.chunks === 0) await check(row);
  }

  /** The signed record of the file must say what the manifest says. What is refused is not asked for, whatever else comes of it. */
  async function expectProven(manifest: ManifestMessage, payload: Uint8Array): Promise<void> {
    const { site, agent, evidence } = manifest;
    const of: Refusable = { site, agent, ackKey: ackKeys.evidence(evidence), sha256: sha256Of(payload) };
    try {
      if (manifest.record === undefined) {
        await context.keyring.expectSigned(of, {});
        return;
      }
      if (!sayTheSame(manifest)) throw new Refused(of, 'its signed record is of another file than the manifest');
      await records.add(of, (parseJson(payload) as { readonly record: unknown }).record);
    } catch (error) {
      if (error instanceof Refused) strangers.silence({ site, agent, evidence }, MAX_ASK_WAIT_MS);
      throw error;
    }
  }

  /** An agent with too many files under way loses the one of which nothing has come for longest. */
  async function makeRoom({ site, agent, id }: EvidenceRow): Promise<void> {
    const { count, oldest } = await index.underWay(site, agent);
    if (count > MAX_INCOMING_AN_AGENT && oldest !== null && oldest.id !== id) await giveUp(oldest);
  }

  async function giveUp(row: EvidenceRow): Promise<void> {
    const { site, agent, id } = row;
    parts.forget(row);
    if (!(await index.drop(row))) return;
    await files.remove(row);
    counters.evidenceExpired++;
    logger.warn(
      { event: 'evidence-expired', site, agent, evidence: id },
      `${row.kind} of ${row.event} is given up: nothing more came of it`,
    );
  }

  async function takeChunk(topic: Extract<EvidenceTopic, { kind: 'chunk' }>, payload: Uint8Array): Promise<void> {
    const part = parts.get(topic) ?? (await findPart(topic));
    if (part === null) return;
    const { row } = part;
    expectSame('event', topic.event, row.event);
    if (topic.index >= row.chunks) throw new Rejected(`chunk ${topic.index} of ${row.chunks}`);
    const expected = Math.min(row.chunk_bytes, row.bytes - topic.index * row.chunk_bytes);
    if (payload.length !== expected) throw new Rejected(`chunk ${topic.index} has ${payload.length} bytes instead of ${expected}`);
    if (hasBit(part.have, topic.index)) {
      // A repeat; and when the check failed for want of room, the occasion to try again.
      if (part.missing === 0) await check(row);
      return;
    }
    await files.writeChunk(row, topic.index, payload);
    if (hasBit(part.have, topic.index)) return;
    setBit(part.have, topic.index);
    setBit(part.fresh, topic.index);
    part.missing--;
    part.unnoted++;
    part.arrivedAtMs = clock.now();
    if (part.unnoted >= CHUNKS_A_NOTE || part.missing === 0) await note(part);
  }

  /** A file that this process has no chunk of yet; `null` when the chunk is of no use. */
  async function findPart({ site, agent, event, evidence }: EvidenceTopic): Promise<Part | null> {
    const row = await findRow({ site, agent, evidence });
    if (row === undefined) askStranger({ site, agent, event, evidence });
    return row === undefined || row.state === 'verified' ? null : parts.track(row);
  }

  async function findRow(stranger: Stranger): Promise<EvidenceRow | undefined> {
    const { site, agent, evidence } = stranger;
    let row = await index.find({ site, agent, id: evidence });
    for (const waitMs of unordered && !strangers.has(stranger) ? MANIFEST_WAITS_MS : []) {
      if (row !== undefined) break;
      await clock.delay(waitMs);
      row = await index.find({ site, agent, id: evidence });
    }
    return row;
  }

  /** Writes down which chunks are here, and checks the file when they are all. */
  async function note(part: Part): Promise<void> {
    const noted = await parts.note(part);
    if (noted.kind === 'noted' && noted.missing === 0) await check(part.row);
  }

  async function takeComplete(topic: EvidenceTopic, payload: Uint8Array): Promise<void> {
    const complete = parsePayload(completeSchema, payload);
    expectSame('event', topic.event, complete.event);
    expectSame('evidence', topic.evidence, complete.evidence);
    const row = await findRow(topic);
    if (row === undefined || (row.state === 'verified' && row.sha256 !== complete.sha256)) {
      askStranger(topic);
      return;
    }
    if (row.state === 'verified') {
      acknowledge(row);
      return;
    }
    if (complete.sha256 !== row.sha256) throw new Rejected('complete names another hash than the manifest');
    const part = parts.get(topic) ?? parts.track(row);
    if (part.unnoted > 0) await note(part);
    const now = await index.find(row);
    if (now?.state !== 'incoming') return;
    const missing = missingOf(now);
    if (missing === 0) await check(now);
    else if (unordered) await index.askAt(now, clock.now() + LAST_NOTES_MS);
    else await need(now);
  }

  /** One receiver checks a whole file, whoever brought the last chunk. */
  async function check(row: EvidenceRow): Promise<void> {
    const nowMs = clock.now();
    if (!(await index.mayCheck(row, nowMs, nowMs + CHECK_MS + row.bytes / CHECK_BYTES_A_MS))) return;
    try {
      await verify(row);
    } catch (error) {
      await index.releaseCheck(row);
      throw error;
    }
  }

  async function verify(row: EvidenceRow): Promise<void> {
    const { site, agent, camera, event, id, kind, bytes, sha256 } = row;
    const found = await files.hash(row);
    if (found !== sha256) {
      counters.evidenceMismatched++;
      const line = { event: 'evidence-mismatch', code: 'EVIDENCE_INVALID', site, agent, evidence: id };
      logger.error(line, `${kind} of ${event} has the hash ${found ?? 'of nothing'} instead of ${sha256}: thrown away and asked for again`);
      parts.forget(row);
      await files.remove(row);
      await index.restart(row);
      await need(row);
      return;
    }
    const path = await files.place(row, await records.manifestOf(site, agent, id));
    parts.forget(row);
    if (await index.verified(row)) {
      counters.evidenceVerified++;
      onEvidence({ site, agent, camera, event, evidence: id, kind: kind as EvidenceKind, path, bytes, sha256 });
    }
    acknowledge(row);
  }

  function acknowledge(row: EvidenceRow): void {
    context.tell(row.site, row.agent, 'ack', { schema: ACK_SCHEMA, key: ackKeys.evidence(row.id), sha256: row.sha256 });
  }

  /** Asks for what is missing, unless it was asked for a moment ago; then a sweep does it, of whichever receiver. */
  async function need(row: EvidenceRow): Promise<void> {
    if (!(await index.mayAsk(row, clock.now()))) return;
    const now = await index.find(row);
    if (now?.state !== 'incoming') return;
    counters.needs++;
    // An empty list asks for all.
    const have = now.have ?? createBitmap(now.chunks);
    const chunks = missingOf(now) === now.chunks ? [] : clearBits(have, now.chunks, NEED_AT_ONCE);
    context.tell(now.site, now.agent, 'need', { schema: NEED_SCHEMA, event: now.event, evidence: now.id, chunks });
  }

  /** Chunks without a manifest: it is asked for, once in a while. */
  function askStranger({ site, agent, event, evidence }: Omit<EvidenceTopic, 'kind'>): void {
    expectUlid('event', event);
    expectUlid('evidence', evidence);
    if (!strangers.mayAsk({ site, agent, evidence })) return;
    counters.needs++;
    context.tell(site, agent, 'need', { schema: NEED_SCHEMA, event, evidence, chunks: [] });
  }

  /** Files without a row, and rows whose file does not hold what was noted. Others may be writing: rows are read after files. */
  async function reconcileParts(): Promise<void> {
    const names = await files.parts();
    const rows = await index.incoming();
    const known = new Set(rows.map(files.partName));
    for (const name of names.filter((one) => !known.has(one))) {
      const path = await files.removePart(name);
      logger.warn({ event: 'orphan-removed', path }, `removed ${path}: nothing in the index belongs to it`);
    }
    for (const row of rows) {
      if (await files.holds(row)) continue;
      await files.remove(row);
      await index.restart(row);
    }
  }

  return {
    async reconcile() {
      await reconcileParts();
      await index.touchAll(clock.now());
      await index.releaseOwnChecks();
      for (const row of await index.incoming()) {
        if (missingOf(row) === 0) await check(row);
      }
    },
    async take(topic, payload) {
      if (topic.kind === 'chunk') return takeChunk(topic, payload);
      if (payload.length > MAX_NOTICE_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_NOTICE_BYTES}`);
      return topic.kind === 'manifest' ? takeManifest(topic, payload) : takeComplete(topic, payload);
    },
    async sweep() {
      for (const part of parts.waiting()) await note(part);
      for (const row of await index.due(clock.now(), ROWS_A_SWEEP)) {
        if (missingOf(row) === 0) await check(row);
        else await need(row);
      }
      for (const row of await index.silentSince(clock.now() - EXPIRY_MS, ROWS_A_SWEEP)) await giveUp(row);
    },
  };
}

const missingOf = (row: EvidenceRow): number => countClear(row.have ?? createBitmap(row.chunks), row.chunks);

function sayTheSame({ record, ...manifest }: ManifestMessage): boolean {
  const file = record?.file ?? null;
  return (
    record?.what === 'evidence' &&
    file !== null &&
    record.event === manifest.event &&
    record.evidence === manifest.evidence &&
    record.sha256 === manifest.sha256 &&
    file.camera === manifest.camera &&
    file.kind === manifest.kind &&
    file.media_type === manifest.media_type &&
    file.bytes === manifest.bytes &&
    file.from === manifest.from &&
    file.to === manifest.to
  );
}
