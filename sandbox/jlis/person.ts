import { municipalities, municipalityOf, prefecture } from './municipalities.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';

/** An invented person. */
export interface Person {
  readonly personId: string;
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string;
  /** 1 male, 2 female, 9 not known. */
  readonly sex: '1' | '2' | '9';
  readonly address: string;
  /** Local government code. */
  readonly municipality: string;
  readonly died?: boolean;
}

export interface PersonRequest {
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: '1' | '2' | '9';
  readonly address?: string;
  readonly municipality?: string;
}

/**
 * The n-th inhabitant of the sandbox; missing values are filled in with obviously invented ones.
 */
export function inventPerson(n: number, request: PersonRequest): Person {
  const municipality = municipalityOf(
    request.municipality ?? municipalities[n % municipalities.length]!.code,
  );
  const birthDate = request.birthDate ?? `${1950 + (n % 50)}-0${1 + (n % 9)}-1${n % 10}`;
  if (!isDate(birthDate)) {
    throw new SandboxRefusal(400, 'request-invalid', 'birthDate is a day, YYYY-MM-DD');
  }
  return {
    personId: `person-${n}`,
    name: request.name ?? `砂場　見本${n}号`,
    birthDate,
    sex: request.sex ?? (n % 2 ? '2' : '1'),
    address: request.address ?? addressIn(municipality.code, n),
    municipality: municipality.code,
  };
}

export const addressIn = (code: string, n: number): string =>
  `${prefecture.name}${municipalityOf(code).name}見本町${1 + (n % 9)}丁目${n}番`;

const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};

/** The end (23:59:59 in Japan) of the n-th birthday after a given time; milliseconds since 1970. */
export function endOfBirthday(birthDate: string, after: number, n: number): number {
  const [, month, day] = birthDate.split('-').map(Number) as [number, number, number];
  const firstYear = new Date(after + japan).getUTCFullYear();
  const endIn = (year: number): number => Date.UTC(year, month - 1, day, 23, 59, 59) - japan;
  const skip = endIn(firstYear) > after ? 0 : 1;
  return endIn(firstYear + skip + n - 1);
}

/** Age in whole years in Japan at a given time. */
export function ageAt(birthDate: string, at: number): number {
  const today = new Date(at + japan).toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

const japan = 9 * 60 * 60 * 1000;
