import swcJest from '@swc/jest';

const swc = swcJest.createTransformer({
  jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
  module: { type: 'es6' },
});

const constructed = 'this.code = code;';

/**
 * For the two classes of coded errors: tells `test/record-codes.ts` of each error that is made, so that a
 * code which no test brings about is noticed.
 */
export default {
  ...swc,
  process(source, path, options) {
    if (!source.includes(constructed)) throw new Error(`${path} sets its code in another way`);
    const recording = `${constructed} globalThis.codeEmitted?.(code);`;
    return swc.process(source.replace(constructed, recording), path, options);
  },
};
