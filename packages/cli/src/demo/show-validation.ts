import { LlmValidator, type StandardSchema } from '@golden-arch/core/validation'
import type { DemoStep } from './demo-step.ts'

const ANSWER = "Here you are:\n```json\n{ 'verdict': 'approve', }\n```"
const CUT_ANSWER = '{ "verdict": "appro'

/** What the answer must be. An application gives a schema of zod, valibot or arktype. */
const SCHEMA: StandardSchema<{ readonly verdict: string }> = {
  '~standard': {
    version: 1,
    vendor: 'golden-arch',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'verdict' in value && typeof value.verdict === 'string'
        ? { value: { verdict: value.verdict } }
        : { issues: [{ message: 'expected a verdict', path: ['verdict'] }] },
  },
}

/** One value out of a model's answer, or a refusal that says why. */
export const showValidation: DemoStep = {
  title: "a model's answer is read, and one that was cut off is refused",
  async run() {
    const validator = new LlmValidator({ schema: SCHEMA })
    const good = validator.parse(ANSWER)
    const cut = validator.parse(CUT_ANSWER)
    return {
      isAsPromised: good.ok && !cut.ok && cut.code === 'TRUNCATED',
      lines: [
        good.ok
          ? `${JSON.stringify(good.value)}, of a ${good.source} with single quotes`
          : `refused: ${good.code}`,
        cut.ok ? 'a cut answer was read' : `${JSON.stringify(CUT_ANSWER)} is refused: ${cut.code}`,
      ],
    }
  },
}
