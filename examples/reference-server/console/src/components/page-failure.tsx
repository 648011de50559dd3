import { ErrorState } from './error-state.tsx'

/** What stands in the place of a page that broke. */
export function PageFailure({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <ErrorState error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
}
