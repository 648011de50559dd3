const UNITS: Readonly<Record<string, number>> = { m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9 }

/** The thousandths of a quantity of Kubernetes as metrics are written: decimal units only, rounded up as the API server does. */
export function milliOf(quantity: string | number): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([mkMG]?)$/.exec(String(quantity)) ?? []
  const factor = UNITS[unit]
  if (number === undefined || factor === undefined)
    throw new Error(`${quantity} is no quantity that is read here`)
  return Math.ceil(Number((Number(number) * factor * 1000).toPrecision(15)))
}
