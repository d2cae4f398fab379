import { createAnalyzeCommand } from './analyze.js';
import { createBenchCommand } from './bench.js';
import { createCalibrateCommand } from './calibrate.js';
import { createCasesCommand } from './cases.js';
import type { CommandFactory } from './context.js';
import { createDemoCommand } from './demo.js';
import { createDoctorCommand } from './doctor.js';
import { createEvidenceCommand } from './evidence.js';
import { createModelsCommand } from './models.js';
import { createProbeCommand } from './probe.js';
import { createReceiveCommand } from './receive.js';
import { createRunCommand } from './run.js';
import { createSchemaCommand } from './schema.js';
import { createScoreCommand } from './score.js';
import { createValidateCommand } from './validate.js';

/** Every command, one line each, in the order of the help. */
export const commands: readonly CommandFactory[] = [
  createRunCommand,
  createDemoCommand,
  createAnalyzeCommand,
  createValidateCommand,
  createProbeCommand,
  createCalibrateCommand,
  createDoctorCommand,
  createReceiveCommand,
  createCasesCommand,
  createEvidenceCommand,
  createScoreCommand,
  createBenchCommand,
  createModelsCommand,
  createSchemaCommand,
];
