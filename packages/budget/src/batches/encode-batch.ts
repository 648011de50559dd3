import type { ResolvedBudgetRequest } from '../budget-request.ts'
import type { ScopePaths } from '../ledger/scope-paths.ts'
import type { ReservationHandle, ReservationHandles } from '../reservations/reservation-handles.ts'
import { IntegerArray, TextArray } from './batch-arrays.ts'
import type { BudgetFlight } from './budget-flight.ts'
import type { BudgetStep } from './budget-step.ts'

/** A flight whose step is a request. */
export interface RequestFlight {
  readonly flight: BudgetFlight
  readonly request: ResolvedBudgetRequest
  /** Which of the batch's scopes it is in, from 1. */
  readonly scopePosition: number
}

/** A flight that settles a hold, with what the process remembers of it. */
export interface ResolutionFlight {
  readonly flight: BudgetFlight
  readonly handle: ReservationHandle | undefined
}

/** Requests of one scope, currency and model. */
export interface BatchScope {
  readonly kindKey: string
  readonly tenantPosition: number
  readonly path: string
  wantTokens: number
  wantMicros: number
  readonly sample: ResolvedBudgetRequest
  readonly version: number
}

/** A batch as `budget_apply` takes it, and its flights in the order of the arrays. */
export interface EncodedBatch {
  readonly requests: readonly RequestFlight[]
  readonly resolutions: readonly ResolutionFlight[]
  readonly extensions: readonly BudgetFlight[]
  readonly scopes: readonly BatchScope[]
  /** Writes the parameters from the second on; the first is the present instant. */
  readonly values: () => readonly unknown[]
}

/** More than any limit: a sum that has grown past the safe integers makes the ledger look at each request. */
const MAX_WANT = 2 ** 60

/** Writes a batch: requests (the long denied first), resolutions and extensions. No two flights name one reservation. */
export function encodeBatch(
  flights: readonly BudgetFlight[],
  paths: ScopePaths,
  handles: ReservationHandles,
): EncodedBatch {
  const batch = new BatchWriter(paths, handles)
  for (const flight of flights) if (isAged(flight.step)) batch.add(flight)
  const agedCount = batch.requests.length
  for (const flight of flights) if (!isAged(flight.step)) batch.add(flight)
  return batch.finish(agedCount)
}

function isAged(step: BudgetStep): boolean {
  return step.kind === 'request' && step.isAged
}

class BatchWriter {
  readonly requests: RequestFlight[] = []
  readonly #paths: ScopePaths
  readonly #handles: ReservationHandles
  readonly #resolutions: ResolutionFlight[] = []
  readonly #extensions: BudgetFlight[] = []
  readonly #scopes = new Map<string, { readonly position: number; readonly scope: BatchScope }>()
  readonly #tenants = new Map<string, number>()
  readonly #lockPaths = new Set<string>()
  readonly #tenantIds = new TextArray()
  readonly #r = {
    scope: new IntegerArray(),
    id: new TextArray(),
    tokens: new IntegerArray(),
    micros: new IntegerArray(),
    ttl: new IntegerArray(),
  }
  readonly #c = {
    tenant: new IntegerArray(),
    id: new TextArray(),
    op: new IntegerArray(),
    tokens: new IntegerArray(),
    micros: new IntegerArray(),
    revision: new IntegerArray(),
    place: new TextArray(),
  }
  readonly #e = {
    tenant: new IntegerArray(),
    id: new TextArray(),
    ttl: new IntegerArray(),
    tokens: new IntegerArray(),
    micros: new IntegerArray(),
  }

  constructor(paths: ScopePaths, handles: ReservationHandles) {
    this.#paths = paths
    this.#handles = handles
  }

  add(flight: BudgetFlight): void {
    const { step } = flight
    if (step.kind === 'request') this.#addRequest(flight, step.request)
    else if (step.kind === 'extend') {
      this.#extensions.push(flight)
      this.#e.tenant.push(this.#tenantPosition(flight.tenantId))
      this.#e.id.push(flight.requestId)
      this.#e.ttl.push(step.ttlMs)
      this.#e.tokens.push(step.tokens)
      this.#e.micros.push(step.micros)
    } else this.#addResolution(flight, step)
  }

  finish(agedCount: number): EncodedBatch {
    const scopes = [...this.#scopes.values()].map(({ scope }) => scope)
    return {
      requests: this.requests,
      resolutions: this.#resolutions,
      extensions: this.#extensions,
      scopes,
      values: () => this.#values(scopes, agedCount),
    }
  }

  #values(scopes: readonly BatchScope[], agedCount: number): readonly unknown[] {
    const { tenant, project, task, agent, currency, model, version, path, wantTokens, wantMicros } =
      writeScopes(scopes)
    const [r, c, e] = [this.#r, this.#c, this.#e]
    return [
      this.#tenantIds,
      ...[tenant, project, task, agent, currency, model, version, path, wantTokens, wantMicros],
      ...[r.scope, r.id, r.tokens, r.micros, r.ttl, agedCount],
      ...[c.tenant, c.id, c.op, c.tokens, c.micros, c.revision, c.place, this.#lock()],
      ...[e.tenant, e.id, e.ttl, e.tokens, e.micros],
    ].map(String)
  }

  #addRequest(flight: BudgetFlight, request: ResolvedBudgetRequest): void {
    const found = this.#scopes.get(request.kindKey) ?? this.#addScope(request)
    const { scope, position } = found
    scope.wantTokens = Math.min(scope.wantTokens + request.tokens, MAX_WANT)
    scope.wantMicros = Math.min(scope.wantMicros + request.micros, MAX_WANT)
    this.requests.push({ flight, request, scopePosition: position })
    this.#r.scope.push(position)
    this.#r.id.push(request.requestId)
    this.#r.tokens.push(request.tokens)
    this.#r.micros.push(request.micros)
    this.#r.ttl.push(request.ttlMs)
  }

  #addScope(request: ResolvedBudgetRequest): { readonly position: number; readonly scope: BatchScope } {
    const scope: BatchScope = {
      kindKey: request.kindKey,
      tenantPosition: this.#tenantPosition(request.scope.tenantId),
      ...this.#paths.get(request.kindKey),
      wantTokens: 0,
      wantMicros: 0,
      sample: request,
    }
    const added = { position: this.#scopes.size + 1, scope }
    this.#scopes.set(request.kindKey, added)
    return added
  }

  #addResolution(flight: BudgetFlight, step: Exclude<BudgetStep, { kind: 'request' | 'extend' }>): void {
    const handle = this.#handles.get(flight.key)
    this.#resolutions.push({ flight, handle })
    if (handle !== undefined) this.#lockPaths.add(handle.path)
    this.#c.tenant.push(this.#tenantPosition(flight.tenantId))
    this.#c.id.push(flight.requestId)
    this.#c.op.push(operationCode(step))
    this.#c.tokens.push(step.kind === 'commit' ? step.usage.tokens : null)
    this.#c.micros.push(step.kind === 'commit' ? step.usage.micros : null)
    this.#c.revision.push(handle?.revision ?? -1)
    this.#c.place.push(handle?.place ?? null)
  }

  #tenantPosition(tenantId: string): number {
    const known = this.#tenants.get(tenantId)
    if (known !== undefined) return known
    const position = this.#tenants.size + 1
    this.#tenants.set(tenantId, position)
    this.#tenantIds.push(tenantId)
    return position
  }

  #lock(): string {
    const ids = new Set<string>()
    for (const path of this.#lockPaths) for (const id of path.slice(1, -1).split(',')) ids.add(id)
    return `{${[...ids].join(',')}}`
  }
}

/** As `budget_apply` numbers them. */
export function operationCode(step: Exclude<BudgetStep, { kind: 'request' | 'extend' }>): number {
  switch (step.kind) {
    case 'commit':
      if (step.usage.basis === 'estimate') return 2
      return step.isCapped ? 3 : 1
    case 'release':
      return 4
    case 'expire':
      return 5
  }
}

function writeScopes(scopes: readonly BatchScope[]): Readonly<Record<ScopeColumn, IntegerArray | TextArray>> {
  const columns = {
    tenant: new IntegerArray(),
    project: new TextArray(),
    task: new TextArray(),
    agent: new TextArray(),
    currency: new TextArray(),
    model: new TextArray(),
    version: new IntegerArray(),
    path: new TextArray(),
    wantTokens: new IntegerArray(),
    wantMicros: new IntegerArray(),
  }
  for (const { tenantPosition, sample, version, path, wantTokens, wantMicros } of scopes) {
    const { projectId, taskId, agentId } = sample.scope
    columns.tenant.push(tenantPosition)
    columns.project.push(projectId ?? '')
    columns.task.push(taskId ?? '')
    columns.agent.push(agentId ?? '')
    columns.currency.push(sample.currency ?? null)
    columns.model.push(sample.model ?? null)
    columns.version.push(version)
    columns.path.push(path)
    columns.wantTokens.push(wantTokens)
    columns.wantMicros.push(wantMicros)
  }
  return columns
}

type ScopeColumn =
  | 'tenant'
  | 'project'
  | 'task'
  | 'agent'
  | 'currency'
  | 'model'
  | 'version'
  | 'path'
  | 'wantTokens'
  | 'wantMicros'
