import { describeWithService, startNats } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { silentContext } from '../testing/silent-context.ts'
import { withNats } from './open-nats.ts'

describeWithService('nats', 'a NATS that lets in whom it knows', () => {
  test.each([
    [{ token: 'hunter/2' }, 'hunter%2F2', 'hunter3'],
    [{ user: 'ada@home', password: 'hunter:2' }, 'ada%40home:hunter%3A2', 'ada%40home:hunter3'],
  ])('by %j: the address says it, and the complaint does not', async (authorization, right, wrong) => {
    const server = await startNats({ authorization })
    const { host } = new URL(server.address)
    const open = (said: string) => {
      // The second is looked at once the first is lost; what is said stands in the first.
      const context = silentContext({ NATS_URL: `nats://${said}${host}, nats://${host}` })
      return withNats(context, (connection) => Promise.resolve(connection.getServer()))
    }
    try {
      expect(await open(`${right}@`)).toBe(host)
      for (const said of [`${wrong}@`, '']) {
        const refused = open(said)
        await expect(refused).rejects.toMatchObject({
          code: 'DEPENDENCY_UNREACHABLE',
          message: expect.stringMatching(`^NATS cannot be reached at ${host}, ${host}: .*uthorization`),
        })
        await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter') })
      }
    } finally {
      await server.stop()
    }
  })
})
