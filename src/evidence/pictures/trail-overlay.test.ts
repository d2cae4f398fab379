import { describe, expect, it } from 'vitest';
import type { Incident, ThrowDetails } from '../../domain/incident.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { throwCaption } from '../drawing/caption.js';
import { textWidthPx, wrapText } from '../drawing/svg-text.js';
import { layoutTrail } from './trail-band.js';
import { trailOverlay } from './trail-overlay.js';

function draw(width: number, height: number, over: Partial<Incident> = {}, throwOver: Partial<ThrowDetails> = {}) {
  const scene = createFallScene({ width, height, fps: 25, durationS: 3, startS: 1, sizePx: 6 });
  const incident = fallIncident(scene, over, throwOver);
  const details = incident.throw as ThrowDetails;
  const caption = throwCaption(incident, details);
  const layout = layoutTrail(width, height, caption);
  const shown = { originMagnification: 3, objectMagnification: 4, instances: scene.trajectory.length };
  return { layout, svg: trailOverlay(layout, incident, details, caption, shown), path: details.trajectory };
}

describe('the trail’s layout', () => {
  it.each([
    [1920, 1080],
    [1280, 720],
    [720, 1280],
    [640, 480],
    [3840, 2160],
  ])('%d×%d: text is readable at 390 px and ends before the insets and the band', (width, height) => {
    const { layout } = draw(width, height);
    const { originX, objectX, side, y } = layout.insets;
    expect(objectX + side).toBeLessThan(width);
    expect(originX + side).toBeLessThan(objectX);
    expect(y + side).toBeLessThan(height + layout.bandHeight);
    for (const line of layout.lines) {
      expect((line.fontPx * 390) / width).toBeGreaterThanOrEqual(9);
      expect(line.x + textWidthPx(line.text, line.fontPx, line.bold), line.text).toBeLessThan(originX);
      expect(line.y).toBeGreaterThan(height);
      expect(line.y).toBeLessThan(height + layout.bandHeight);
    }
  });
});

describe('the trail’s overlay', () => {
  it('draws nothing on the object: the lines run beside it', () => {
    const { svg, path } = draw(1280, 720);
    const sleeves = [...svg.matchAll(/<path d="M([^"]+L[^"]+L[^"]+)"\/>/g)].map((match) =>
      (match[1] ?? '').split('L').map((pair) => pair.split(' ').map(Number)),
    );
    expect(sleeves.length).toBeGreaterThanOrEqual(2);
    for (const [x = 0, y = 0] of sleeves.flat()) {
      const nearest = Math.min(...path.map((p) => Math.hypot(p.x * 1280 - x, p.y * 720 - y)));
      expect(nearest).toBeGreaterThan(Math.hypot(6, 6) / 2);
    }
  });

  it('marks a suspected fall in amber, a confirmed one in red, an extrapolated landing with dashes', () => {
    expect(draw(640, 480, { verdict: 'suspected' }).svg).toContain('#ffb000');
    expect(draw(640, 480, { verdict: 'suspected' }).svg).not.toContain('#ff4438');
    expect(draw(640, 480).svg).toContain('#ff4438');
    expect(draw(640, 480).svg).toContain('stroke-dasharray');
    const landing = { point: { x: 0.4, y: 0.9 }, extrapolated: false };
    expect(draw(640, 480, {}, { landing }).svg).not.toContain('stroke-dasharray');
  });

  it('lets no name of a camera or unit become markup', () => {
    const origin = { point: { x: 0.4, y: 0.1 }, floor: 3, floorInterval: null, unit: '<script>&"', heightM: null };
    const { svg } = draw(640, 480, { cameraId: '</text><image href="file:///etc/passwd"/>' }, { origin });
    expect(svg).not.toMatch(/<(script|image)/);
    expect(svg).toContain('&#60;script&#62;&#38;&#34;');
  });

  it.each([
    { point: { x: 0.4, y: 1.3 }, extrapolated: true },
    { point: { x: -0.5, y: 0.5 }, extrapolated: true },
  ])('keeps its numbers finite for a landing at %j', (landing) => {
    expect(draw(640, 480, {}, { landing }).svg).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});

describe('wrapText', () => {
  it('loses no word and keeps to the width', () => {
    const text = 'Floor and height unknown: no facade drawn for this camera';
    const lines = wrapText(text, 200, 20);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(textWidthPx(line, 20)).toBeLessThanOrEqual(200);
  });
});
