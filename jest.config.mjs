import { fileURLToPath } from 'node:url';

// Many tests start processes of the project and synthesise it. Both caches go by content.
const cache = fileURLToPath(new URL('node_modules/.cache/', import.meta.url));
process.env.NODE_COMPILE_CACHE ??= `${cache}compiled`;
process.env.BUNDLE_CACHE ??= `${cache}bundles`;
// The optimising compiler costs an emulator that runs for a minute more than it saves.
process.env.SANDBOX_JAVA_OPTIONS ??= '-XX:TieredStopAtLevel=1';

/** Native ES modules under Node 24; swc only strips the types. */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/remove-unused-caches.ts',
  // Every command to every virtual card is watched, whichever test sends it.
  // And every code that a test brings about is recorded.
  setupFilesAfterEnv: [
    '<rootDir>/test/reader/support/watch-apdus.ts',
    '<rootDir>/test/record-codes.ts',
  ],
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '/lambdas/(errors|pki/pki-error)\\.ts$': '<rootDir>/test/recording-transform.mjs',
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  // A test that hangs is a failure; end-to-end suites raise this for themselves.
  testTimeout: 20_000,
  maxWorkers: 2,
  // A worker that has loaded CDK many times takes longer to end than jest waits for.
  workerIdleMemoryLimit: '1GB',
  collectCoverageFrom: ['lambdas/**/*.ts', 'lib/**/*.ts', 'cli/**/*.ts', 'reader/**/*.ts'],
  coverageReporters: ['text-summary'],
  reporters: ['default', '<rootDir>/test/counts-reporter.mjs', '<rootDir>/test/codes-reporter.mjs'],
};
