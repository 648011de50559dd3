import type { AuditEntry } from '../../../../../audit/index.ts'
import { describeUserStoreContract } from '../../../testing/user-store.contract.ts'
import { MemoryUserStore } from './memory-user-store.ts'

describeUserStoreContract('MemoryUserStore', async () => {
  const entries: AuditEntry[] = []
  let fails = false
  const audit = {
    write: async (entry: AuditEntry): Promise<void> => {
      if (fails) throw new Error('no audit')
      entries.push(entry)
    },
  }
  return {
    store: new MemoryUserStore({ audit }),
    entriesOf: async (tenantId) => entries.filter((one) => one.tenantId === tenantId),
    failAudit: (now) => {
      fails = now
    },
    close: async () => {},
  }
})
