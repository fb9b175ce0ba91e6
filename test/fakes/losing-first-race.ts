import type { IdentityStore } from '../../lambdas/people/identity-store.ts';

/** A store whose first write loses a race, so that it is written again after those that began later. */
export function losingFirstRace<Store extends IdentityStore>(store: Store): Store {
  let hasLost = false;
  return {
    ...store,
    write: async (changes) => {
      if (hasLost) return store.write(changes);
      hasLost = true;
      return false;
    },
  };
}
