import { CASE_SCHEMA, type CaseChangeMessage, type CaseMessage, type CaseNotice } from '../../domain/wire/case-file.js';
import type { CategoryTable } from '../categories/category-table.js';
import { caseMoves } from './case-moves.js';
import type { CaseChange, CaseRecord } from './case-store.js';
import type { FindPlace } from './places.js';

/** Puts cases into words for the outside. */
export interface CaseView {
  case(record: CaseRecord): CaseMessage;
  change(change: CaseChange): CaseChangeMessage;
  /** CloudEvents 1.0: the case as it is after a change. @throws {RangeError} for a mere note, of which nobody is told. */
  notice(record: CaseRecord, change: CaseChange): CaseNotice;
}

export function createCaseView(categories: CategoryTable | null, findPlace: FindPlace): CaseView {
  const view: CaseView = {
    case(record) {
      const { eventId, site, agent, camera, type, severity, verdict, state, category } = record;
      const place = findPlace(record);
      const { started_at: startedAt } = JSON.parse(record.lastEvent) as { readonly started_at: string };
      return {
        schema: CASE_SCHEMA,
        id: eventId,
        site,
        agent,
        camera,
        type,
        severity,
        verdict,
        state,
        moves: [...caseMoves[state]],
        category: category === null ? null : { code: category, name: categories?.nameOf(type, category) ?? null },
        place: place === null ? null : { type: 'Point', coordinates: [place.longitudeDeg, place.latitudeDeg] },
        address: place?.address ?? null,
        started_at: startedAt,
        opened_at: iso(record.openedAtMs),
        changed_at: iso(record.changedAtMs),
        hold: record.hold ?? false,
      };
    },
    change: ({ number, from, to, atMs, by, note, evidence, hold }) => ({
      ...{ number, from, to, at: iso(atMs), by, note, evidence },
      ...(hold === null ? {} : { hold }),
    }),
    notice(record, change) {
      if (change.from === change.to) throw new RangeError('a note is no news');
      const { eventId, site, agent } = record;
      return {
        specversion: '1.0',
        id: `${eventId}-${change.number}`,
        source: `/parapet/${encodeURIComponent(site)}/${encodeURIComponent(agent)}`,
        type: change.from === null ? 'parapet.case.opened' : 'parapet.case.moved',
        subject: eventId,
        time: iso(change.atMs),
        datacontenttype: 'application/json',
        data: { case: view.case(record), change: view.change(change) },
      };
    },
  };
  return view;
}

const iso = (ms: number): string => new Date(ms).toISOString();
