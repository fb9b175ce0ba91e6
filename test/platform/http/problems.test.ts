import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { errorCodes, MyKeyError } from '../../../lambdas/errors.ts';
import { problemDocument, problems } from '../../../lambdas/platform/http/problems.ts';

describe.each(['problems.md', 'problems.ja.md'])('docs/%s', (file) => {
  const page = readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');
  /** `| code | status | meaning | what to do |` */
  const rows = [...page.matchAll(/^\| `([a-z-]+)`\s*\| (\d{3})\s*\| (\S.*?)\s*\| (\S.*?)\s*\|$/gm)];

  it('has every code once, with the status that the catalogue gives it', () => {
    const documented = rows.map(([, code, status]) => `${code} ${status}`).sort();
    expect(documented).toEqual(errorCodes.map((code) => `${code} ${problems[code].status}`).sort());
  });
});

const base = 'https://platform.example/v';

describe('a problem document', () => {
  it('carries type, title, status, code and the request', () => {
    const error = new MyKeyError('challenge-used', 'take a new challenge');
    expect(problemDocument(error, 'r-1', base)).toEqual({
      type: 'https://platform.example/v/problems/challenge-used',
      title: problems['challenge-used'].title,
      status: 409,
      detail: 'take a new challenge',
      instance: 'urn:mykey:request:r-1',
      code: 'challenge-used',
    });
  });

  it('reveals nothing of an unknown error', () => {
    expect(problemDocument(new TypeError('x is undefined'), 'r-1', base)).toMatchObject({
      status: 500,
      code: 'internal-error',
    });
    expect(problemDocument(new TypeError('x'), 'r-1', base).detail).toBeUndefined();
  });
});
