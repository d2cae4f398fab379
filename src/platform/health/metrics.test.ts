import { expect, test } from 'vitest';
import { agentSnapshot, cameraSnapshot } from '../../testing/snapshot.js';
import { createMetrics, metricSpecs } from './metrics.js';

test.each([
  ['online', 1, 0],
  ['tampered', 1, 1],
  ['stalled', 0, 0],
] as const)('a camera that is %s', async (state, online, tampered) => {
  const text = await createMetrics(() => agentSnapshot({ cameras: [cameraSnapshot({ state })] })).text();
  expect(text).toContain(`parapet_camera_online{camera="gate"} ${online}\n`);
  expect(text).toContain(`parapet_camera_tampered{camera="gate"} ${tampered}\n`);
});

test('gives every figure of the table, labels escaped, counters not added up over several scrapes', async () => {
  const camera = cameraSnapshot({
    restarts: { stalled: 2 },
    modelOk: false,
    detector: { replaced: 4, answered: 20, failed: 1, runMs: 250 },
    incidents: [{ type: 'thrown_object', verdict: 'confirmed', count: 3 }],
  });
  const metrics = createMetrics(() => agentSnapshot({ cameras: [camera] }));
  await metrics.text();
  const text = await metrics.text();
  for (const { name, kind } of metricSpecs) expect(text).toContain(`# TYPE ${name} ${kind}`);
  expect(text).toContain('camera_fps{camera="gate"} 25');
  expect(text).toContain('parapet_restarts_total{camera="gate",reason="stalled"} 2');
  expect(text).toContain('parapet_incidents_total{camera="gate",type="thrown_object",verdict="confirmed"} 3');
  expect(text).toContain('parapet_detector_pictures_total{camera="gate",outcome="replaced"} 4');
  expect(text).toContain('parapet_detector_seconds_total{camera="gate"} 0.25');
  expect(text).toContain('parapet_model_ok{camera="gate"} 0');
  expect(text).toContain('parapet_inference_restarts_total 0');
  expect(text).toContain('parapet_stage_seconds_total{camera="gate",stage="motion"} 0.5');
});
