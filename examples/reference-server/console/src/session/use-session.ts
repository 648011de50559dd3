import { useSyncExternalStore } from 'react'
import { type SessionState, session } from './session.ts'

/** Who is signed in: `null` nobody, `undefined` not known yet. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state)
}

/** Whether who is signed in may do this. The API decides again, whatever is said here. */
export function useMay(permission: string): boolean {
  return useSession()?.permissions.has(permission) === true
}
