import type { ExecutionResult } from '@golden-arch/sandbox'

/** The name under which the test program leaves its result in the guest. */
const RESULT = '__result'

/**
 * The program that runs one hidden test against a solution and ends with its result: `{ returned }` or `{ thrown }`.
 * It holds no expectation: those stay on the host, so a solution cannot read what it should return.
 */
export function testProgram(code: string, run: string): string {
  return [
    code,
    `;const ${RESULT} = (() => {`,
    '  try {',
    `    const value = (() => {\n${run}\n    })();`,
    '    return { returned: value === undefined ? null : value };',
    '  } catch (error) {',
    '    return { thrown: String(error && error.message !== undefined ? error.message : error) };',
    '  }',
    '})();',
    // A process has no value: there the last line that it writes stands for it.
    `if (typeof process === 'object') process.stdout.write('\\n' + JSON.stringify(${RESULT}));`,
    RESULT,
  ].join('\n')
}

/** What a test program ended with: its value, or the last line of one that runs as a process; undefined where that is no JSON. */
export function testResultOf({ value, stdout }: Pick<ExecutionResult, 'value' | 'stdout'>): unknown {
  if (value !== undefined) return value
  try {
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1))
  } catch {
    return undefined
  }
}
