import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { PageFailure } from './components/page-failure.tsx'
import { PageMissing } from './components/page-missing.tsx'
import { session } from './session/session.ts'
import { Shell } from './shell/shell.tsx'

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: PageMissing })

/** Everything but the sign-in is for those who are signed in; they come back to where they were going. */
const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: Shell,
  beforeLoad: async ({ location }) => {
    if (session.state() === undefined) await session.resume()
    if (session.state() === null) throw redirect({ to: '/sign-in', search: { to: location.href } })
  },
})

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } =>
    typeof to === 'string' ? { to } : {},
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const overviewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
})
const tasksRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/tasks',
  component: lazyRouteComponent(() => import('./pages/tasks/tasks-page.tsx'), 'TasksPage'),
})
const taskRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/tasks/$id',
  component: lazyRouteComponent(() => import('./pages/tasks/task-page.tsx'), 'TaskPage'),
})
const agentsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/agents/agents-page.tsx'), 'AgentsPage'),
})
const budgetsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/budgets',
  component: lazyRouteComponent(() => import('./pages/budgets/budgets-page.tsx'), 'BudgetsPage'),
})
const breakersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/breakers',
  component: lazyRouteComponent(() => import('./pages/breakers/breakers-page.tsx'), 'BreakersPage'),
})
const deadLettersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/dead-letters',
  component: lazyRouteComponent(
    () => import('./pages/dead-letters/dead-letters-page.tsx'),
    'DeadLettersPage',
  ),
})
const promptsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/prompts',
  component: lazyRouteComponent(() => import('./pages/prompts/prompts-page.tsx'), 'PromptsPage'),
})
const proposalRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/prompts/$id',
  component: lazyRouteComponent(() => import('./pages/prompts/proposal-page.tsx'), 'ProposalPage'),
})
const reviewsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/reviews',
  component: lazyRouteComponent(() => import('./pages/reviews/reviews-page.tsx'), 'ReviewsPage'),
})
const reviewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/reviews/$id',
  component: lazyRouteComponent(() => import('./pages/reviews/review-page.tsx'), 'ReviewPage'),
})
const escalationsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/escalations',
  component: lazyRouteComponent(() => import('./pages/escalations/escalations-page.tsx'), 'EscalationsPage'),
})
const auditRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([
    overviewRoute,
    tasksRoute,
    taskRoute,
    agentsRoute,
    budgetsRoute,
    breakersRoute,
    deadLettersRoute,
    promptsRoute,
    proposalRoute,
    reviewsRoute,
    reviewRoute,
    escalationsRoute,
    auditRoute,
  ]),
])

/** The pages of the console by their addresses. */
export const router = createRouter({
  routeTree,
  basepath: '/console',
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailure,
  scrollRestoration: true,
})

// Whoever is signed out while a page is open comes to the sign-in, and from there back to that page.
session.subscribe(() => {
  if (session.state() === null) void router.invalidate()
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
