import type { EvidenceKind } from '../domain/evidence.js';
import type { Incident, Reason } from '../domain/incident.js';
import { boundWords, describeFall } from '../domain/incident-words.js';
import type { AgentSnapshot, CameraSnapshot } from '../platform/health/agent-snapshot.js';
import { type Html, html } from './html.js';

/** An incident and the files that can be looked at. */
export interface ConsoleIncident {
  readonly incident: Incident;
  readonly evidence: readonly { readonly id: string; readonly kind: EvidenceKind }[];
  /** Whether more evidence is still to come. */
  readonly pending: boolean;
}

const REFRESH_S = 10;

/**
 * The status page: cameras, delivery, and the latest incidents with their pictures. It is loaded anew every ten seconds.
 *
 * @param isStill stays as it is, for who reads.
 */
export function renderPage(snapshot: AgentSnapshot, incidents: readonly ConsoleIncident[], isStill = false): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isStill ? null : html`<meta http-equiv="refresh" content="${REFRESH_S}">`}
<title>Parapet · ${snapshot.site} · ${snapshot.agent}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><h1>Parapet</h1><p>${snapshot.site} · ${snapshot.agent} · version ${snapshot.version} · up ${duration(snapshot.uptimeS)}</p>
<p>${isStill ? html`<a href="/">Follow what happens</a>` : html`Loaded anew every ${REFRESH_S} s. <a href="/still">Hold still</a>`}</p></header>
<main>
<section><h2>Cameras</h2>${cameraTable(snapshot.cameras)}</section>
<section><h2>Delivery</h2>${delivery(snapshot)}</section>
<section><h2>Latest incidents</h2>${incidents.length === 0 ? html`<p>None yet.</p>` : incidents.map(incidentCard)}</section>
</main>
</body>
</html>
`;
  return page.markup;
}

function cameraTable(cameras: readonly CameraSnapshot[]): Html {
  return html`<table>
<tr><th>Camera</th><th>State</th><th>Picture</th><th>Incidents</th></tr>
${cameras.map(
  (camera) => html`<tr>
<td>${camera.id}</td>
<td><span class="state ${camera.state}">${camera.state}</span>${camera.reason === null ? null : html` ${camera.reason}`}${warningOf(camera)}</td>
<td>${camera.picture ?? '–'}<br>${camera.cameraFps.toFixed(1)} fps</td>
<td>${camera.incidents.reduce((sum, { count }) => sum + count, 0)}</td>
</tr>`,
)}</table>`;
}

function warningOf({ learning }: CameraSnapshot): Html | null {
  const warning = learning.scale?.warning ?? null;
  return warning === null ? null : html`<br><span class="state tampered">${warning}</span>`;
}

function delivery({ broker, store }: AgentSnapshot): Html {
  const waiting = `${store.outboxMessages} messages and ${store.outboxTransfers} files wait`;
  const link =
    broker === null
      ? html`No broker is configured: everything is kept on this machine.`
      : broker.connected
        ? html`<span class="state online">connected</span> ${waiting}.`
        : html`<span class="state offline">not connected</span> ${broker.lastError}; ${waiting}.`;
  const warning = broker?.warning ?? null;
  return html`<p>${link}</p>${warning === null ? null : html`<p class="state tampered">${warning}</p>`}${store.problem === null ? null : html`<p class="state offline">The database fails: ${store.problem}</p>`}${store.lastDamage === null ? null : html`<p class="state tampered">${store.lastDamage}</p>`}`;
}

function incidentCard({ incident, evidence, pending }: ConsoleIncident): Html {
  const shown =
    evidence.find(({ kind }) => kind === 'trail') ??
    (incident.throw === null ? evidence.find(({ kind }) => kind === 'snapshot') : undefined);
  const about = incident.throw === null ? streetWords(incident) : capitalised(describeFall(incident.throw));
  return html`<article class="${incident.verdict}">
<h3>${titleOf(incident)}</h3>
${about === '' ? null : html`<p>${about}</p>`}
<p>${incident.cameraId} · ${readableTime(incident.startedAtMs)} · ${incident.verdict}, confidence ${percent(incident.confidence)}</p>
${shown === undefined ? null : html`<a href="/evidence/${shown.id}"><img src="/evidence/${shown.id}" alt="${shown.kind === 'trail' ? 'The whole fall in one picture' : 'What was found, and its place before and after'}" loading="lazy"></a>`}
${evidence.length === 0 ? null : html`<p>${evidence.map(({ id, kind }) => html`<a href="/evidence/${id}">${kind}</a> `)}</p>`}
${pending ? html`<p>Clip and picture are being made.</p>` : null}
<details><summary>Why</summary><ul>${incident.reasons.map(reasonItem)}</ul></details>
</article>`;
}

function reasonItem({ criterion, value, unit, threshold, event }: Reason): Html {
  const about = event === undefined ? '' : ` ${event}`;
  const isShare = unit === 'share';
  const measured = isShare ? percent(value) : `${round(value)} ${unit}`;
  const bound = isShare ? percent(threshold) : round(threshold);
  return html`<li>${criterion.replaceAll('_', ' ')}${about}: ${measured} (${boundWords(criterion)} ${bound})</li>`;
}

/** What is known of an incident that is no throw: what it is called, where, and whether it goes on. */
function streetWords({ labels, zone, phase }: Incident): string {
  const words = [labels.map((label) => label.replaceAll('_', ' ')).join(', '), zone === null ? '' : `in ${zone}`].filter(
    (part) => part !== '',
  );
  return capitalised([words.join(' '), ...(phase === 'end' ? [] : ['still so'])].filter((part) => part !== '').join(', '));
}

function titleOf(incident: Incident): string {
  const what = incident.type.replaceAll('_', ' ');
  const origin = incident.throw?.origin;
  if (origin === undefined || origin.floor === null) return what;
  return `${what} from floor ${origin.floor}${origin.unit === null ? '' : `, unit ${origin.unit}`}`;
}

function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = new Date(Math.floor(seconds) * 1000).toISOString().slice(11, 19);
  return days === 0 ? clock : `${days} d ${clock}`;
}

/** UTC, since the page may be read in another time zone. @example readableTime(0) // '1970-01-01 00:00:00 UTC' */
function readableTime(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const round = (value: number): string => String(Math.round(value * 100) / 100);

export const styleSheet = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { margin: 0; font-size: 1.5rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
h3 { margin: 0; font-size: 1rem; }
h3::first-letter { text-transform: uppercase; }
header p { margin: 0; opacity: 0.7; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 0.3rem 1rem 0.3rem 0; vertical-align: top; }
th { font-weight: 600; opacity: 0.7; }
.state { font-weight: 600; }
.state.online { color: #1a8a3a; }
.state.connecting, .state.stalled, .state.tampered { color: #b46a00; }
.state.offline { color: #c62828; }
article { border-left: 4px solid #c62828; padding: 0.2rem 1rem; margin: 1rem 0; }
article.suspected { border-color: #d99000; }
article p { margin: 0.2rem 0; }
img { max-width: 100%; height: auto; border-radius: 4px; }
`;
