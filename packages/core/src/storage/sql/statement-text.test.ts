import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { requireStatement } from './statement-text.ts'

it.each([undefined, null, 7, ['SELECT 1'], '', ' \n', 'SELECT 1;\0 DROP TABLE t'])(
  'takes no %j for a statement',
  (text) => {
    expect(() => requireStatement(text)).toThrow(invalidOption('text', 'a statement without NUL characters'))
  },
)

it('gives a statement back as it is', () => {
  expect(requireStatement(' SELECT 1;\n')).toBe(' SELECT 1;\n')
})
