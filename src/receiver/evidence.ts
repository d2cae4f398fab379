import type { EvidenceKind } from '../domain/evidence.js';
import { ACK_SCHEMA, ackKeys, NEED_SCHEMA } from '../domain/wire/delivery.js';
import { completeSchema, type ManifestMessage, manifestSchema } from '../domain/wire/evidence.js';
import { clearBits, createBitmap, hasBit, setBit } from './bitmap.js';
import { expectCameraOf, expectSame, expectUlid, parseJson, parsePayload, type ReceiverContext, Rejected, sha256Of } from './context.js';
import { createEvidenceStore, type EvidenceRow } from './evidence-store.js';
import type { RecordSink } from './records.js';
import { type Refusable, Refused } from './refused.js';
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
  /** Asks again for what has not come, and gives up what will not; call it every few seconds. */
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
/** A file of which nothing has come for this long is asked for, milliseconds. */
const IDLE_MS = 60_000;
/** Between two requests for one file, doubled until something comes, milliseconds. */
const FIRST_NEED_WAIT_MS = 1_000;
const MAX_NEED_WAIT_MS = 3_600_000;

/** A file of which nothing has come for this long, while the receiver ran, is given up, milliseconds: longer than a long weekend's outage. */
const EXPIRY_MS = 7 * 86_400_000;
/** Files of one agent under way, at most: hundreds of times what a sender has out, and a bound to what it can make us keep. */
const MAX_INCOMING_AN_AGENT = 1_024;
/** Files that are not asked for, remembered at most: a forger must not fill the memory with names. */
const MAX_STRANGERS = 10_000;

/** A file under way. */
interface Incoming {
  readonly row: EvidenceRow;
  readonly have: Uint8Array;
  missing: number;
  /** Chunks that came since the last note. */
  unnoted: number;
  /** Monotonic milliseconds. */
  lastProgressMs: number;
  /** When its manifest or the latest chunk came, monotonic milliseconds. */
  arrivedMs: number;
  nextNeedMs: number;
  needWaitMs: number;
  /** A request was held back by the wait. */
  asking: boolean;
}

/**
 * Evidence: chunks in any order, as often as they like, become a file that is put in its place and acknowledged only
 * when its hash is right and it is safely on the disk. What is missing or wrong is asked for.
 */
export function createEvidenceSink(
  context: ReceiverContext,
  records: RecordSink,
  maxEvidenceBytes: number,
  onEvidence: (received: ReceivedEvidence) => void,
): EvidenceSink {
  const { counters, clock, logger } = context;
  const store = createEvidenceStore(context, (row) => records.manifestOf(row.site, row.agent, row.id));
  const incoming = new Map<string, Incoming>();
  /** Files whose chunks came without a manifest, with the time at which they may be asked for again. */
  const strangers = new Map<string, number>();

  const keyOf = (site: string, agent: string, id: string): string => `${site}/${agent}/${id}`;

  function track(row: EvidenceRow, have: Uint8Array = new Uint8Array(row.have ?? createBitmap(row.chunks))): Incoming {
    const entry: Incoming = {
      row,
      have,
      missing: clearBits(have, row.chunks, row.chunks).length,
      unnoted: 0,
      lastProgressMs: clock.monotonic(),
      arrivedMs: clock.monotonic(),
      nextNeedMs: 0,
      needWaitMs: FIRST_NEED_WAIT_MS,
      asking: false,
    };
    incoming.set(keyOf(row.site, row.agent, row.id), entry);
    return entry;
  }

  async function takeManifest(topic: EvidenceTopic, payload: Uint8Array): Promise<void> {
    const manifest = parsePayload(manifestSchema, payload);
    for (const what of ['site', 'agent', 'event', 'evidence'] as const) expectSame(what, topic[what], manifest[what]);
    expectUlid('event', manifest.event);
    expectUlid('evidence', manifest.evidence);
    expectCameraOf(context, manifest);
    if (manifest.bytes > maxEvidenceBytes) throw new Rejected(`${manifest.bytes} bytes of evidence, at most ${maxEvidenceBytes} are taken`);
    if (manifest.chunks > MAX_CHUNKS || manifest.chunks !== Math.ceil(manifest.bytes / manifest.chunk_bytes)) {
      throw new Rejected(`${manifest.chunks} chunks of ${manifest.chunk_bytes} do not make ${manifest.bytes} bytes`);
    }
    await expectProven(manifest, payload);
    const known = store.find(manifest.site, manifest.agent, manifest.evidence);
    if (known?.state === 'verified') {
      if (known.sha256 !== manifest.sha256) throw new Rejected(`evidence ${known.id} is here already, with another hash: it stays`);
      acknowledge(known);
      return;
    }
    if (known !== undefined && sameFile(known, manifest)) return;
    if (known !== undefined) await store.restart(known);
    else await makeRoom(manifest);
    const entry = track(store.begin(manifest));
    if (entry.missing === 0) await verify(entry);
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
      if (error instanceof Refused) keepFromAsking(keyOf(site, agent, evidence), MAX_NEED_WAIT_MS);
      throw error;
    }
  }

  /** An agent with too many files under way loses the one of which nothing has come for longest. */
  async function makeRoom({ site, agent }: ManifestMessage): Promise<void> {
    const its = [...incoming.values()].filter(({ row }) => row.site === site && row.agent === agent);
    if (its.length < MAX_INCOMING_AN_AGENT) return;
    await giveUp(its.reduce((oldest, one) => (one.arrivedMs < oldest.arrivedMs ? one : oldest)));
  }

  async function giveUp({ row }: Incoming): Promise<void> {
    const { site, agent, id } = row;
    incoming.delete(keyOf(site, agent, id));
    counters.evidenceExpired++;
    logger.warn(
      { event: 'evidence-expired', site, agent, evidence: id },
      `${row.kind} of ${row.event} is given up: nothing more came of it`,
    );
    await store.drop(row);
  }

  async function takeChunk(topic: Extract<EvidenceTopic, { kind: 'chunk' }>, payload: Uint8Array): Promise<void> {
    const entry = incoming.get(keyOf(topic.site, topic.agent, topic.evidence));
    if (entry === undefined) {
      if (store.find(topic.site, topic.agent, topic.evidence)?.state !== 'verified') askStranger(topic);
      return;
    }
    const { row, have } = entry;
    expectSame('event', topic.event, row.event);
    if (topic.index >= row.chunks) throw new Rejected(`chunk ${topic.index} of ${row.chunks}`);
    const expected = Math.min(row.chunk_bytes, row.bytes - topic.index * row.chunk_bytes);
    if (payload.length !== expected) throw new Rejected(`chunk ${topic.index} has ${payload.length} bytes instead of ${expected}`);
    if (hasBit(have, topic.index)) {
      // A repeat; and when verifying failed for want of room, the occasion to try again.
      if (entry.missing === 0) await verify(entry);
      return;
    }
    await store.writeChunk(row, topic.index, payload);
    setBit(have, topic.index);
    entry.missing--;
    entry.unnoted++;
    entry.lastProgressMs = clock.monotonic();
    entry.arrivedMs = entry.lastProgressMs;
    entry.needWaitMs = FIRST_NEED_WAIT_MS;
    if (entry.unnoted >= CHUNKS_A_NOTE || entry.missing === 0) {
      await store.note(row, have);
      entry.unnoted = 0;
    }
    if (entry.missing === 0) await verify(entry);
  }

  async function takeComplete(topic: EvidenceTopic, payload: Uint8Array): Promise<void> {
    const complete = parsePayload(completeSchema, payload);
    expectSame('event', topic.event, complete.event);
    expectSame('evidence', topic.evidence, complete.evidence);
    const entry = incoming.get(keyOf(topic.site, topic.agent, topic.evidence));
    if (entry === undefined) {
      const known = store.find(topic.site, topic.agent, topic.evidence);
      if (known?.state === 'verified' && known.sha256 === complete.sha256) acknowledge(known);
      else askStranger(topic);
      return;
    }
    if (complete.sha256 !== entry.row.sha256) throw new Rejected('complete names another hash than the manifest');
    if (entry.missing > 0) need(entry);
    else await verify(entry);
  }

  async function verify(entry: Incoming): Promise<void> {
    const { row } = entry;
    const found = await store.hash(row);
    if (found !== row.sha256) {
      counters.evidenceMismatched++;
      const line = { event: 'evidence-mismatch', code: 'EVIDENCE_INVALID', site: row.site, agent: row.agent, evidence: row.id };
      logger.error(
        line,
        `${row.kind} of ${row.event} has the hash ${found ?? 'of nothing'} instead of ${row.sha256}: thrown away and asked for again`,
      );
      await store.restart(row);
      const again = track(row, createBitmap(row.chunks));
      again.nextNeedMs = entry.nextNeedMs;
      again.needWaitMs = Math.min(entry.needWaitMs * 2, MAX_NEED_WAIT_MS);
      need(again);
      return;
    }
    const path = await store.accept(row);
    incoming.delete(keyOf(row.site, row.agent, row.id));
    counters.evidenceVerified++;
    const { site, agent, camera, event, id, kind, bytes, sha256 } = row;
    onEvidence({ site, agent, camera, event, evidence: id, kind: kind as EvidenceKind, path, bytes, sha256 });
    acknowledge(row);
  }

  function acknowledge(row: EvidenceRow): void {
    context.tell(row.site, row.agent, 'ack', { schema: ACK_SCHEMA, key: ackKeys.evidence(row.id), sha256: row.sha256 });
  }

  /** Asks for what is missing, unless it was asked for a moment ago; then the sweep does it. */
  function need(entry: Incoming): void {
    const nowMs = clock.monotonic();
    entry.asking = nowMs < entry.nextNeedMs;
    if (entry.asking) return;
    entry.nextNeedMs = nowMs + entry.needWaitMs;
    entry.needWaitMs = Math.min(entry.needWaitMs * 2, MAX_NEED_WAIT_MS);
    entry.lastProgressMs = nowMs;
    const { row, have } = entry;
    counters.needs++;
    // An empty list asks for all.
    const chunks = entry.missing === row.chunks ? [] : clearBits(have, row.chunks, NEED_AT_ONCE);
    context.tell(row.site, row.agent, 'need', { schema: NEED_SCHEMA, event: row.event, evidence: row.id, chunks });
  }

  /** Chunks without a manifest: it is asked for, once in a while. */
  function askStranger(topic: EvidenceTopic): void {
    expectUlid('event', topic.event);
    expectUlid('evidence', topic.evidence);
    const key = keyOf(topic.site, topic.agent, topic.evidence);
    const nowMs = clock.monotonic();
    if ((strangers.get(key) ?? 0) > nowMs) return;
    keepFromAsking(key, 10_000);
    counters.needs++;
    context.tell(topic.site, topic.agent, 'need', { schema: NEED_SCHEMA, event: topic.event, evidence: topic.evidence, chunks: [] });
  }

  function keepFromAsking(key: string, waitMs: number): void {
    const nowMs = clock.monotonic();
    for (const [other, untilMs] of strangers) if (untilMs <= nowMs || strangers.size > MAX_STRANGERS) strangers.delete(other);
    strangers.set(key, nowMs + waitMs);
  }

  return {
    async reconcile() {
      await store.reconcile();
      for (const row of store.incoming()) {
        const entry = track(row);
        if (entry.missing === 0) await verify(entry);
      }
    },
    async take(topic, payload) {
      if (topic.kind === 'chunk') return takeChunk(topic, payload);
      if (payload.length > MAX_NOTICE_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_NOTICE_BYTES}`);
      return topic.kind === 'manifest' ? takeManifest(topic, payload) : takeComplete(topic, payload);
    },
    async sweep() {
      const nowMs = clock.monotonic();
      for (const entry of incoming.values()) {
        if (entry.missing > 0 && (entry.asking || nowMs - entry.lastProgressMs >= IDLE_MS)) need(entry);
      }
      for (const entry of [...incoming.values()]) if (nowMs - entry.arrivedMs >= EXPIRY_MS) await giveUp(entry);
    },
  };
}

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

function sameFile(row: EvidenceRow, manifest: ManifestMessage): boolean {
  return (
    row.sha256 === manifest.sha256 &&
    row.bytes === manifest.bytes &&
    row.chunk_bytes === manifest.chunk_bytes &&
    row.event === manifest.event &&
    row.camera === manifest.camera &&
    row.kind === manifest.kind
  );
}
