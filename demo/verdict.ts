import { green, red, say } from './screen.ts';

/** What the demo has found to be so, and what not: it fails if anything was not. */
export class Verdict {
  #passed = 0;
  readonly #failed: string[] = [];

  /** Says the finding, and whether it is as it must be. */
  check(finding: string, isRight: boolean): void {
    if (isRight) this.#passed++;
    else this.#failed.push(finding);
    say(`  ${isRight ? green('[OK]') : red('[FAILED]')} ${finding}`);
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): readonly string[] {
    return this.#failed;
  }
}
