import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiFailure } from './api/api-failure.ts'
import { router } from './router.tsx'
import { session } from './session/session.ts'
import { applyScheme, readScheme } from './shell/scheme.ts'
import './styles.css'

const POLL_MS = 10_000
const MAX_REPEATS = 2

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchInterval: POLL_MS,
      staleTime: 2_000,
      // What the server has refused it refuses again.
      retry: (count, error) =>
        count < MAX_REPEATS && !(error instanceof ApiFailure && error.status >= 400 && error.status < 500),
    },
    mutations: { retry: false },
  },
})

applyScheme(readScheme())
// What somebody saw is not for whoever signs in next.
session.subscribe(() => {
  if (session.state() === null) queries.clear()
})

// A part of the console that is gone: the server has a newer one since this page was loaded.
window.addEventListener('vite:preloadError', () => window.location.reload())

const root = document.getElementById('console')
if (root === null) throw new Error('the page has no place for the console')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
