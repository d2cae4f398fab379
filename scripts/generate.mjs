#!/usr/bin/env node
// Writes the files that are made from the config schema: `npm run build:ts && node scripts/generate.mjs`.
// A test compares them with what the schema says now, so that they cannot go stale.
import { writeFileSync } from 'node:fs';
import { generateFiles } from '../dist/config/generate.js';

for (const [path, content] of Object.entries(generateFiles())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), content);
  process.stdout.write(`${path}\n`);
}
