import { revocationCheckLimits } from './limits.ts';

/**
 * The serials that each service asked for lately, in the memory of a warm function: who counts
 * through serials in small calls is seen as well as who does so in one. Each instance of the function
 * sees its own calls.
 */
export class RecentSerials {
  /** Most recent last. */
  readonly #byService = new Map<string, Float64Array>();

  /**
   * Adds the serials of a call, as numbers.
   *
   * @returns the different ones of this call and of earlier ones, the latest `recentSerials`
   */
  add(serviceId: string, issuerKeyId: string, serials: Float64Array): Float64Array {
    const { recentSerials, recentServices } = revocationCheckLimits;
    const name = `${serviceId} ${issuerKeyId}`;
    const different = new Set(this.#byService.get(name));
    for (const serial of serials.subarray(-recentSerials)) {
      different.delete(serial);
      different.add(serial);
    }
    const latest = Float64Array.from([...different].slice(-recentSerials));
    this.#byService.delete(name);
    this.#byService.set(name, latest);
    if (this.#byService.size > recentServices)
      this.#byService.delete(this.#byService.keys().next().value!);
    return latest;
  }
}
