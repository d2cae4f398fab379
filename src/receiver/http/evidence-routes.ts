import { z } from 'zod';
import { AgentError } from '../../platform/errors.js';
import type { AgentAsker } from '../cases/ask-agents.js';
import type { CaseEvidence } from '../cases/case-evidence.js';
import type { CaseRecord } from '../cases/case-store.js';
import type { UploadDesk } from '../cases/uploads.js';
import { HttpProblem } from './problem.js';

export interface EvidenceRoutesOptions {
  readonly evidence: CaseEvidence;
  readonly uploads: UploadDesk;
  readonly asker: Pick<AgentAsker, 'ask'>;
  /** Where agents reach this interface, without a slash at its end; `null` where they cannot. */
  readonly publicUrl: string | null;
}

/** Evidence that is asked for, and that comes by HTTP. All throw HttpProblem, and AgentError when store, disk or agent fail. */
export interface EvidenceRoutes {
  /** Has the agent send a file of a case that it holds back, or put it to us by HTTPS. */
  fetch(record: CaseRecord, evidence: string, order: FetchOrder): Promise<{ readonly via: FetchOrder['via']; readonly evidence: string }>;
  /**
   * Takes a file that an agent puts.
   *
   * @param declared length and hash as the request's head has them.
   * @param body called when it is wanted.
   */
  upload(
    token: string,
    declared: { readonly length: string | undefined; readonly digest: string | undefined },
    body: () => AsyncIterable<Buffer>,
  ): Promise<void>;
}

export const fetchOrderSchema = z.strictObject({ via: z.enum(['mqtt', 'https']).default('mqtt') });
export type FetchOrder = z.output<typeof fetchOrderSchema>;

export function createEvidenceRoutes({ evidence, uploads, asker, publicUrl }: EvidenceRoutesOptions): EvidenceRoutes {
  /** The agent has named it, in its event or by its manifest. */
  async function expectAnnounced(record: CaseRecord, id: string): Promise<void> {
    const { evidence: named = [] } = JSON.parse(record.lastEvent) as { readonly evidence?: readonly { readonly id: string }[] };
    const known = [...named, ...(await evidence.of(record))].some((one) => one.id === id);
    if (!known) throw new HttpProblem(404, 'this case has no such evidence');
  }

  return {
    async fetch(record, id, { via }) {
      await expectAnnounced(record, id);
      const { site, agent, eventId: event } = record;
      if ((await evidence.file(record, id)) !== null) throw new HttpProblem(409, 'this file is here already');
      if (via === 'mqtt') {
        await asker.ask(site, agent, 'fetch', { event, evidence: id });
        return { via, evidence: id };
      }
      if (publicUrl === null)
        throw new HttpProblem(409, 'agents cannot reach this centre by HTTPS; set receiver.http.public_url, or ask via mqtt');
      const issued = await uploads.issue(record, id);
      if (issued === null)
        throw new HttpProblem(409, 'its manifest has not come yet, so nobody could tell whether the file is right; ask again later');
      const order = {
        event,
        evidence: id,
        url: `${publicUrl}/upload/${issued.token}`,
        expires: new Date(issued.expiresAtMs).toISOString(),
      };
      await asker.ask(site, agent, 'upload', order);
      return { via, evidence: id };
    },
    async upload(token, { length, digest }, body) {
      const upload = TOKEN.test(token) ? await uploads.find(token) : null;
      if (upload === null) throw new HttpProblem(404, 'this permission is unknown or has run out; ask the centre for another');
      // It was taken, and the answer was lost on its way.
      if (upload.verified) return;
      if (length === undefined || !/^\d{1,15}$/.test(length)) throw new HttpProblem(411, 'say how long the file is, in Content-Length');
      if (Number(length) !== upload.bytes) throw new HttpProblem(422, `the manifest says ${upload.bytes} bytes, not ${length}`);
      const said = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/i.exec(digest ?? '')?.[1];
      if (said !== undefined && Buffer.from(said, 'base64').toString('hex') !== upload.sha256) {
        throw new HttpProblem(422, 'the hash in the request is not that of the manifest');
      }
      await uploads.take(upload, body());
      const after = await uploads.find(token);
      // What had come over MQTT did not fit what came now: all of it was thrown away, and the next try is whole.
      if (after?.verified !== true)
        throw new AgentError('STORE_FAILED', `the upload of ${upload.evidence} could not be put together; it may be tried again`);
    },
  };
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
