import { isIP } from 'node:net';

/**
 * Whether a request's `Host` is a name that only this machine or its own network can have given us. A web page from
 * elsewhere can make a visitor's browser call us under its own name (DNS rebinding), but not under an address, a name
 * without a dot, or one that public DNS cannot hold.
 *
 * @param configured the address that the console listens on, as configured.
 * @example isAllowedHost('127.0.0.1:8787', '127.0.0.1') // true
 * @example isAllowedHost('evil.example:8787', '127.0.0.1') // false
 */
export function isAllowedHost(host: string | undefined, configured: string): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? '')?.[1]?.toLowerCase();
  if (name === undefined || name === '') return false;
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || bare === configured.toLowerCase() || /^[a-z0-9_-]+(\.local|\.internal)?$/.test(bare);
}
