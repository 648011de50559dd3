import { answering, type Contender, failing, ignore } from '../contender.ts'

/** No guard at all. */
export const bare: Contender = {
  name: 'bare await',
  prepare: async (path) => {
    if (path === 'open') return undefined
    return { operation: path === 'failing' ? () => failing().catch(ignore) : () => answering() }
  },
}
