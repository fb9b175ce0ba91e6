import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createCvAuthority } from '../../../sandbox/card/cv-authority.ts';
import {
  personalise,
  printedNumber,
  type ChipContents,
} from '../../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../../sandbox/card/virtual-card.ts';
import { personOf } from '../../../sandbox/jlis/registry.ts';
import type { FuzzedCard } from '../../fuzz/card-answers.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './cards.ts';

const pins = { userAuthenticationPin: '8317', inputAssistancePin: '2205' } as const;

/** A card with everything on it, whose secrets are long enough not to occur by chance. */
export async function fuzzTarget(): Promise<FuzzedCard> {
  const issuer = await openIssuer();
  const target = await newCard(
    issuer,
    { pin: pins.userAuthenticationPin, person: { birthDate: '1980-11-21' } },
    { inputAssistancePin: pins.inputAssistancePin },
  );
  const { issued, contents, card } = target;
  const person = personOf(issuer.office.registry, issued.personId);
  const { name, address, sex } = person;
  const verificationNumberB = printedNumber(issuer.office, issued, person);
  return {
    card,
    forged: (await forgeries(issuer, target)).map((forged) => new VirtualCard(forged)),
    roots: issuer.roots,
    credentials: { ...pins, verificationNumberB, birthDate: '551121' },
    secrets: [...Object.values(pins), verificationNumberB, '551121', '19801121', name, address],
    certificate: contents.jpki.certificate,
    caCertificate: contents.jpki.caCertificate,
    chipKey: createPublicKey(contents.surface!.key),
    attributes: { name, address, birthDate: '19801121', sex, remarks: [] },
  };
}

/** Cards with the target's certificate and key, and one thing each that no issuer signed. */
async function forgeries(
  { office, cv }: Issuer,
  { issued, contents }: IssuedCard,
): Promise<readonly ChipContents[]> {
  const { inputAssistancePin } = pins;
  const changed = { name: '偽造　太郎', inputAssistancePin };
  const impostor = await createCvAuthority(cv.rootKeyId);
  // A chip has one key for its life: another key is another card's.
  const other = await newCard(
    { office, cv: impostor, roots: [] },
    { person: { birthDate: '1980-11-21' } },
  );
  const [ownName, ownIssuer] = await Promise.all([
    personalise(office, issued, cv, changed),
    personalise(office, issued, impostor, changed),
  ]);
  const { attributes } = ownName.inputAssistance!;
  const { privateKey: otherKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const inputAssistance = contents.inputAssistance!;
  const surface = contents.surface!;
  return [
    // Another name under the true digests, and under digests that fit it with the old signature.
    { ...contents, inputAssistance: { ...inputAssistance, attributes } },
    {
      ...contents,
      inputAssistance: {
        ...inputAssistance,
        attributes,
        digests: withSignatureOf(ownName.inputAssistance!.digests, inputAssistance.digests),
      },
    },
    // What an impostor signed, with its own certificate and with the true one.
    { ...contents, inputAssistance: ownIssuer.inputAssistance! },
    {
      ...contents,
      inputAssistance: {
        ...ownIssuer.inputAssistance!,
        cvCertificate: inputAssistance.cvCertificate,
      },
    },
    { ...contents, surface: other.contents.surface! },
    {
      ...contents,
      surface: { ...other.contents.surface!, cvCertificate: surface.cvCertificate },
    },
    // The true record on a chip without its key.
    { ...contents, surface: { ...surface, key: otherKey } },
  ];
}

/** Both end with a signature of 256 octets. */
const withSignatureOf = (digests: Buffer, signed: Buffer): Buffer =>
  Buffer.concat([digests.subarray(0, -256), signed.subarray(-256)]);
