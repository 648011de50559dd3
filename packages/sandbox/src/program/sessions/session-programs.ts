import type { SandboxLanguage } from '../../execution-request.ts'
import { NODE_SESSION } from './node-session.ts'
import { PYTHON_SESSION } from './python-session.ts'
import { SHELL_SESSION } from './shell-session.ts'

/** The programs that take steps, by the language of the steps. */
export const SESSION_PROGRAMS: Readonly<Partial<Record<SandboxLanguage, string>>> = {
  python: PYTHON_SESSION,
  javascript: NODE_SESSION,
  shell: SHELL_SESSION,
}
