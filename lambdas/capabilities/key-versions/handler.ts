import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { resealRecords } from './contract.ts';
import { cursorOf, openCursor } from './cursor.ts';
import { resealSome, type ResealDependencies } from './operation.ts';

/** @param dependenciesOfCall its time begins with the call */
export const keyVersionsHandler = (
  dependenciesOfCall: () => ResealDependencies,
  settings: HttpSettings,
) =>
  functionHandler(
    operationHandler(
      resealRecords,
      async ({ body, caller, note }) => {
        const { cursor, ...part } = body;
        const dependencies = dependenciesOfCall();
        const { keys } = dependencies;
        const from = cursor === undefined ? undefined : await openCursor(keys, part, cursor);
        const { subjects, records, next } = await resealSome(part, from, dependencies);
        const keyVersion = keys.versions[0]!;
        note({ keyVersion, subjects, records, operator: caller.clientKey });
        return {
          status: 200,
          body: {
            keyVersion,
            subjects,
            records,
            ...(next !== undefined && { next: await cursorOf(keys, part, next) }),
          },
        };
      },
      settings,
    ),
  );
