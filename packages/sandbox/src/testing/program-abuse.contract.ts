import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'
import { PROGRAM_ABUSES, type ProgramAbuse } from './program-abuse.ts'
import { tryAbuse } from './try-abuse.ts'

const TEST_LIMIT_MS = 240_000

/** The short form of what a hostile program may try; the long one is a proof of its own. `adapt` says what differs. */
export function describeProgramAbuse(
  title: string,
  create: () => SandboxBackend,
  adapt: (abuse: ProgramAbuse) => ProgramAbuse = (abuse) => abuse,
): void {
  describe(`${title} under abuse`, () => {
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())

    it.each(PROGRAM_ABUSES.filter(({ isShortForm }) => isShortForm).map(adapt))(
      '$title',
      async (abuse) => {
        const { failure } = await tryAbuse(backend, abuse)
        expect(failure).toBeUndefined()
      },
      TEST_LIMIT_MS,
    )
  })
}
