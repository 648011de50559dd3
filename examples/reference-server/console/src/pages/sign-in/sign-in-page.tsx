import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { ApiFailure } from '../../api/api-failure.ts'
import { Button } from '../../components/button.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { session } from '../../session/session.ts'
import { useSession } from '../../session/use-session.ts'
import { SchemeSwitch } from '../../shell/scheme-switch.tsx'
import styles from './sign-in-page.module.css'

const BASE = '/console'

/** Where one says who one is; then one goes where one wanted to. */
export function SignInPage() {
  const { to = '/' } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  const who = useSession()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    document.title = 'Sign in · Golden Architecture'
  }, [])
  useEffect(() => {
    if (who === null || who === undefined) return
    // An address from outside is none of ours.
    void navigate({
      to: /^\/(?![/\\])/.test(to) ? to.replace(new RegExp(`^${BASE}(?=/|$)`), '') || '/' : '/',
    })
  }, [who, to, navigate])

  const signIn = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    setProblem('')
    try {
      await session.signIn(name, password)
    } catch (error) {
      setPassword('')
      setProblem(error instanceof ApiFailure ? wordsFor(error) : String(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main className={styles.main}>
      <form className={styles.form} onSubmit={(event) => void signIn(event)}>
        <div className={styles.head}>
          <h1>Golden Architecture</h1>
          <p>Console of the agents’ guard rails</p>
        </div>
        <TextInput
          label="Name"
          value={name}
          onChange={setName}
          autoComplete="username"
          isRequired
          autoFocus
        />
        <TextInput
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          isRequired
        />
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
        <div className={styles.foot}>
          <SchemeSwitch />
          <Button type="submit" kind="primary" isPending={isBusy}>
            Sign in
          </Button>
        </div>
      </form>
    </main>
  )
}

function wordsFor({ code, message }: ApiFailure): string {
  if (code === 'SIGN_IN_REFUSED') return 'Name or password is wrong.'
  return `${message} (${code})`
}
