/** When files wait to be asked for. */
export interface HoldPolicy {
  readonly hold: 'never' | 'always' | 'schedule';
  /** With `schedule`: spans of the day without a hold, `HH:MM-HH:MM` in the local time of this machine; one may go past midnight. */
  readonly freeHours: readonly string[];
  /** Files up to this size are never held, bytes. */
  readonly holdOverBytes: number;
}

export const NO_HOLD: HoldPolicy = { hold: 'never', freeHours: [], holdOverBytes: 0 };

/**
 * Size above which a file is held now, bytes; `null` when none is.
 *
 * @param nowMs UTC milliseconds since 1970.
 * @example heldAbove({ hold: 'schedule', freeHours: ['23:00-06:00'], holdOverBytes: 0 }, Date.parse('2026-03-01T12:00')) // 0
 */
export function heldAbove(policy: HoldPolicy, nowMs: number): number | null {
  if (policy.hold === 'never') return null;
  if (policy.hold === 'always') return policy.holdOverBytes;
  const now = new Date(nowMs);
  const minute = now.getHours() * 60 + now.getMinutes();
  return policy.freeHours.some((span) => isWithin(span, minute)) ? null : policy.holdOverBytes;
}

/** @param minute of the day, 0 to 1,439. @throws {RangeError} when the span is none. */
function isWithin(span: string, minute: number): boolean {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(span);
  if (match === null) throw new RangeError(`no span of the day: ${span}`);
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
