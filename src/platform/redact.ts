/**
 * Hides the credentials in every URL of a text, also in one whose password holds `#`, `?` or `/` that should have been
 * percent-encoded: everything between `://` and the last `@` before a blank or a quote goes.
 *
 * @example redactUrls('open rtsp://admin:hunter2@10.0.0.8/main') // 'open rtsp://***@10.0.0.8/main'
 */
export function redactUrls(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>]*)@/gi, '$1***@');
}
