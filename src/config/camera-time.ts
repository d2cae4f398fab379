/** The time zone of a camera's schedules: this machine's where nothing says otherwise. */
export const timeZoneOf = (camera: { readonly time_zone: string | null }): string =>
  camera.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
