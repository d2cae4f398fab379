import { z } from 'zod';
import { scheduleSchema } from '../domain/option/schedule.js';
import { duration, flag, id, integer, length, number, oneOf, size, text } from '../domain/option/schema.js';
import { errorMessage } from '../platform/errors.js';
import { parseSourceUrl } from '../platform/input/source-url.js';
import { ruleConfigSchema, workOf } from '../rules/registry.js';
import { cornersProblem, orderProblem, polygonProblem, threeInLine } from './shape.js';
import { timeZone } from './time-zone.js';

/** Coordinates may leave the picture: a tower's foot often stands below the frame, and a camera may see a few floors of many. In pictures. */
const FARTHEST = 20;
const pointSchema = z
  .tuple([
    number({ about: 'Horizontal position.', min: -FARTHEST, max: FARTHEST, unit: 'fraction of the width' }),
    number({ about: 'Vertical position, downward.', min: -FARTHEST, max: FARTHEST, unit: 'fraction of the height' }),
  ])
  .meta({ description: '[x, y], normalised to 0..1 of the full frame, y downward.' });

/** Out of bounds, as pixels are: that is said already, and the shape says nothing more. */
const isTooFar = (point: readonly number[]): boolean => point.some((coordinate) => Math.abs(coordinate) > FARTHEST);

const polygonSchema = z
  .array(pointSchema)
  .min(3)
  .max(200)
  .superRefine((points, context) => {
    const problem = points.some(isTooFar) ? null : polygonProblem(points);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, params: { say: true } });
  })
  .meta({ description: 'A polygon as its corners in order, at least three.' });

const cornersSchema = z
  .tuple([pointSchema, pointSchema, pointSchema, pointSchema])
  .superRefine((corners, context) => {
    const problem = corners.some(isTooFar) ? null : cornersProblem(corners);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem, params: { say: true } });
  })
  .meta({
    description:
      'The four corners of the facade in the picture: top-left, top-right, bottom-right, bottom-left. The top edge is the upper edge of floor `last`, the bottom edge the lower edge of floor `first`; they may lie outside the picture. What falls is followed up to 5 m beside it; the rest of the picture is not looked at for throws.',
  });

const facadeConfigSchema = z
  .strictObject({
    corners: cornersSchema,
    floors: z
      .strictObject({
        first: integer({ about: 'Number of the lowest floor inside the corners.', min: -10, max: 300, unit: 'floor' }).default(1),
        last: integer({ about: 'Number of the highest floor inside the corners.', min: -10, max: 300, unit: 'floor' }),
        height: length({ about: 'From floor to floor.', min: '2 m', max: '10 m' }).prefault('3 m'),
      })
      .superRefine((floors, context) => {
        if (floors.last >= floors.first) return;
        const message = `the highest floor (last: ${floors.last}) lies below the lowest (first: ${floors.first})`;
        context.addIssue({ code: 'custom', path: ['last'], message, params: { say: true } });
      })
      .meta({ description: 'Which floors the corners enclose.' }),
    units: z
      .array(text({ about: 'Name of a unit.', max: 32 }))
      .max(100)
      .meta({ description: 'Names of the units of a floor from left to right, equally wide. Quote numbers: ["01", "02"].' })
      .default([]),
    width: length({ about: 'Width of the facade between the corners; null: estimated from the picture.', min: '1 m', max: '500 m' })
      .nullable()
      .default(null),
  })
  .meta({ description: 'The building front, drawn on the picture. Without it no floor or unit can be named.' });

const metresSchema = z
  .tuple([
    number({ about: 'Along one side.', min: -10_000, max: 10_000, unit: 'm' }),
    number({ about: 'Along the other.', min: -10_000, max: 10_000, unit: 'm' }),
  ])
  .meta({ description: '[x, y], metres on the ground from any place, in any direction.' });

const groundConfigSchema = z
  .strictObject({
    picture: z.tuple([pointSchema, pointSchema, pointSchema, pointSchema]).meta({
      description: 'Four places on the ground in the picture, no three in a line: ends of lane markings, corners of a crossing.',
    }),
    metres: z
      .tuple([metresSchema, metresSchema, metresSchema, metresSchema])
      .meta({ description: 'Where the same four lie in metres, in the same order.' }),
  })
  .superRefine(({ picture, metres }, context) => {
    const say = (key: 'picture' | 'metres', message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message, params: { say: true } });
    const inLine = (['picture', 'metres'] as const).flatMap((key) => {
      const message = threeInLine({ picture, metres }[key]);
      return message === null ? [] : [{ key, message }];
    });
    for (const { key, message } of inLine) say(key, message);
    const order = inLine.length === 0 ? orderProblem(picture, metres) : null;
    if (order !== null) say('metres', order);
  })
  .meta({ description: 'The ground in metres: for speeds. Without it speeds cannot be told.' });

const detectorConfigSchema = z
  .strictObject({
    model: text({ about: 'Model of the registry that names objects; null: as `inference.model` says; none: no model.', max: 64 })
      .nullable()
      .default(null),
    min_score: number({ about: 'Score from which a box is followed at all.', min: 0.01, max: 0.99, unit: 'fraction' }).default(0.15),
    tiles: z
      .strictObject({
        columns: integer({ about: 'Parts side by side.', min: 1, max: 8, unit: 'parts' }).default(1),
        rows: integer({ about: 'Parts one below the other.', min: 1, max: 8, unit: 'parts' }).default(1),
      })
      .prefault({})
      .meta({
        description:
          'Parts that the model looks at one by one beside the whole picture: finds small things far away, at as many times the cost.',
      }),
    only_on_motion: flag({
      about: 'Whether the model rests while nothing moves and nothing stands that it must look at again.',
    }).default(true),
  })
  .prefault({})
  .meta({ description: 'How objects are found and named for street rules.' });

const patrolSchema = z
  .strictObject({
    name: id({ about: 'Name of the patrol; unique within the camera.' }).default('patrol'),
    every: duration({ about: 'How long after a round the next one begins.', min: '1 min', max: '30 d' }).prefault('1 h'),
    schedule: scheduleSchema('When rounds are made; the first with the beginning of a span'),
    zones: z
      .array(id({ about: 'Name of a zone.', refersTo: 'zones' }))
      .max(100)
      .meta({ description: 'Only incidents in these zones are looked at again; empty: all of the camera’s.' })
      .default([]),
  })
  .meta({ description: 'An inspection: its first round begins with its hours, or with the agent.' });

const sourceConfigSchema = z
  .strictObject({
    url: text({ about: 'Where the video comes from: rtsp://, rtsps:// or the path of a file.', max: 2000 }).superRefine(checkSourceUrl),
    username: text({ about: 'User name for the camera, when it does not stand in the URL.', max: 256, secret: true })
      .nullable()
      .default(null),
    password: text({ about: 'Password for the camera, when it does not stand in the URL.', max: 256, secret: true })
      .nullable()
      .default(null),
    transport: oneOf(['tcp', 'udp'], { about: 'How RTSP carries the pictures. UDP loses some on a busy network.' }).default('tcp'),
    timeout: duration({
      about: 'How long the camera may take to answer before the connection counts as failed.',
      min: '1 s',
      max: '2 min',
    }).prefault('10 s'),
    stall: duration({
      about: 'How long no frame may arrive on an open connection before it is made anew.',
      min: '2 s',
      max: '10 min',
    }).prefault('20 s'),
    hwaccel: oneOf(['none', 'auto', 'vaapi', 'cuda', 'qsv', 'videotoolbox', 'vdpau', 'drm', 'd3d11va'], {
      about: 'Hardware decoding; where it fails, decoding goes on in software and the reason is logged.',
    }).default('none'),
    decode_threads: integer({
      about: 'Threads for software decoding; 0: one up to 1920×1080, as many as ffmpeg likes above.',
      min: 0,
      max: 64,
      unit: 'threads',
    }).default(0),
    detect: z
      .strictObject({
        fps: number({
          about:
            'Frames a second to look at, at most; null: every frame where thrown objects are looked for, else 5. Street rules look at 5 a second at most.',
          min: 0.1,
          max: 120,
          unit: 'frames/s',
        })
          .nullable()
          .default(null),
        width: integer({
          about:
            'Width of the pictures to look at, at most; null: as the camera sends them where thrown objects are looked for, or parts of the picture by the model; else 640.',
          min: 160,
          max: 7680,
          unit: 'px',
        })
          .nullable()
          .default(null),
      })
      .prefault({})
      .meta({ description: 'What detection looks at. Evidence always keeps what the camera sends.' }),
  })
  .meta({ description: 'Where the video comes from and how it is read.' });

export const cameraConfigSchema = z
  .strictObject({
    id: id({ about: 'Name of the camera in topics, file names and events; unique, and never to change.' }),
    source: sourceConfigSchema,
    facade: facadeConfigSchema.nullable().default(null),
    masks: z
      .strictObject({
        motion: z
          .array(polygonSchema)
          .max(100)
          .meta({ description: 'Where nothing is looked for: a flag, a tree, a road. Polygons.' })
          .default([]),
        privacy: z
          .array(polygonSchema)
          .max(100)
          .meta({
            description: 'What is painted black in every picture that is kept, and in clips where `evidence.clip.masked` is set. Polygons.',
          })
          .default([]),
        windows: flag({
          about:
            'Whether the facade is shown in blocks of a metre in every picture that is kept, and in clips where `evidence.clip.masked` is set; but for the windows that something fell from, and what falls.',
        }).default(false),
      })
      .prefault({})
      .meta({ description: 'Parts of the picture to leave out.' }),
    zones: z
      .record(
        id({ about: 'Name of the zone.' }),
        z.strictObject({ polygon: polygonSchema }).meta({ description: 'A named part of the picture.' }),
      )
      .meta({ description: 'Named places in the picture, by name: a gate, a lane, a path.' })
      .prefault({}),
    lines: z
      .record(
        id({ about: 'Name of the line.' }),
        z
          .strictObject({ from: pointSchema, to: pointSchema })
          .superRefine(({ from, to }, context) => {
            if (from[0] !== to[0] || from[1] !== to[1]) return;
            context.addIssue({ code: 'custom', path: ['to'], message: 'the line begins and ends at one point', params: { say: true } });
          })
          .meta({ description: 'A line across the picture. Seen from `from` towards `to`, objects cross it to the left or to the right.' }),
      )
      .meta({ description: 'Named lines across the picture, by name: for counting, and for ways that go one way only.' })
      .prefault({}),
    ground: groundConfigSchema.nullable().default(null),
    time_zone: timeZone('Time zone of this camera’s schedules; null: as `time_zone` says for all.').nullable().default(null),
    detector: detectorConfigSchema,
    patrol: z
      .array(patrolSchema)
      .max(20)
      .superRefine((patrols, context) => {
        const twice = patrols.findIndex(({ name }, i) => patrols.findIndex((one) => one.name === name) < i);
        if (twice < 0) return;
        const message = `two patrols are called ${patrols[twice]?.name}; give each a name of its own`;
        context.addIssue({ code: 'custom', path: [twice, 'name'], message, params: { say: true } });
      })
      .meta({ description: 'Inspections on a schedule: each takes a picture and looks again at what is open on this camera.' })
      .default([]),
    rules: z
      .array(ruleConfigSchema)
      .min(1)
      .max(50)
      .meta({ description: 'What to look for on this camera.' })
      .prefault([{ type: 'thrown_object' }]),
    evidence: z
      .strictObject({
        pre_capture: duration({ about: 'How much a clip shows before the event, at least.', min: '0 s', max: '60 s' }).prefault('5 s'),
        post_capture: duration({ about: 'How much a clip shows after the event, at least.', min: '0 s', max: '60 s' }).prefault('5 s'),
        ring: size({
          about:
            'Room on disk for the running recording that clips are cut from; the oldest part goes first, and none stays longer than `ring_age`. 1 GB holds about half an hour at 4 Mbit/s.',
          min: '50 MB',
          max: '10 TB',
        }).prefault('1 GB'),
        ring_age: duration({
          about: 'How long the running recording is kept at most; it shows everything. Clips are cut from it: what is older cannot be had.',
          min: '1 min',
          max: '30 d',
        }).prefault('1 d'),
        clip: z
          .strictObject({
            masked: flag({
              about:
                'Whether `masks.privacy` and `masks.windows` are burnt into clips too. They are re-encoded then; otherwise they are the camera’s own recording and show everything.',
            }).default(false),
            keep_original: duration({
              about:
                'How long the unmasked original of a masked clip stays on this machine, in `<data_dir>/originals`; it is never sent. 0 s: not at all.',
              min: '0 s',
              max: '365 d',
            }).prefault('0 s'),
          })
          .prefault({})
          .meta({ description: 'What clips may show (docs/privacy.md).' }),
      })
      .prefault({})
      .meta({ description: 'Clips and pictures of an event.' }),
  })
  .superRefine(({ facade, masks }, context) => {
    if (!masks.windows || facade !== null) return;
    const message = 'windows can only be hidden where `facade` says where they are';
    context.addIssue({ code: 'custom', path: ['masks', 'windows'], message, params: { say: true } });
  })
  .superRefine(({ rules, ground }, context) => {
    if (ground !== null) return;
    for (const [i, rule] of rules.entries()) {
      if (workOf(rule).needsGround !== true) continue;
      const message = `${rule.type} needs metres: give the camera's \`ground\``;
      context.addIssue({ code: 'custom', path: ['rules', i, 'type'], message, params: { say: true } });
    }
  })
  .meta({ description: 'One camera.' });

export type CameraConfig = z.output<typeof cameraConfigSchema>;

function checkSourceUrl(url: string, context: z.RefinementCtx<string>): void {
  try {
    if (parseSourceUrl(url).kind !== 'rtsp') return;
  } catch (error) {
    context.addIssue({ code: 'custom', message: errorMessage(error), params: { say: true } });
    return;
  }
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && parsed.hostname !== '' && parsed.hash === '') return;
  const message =
    'not a URL with a host; percent-encode special characters in a user name or password (@ is %40, # is %23), or give them as source.username and source.password';
  context.addIssue({ code: 'custom', message, params: { say: true } });
}
