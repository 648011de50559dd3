import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import type { CallScope } from './call-hold-options.ts'
import { requestOfCall } from './call-request.ts'

it('refuses by its name a scope that a function does not give, as outside of its AsyncLocalStorage', () => {
  // It is wrong on purpose.
  const nobody = () => undefined as unknown as CallScope
  const holds = { scope: nobody, hold: 'tokens' } as const
  const estimate = { inputTokens: 1, maxOutputTokens: 1 }
  expect(() => requestOfCall(holds, {}, estimate, 'small')).toThrow(invalidOption('scope'))
})
