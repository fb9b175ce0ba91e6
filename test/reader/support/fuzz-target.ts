import { personOf } from '../../../sandbox/jlis/registry.ts';
import { printedNumber } from '../../../sandbox/card/personalise.ts';
import type { FuzzedCard } from '../../fuzz/card-answers.ts';
import { newCard, openIssuer } from './cards.ts';

/** A card with everything on it, whose secrets are long enough not to occur by chance. */
export async function fuzzTarget(): Promise<FuzzedCard> {
  const issuer = await openIssuer();
  const { issued, contents, card } = await newCard(
    issuer,
    { pin: '8317', person: { birthDate: '1980-11-21' } },
    { inputAssistancePin: '2205' },
  );
  const person = personOf(issuer.office.registry, issued.personId);
  const verificationNumberB = printedNumber(issuer.office, issued, person);
  return {
    card,
    roots: issuer.roots,
    credentials: {
      userAuthenticationPin: '8317',
      inputAssistancePin: '2205',
      verificationNumberB,
      birthDate: '551121',
    },
    secrets: [
      '8317',
      '2205',
      verificationNumberB,
      '551121',
      '19801121',
      person.name,
      person.address,
    ],
    certificate: contents.jpki.certificate,
    caCertificate: contents.jpki.caCertificate,
    attributes: { name: person.name, address: person.address },
  };
}
