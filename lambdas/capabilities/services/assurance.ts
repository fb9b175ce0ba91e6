import * as z from 'zod';

/** What a reading proves at least; apart from the contract, of which reading sessions need nothing else. */
export const assurance = z.enum(['card-signature', 'chip-presence']);
