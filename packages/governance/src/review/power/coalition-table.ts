import { PowerError } from './power-error.ts'

/**
 * How many coalitions there are of each size and each sum below a limit. A row for each size is one big integer with a
 * field for each sum, so that adding a voter to all sums at once is one shift and one addition.
 */
export interface CoalitionTable {
  /** Ascending. */
  readonly units: readonly number[]
  /** Only sums below it are counted. */
  readonly limit: number
  readonly rows: readonly bigint[]
  /** The least sum of each size, which is where its row starts. */
  readonly leastSums: readonly number[]
  readonly fieldBits: number
}

/** Bits of all rows: 32 MiB, far below what a big integer may have. */
const MAX_TABLE_BITS = 2 ** 28
/** Bits of all rows, times the passes over them. 2^34 takes about a second. */
const MAX_WORK_BITS = 2 ** 34

/**
 * Counts the coalitions of voters with the weights `units`, ascending integers.
 * @throws PowerError `POWER_GAME_TOO_LARGE` where the table would take too long.
 */
export function tableOfCoalitions(units: readonly number[], limit: number): CoalitionTable {
  const leastSums = leastSumsBelow(units, limit)
  // A field holds up to 2^n coalitions; one bit more, so that a sum of fields never equals the mask it is taken by.
  const fieldBits = units.length + 1
  const tableBits = leastSums.reduce((sum, least) => sum + (limit - least) * fieldBits, 0)
  const workBits = tableBits * (units.length / 2 + new Set(units).size)
  if (tableBits > MAX_TABLE_BITS || workBits > MAX_WORK_BITS) {
    throw new PowerError({
      code: 'POWER_GAME_TOO_LARGE',
      message: 'the weights are too many and too fine for exact power indices: round them to a coarser step',
      details: { voters: units.length, sumLimit: limit, tableBits, workBits },
    })
  }
  const rows: bigint[] = leastSums.map((_, size) => (size === 0 ? 1n : 0n))
  for (const [index, unit] of units.entries()) {
    for (let size = Math.min(index + 1, rows.length - 1); size >= 1; size--) {
      const { fields, shift } = placeInRow({ units, limit, leastSums }, size, unit)
      if (fields <= 0) continue
      const grown = BigInt.asUintN(fields * fieldBits, rows[size - 1] ?? 0n) << BigInt(shift * fieldBits)
      rows[size] = (rows[size] ?? 0n) + grown
    }
  }
  return { units, limit, rows, leastSums, fieldBits }
}

/** How many coalitions of each size have a sum below the limit. */
export function countBelow(table: CoalitionTable): readonly bigint[] {
  return table.rows.map((row) => sumOfFields(row, table.fieldBits))
}

/**
 * How many coalitions of each size without a voter of weight `unit`, who is one of the table's, are below the limit and
 * reach it with that voter. The voter is taken out of each row as it was put in, which gives the rows without them.
 */
export function countSwings(table: CoalitionTable, unit: number): readonly bigint[] {
  const { limit, rows, leastSums, fieldBits } = table
  let smaller = 0n
  return rows.map((row, size) => {
    const { fields, shift } = placeInRow(table, size, unit)
    const withVoter =
      fields > 0 ? shifted(BigInt.asUintN(fields * fieldBits, smaller), shift * fieldBits) : 0n
    smaller = row - withVoter
    const skippedFields = Math.max(0, limit - unit - (leastSums[size] ?? 0))
    return unit === 0 ? 0n : sumOfFields(smaller >> BigInt(skippedFields * fieldBits), fieldBits)
  })
}

/** How much of the row of the size below stays under the limit with a voter of `unit`, and how far it moves. */
function placeInRow(
  table: Pick<CoalitionTable, 'units' | 'limit' | 'leastSums'>,
  size: number,
  unit: number,
): { readonly fields: number; readonly shift: number } {
  const leastBefore = table.leastSums[size - 1]
  if (leastBefore === undefined) return { fields: 0, shift: 0 }
  return { fields: table.limit - leastBefore - unit, shift: unit - (table.units[size - 1] ?? 0) }
}

function shifted(value: bigint, bits: number): bigint {
  return bits >= 0 ? value << BigInt(bits) : value >> BigInt(-bits)
}

/** A number's digits add up to its remainder by the base less one, as casting out nines does. */
function sumOfFields(row: bigint, fieldBits: number): bigint {
  return row % ((1n << BigInt(fieldBits)) - 1n)
}

/** The sums of the lightest 0, 1, 2, … voters, as far as they are below the limit. */
function leastSumsBelow(units: readonly number[], limit: number): readonly number[] {
  const sums: number[] = []
  let sum = 0
  for (const unit of [...units, Number.POSITIVE_INFINITY]) {
    if (sum >= limit) break
    sums.push(sum)
    sum += unit
  }
  return sums
}
