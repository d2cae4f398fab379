import { describe, expect, it } from 'vitest';
import { checkUploadHeaders, checkUploadUrl } from './upload-target.js';

const policy = { hosts: ['Media.example', '10.0.0.2:8443', '[2001:db8::1]:9000'], ca: null, allowHttp: false };

describe('where files may be uploaded to', () => {
  it.each([
    'https://media.example/a?token=b',
    'https://media.example:443/a',
    'https://10.0.0.2:8443/upload/x',
    'https://[2001:db8:0::1]:9000/a',
  ])('there: %s', (url) => {
    expect(checkUploadUrl(url, policy).protocol).toBe('https:');
  });

  it.each([
    ['not a url', 'invalid'],
    ['ftp://media.example/a', 'invalid'],
    ['file:///etc/passwd', 'invalid'],
    ['https://user:secret@media.example/a', 'invalid'],
    ['http://media.example/a', 'not_allowed'],
    ['https://media.example:8443/a', 'not_allowed'],
    ['https://10.0.0.2/a', 'not_allowed'],
    ['https://evil.example/media.example', 'not_allowed'],
    ['https://media.example.evil.example/', 'not_allowed'],
    ['https://media.example@evil.example/', 'invalid'],
    ['https://127.0.0.1:8787/', 'not_allowed'],
  ])('not there: %s', (url, code) => {
    expect(() => checkUploadUrl(url, policy)).toThrow(expect.objectContaining({ code }));
  });

  it('never tells the path of a URL, which may hold a secret', () => {
    expect(() => checkUploadUrl('https://evil.example/secret', policy)).toThrow(/^(?!.*secret).*evil\.example/);
  });

  it('takes http:// only where it is allowed, on the port that is named', () => {
    const open = { hosts: ['media.example', 'media.example:8080'], ca: null, allowHttp: true };
    expect(checkUploadUrl('http://media.example:8080/a', open).port).toBe('8080');
    expect(checkUploadUrl('http://media.example/a', open).port).toBe('');
    expect(() => checkUploadUrl('http://media.example:81/a', open)).toThrow();
  });

  it.each(['Host', 'content-length', 'TRANSFER-ENCODING', 'Expect'])('keeps %s to itself', (name) => {
    expect(() => checkUploadHeaders({ [name]: 'x' })).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => checkUploadHeaders({ authorization: 'Bearer x' })).not.toThrow();
  });
});
