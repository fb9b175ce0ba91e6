import { readFileSync } from 'node:fs';
import type { Scope } from '../http/scope.ts';

/**
 * All scopes of the API, from the scopes.json that the synthesis writes next to each bundle:
 * functions need the names, not the contracts that declare them.
 */
export const readScopes = (
  file: URL = new URL('./scopes.json', import.meta.url),
): readonly Scope[] => JSON.parse(readFileSync(file, 'utf8')) as readonly Scope[];
