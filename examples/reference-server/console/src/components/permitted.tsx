import type { ReactNode } from 'react'
import { useMay } from '../session/use-session.ts'

export interface PermittedProps {
  readonly permission: string
  readonly children: ReactNode
}

/** What is there for those alone who may use it. */
export function Permitted({ permission, children }: PermittedProps) {
  return useMay(permission) ? children : null
}
