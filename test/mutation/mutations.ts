import { dataRooms } from './data-mutations.ts';
import { deploymentRooms } from './deployment-mutations.ts';
import type { GuardedRoom } from './guarded-room.ts';
import { httpRooms } from './http-mutations.ts';
import { pathRooms } from './path-mutations.ts';
import { peopleRooms } from './people-mutations.ts';
import { revocationRooms } from './revocation-mutations.ts';

export const guardedRooms: readonly GuardedRoom[] = [
  ...pathRooms,
  ...revocationRooms,
  ...dataRooms,
  ...httpRooms,
  ...peopleRooms,
  ...deploymentRooms,
];
