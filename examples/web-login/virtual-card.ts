import { call, post } from './platform.ts';

/** The sandbox's cards, in the place of a reader or a phone. */
const jlis = process.env['JLIS_URL'] ?? 'http://127.0.0.1:8081';

export interface VirtualCard {
  readonly cardId: string;
  readonly holder: string;
  /** DER in base64, as a reader reads it without a PIN. */
  readonly certificate: string;
}

interface CardView {
  readonly cardId: string;
  readonly person: { readonly name: string };
  readonly 'user-authentication': { readonly certificate: string };
}

/** The last ten that were issued; one is, where there is none. */
export async function cards(): Promise<readonly VirtualCard[]> {
  const { cards: issued } = await call<{ cards: readonly CardView[] }>(`${jlis}/control/cards`, {});
  return issued.length === 0 ? [await newCard()] : issued.slice(-10).map(asCard);
}

export const newCard = async (): Promise<VirtualCard> =>
  asCard(await post<CardView>(`${jlis}/control/cards`, {}));

/** Base64. @throws Refused `pin-wrong` or `pin-blocked`, as a card answers */
export async function signWithCard(
  { cardId }: VirtualCard,
  pin: string,
  challenge: string,
): Promise<string> {
  const body = { pin, text: challenge };
  const { signature } = await post<{ signature: string }>(
    `${jlis}/control/cards/${cardId}/sign`,
    body,
  );
  return signature;
}

const asCard = ({ cardId, person, 'user-authentication': slot }: CardView): VirtualCard => ({
  cardId,
  holder: person.name,
  certificate: slot.certificate,
});
