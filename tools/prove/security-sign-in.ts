/**
 * Proves that a sign-in tells nobody which names exist, and hashes no more passwords than it counts. With real hashes:
 * known and unknown names take turns, each try from an address of its own; medians and the Mann-Whitney AUC of the two
 * samples are printed (0.5: the time tells nothing; 1: it tells all). Then 100 guesses at once, the hashes counted. The
 * times are printed as an aim reached or missed; the proof fails on a differing answer or a hash too many.
 * Usage: node --conditions=golden-arch-source tools/prove/security-sign-in.ts [tries of each kind, default 200]
 */
import { randomBytes } from 'node:crypto'
import {
  MemoryThrottleStore,
  MemoryUserStore,
  PasswordHasher,
  PasswordSignIn,
  SignInThrottle,
} from '@golden-arch/core/security'
import { deriveTag } from '../../packages/core/src/security/password/derive-tag.ts'

const AIM = { least: 0.4, most: 0.6 }
const tries = Number(process.argv[2] ?? 200)
if (!Number.isSafeInteger(tries) || tries < 20) throw new RangeError('give 20 tries or more')

let hashes = 0
const hasher = new PasswordHasher({
  derive: (...call) => {
    hashes++
    return deriveTag(...call)
  },
})
const users = new MemoryUserStore()
const passwordHash = await hasher.hash('correct horse battery')
const root = { id: 'root', kind: 'human' } as const
for (let user = 0; user < tries; user++)
  await users.create({ tenantId: 'acme', name: `known-${user}`, role: 'observer', passwordHash }, root)
const newSignIn = (): PasswordSignIn => {
  const throttle = new SignInThrottle({ store: new MemoryThrottleStore(), secret: randomBytes(32) })
  return new PasswordSignIn({ users, throttle, hasher })
}

await measureTimes()
await countHashes()

async function measureTimes(): Promise<void> {
  const signIn = newSignIn()
  const answers = new Set<string>()
  const attempt = async (name: string, address: string): Promise<number> => {
    const startedAt = performance.now()
    const error: unknown = await signIn
      .signIn({ name, password: 'wrong password', address })
      .catch((thrown: unknown) => thrown)
    const tookMs = performance.now() - startedAt
    answers.add(JSON.stringify(error))
    return tookMs
  }
  const times: { readonly known: number[]; readonly unknown: number[] } = { known: [], unknown: [] }
  for (let turn = -10; turn < tries; turn++) {
    // The first ten turns warm up, and each turn begins with the other kind.
    for (const kind of turn % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const tookMs = await attempt(`${kind}-${(turn + tries) % tries}`, `${kind} ${turn}`)
      if (turn >= 0) times[kind].push(tookMs)
    }
  }
  const [known, unknown] = [median(times.known), median(times.unknown)]
  const auc = areaUnderCurve(times.known, times.unknown)
  const isReached = auc >= AIM.least && auc <= AIM.most
  console.log(`${tries} wrong passwords of known names, ${tries} of unknown ones, in turns`)
  console.log(
    `  median ${known.toFixed(2)} ms and ${unknown.toFixed(2)} ms, ${percent(known, unknown)} apart`,
  )
  console.log(
    `  Mann-Whitney AUC ${auc.toFixed(3)}; aim ${AIM.least} to ${AIM.most}: ${isReached ? 'reached' : 'missed'}`,
  )
  console.log(`  different answers: ${answers.size}`)
  if (answers.size !== 1) throw new Error('the answers differ')
}

async function countHashes(): Promise<void> {
  const floods = [
    ['one account, one address', 5, () => ['known-0', 'flood'] as const],
    ['an unknown name, one address', 5, () => ['nobody', 'flood'] as const],
    ['one account, 100 addresses', 10, (guess: number) => ['known-0', `flood ${guess}`] as const],
    ['100 accounts, one address', 30, (guess: number) => [`known-${guess % tries}`, 'flood'] as const],
  ] as const
  for (const [title, allowed, of] of floods) {
    const signIn = newSignIn()
    hashes = 0
    await Promise.allSettled(
      Array.from({ length: 100 }, (_, guess) => {
        const [name, address] = of(guess)
        return signIn.signIn({ name, password: 'wrong password', address })
      }),
    )
    console.log(`100 guesses at once, ${title}: ${hashes} hashes, ${allowed} allowed`)
    if (hashes !== allowed) throw new Error(`${hashes} hashes, where ${allowed} are allowed`)
  }
}

/** How often a known name took longer than an unknown one, ties counting half. */
function areaUnderCurve(known: readonly number[], unknown: readonly number[]): number {
  let wins = 0
  for (const one of known) for (const other of unknown) wins += one > other ? 1 : one === other ? 0.5 : 0
  return wins / (known.length * unknown.length)
}

function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN
}

function percent(one: number, other: number): string {
  return `${((Math.abs(one - other) / other) * 100).toFixed(1)} %`
}
