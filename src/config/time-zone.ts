import { text } from '../domain/option/schema.js';

/** The name of a time zone that this machine knows. */
export const timeZone = (about: string) =>
  text({ about, max: 64, pattern: /^[A-Za-z][A-Za-z0-9_+/-]*$/, form: 'a name such as Europe/Berlin or UTC' }).refine(isKnown, {
    message: 'no such time zone is known; take a name such as Europe/Berlin, Asia/Shanghai or UTC',
    params: { say: true },
  });

function isKnown(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // It says so by throwing.
    return false;
  }
}
