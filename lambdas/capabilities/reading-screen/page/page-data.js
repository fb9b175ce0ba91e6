/** What the platform wrote into this page, and what the address gave it. */
const read = (id) => JSON.parse(document.querySelector(id).textContent);
export const service = read('#service');
const { situations, codes } = read('#texts');

const fragment = new URLSearchParams(location.hash.slice(1));
export const isKiosk = fragment.has('kiosk');
export const firstTicket = fragment.get('ticket') ?? undefined;
export const returnUrl = service.returnUrls.find((url) => url === fragment.get('return'));
// The ticket is not left in the address, where it could be copied. A kiosk stays one when reloaded.
history.replaceState(null, '', location.pathname + (isKiosk ? '#kiosk' : ''));

/**
 * What the screen says of a code: its situation's texts, what it adds for staff, and what the holder
 * does at a kiosk. A code that is not known is a reading that failed.
 */
export function textOf(code) {
  const { situation, staff, holder } = Object.hasOwn(codes, code)
    ? codes[code]
    : { situation: 'start-again' };
  const general = situations[situation];
  return { general, staff, holder: holder ?? general.holder };
}
