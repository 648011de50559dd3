import { InvalidOptionError, requireText } from '@golden-arch/core/errors'

/** A fix that agents may be taught, in words that the application wrote. */
export interface RegisteredFix {
  /** As it is recorded with failures: letters, digits, `.`, `_` and `-`, 1 to 128. */
  readonly fixId: string
  /** What the agent is told, 1 to 500 characters on one line. No other text reaches a prompt. */
  readonly instruction: string
  /**
   * Whether it lets an agent do more than before, such as reach another host or use another tool. Such a fix is never
   * proposed; it is reported, for a person. Default false.
   */
  readonly widensAccess?: boolean
}

/** Fixes by their ids. */
export type FixRegister = ReadonlyMap<string, RegisteredFix>

const MAX_FIXES = 1000

/** Checks the fixes. @throws InvalidOptionError `INVALID_OPTION` on a bad one, or one id twice. */
export function fixRegisterOf(fixes: readonly RegisteredFix[]): FixRegister {
  const register = new Map<string, RegisteredFix>()
  if (!Array.isArray(fixes) || fixes.length > MAX_FIXES) {
    throw new InvalidOptionError('fixes', `a list of at most ${MAX_FIXES} fixes`, fixes)
  }
  for (const fix of fixes) {
    const fixId = requireText('fixes.fixId', fix.fixId, 128)
    if (!/^[A-Za-z0-9._-]+$/.test(fixId)) {
      throw new InvalidOptionError('fixes.fixId', 'of letters, digits, ".", "_" and "-"', fixId)
    }
    if (register.has(fixId)) throw new InvalidOptionError('fixes.fixId', 'each there once', fixId)
    register.set(fixId, { ...fix, instruction: requireText('fixes.instruction', fix.instruction, 500) })
  }
  return register
}
