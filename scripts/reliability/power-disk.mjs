import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay } from './rig.mjs';

/** Room of the disk, bytes: a box's database and some hundred clips. Copied at every cut, which takes some 30 ms. */
const DISK_BYTES = 96 * 1024 * 1024;
/** ext4 writes back by itself every 5 s, the kernel its dirty pages after 30 s: both later than any run, so that only what was synced is there. */
const MOUNT = 'loop,noatime,commit=600';

/**
 * A real ext4 on a loop device, whose power can be cut: what the file system has handed to its disk at that instant stays, what was still in
 * the kernel's page cache is gone. The disk has no cache of its own: what it was handed it keeps, in order.
 */
export function createPowerDisk(work) {
  mkdirSync(work, { recursive: true });
  // In memory where there is room: copies must be quick against what is being written meanwhile.
  const images = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : work, 'parapet-disk-'));
  const folder = mkdtempSync(join(work, 'power-'));
  const image = join(images, 'disk');
  writeFileSync(image, '');
  truncateSync(image, DISK_BYTES);
  let mounted = false;

  const mount = () => {
    must('mount', '-o', MOUNT, image, folder);
    mounted = true;
  };
  const unmount = async () => {
    // The last files of a killed process close a moment after it is gone.
    for (let tries = 0; mounted; tries++) {
      const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
      if (status === 0) mounted = false;
      else if (tries > 100) throw new Error(stderr.trim());
      else await delay(20);
    }
  };
  const removeFolders = () => {
    rmSync(images, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    must('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
    mount();
  } catch (error) {
    removeFolders();
    throw error;
  }
  return {
    folder,
    /**
     * Cuts the power of the program that writes here, and gives it back. What the program had said by then can be read in its lines.
     *
     * @param {import('./programs.mjs').Program} program
     */
    async cut(program) {
      const after = `${image}.after`;
      program.signal('SIGSTOP');
      copyFileSync(image, after);
      await program.kill();
      // What umount writes back goes to a disk that nobody looks at any more.
      await unmount();
      renameSync(after, image);
      mount();
    },
    async dispose() {
      await unmount();
      removeFolders();
    },
  };
}

/** Why there can be no such disk here; `null`: there can. */
export async function powerDiskMissing() {
  if (process.getuid?.() !== 0) return 'cutting the power of a disk needs root, to mount one';
  const place = mkdtempSync(join(tmpdir(), 'parapet-power-'));
  try {
    await createPowerDisk(place).dispose();
    return null;
  } catch (error) {
    return `no ext4 on a loop device can be mounted here: ${error.message}`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function must(command, ...args) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
}
