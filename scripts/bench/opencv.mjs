import { spawnSync } from 'node:child_process';

/** Debian's interpreter: the one that python3-opencv belongs to. */
export const python = '/usr/bin/python3';

/** @throws when OpenCV is not there, saying what to install. */
export function needOpencv() {
  const { status } = spawnSync(python, ['-c', 'import cv2, numpy']);
  if (status !== 0) throw new Error('OpenCV for Python is not installed: apt-get install --no-install-recommends python3-opencv');
}
