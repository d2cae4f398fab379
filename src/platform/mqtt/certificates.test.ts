import { expect, test } from 'vitest';
import { certificateWarning } from './index.js';

const nowMs = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;

test.each([
  [15, 'client', null],
  [14, 'client', 'this client’s certificate runs out in 14 days (2026-03-15); renew mqtt.tls.cert'],
  [1.5, 'authority', 'the authority’s certificate runs out in 1 day (2026-03-02); renew mqtt.tls.ca'],
  [0.5, 'broker', 'the broker’s certificate runs out within a day (2026-03-01); renew the certificate at the broker'],
  [0, 'client', 'this client’s certificate ran out on 2026-03-01; renew mqtt.tls.cert, or set this machine’s clock if it is wrong'],
  [-3, 'client', 'this client’s certificate ran out on 2026-02-26; renew mqtt.tls.cert, or set this machine’s clock if it is wrong'],
] as const)('with %s days left of that of %s it says %j', (days, of, warning) => {
  expect(certificateWarning({ of, notAfterMs: nowMs + days * DAY_MS }, nowMs)).toBe(warning);
});
