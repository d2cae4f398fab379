import type { CommandFactory } from './context.js';

/** Every command, one line each, in the order of the help. Loaded when it is called: one does not wait for the code of the others. */
const commands: ReadonlyMap<string, () => Promise<CommandFactory>> = new Map([
  ['run', async () => (await import('./run.js')).createRunCommand],
  ['demo', async () => (await import('./demo.js')).createDemoCommand],
  ['analyze', async () => (await import('./analyze.js')).createAnalyzeCommand],
  ['validate', async () => (await import('./validate.js')).createValidateCommand],
  ['probe', async () => (await import('./probe.js')).createProbeCommand],
  ['calibrate', async () => (await import('./calibrate.js')).createCalibrateCommand],
  ['draw', async () => (await import('./draw.js')).createDrawCommand],
  ['doctor', async () => (await import('./doctor.js')).createDoctorCommand],
  ['receive', async () => (await import('./receive.js')).createReceiveCommand],
  ['cases', async () => (await import('./cases.js')).createCasesCommand],
  ['evidence', async () => (await import('./evidence.js')).createEvidenceCommand],
  ['score', async () => (await import('./score.js')).createScoreCommand],
  ['bench', async () => (await import('./bench.js')).createBenchCommand],
  ['models', async () => (await import('./models.js')).createModelsCommand],
  ['schema', async () => (await import('./schema.js')).createSchemaCommand],
]);

/** Questions about the program itself, which no command answers. */
const ABOUT_ITSELF: readonly (string | undefined)[] = ['--version', '-V'];

/**
 * Loads what a command line may need: the command that it names; where it names none, such as `--help` or a mistyped one, all of them.
 *
 * @param args what stands after the program's name.
 */
export async function loadCommands(args: readonly string[]): Promise<readonly CommandFactory[]> {
  const [first] = args;
  if (ABOUT_ITSELF.includes(first)) return [];
  const load = commands.get(first ?? '');
  return await Promise.all(load === undefined ? Array.from(commands.values(), (one) => one()) : [load()]);
}
