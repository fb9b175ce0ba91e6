import { control } from '../jlis/control-client.ts';
import type { Narrator } from './narrator.ts';

export interface Passing {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
}

/** The sandbox's clock as the demo moves it. Schedules of the platform that became due run once. */
export class DemoClock {
  /** Since the beginning of the demo, beside the time that it took. */
  passedSeconds = 0;
  readonly #jlisUrl: string;
  readonly #narrator: Narrator;

  constructor(jlisUrl: string, narrator: Narrator) {
    this.#jlisUrl = jlisUrl;
    this.#narrator = narrator;
  }

  async forward({ days = 0, hours = 0, minutes = 0 }: Passing): Promise<void> {
    const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}`;
    await this.#move(`P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`);
    this.passedSeconds += days * 86_400 + hours * 3_600 + minutes * 60;
  }

  /** To where it would be without the demo. */
  async back(): Promise<void> {
    if (this.passedSeconds > 0) await this.#move(`-PT${this.passedSeconds}S`);
    this.passedSeconds = 0;
  }

  async #move(by: string): Promise<void> {
    this.#narrator.asked('J-LIS', `POST /control/clock ${JSON.stringify({ by })}`);
    const { status, time } = await control<{ time: string }>(this.#jlisUrl, 'clock', { by });
    this.#narrator.answered(status, { time });
  }
}
