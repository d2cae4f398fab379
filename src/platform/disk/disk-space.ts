import { statfs } from 'node:fs/promises';

/** What a file system has, bytes. */
export interface DiskSpace {
  /** For this user: what is kept back for the system counts as taken. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** @throws what the system says, such as a missing folder. */
export async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
