/** One finished piece of a camera's recording, as ffmpeg's segment list names it. */
export interface ListedSegment {
  readonly name: string;
  /** Seconds on the connection's stream clock. */
  readonly startS: number;
  readonly endS: number;
}

/** What a segment list holds. */
export interface SegmentListPart {
  readonly segments: readonly ListedSegment[];
  /** Whole lines that name no usable segment. */
  readonly badLines: number;
}

/**
 * Reads lines `name,start,end` as ffmpeg's segment muxer writes them (`-segment_list_type csv`). A last line without
 * its end is passed over: a crash may have cut it off. Names with a folder in them are refused, so that a
 * list cannot point outside its own folder.
 *
 * @example parseSegmentList(Buffer.from('000001.ts,1.0,2.0\n0000')).segments // [{ name: '000001.ts', startS: 1, endS: 2 }]
 */
export function parseSegmentList(content: Uint8Array): SegmentListPart {
  const whole = content.subarray(0, content.lastIndexOf(0x0a) + 1);
  const segments: ListedSegment[] = [];
  let badLines = 0;
  for (const line of new TextDecoder().decode(whole).split('\n')) {
    if (line.trim() === '') continue;
    const match = /^([\w.-]+),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\r?$/.exec(line);
    const startS = Number(match?.[2]);
    const endS = Number(match?.[3]);
    if (match?.[1] === undefined || match[1].startsWith('.') || !(endS > startS)) badLines++;
    else segments.push({ name: match[1], startS, endS });
  }
  return { segments, badLines };
}
