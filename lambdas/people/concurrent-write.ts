import { MyKeyError } from '../errors.ts';

/** Another call changed the record between its read and its conditional write. @param what the record */
export const concurrentWrite = (what: string): MyKeyError =>
  new MyKeyError(
    'dependency-unavailable',
    `repeat the request: another call wrote ${what} at the same time`,
  );
