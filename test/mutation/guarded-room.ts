/** One guard taken away: `find` stands once in `file` and becomes `replace`; some test must then fail. */
export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The guards of one room and the tests that watch them. */
export interface GuardedRoom {
  /** The project's vectors watch it as well, and are asked before the tests. */
  readonly hasVectors?: boolean;
  readonly tests: readonly string[];
  readonly mutations: readonly Mutation[];
}

export const guard = (file: string, find: string, replace: string): Mutation => ({
  file,
  find,
  replace,
});
