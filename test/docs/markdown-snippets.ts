import { readFileSync } from 'node:fs';

/** The shell commands of a page, in order: every `sh` block that a `<!-- snippet: NAME -->` stands before. */
export function snippetsOf(
  page: string,
): readonly { readonly name: string; readonly text: string }[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const marked = /<!-- snippet: ([\w-]+) -->\s*```sh\n([\s\S]*?)```/g;
  return [...text.matchAll(marked)].map(([, name, body]) => ({ name: name!, text: body! }));
}

/** The same commands against a sandbox on other ports, with its client key and this checkout's `mykey`. */
export const againstSandbox = (
  text: string,
  to: { readonly apiUrl: string; readonly jlisUrl: string; readonly keyFile: string },
): string =>
  text
    .replaceAll('http://localhost:8080', to.apiUrl)
    .replaceAll('http://127.0.0.1:8081', to.jlisUrl)
    .replaceAll('.sandbox/8080/client.jwk', to.keyFile);
