import { describe, expect, it } from '@jest/globals';
import { isCodedError } from '../../../lambdas/errors.ts';
import { PkiError } from '../../../lambdas/pki/pki-error.ts';
import { entriesOf, parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { parseOcspResponse } from '../../../lambdas/pki/x509/ocsp.ts';
import { crlVectors } from '../../vectors/crls.ts';
import { ocspVectors } from '../../vectors/ocsp.ts';
import { makeRevocationPki } from '../../vectors/revocation-pki.ts';

const pki = makeRevocationPki();
const lists = crlVectors(pki)
  .filter(({ expected }) => expected !== 'crl-too-large')
  .flatMap((vector) => vector.lists);
const responses = ocspVectors(pki).map((vector) => vector.response);

/** A linear congruential generator, so that the mutants are the same in every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    yield state;
  }
}

/** Flips, replaces, removes, duplicates or inserts octets at one offset. */
function mutant(bytes: Uint8Array, next: () => number): Buffer {
  const at = next() % Math.max(1, bytes.length);
  const before = bytes.subarray(0, at);
  const length = 1 + (next() % 5);
  const octet = Uint8Array.of(next() >> 8);
  switch (next() % 4) {
    case 0:
      return Buffer.concat([before, octet, bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, octet, bytes.subarray(at)]);
  }
}

/** Counts 4,000 mutants that parse or are refused with this code; any other result throws. */
function outcomes(samples: readonly Uint8Array[], read: (bytes: Uint8Array) => void): Set<string> {
  const sequence = numbers(20_260_615);
  const next = (): number => sequence.next().value as number;
  const seen = new Set<string>();
  for (let i = 0; i < 4000; i++) {
    try {
      read(mutant(samples[next() % samples.length]!, next));
      seen.add('read');
    } catch (error) {
      if (!isCodedError(error)) throw error;
      seen.add(error.code);
    }
  }
  return seen;
}

describe('mutated octets', () => {
  it('parse as a CRL or are refused as crl-malformed', () => {
    const seen = outcomes(lists, (bytes) => {
      for (const entry of entriesOf(parseCrl(bytes)))
        expect(entry.serial.length).toBeGreaterThan(0);
    });
    expect(seen).toEqual(new Set(['read', 'crl-malformed']));
  });

  it('parse as an OCSP response or are refused as ocsp-malformed', () => {
    const seen = outcomes(responses, (bytes) => void parseOcspResponse(bytes));
    expect(seen).toEqual(new Set(['read', 'ocsp-malformed']));
  });

  it('are refused without recursion when deeply nested', () => {
    let nested = Buffer.alloc(0);
    for (let i = 0; i < 5000; i++) {
      const { length } = nested;
      nested = Buffer.concat([
        Buffer.from([0x30, 0x83, length >> 16, (length >> 8) & 255, length & 255]),
        nested,
      ]);
    }
    expect(() => parseCrl(nested)).toThrow(PkiError);
    expect(() => parseOcspResponse(nested)).toThrow(PkiError);
  });
});
