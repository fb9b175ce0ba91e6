/** What an answer was judged to be. */
export interface Judgement {
  /** Answers that the model allows, by what they said. */
  answers: number;
  /** Refusals for the time being (5xx with a code, or no answer at all): to be repeated. */
  refusals: number;
  /** Answers that contradict what is so. */
  wrong: number;
  /** Things that are there twice, and uses that counted twice. */
  doubled: number;
  /** Answers that never came, and things that were acknowledged and are not there. */
  lost: number;
}

/**
 * A plain statement of what is so, kept beside the platform: who is who at which service, whose card is
 * revoked, what was acknowledged. Every answer is held against it; none is taken for right because the
 * platform gave it twice, except the first PPID of a person at a service, which nobody can foretell.
 */
export class ReferenceModel {
  readonly counts: Judgement = { answers: 0, refusals: 0, wrong: 0, doubled: 0, lost: 0 };
  /** How often each refusal for the time being was told, by its code. */
  readonly refusalCodes = new Map<string, number>();
  /** What went wrong, a line each; without anybody's identifiers. */
  readonly complaints: string[] = [];
  /** service → person → PPID */
  readonly #ppids: Map<string, Map<string, string>>;
  /** service → user number → person */
  readonly #links: Map<string, Map<string, string>>;

  constructor(before?: ReferenceModel) {
    this.#ppids = before === undefined ? new Map() : before.#ppids;
    this.#links = before === undefined ? new Map() : before.#links;
  }

  /** Knows what this one knows, and counts anew. */
  next = (): ReferenceModel => new ReferenceModel(this);

  /** Counts what was judged of another sandbox, of which nobody is known here. */
  add({ counts, complaints, refusalCodes }: ReferenceModel): void {
    for (const what of Object.keys(counts) as (keyof Judgement)[])
      this.counts[what] += counts[what];
    this.complaints.push(...complaints);
    for (const [code, count] of refusalCodes)
      this.refusalCodes.set(code, (this.refusalCodes.get(code) ?? 0) + count);
  }

  complain(kind: 'wrong' | 'doubled' | 'lost', what: string): void {
    this.counts[kind] += 1;
    if (this.complaints.length < 50) this.complaints.push(`${kind}: ${what}`);
  }

  refusedForNow(code: string): void {
    this.counts.refusals += 1;
    this.refusalCodes.set(code, (this.refusalCodes.get(code) ?? 0) + 1);
  }

  /** A login succeeded. A person has one PPID at a service, nobody else has it, no other service knows it. */
  loggedIn(service: string, person: string, ppid: string, revoked: boolean): void {
    this.counts.answers += 1;
    if (revoked) this.complain('wrong', 'a revoked card has logged in');
    const here = this.#ppids.get(service) ?? new Map<string, string>();
    this.#ppids.set(service, here);
    const known = here.get(person);
    if (known !== undefined && known !== ppid)
      this.complain('doubled', 'a second PPID of a person');
    for (const [where, people] of this.#ppids)
      for (const [who, theirs] of people)
        if (theirs === ppid && (where !== service || who !== person))
          this.complain('wrong', 'one PPID for two persons or services');
    here.set(person, known ?? ppid);
  }

  /** A login was refused for good. */
  refused(person: { readonly revoked: boolean }, code: string): void {
    this.counts.answers += 1;
    if (code !== 'certificate-revoked') this.complain('wrong', `a login was refused: ${code}`);
    else if (!person.revoked) this.complain('wrong', 'a valid card was refused as revoked');
  }

  ppidOf = (service: string, person: string): string | undefined =>
    this.#ppids.get(service)?.get(person);

  linked(service: string, userNumber: string, person: string): void {
    const here = this.#links.get(service) ?? new Map<string, string>();
    this.#links.set(service, here);
    here.set(userNumber, person);
  }

  /** Every link that was acknowledged. */
  *links(): Generator<{ service: string; userNumber: string; ppid: string }> {
    for (const [service, numbers] of this.#links)
      for (const [userNumber, person] of numbers)
        yield { service, userNumber, ppid: this.ppidOf(service, person)! };
  }
}
