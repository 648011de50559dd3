import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useId, useState } from 'react'
import { Button } from '../components/button.tsx'
import { ToastRegion } from '../components/toasts.tsx'
import { useLiveUpdates } from '../live/use-live.ts'
import { session } from '../session/session.ts'
import { useSession } from '../session/use-session.ts'
import { LiveWord } from './live-word.tsx'
import { PLACES } from './places.ts'
import { SchemeSwitch } from './scheme-switch.tsx'
import styles from './shell.module.css'

/** What stands around every page: where one can go, who one is, and whether what is seen is live. */
export function Shell() {
  useLiveUpdates()
  const who = useSession()
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const [isOpen, setOpen] = useState(false)
  const navId = useId()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu
  useEffect(() => setOpen(false), [path])
  const places = PLACES.filter(({ permission }) => who?.permissions.has(permission))
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <header className={styles.header}>
        <Button
          kind="quiet"
          className={styles.menu}
          aria-expanded={isOpen}
          aria-controls={navId}
          onPress={() => setOpen(!isOpen)}
        >
          Menu
        </Button>
        <span className={styles.brand}>
          <span aria-hidden="true" className={styles.mark} />
          Golden Architecture
        </span>
        <span className={styles.space} />
        <LiveWord />
        <SchemeSwitch />
        <span className={styles.who}>
          <span className={styles.name}>{who?.name}</span> <span className={styles.role}>{who?.role}</span>
        </span>
        <Button kind="quiet" onPress={() => void session.signOut()}>
          Sign out
        </Button>
      </header>
      <nav id={navId} aria-label="Pages" className={styles.nav} data-open={isOpen || undefined}>
        <ul>
          {places.map(({ to, name }) => (
            <li key={to}>
              <Link to={to} activeOptions={{ exact: to === '/' }} className={styles.link ?? ''}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main id="page" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <ToastRegion />
    </div>
  )
}
