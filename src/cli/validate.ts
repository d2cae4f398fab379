import type { Command } from 'commander';
import { showConfig, showConfigJson } from '../config/index.js';
import { addConfigOptions, type CommandContext, type ConfigOptions, createCommand, loadConfigFromFlags, warnOf } from './context.js';

/** `parapet validate`: checks a config and prints what it resolves to. */
export function createValidateCommand(context: CommandContext): Command {
  const command = createCommand(
    'validate',
    'Checks a config and the models that it names, and prints what it resolves to, each value with where it came from, secrets hidden.',
    'parapet validate -c parapet.yaml\nparapet validate -c parapet.yaml --set cameras.tower-3.evidence.pre_capture=10s --json',
  );
  return addConfigOptions(command, { streams: true })
    .option('--json', 'print JSON: { config, origins, warnings }')
    .action(async (options: ConfigOptions & { readonly json?: true }) => {
      const loaded = loadConfigFromFlags(context, options, { later: true });
      context.stdout.write(options.json === true ? `${JSON.stringify(showConfigJson(loaded), null, 2)}\n` : showConfig(loaded));
      // Below the config, which is longer than a screen.
      warnOf(context, loaded);
      // Loaded here: models bring in what runs them.
      const { checkWantedModels } = await import('./models/wanted.js');
      await checkWantedModels(loaded.config, (text) => void context.stderr.write(`parapet: warning: ${text}\n`));
    });
}
