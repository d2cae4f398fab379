import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { RecordedSighting } from '../../pipeline/eyes/object-eyes.js';
import { AgentError, errorMessage } from '../../platform/errors.js';

/** One line of a file of detections: what was found elsewhere in one picture. */
const lineSchema = z.object({
  t: z.number().min(0).describe('seconds on the clock of the video'),
  detections: z
    .array(
      z.object({
        label: z.string().min(1).max(64),
        score: z.number().min(0).max(1).default(1),
        box: z.tuple([z.number(), z.number(), z.number(), z.number()]).describe('x1, y1, x2, y2, normalised to 0..1'),
      }),
    )
    .max(1_000),
});

/**
 * Reads detections that were made elsewhere, one picture a line, in the order of time.
 *
 * @throws {AgentError} BAD_USAGE that names file and line.
 */
export function readDetections(path: string): readonly RecordedSighting[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AgentError('BAD_USAGE', `--detections ${path}: ${errorMessage(error)}`, { cause: error });
  }
  const record: RecordedSighting[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const { t, detections: told } = parseLine(line, `--detections ${path}:${i + 1}`);
    const ptsMs = t * 1000;
    if (ptsMs <= (record.at(-1)?.ptsMs ?? -1)) {
      throw new AgentError('BAD_USAGE', `--detections ${path}:${i + 1}: t ${t} does not lie after the line before; sort the lines by t`);
    }
    const detections = told.map(({ label, score, box: [x1, y1, x2, y2] }) => ({ label, score, box: { x1, y1, x2, y2 } }));
    record.push({ ptsMs, detections });
  }
  return record;
}

function parseLine(line: string, where: string): z.output<typeof lineSchema> {
  const form = 'expected {"t": seconds, "detections": [{"label": "car", "score": 0.9, "box": [x1, y1, x2, y2]}]}';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new AgentError('BAD_USAGE', `${where}: not JSON; ${form}`, { cause: error });
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AgentError('BAD_USAGE', `${where}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}; ${form}`);
}
