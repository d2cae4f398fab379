import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { nullIfMissing } from '../platform/disk/missing-file.js';
import { AgentError } from '../platform/errors.js';
import { MANIFEST_SUFFIX, PUBLIC_KEY_FILE, readSigningKey } from '../platform/proof/index.js';
import { addConfigOptions, type CommandContext, type ConfigOptions, createCommand, loadConfigFromFlags } from './context.js';
import { type FolderReport, verifyFolder } from './evidence/folder.js';
import { createTrustFinder, type FindTrust } from './evidence/trust.js';
import { type Findings, verifyFile } from './evidence/verify.js';

/** `parapet evidence`: the key that an agent signs with, and whether what was signed is intact. */
export function createEvidenceCommand(context: CommandContext): Command {
  return createCommand(
    'evidence',
    'Shows the key that an agent signs with, and checks whether evidence is what was signed.',
    'parapet evidence verify /var/lib/parapet',
  )
    .addCommand(createKeyCommand(context))
    .addCommand(createVerifyCommand(context));
}

function createKeyCommand(context: CommandContext): Command {
  const command = createCommand(
    'key',
    "Prints the fingerprint of this agent's key, as receiver.keys takes it. The key is made at the agent's first start.",
    'parapet evidence key -c parapet.yaml',
  );
  return addConfigOptions(command).action(async (options: ConfigOptions) => {
    const { config } = loadConfigFromFlags(context, options);
    const dataDir = resolve(context.cwd, config.data_dir);
    const signer = await readSigningKey(dataDir);
    if (signer === null) {
      throw new AgentError('FILE_INVALID', `${dataDir}: there is no key yet; the agent makes it at its first start (parapet run)`);
    }
    context.stdout.write(`${config.site}/${config.agent}=${signer.fingerprint}\n`);
    context.stderr.write(`parapet: the public key is ${join(dataDir, PUBLIC_KEY_FILE)}\n`);
  });
}

function createVerifyCommand(context: CommandContext): Command {
  return createCommand(
    'verify <path>',
    "Checks, offline, evidence against its signed manifests and the agent's chain of records: a data folder of an agent or a receiver, or one file.",
    'parapet evidence verify /var/lib/parapet\nparapet evidence verify clip.mp4 --key sha256:9f86d081…',
  )
    .option(
      '--key <file or fingerprint>',
      "the agent's public key (PEM) or its fingerprint; without it the key that lies with the evidence",
    )
    .action(async (path: string, options: { readonly key?: string }) => {
      const target = resolve(context.cwd, path);
      const findTrust = await createTrustFinder(options.key ?? null, context.cwd);
      const problems: string[] = [];
      const notes: string[] = [];
      const findings: Findings = { problem: (line) => problems.push(line), note: (line) => notes.push(line) };
      const facts = await stat(target).catch(nullIfMissing);
      if (facts === null && !(await isFileOfManifest(target))) throw new AgentError('BAD_USAGE', `${path}: no such file or folder`);
      const summary =
        facts?.isDirectory() === true ? await checkFolder(target, findTrust, findings) : await checkFile(target, findTrust, findings);
      for (const line of notes) context.stderr.write(`parapet: note: ${line}\n`);
      for (const line of problems) context.stdout.write(`✗ ${line}\n`);
      for (const line of summary) context.stdout.write(`${line}\n`);
      context.stdout.write(problems.length === 0 ? 'intact\n' : `not intact: ${problems.length} found\n`);
      if (problems.length > 0) context.setExitCode(1);
    });
}

async function isFileOfManifest(path: string): Promise<boolean> {
  return (await stat(path + MANIFEST_SUFFIX).catch(nullIfMissing)) !== null;
}

async function checkFile(path: string, findTrust: FindTrust, findings: Findings): Promise<readonly string[]> {
  const file = path.endsWith(MANIFEST_SUFFIX) ? path.slice(0, -MANIFEST_SUFFIX.length) : path;
  const trust = await findTrust(dirname(file));
  const read = await verifyFile(file, file, trust, findings);
  if (read === null) return [];
  const { site, agent, file: what, event, number, chain } = read.record;
  return [
    `${what?.kind} of event ${event}, ${site}/${agent}/${what?.camera}, ${what?.from} to ${what?.to}`,
    `record ${number} of chain ${chain}, signed with ${trust?.fingerprint} (${trust?.from})`,
  ];
}

async function checkFolder(path: string, findTrust: FindTrust, findings: Findings): Promise<readonly string[]> {
  const report: FolderReport = await verifyFolder(path, findTrust, findings);
  if (report.files + report.records + report.events === 0) findings.problem(`${path}: nothing here is signed`);
  return [
    `${report.files} files, ${report.records} records, ${report.events} events`,
    ...report.chains.map(({ trust, head }) =>
      head === null
        ? 'an empty chain'
        : `${head.record.site}/${head.record.agent}: signed with ${trust?.fingerprint} (${trust?.from}); the chain ends at record ${head.record.number}, ${head.hash}`,
    ),
  ];
}
