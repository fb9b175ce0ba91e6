import { readFileSync } from 'node:fs';
import type { Scope } from '../http/scope.ts';

/**
 * Every scope of the API, from the scopes.json that the synthesis writes beside each bundle: a function
 * needs their names, not the contracts that declare them.
 */
export const readScopes = (
  file: URL = new URL('./scopes.json', import.meta.url),
): readonly Scope[] => JSON.parse(readFileSync(file, 'utf8')) as readonly Scope[];
