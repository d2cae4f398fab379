import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Trouble that passes by itself, or by somebody's mending the disk; a wrong path or missing rights do not. */
const passing: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** What is wrong with the disk of a folder, one word of the system's such as `EROFS`; `null` when it takes a file, or will never do. */
export async function diskTrouble(folder: string): Promise<string | null> {
  const path = join(folder, `probe-${process.pid}`);
  try {
    await writeFile(path, 'x', { flush: true });
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
    return passing.has(code) ? code : null;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
