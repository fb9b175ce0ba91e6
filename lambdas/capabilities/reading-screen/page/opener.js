/** The system that opened this page. It gets a one-time code, nothing of what was read. */
import { returnUrl, service } from './page-data.js';

const opener = window.opener ?? (window.parent === window ? undefined : window.parent);

/** Only where the opener is of a registered origin: browsers deliver to no other. */
export function tell(message) {
  if (opener) for (const origin of service.origins) opener.postMessage(message, origin);
}

/** A further ticket, or the first one. */
export function onTicket(take) {
  addEventListener('message', ({ origin, data }) => {
    if (!service.origins.includes(origin)) return;
    if (data?.type === 'mykey-ticket' && typeof data.ticket === 'string') take(data.ticket);
  });
}

/** Back by redirect, where the page was opened so. */
export function leave(outcome) {
  const target = new URL(returnUrl);
  for (const [name, value] of Object.entries(outcome)) target.searchParams.set(name, value);
  location.replace(target);
}

export const canGoBack = returnUrl !== undefined || opener !== undefined;

export function goBack(code) {
  if (returnUrl) leave({ error: code });
  else if (window.opener) window.close();
  else tell({ type: 'mykey-screen', state: 'closed' });
}
