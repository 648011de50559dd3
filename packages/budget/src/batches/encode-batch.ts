import type { ResolvedBudgetRequest } from '../budget-request.ts'
import type { ScopePaths } from '../ledger/scope-paths.ts'
import type { ReservationHandle, ReservationHandles } from '../reservations/reservation-handles.ts'
import type { BatchArguments } from './apply-batch.ts'
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
  /** Writes the arguments of `budget_apply`. */
  readonly values: () => BatchArguments
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
  /** Columns of the batch, by the names of the arguments that they become. */
  readonly #requestColumns = {
    r_scope: new IntegerArray(),
    r_id: new TextArray(),
    r_tokens: new IntegerArray(),
    r_micros: new IntegerArray(),
    r_ttl_ms: new IntegerArray(),
  }
  readonly #resolutionColumns = {
    c_tenant: new IntegerArray(),
    c_id: new TextArray(),
    c_op: new IntegerArray(),
    c_tokens: new IntegerArray(),
    c_micros: new IntegerArray(),
    c_revision: new IntegerArray(),
    c_place: new TextArray(),
  }
  readonly #extensionColumns = {
    e_tenant: new IntegerArray(),
    e_id: new TextArray(),
    e_ttl_ms: new IntegerArray(),
    e_tokens: new IntegerArray(),
    e_micros: new IntegerArray(),
  }

  constructor(paths: ScopePaths, handles: ReservationHandles) {
    this.#paths = paths
    this.#handles = handles
  }

  add(flight: BudgetFlight): void {
    const { step } = flight
    if (step.kind === 'request') this.#addRequest(flight, step.request)
    else if (step.kind === 'extend') {
      const columns = this.#extensionColumns
      this.#extensions.push(flight)
      columns.e_tenant.push(this.#tenantPosition(flight.tenantId))
      columns.e_id.push(flight.requestId)
      columns.e_ttl_ms.push(step.ttlMs)
      columns.e_tokens.push(step.tokens)
      columns.e_micros.push(step.micros)
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

  #values(scopes: readonly BatchScope[], agedCount: number): BatchArguments {
    return {
      t_id: String(this.#tenantIds),
      ...written(scopeColumns(scopes)),
      ...written(this.#requestColumns),
      r_aged: String(agedCount),
      ...written(this.#resolutionColumns),
      c_lock: this.#lock(),
      ...written(this.#extensionColumns),
    }
  }

  #addRequest(flight: BudgetFlight, request: ResolvedBudgetRequest): void {
    const found = this.#scopes.get(request.kindKey) ?? this.#addScope(request)
    const { scope, position } = found
    scope.wantTokens = Math.min(scope.wantTokens + request.tokens, MAX_WANT)
    scope.wantMicros = Math.min(scope.wantMicros + request.micros, MAX_WANT)
    this.requests.push({ flight, request, scopePosition: position })
    const columns = this.#requestColumns
    columns.r_scope.push(position)
    columns.r_id.push(request.requestId)
    columns.r_tokens.push(request.tokens)
    columns.r_micros.push(request.micros)
    columns.r_ttl_ms.push(request.ttlMs)
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
    const columns = this.#resolutionColumns
    columns.c_tenant.push(this.#tenantPosition(flight.tenantId))
    columns.c_id.push(flight.requestId)
    columns.c_op.push(operationCode(step))
    columns.c_tokens.push(step.kind === 'commit' ? step.usage.tokens : null)
    columns.c_micros.push(step.kind === 'commit' ? step.usage.micros : null)
    columns.c_revision.push(handle?.revision ?? -1)
    columns.c_place.push(handle?.place ?? null)
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
      if (step.usage.basis === 'estimate') return step.isCapped ? 0 : 2
      return step.isCapped ? 3 : 1
    case 'release':
      return 4
    case 'expire':
      return 5
  }
}

function scopeColumns(scopes: readonly BatchScope[]) {
  const columns = {
    s_tenant: new IntegerArray(),
    s_project: new TextArray(),
    s_task: new TextArray(),
    s_agent: new TextArray(),
    s_currency: new TextArray(),
    s_model: new TextArray(),
    s_version: new IntegerArray(),
    s_path: new TextArray(),
    s_want_tokens: new IntegerArray(),
    s_want_micros: new IntegerArray(),
  }
  for (const { tenantPosition, sample, version, path, wantTokens, wantMicros } of scopes) {
    const { projectId, taskId, agentId } = sample.scope
    columns.s_tenant.push(tenantPosition)
    columns.s_project.push(projectId ?? '')
    columns.s_task.push(taskId ?? '')
    columns.s_agent.push(agentId ?? '')
    columns.s_currency.push(sample.currency ?? null)
    columns.s_model.push(sample.model ?? null)
    columns.s_version.push(version)
    columns.s_path.push(path)
    columns.s_want_tokens.push(wantTokens)
    columns.s_want_micros.push(wantMicros)
  }
  return columns
}

/** Columns as PostgreSQL reads them. */
function written<Name extends string>(
  columns: Readonly<Record<Name, IntegerArray | TextArray>>,
): Record<Name, string> {
  const entries = Object.entries<IntegerArray | TextArray>(columns)
  // One text for each of the names.
  return Object.fromEntries(entries.map(([name, column]) => [name, String(column)])) as Record<Name, string>
}
