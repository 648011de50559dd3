import { expect, it } from 'vitest'
import { FairLine } from './fair-line.ts'

it('forgets a tenant who has nothing left, so that one who comes back stands behind the others', () => {
  const line = new FairLine<{ readonly tenantId: string; readonly id: number }>()
  line.add({ tenantId: 'a', id: 1 })
  expect(line.take()?.id).toBe(1)
  line.add({ tenantId: 'b', id: 2 })
  line.add({ tenantId: 'a', id: 3 })
  expect([line.take()?.id, line.take()?.id, line.take(), line.length]).toEqual([2, 3, undefined, 0])
})
