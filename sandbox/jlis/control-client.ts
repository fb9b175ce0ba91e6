/** A card as the control API shows it. */
export interface CardView {
  readonly cardId: string;
  readonly state: string;
  readonly person: {
    readonly personId: string;
    readonly municipality: string;
    readonly name: string;
  };
  readonly 'user-authentication': SlotView;
  readonly 'digital-signature': SlotView | null;
}

export interface SlotView {
  readonly issuer: string;
  readonly issuerKeyId: string;
  readonly serial: string;
  readonly notAfter: string;
  readonly list: string;
  readonly revoked: { readonly at: string; readonly reason: string } | null;
  readonly pin: string;
  readonly triesLeft: number;
  readonly certificate: string;
}

/**
 * One call of the control API, a POST if it has a body; returns the response's JSON whatever its
 * status.
 */
export async function control<Answer = CardView>(
  url: string,
  path: string,
  body?: object,
): Promise<Answer & { readonly status: number; readonly code?: string }> {
  const response = await fetch(`${url}/control/${path}`, {
    method: body ? 'POST' : 'GET',
    ...(body && { body: JSON.stringify(body) }),
  });
  return { ...((await response.json()) as Answer), status: response.status };
}

/** One call of the linkage service. */
export async function linkage(
  url: string,
  path: 'renewals' | 'signature-certificates',
  { issuerKeyId, serial }: { issuerKeyId: string; serial: string },
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/linkage/${path}`, {
    method: 'POST',
    body: JSON.stringify({ issuerKeyId, serial }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
