/**
 * One decision, may this role do that, side by side with CASL and casbin, which are given the same table of 5 roles and
 * 17 permissions. Every contender answers all 85 cells; those that know owners and tenants are also asked with a resource.
 * Contenders take turns in each round; medians of processor time are printed, and nothing is asserted by the clock.
 * Usage: node --conditions=golden-arch-source bench/security/rbac.ts [--rounds 9]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import {
  AccessControl,
  can,
  HUMAN_ROLES,
  type HumanRole,
  PERMISSIONS,
  type Permission,
  type Principal,
  ROLE_TABLE,
  reachOf,
} from '@golden-arch/core/security'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { rounded } from '../rounded.ts'
import { calibrate, median, microsOf } from '../validation/measure.ts'

/** Answers one cell of the table; gives whether it is allowed. */
type Decide = (role: HumanRole, permission: Permission) => boolean | Promise<boolean>

interface Contender {
  readonly name: string
  readonly decide: Decide
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } })
const rounds = Number(values.rounds)
if (!(rounds > 0)) throw new RangeError(`--rounds takes a positive number, not ${values.rounds}`)
const cells = HUMAN_ROLES.flatMap((role) => PERMISSIONS.map((permission) => [role, permission] as const))
const task = { tenantId: 'acme', ownerId: 'ada' }

const contenders: readonly Contender[] = [
  { name: 'golden-arch can', decide: oursPlain() },
  { name: 'golden-arch can, with a resource', decide: oursWithResource() },
  { name: 'golden-arch AccessControl.decide', decide: oursGuarded() },
  { name: '@casl/ability', decide: casl(false) },
  { name: '@casl/ability, with a resource', decide: casl(true) },
  { name: 'casbin enforceSync', decide: await casbin() },
]

console.log(`Node ${process.version}, ${cpus().length} processors; ${cells.length} cells\n`)
for (const { name, decide } of contenders) await checkAnswers(name, decide)
await compare()

async function compare(): Promise<void> {
  const entries = contenders.map(({ name, decide }) => ({
    name,
    run: allCells(decide),
    calls: 0,
    samples: [] as number[],
  }))
  for (const entry of entries) entry.calls = await calibrate(entry.run)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      // Another order in each round, so that nobody always follows the same one.
      const entry = entries[(turn + round) % entries.length]
      entry?.samples.push((await microsOf(entry.run, entry.calls)) / cells.length)
    }
  }
  const ours = median(entries[1]?.samples ?? [])
  console.log('one decision                          time       × ours with a resource')
  for (const { name, samples } of entries) {
    const micros = median(samples)
    console.log(
      `  ${name.padEnd(34)}${`${rounded(micros)} µs`.padStart(12)}${rounded(micros / ours).padStart(12)}`,
    )
  }
}

function allCells(decide: Decide): () => unknown {
  const [first] = cells
  const isAsync = first !== undefined && decide(first[0], first[1]) instanceof Promise
  if (!isAsync) {
    return () => {
      let allowed = 0
      for (const [role, permission] of cells) if (decide(role, permission)) allowed++
      return allowed
    }
  }
  return async () => {
    let allowed = 0
    for (const [role, permission] of cells) if (await decide(role, permission)) allowed++
    return allowed
  }
}

async function checkAnswers(name: string, decide: Decide): Promise<void> {
  for (const [role, permission] of cells) {
    const meant = reachOf(role, permission) !== 'none'
    if ((await decide(role, permission)) !== meant)
      throw new Error(`${name}: wrong on ${role}, ${permission}`)
  }
}

function principals(): Readonly<Record<HumanRole, Principal>> {
  const entries = HUMAN_ROLES.map((role) => [role, { id: 'ada', kind: 'human', role, tenantId: 'acme' }])
  // The entries are one for each role, which fromEntries cannot tell.
  return Object.fromEntries(entries) as Record<HumanRole, Principal>
}

function oursPlain(): Decide {
  const people = principals()
  return (role, permission) => can(people[role], permission)
}

function oursWithResource(): Decide {
  const people = principals()
  return (role, permission) => can(people[role], permission, task)
}

function oursGuarded(): Decide {
  const people = principals()
  const access = new AccessControl()
  return async (role, permission) => (await access.decide(people[role], permission, task)).allowed
}

function casl(withResource: boolean): Decide {
  const abilities = new Map<HumanRole, MongoAbility>(
    HUMAN_ROLES.map((role) => [
      role,
      defineAbility((allow) => {
        for (const permission of ROLE_TABLE[role].permissions) {
          const conditions = {
            tenantId: 'acme',
            ...(ROLE_TABLE[role].ownOnly.includes(permission) ? { ownerId: 'ada' } : {}),
          }
          if (withResource) allow(permission, 'Thing', conditions)
          else allow(permission, 'Thing')
        }
      }),
    ]),
  )
  const thing = subject('Thing', { ...task })
  return (role, permission) => abilities.get(role)?.can(permission, withResource ? thing : 'Thing') === true
}

async function casbin(): Promise<Decide> {
  const model = newModelFromString(`
[request_definition]
r = sub, act
[policy_definition]
p = sub, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.act == p.act`)
  const lines = HUMAN_ROLES.flatMap((role) =>
    ROLE_TABLE[role].permissions.map((permission) => `p, ${role}, ${permission}`),
  )
  const enforcer = await newEnforcer(model, new StringAdapter(lines.join('\n')))
  return (role, permission) => enforcer.enforceSync(role, permission)
}
