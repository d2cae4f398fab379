/** For a file that may be away: `null` when it is. Any other trouble is thrown on. */
export function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
